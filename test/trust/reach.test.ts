import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { asJson } from '../../src/policies/canonical.ts';
import { trustPolicy } from '../../src/policies/trust.ts';
import { evaluate } from '../../src/trust/evaluate.ts';
import { type ReachInput, reachOf, reachText, riskyOperators } from '../../src/trust/reach.ts';
import { letInBy } from '../../src/trust/role-verdict.ts';
import { ACCOUNT } from '../helpers/context.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const SUBJECTS = ['repo:o/r:ref:refs/heads/main', 'repo:o/r:environment:*'];

const trust = (subjects: readonly string[], audiences: readonly string[] = ['sts.amazonaws.com']) =>
  asJson(trustPolicy({ providerArn: ARN, issuer: ISSUER, audiences, subjects }));
const AUD = `${ISSUER}:aud`;
const SUB = `${ISSUER}:sub`;
const OTHER = 'arn:aws:iam::999999999999:root';
const allow = (condition: Record<string, Record<string, Json>> | undefined): Record<string, Json> => ({
  Effect: 'Allow',
  Principal: { Federated: ARN },
  Action: 'sts:AssumeRoleWithWebIdentity',
  ...(condition === undefined ? {} : { Condition: condition }),
});
const input = (live: Json, subjects = SUBJECTS): ReachInput => ({
  accountId: ACCOUNT,
  roleName: 'R',
  roleArn: `arn:aws:iam::${ACCOUNT}:role/R`,
  provider: { arn: ARN, url: `https://${ISSUER}` },
  audiences: ['sts.amazonaws.com'],
  subjects,
  live,
  wanted: trust(subjects),
});
const added = (statement: Json): Json => {
  const { Statement, ...rest } = trust(SUBJECTS) as { readonly Statement: readonly Json[] };
  return { ...rest, Statement: [...Statement, statement] };
};

