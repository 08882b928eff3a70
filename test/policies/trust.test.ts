import { describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../src/policies/document.ts';
import { subjectsOf, trustPolicy } from '../../src/policies/trust.ts';

const input = {
  providerArn: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
  issuer: 'token.actions.githubusercontent.com',
  audiences: ['sts.amazonaws.com'],
};
const AUD = 'token.actions.githubusercontent.com:aud';
const SUB = 'token.actions.githubusercontent.com:sub';

const documentWith = (Condition: object) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: input.providerArn },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition,
    },
  ],
});

/** Whether IAM would allow the claims: all operators and keys must match, and the values of a key are alternatives. */
function allows({ Statement }: PolicyDocument, claims: Readonly<Record<string, string>>): boolean {
  return Statement.some(({ Condition = {} }) =>
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) =>
        [values].flat().some((value) => {
          const claim = claims[key];
          if (operator === 'StringEquals') return claim === value;
          if (operator !== 'StringLike') throw new Error(`unknown operator ${operator}`);
          const pattern = value.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
          return (
            claim !== undefined && new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(claim)
          );
        }),
      ),
    ),
  );
}

describe('trust policy', () => {
  it.each([
    [
      'a wildcard uses StringLike',
      ['repo:o/r:*'],
      { StringEquals: { [AUD]: 'sts.amazonaws.com' }, StringLike: { [SUB]: 'repo:o/r:*' } },
    ],
    [
      'exact subjects go under StringEquals',
      ['repo:o/r:environment:production', 'repo:o/r:pull_request'],
      {
        StringEquals: {
          [AUD]: 'sts.amazonaws.com',
          [SUB]: ['repo:o/r:environment:production', 'repo:o/r:pull_request'],
        },
      },
    ],
    [
      'with one wildcard all go in one StringLike list: two operators would both have to hold',
      ['repo:o/r:ref:refs/heads/main', 'repo:o/r:ref:refs/tags/v?'],
      {
        StringEquals: { [AUD]: 'sts.amazonaws.com' },
        StringLike: { [SUB]: ['repo:o/r:ref:refs/heads/main', 'repo:o/r:ref:refs/tags/v?'] },
      },
    ],
  ])('%s', (_, subjects, condition) => {
    expect(trustPolicy({ ...input, subjects })).toEqual(documentWith(condition));
  });

  it('accepts several audiences as alternatives, and the issuer of an enterprise', () => {
    const slug = {
      providerArn: 'arn:aws-cn:iam::123456789012:oidc-provider/token.actions.githubusercontent.com/acme',
      issuer: 'token.actions.githubusercontent.com/acme',
      audiences: ['sts.amazonaws.com.cn', 'other'],
      subjects: ['repo:o/r:pull_request'],
    };
    expect(trustPolicy(slug).Statement[0]).toMatchObject({
      Principal: { Federated: slug.providerArn },
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com/acme:aud': ['sts.amazonaws.com.cn', 'other'],
          'token.actions.githubusercontent.com/acme:sub': 'repo:o/r:pull_request',
        },
      },
    });
  });

  it.each<[string, readonly string[], string, boolean]>([
    ['any job of the repository', ['*'], 'repo:o/r:ref:refs/heads/main', true],
    ['a job of another repository', ['*'], 'repo:o/other:ref:refs/heads/main', false],
    ['a repository that begins alike', ['*'], 'repo:o/r2:ref:refs/heads/main', false],
    ['an owner that ends alike', ['*'], 'repo:oo/r:ref:refs/heads/main', false],
    ['its main branch', ['ref:refs/heads/main'], 'repo:o/r:ref:refs/heads/main', true],
    ['a different branch', ['ref:refs/heads/main'], 'repo:o/r:ref:refs/heads/main2', false],
    ['a pull request when only a branch is trusted', ['ref:refs/heads/main'], 'repo:o/r:pull_request', false],
    ['a tag that matches', ['ref:refs/heads/main', 'ref:refs/tags/v*'], 'repo:o/r:ref:refs/tags/v1.0', true],
    [
      'an exact subject next to a wildcard',
      ['ref:refs/heads/main', 'ref:refs/tags/v*'],
      'repo:o/r:ref:refs/heads/main',
      true,
    ],
    ['neither', ['ref:refs/heads/main', 'ref:refs/tags/v*'], 'repo:o/r:environment:production', false],
  ])('decides on %s', (_, allowed, subject, expected) => {
    const document = trustPolicy({ ...input, subjects: subjectsOf({ repository: 'o/r', subjects: allowed }) });
    expect(allows(document, { [AUD]: 'sts.amazonaws.com', [SUB]: subject })).toBe(expected);
    expect(allows(document, { [AUD]: 'https://github.com/o', [SUB]: subject })).toBe(false);
    expect(allows(document, { [AUD]: 'sts.amazonaws.com' })).toBe(false);
  });

  it('never uses an operator that matches if the claim is missing', () => {
    const text = JSON.stringify([['*'], ['pull_request']].map((subjects) => trustPolicy({ ...input, subjects })));
    expect(text).not.toMatch(/ForAllValues|ForAnyValue|IfExists/);
  });
});

describe('subjects', () => {
  it('follow the repository, so that no other repository can match', () => {
    expect(subjectsOf({ repository: 'o/r', subjects: ['*', 'ref:refs/heads/main'] })).toEqual([
      'repo:o/r:*',
      'repo:o/r:ref:refs/heads/main',
    ]);
  });

  it("have both of GitHub's forms if both ids are known", () => {
    expect(
      subjectsOf({ repository: 'o/r', ownerId: 1, repositoryId: 2, subjects: ['pull_request', 'environment:p'] }),
    ).toEqual([
      'repo:o/r:pull_request',
      'repo:o/r:environment:p',
      'repo:o@1/r@2:pull_request',
      'repo:o@1/r@2:environment:p',
    ]);
  });

  it.each([{ ownerId: 1 }, { repositoryId: 2 }])('keep the old form with only one id: %j', (ids) => {
    expect(subjectsOf({ repository: 'o/r', subjects: ['pull_request'], ...ids })).toEqual(['repo:o/r:pull_request']);
  });
});
