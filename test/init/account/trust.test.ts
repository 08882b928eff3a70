import { describe, expect, it } from 'vitest';
import { mayTrust, trustOf } from '../../../src/init/account/trust.ts';
import type { Json, JsonObject } from '../../../src/json.ts';
import { asJson } from '../../../src/policies/canonical.ts';
import { subjectsOf, trustPolicy } from '../../../src/policies/trust.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`;
const PROVIDER = { arn: ARN, issuer: ISSUER };

function policy(condition: JsonObject, more: JsonObject = {}): Json {
  const Statement = {
    Effect: 'Allow',
    Principal: { Federated: ARN },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: condition,
    ...more,
  };
  return { Version: '2012-10-17', Statement };
}

const AUD = { [`${ISSUER}:aud`]: 'sts.amazonaws.com' };
const sub = (...subjects: readonly string[]) => ({ [`${ISSUER}:sub`]: subjects });

describe('a trust policy as a config', () => {
  it.each([
    ['one subject', [{ repository: 'ada/site', subjects: ['ref:refs/heads/main'] }]],
    ['patterns', [{ repository: 'ada/site', subjects: ['pull_request', 'ref:refs/heads/*'] }]],
    [
      'several repositories',
      [
        { repository: 'ada/blog', subjects: ['environment:live'] },
        { repository: 'ada/site', subjects: ['*'] },
      ],
    ],
    ["GitHub's ids", [{ repository: 'ada/site', ownerId: 1, repositoryId: 2, subjects: ['*'] }]],
  ])('%s is reproduced', (_, trust) => {
    const document = trustPolicy({
      providerArn: ARN,
      issuer: ISSUER,
      audiences: ['sts.amazonaws.com'],
      subjects: subjectsOf(trust),
    });
    expect(trustOf(asJson(document), PROVIDER)).toEqual({ trust, audiences: ['sts.amazonaws.com'] });
  });

  it('without an audience gets the audience of the config', () => {
    expect(trustOf(policy({ StringLike: sub('repo:ada/site:*') }), PROVIDER)).toEqual({
      trust: [{ repository: 'ada/site', subjects: ['*'] }],
      audiences: [],
    });
  });

  it('StringLike without a wildcard is StringEquals', () => {
    const live = policy({ StringEquals: AUD, StringLike: sub('repo:ada/site:pull_request') });
    expect(trustOf(live, PROVIDER)?.trust).toEqual([{ repository: 'ada/site', subjects: ['pull_request'] }]);
  });

  it.each<readonly [string, Json]>([
    ['a pattern of repositories', policy({ StringEquals: AUD, StringLike: sub('repo:ada/*:*') })],
    ['a pattern in a name', policy({ StringEquals: AUD, StringLike: sub('repo:ada/site*:pull_request') })],
    ['any subject', policy({ StringEquals: AUD, StringLike: sub('*') })],
    ['no subjects', policy({ StringEquals: AUD })],
    ['one more condition', policy({ StringEquals: { ...AUD, ...sub('repo:ada/site:*'), [`${ISSUER}:actor`]: 'ada' } })],
    [
      'one more principal',
      policy(
        { StringEquals: { ...AUD, ...sub('repo:ada/site:pull_request') } },
        { Principal: { Federated: ARN, AWS: '123456789012' } },
      ),
    ],
    ['an operator for several values', policy({ StringEquals: AUD, 'ForAnyValue:StringLike': sub('repo:ada/site:*') })],
    ['only the form with ids', policy({ StringEquals: AUD, StringLike: sub('repo:ada@1/site@2:*') })],
    [
      'an additional denial',
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: ARN },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: { StringLike: sub('repo:ada/site:*') },
          },
          { Effect: 'Deny', Principal: '*', Action: 'sts:*' },
        ],
      },
    ],
  ])('%s cannot be expressed in a config, since adoption would remove it', (_, live) => {
    expect(trustOf(live, PROVIDER)).toBeUndefined();
  });
});

describe('decides whether a role may trust a repository', () => {
  it.each([
    ['repo:ada/site:ref:refs/heads/main', true],
    ['repo:Ada/Site:*', true],
    ['repo:ada/*', true],
    ['*', true],
    ['repo:ada@1/site@2:pull_request', true],
    ['repo:ada/site-two:*', false],
    ['repo:eve/site:*', false],
    ['organization:ada', false],
  ])('%s: %s', (subject, expected) => {
    expect(mayTrust(policy({ StringLike: sub(subject) }), ISSUER, 'ada/site')).toBe(expected);
  });

  it('rejects other providers and other shapes of documents', () => {
    expect(mayTrust(policy({ StringLike: { 'gitlab.com:sub': '*' } }), ISSUER, 'ada/site')).toBe(false);
    expect(mayTrust({ Statement: ['x', null, { Effect: 'Allow', Condition: 7 }] }, ISSUER, 'ada/site')).toBe(false);
    expect(mayTrust('x', ISSUER, 'ada/site')).toBe(false);
  });
});