describe('the effect of a live trust policy', () => {
  it('the same: nothing is reported, whatever its spelling', () => {
    expect(reachText(reachOf(input(trust(SUBJECTS))))).toBeUndefined();
    expect(reachText(reachOf(input(trust([...SUBJECTS].reverse()))))).toBeUndefined();
  });

  it('less: which subjects are excluded, and why', () => {
    const { shutOut, letIn } = reachOf(input(trust(['repo:o/r:ref:refs/heads/main'])));
    expect(shutOut.map(({ subject, cause }) => [subject, cause.id])).toEqual([
      ['repo:o/r:environment:*', 'environment-subject'],
    ]);
    expect(letIn).toEqual([]);
    expect(reachText({ shutOut, letIn })).toMatch(
      /^GitHub cannot assume the role as repo:o\/r:environment:\*: The job uses an environment/,
    );
  });

  it.each([
    ['any job of the repository', trust([...SUBJECTS, 'repo:o/r:*']), ['repo:o/r:*']],
    [
      'a repository of a stranger',
      trust([...SUBJECTS, 'repo:evil/x:ref:refs/heads/main']),
      ['repo:evil/x:ref:refs/heads/main'],
    ],
    ['an owner', trust([...SUBJECTS, 'repo:evil/*']), ['repo:evil/*']],
    ['any repository, said once', trust(['repo:*']), ['repo:* (any repository on GitHub)']],
    [
      'a name that anyone can register',
      trust([...SUBJECTS, 'repo:*/r:*']),
      ['repo:*/r:* (any repository on GitHub that is called r)'],
    ],
    [
      'anybody, without a condition',
      added(allow(undefined)),
      ['any subject (any repository on GitHub)', 'tokens for any audience that the identity provider accepts'],
    ],
    [
      'an account',
      added({ Effect: 'Allow', Principal: { AWS: OTHER }, Action: 'sts:AssumeRole' }),
      ['the AWS account 999999999999'],
    ],
    ['everybody', added({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }), ['everyone (*)']],
    [
      'all except one',
      added({ Effect: 'Allow', NotPrincipal: { AWS: OTHER }, Action: 'sts:AssumeRole' }),
      [`everyone but ${OTHER} (NotPrincipal)`],
    ],
    ...['repository', 'repository_id', 'actor', 'workflow', 'environment', 'job_workflow_ref'].map(
      (claim): [string, Json, string[]] => [
        `a statement that looks at ${claim} and not at sub`,
        added(allow({ StringEquals: { [AUD]: 'sts.amazonaws.com', [`${ISSUER}:${claim}`]: 'x' } })),
        [`any subject (any repository on GitHub), if ${claim} StringEquals x`],
      ],
    ),
    [
      'a condition that only AWS can evaluate',
      added(allow({ StringEquals: { [AUD]: 'sts.amazonaws.com' }, IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } })),
      ['any subject (any repository on GitHub), if aws:SourceIp IpAddress 192.0.2.0/24'],
    ],
    [
      'all but some subjects',
      added(allow({ StringEquals: { [AUD]: 'sts.amazonaws.com' }, StringNotLike: { [SUB]: 'repo:evil/*' } })),
      ['any subject (any repository on GitHub), if sub StringNotLike repo:evil/*'],
    ],
    [
      'no audience',
      added(allow({ StringLike: { [SUB]: SUBJECTS } })),
      ['tokens for any audience that the identity provider accepts'],
    ],
    [
      'uppercase and lowercase',
      added(
        allow({ StringEquals: { [AUD]: 'sts.amazonaws.com' }, StringEqualsIgnoreCase: { [SUB]: SUBJECTS[0] ?? '' } }),
      ),
      ['repo:o/r:ref:refs/heads/main in uppercase or lowercase'],
    ],
    [
      'a star that is literal for IAM',
      added(allow({ StringEquals: { [AUD]: 'sts.amazonaws.com' }, StringLike: { [SUB]: 'repo:o/r:${*}' } })),
      ['repo:o/r:${*}'],
    ],
  ])('more: %s', (_, live, expected) => {
    const { letIn } = reachOf(input(live));
    expect(letIn).toEqual(expected);
    expect(reachText({ shutOut: [], letIn })).toMatch(/^others that are not in the config can assume the role: /);
  });

  it.each([
    [
      'a Deny for them',
      added({
        ...allow({ StringEquals: { [AUD]: 'sts.amazonaws.com' }, StringLike: { [SUB]: 'repo:evil/*' } }),
        Effect: 'Deny',
      }),
    ],
    [
      'a second condition that no job can meet at the same time',
      added(
        allow({
          StringEquals: { [AUD]: 'sts.amazonaws.com', [SUB]: SUBJECTS[0] ?? '' },
          StringLike: { [SUB]: 'repo:o/*' },
        }),
      ),
    ],
    [
      'an additional claim for intended subjects',
      added(
        allow({ StringEquals: { [AUD]: 'sts.amazonaws.com', [SUB]: SUBJECTS[0] ?? '', [`${ISSUER}:actor`]: 'x' } }),
      ),
    ],
    ['a statement for another audience of the config', trust(SUBJECTS)],
  ])('no more: %s', (_, live) => {
    expect(reachOf(input(live)).letIn).toEqual([]);
  });

  it('of a role outside the config: everyone outside one repository', () => {
    const unexpected = (subjects: readonly string[]) =>
      letInBy(trust(subjects), { arn: ARN, url: `https://${ISSUER}` }, undefined);
    expect(unexpected(['repo:o/r:*', 'repo:o/*', 'repository_owner:o:*'])).toEqual([]);
    expect(unexpected(['repo:octo*'])).toEqual(['repo:octo* (any owner with a name that fits)']);
    expect(unexpected(['environment:production'])).toEqual(['environment:production']);
    expect(unexpected(['repo:*'])).toEqual(['repo:* (any repository on GitHub)']);
    expect(unexpected(['repo:*/r:*'])).toEqual(['repo:*/r:* (any repository on GitHub that is called r)']);
    const provider = { arn: ARN, url: `https://${ISSUER}` };
    expect(letInBy(added(allow({ StringEquals: { [AUD]: 'sts.amazonaws.com' } })), provider, undefined)).toEqual([
      'any subject (any repository on GitHub)',
    ]);
  });

  it('reports that set operators on sub add nothing', () => {
    const policy = added(allow({ 'ForAllValues:StringLike': { [SUB]: 'repo:o/r:*' } }));
    const evaluation = evaluate(policy, { provider: ARN, valueOf: () => undefined });
    expect(riskyOperators(evaluation, 'R').map(({ id, fix }) => [id, fix])).toEqual([
      ['set-operator-on-sub', 'Use StringLike on sub.'],
    ]);
  });

  it('perhaps less: a condition that only AWS can evaluate, or on a claim that a subject does not show', () => {
    const also = (condition: Record<string, Record<string, Json>>): Json => ({
      Version: '2012-10-17',
      Statement: [
        allow({ StringEquals: { [AUD]: 'sts.amazonaws.com' }, StringLike: { [SUB]: SUBJECTS }, ...condition }),
      ],
    });
    for (const live of [
      also({ IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }),
      also({ StringEqualsIgnoreCase: { [`${ISSUER}:job_workflow_ref`]: 'o/ci/*' } }),
    ]) {
      expect(reachText(reachOf(input(live)))).toMatch(
        /^GitHub may not be able to assume the role as repo:o\/r:ref:refs\/heads\/main, repo:o\/r:environment:\*: Only AWS/,
      );
    }
  });

  it('both at once', () => {
    const text = reachText(reachOf(input(trust(['repo:evil/x:*']))));
    expect(text).toMatch(
      /GitHub cannot assume the role as .* And others that are not in the config can assume the role: repo:evil\/x:\*/,
    );
  });

  it('a different audience excludes everyone', () => {
    const { shutOut } = reachOf(input(trust(SUBJECTS, ['https://github.com/o'])));
    expect(shutOut.map(({ cause }) => cause.id)).toEqual(['audience-condition', 'audience-condition']);
  });
});
