import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import type { Target } from '../../src/trust/login.ts';
import { claimsOfSubject } from '../../src/trust/subject.ts';
import { type LoginRequest, together, verdictOn } from '../../src/trust/verdict.ts';
import { ACCOUNT } from '../helpers/context.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const SUBJECT = 'repo:o/r:ref:refs/heads/main';

function targetOf(condition: Json): Target {
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: ARN },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: condition,
  };
  const trust: Json = { Version: '2012-10-17', Statement: [statement] };
  return {
    accountId: ACCOUNT,
    provider: { arn: ARN, url: `https://${ISSUER}`, audiences: ['sts.amazonaws.com'], otherProviders: [] },
    role: { name: 'R', arn: `arn:aws:iam::${ACCOUNT}:role/R`, trust, maxSessionSeconds: 3_600 },
    wanted: trust,
  };
}

const requestFor = (more: Partial<LoginRequest> = {}): LoginRequest => ({
  parts: [{ presentation: { audience: 'sts.amazonaws.com', claims: claimsOfSubject(SUBJECT) } }],
  subject: SUBJECT,
  form: 'legacy',
  formDoubt: false,
  expected: true,
  ...more,
});

describe('the verdict on logins of which none is expected', () => {
  const aside = requestFor({ expected: false, aside: true });
  const verdictBy = (condition: Json) => verdictOn(aside, targetOf(condition));
  const can = verdictBy({ StringEquals: { [`${ISSUER}:sub`]: SUBJECT } });
  const cannot = verdictBy({ StringEquals: { [`${ISSUER}:sub`]: 'repo:o/r:pull_request' } });
  const unknown = verdictBy({ IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } });

  it('is that of the best one', () => {
    expect([can, cannot, unknown].map(({ verdict }) => verdict)).toEqual(['can', 'cannot', 'unknown']);
    expect(together([cannot, unknown, can])).toBe('can');
    expect(together([cannot, unknown])).toBe('unknown');
    expect(together([cannot])).toBe('cannot');
  });
});

describe('the verdict on a subject that a template may replace', () => {
  const verdictBy = (condition: Json) => {
    const { verdict, causes } = verdictOn(requestFor({ uncertain: true, templateUnread: true }), targetOf(condition));
    return [verdict, causes.map(({ id }) => id)];
  };

  it('is open where the role trusts another subject, and certain where no subject would help', () => {
    expect(verdictBy({ StringEquals: { [`${ISSUER}:sub`]: 'repository_id:2' } })).toEqual([
      'unknown',
      ['template-unread'],
    ]);
    expect(verdictBy({ StringEquals: { [`${ISSUER}:sub`]: SUBJECT } })).toEqual(['unknown', []]);
    const elsewhere = { StringEquals: { [`${ISSUER}:sub`]: 'repository_id:2', [`${ISSUER}:repository`]: 'o/other' } };
    expect(verdictBy(elsewhere)).toEqual(['cannot', ['other-repository', 'claim-mismatch']]);
  });
});
