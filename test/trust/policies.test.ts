import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trustPolicy } from '../../src/policies/trust.ts';
import { keysOf } from '../../src/trust/condition-keys.ts';
import { diagnose } from '../../src/trust/diagnose.ts';
import { evaluate } from '../../src/trust/evaluate.ts';
import { claimsOfSubject } from '../../src/trust/subject.ts';
import { ACCOUNT } from '../helpers/context.ts';

const FOLDER = join(import.meta.dirname, 'cases');
const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;

/** Trust policies of real projects, with the verdicts for some subjects. */
const CASES = readdirSync(FOLDER).flatMap((name) => {
  const { policy, expected } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  return Object.entries<string>(expected).map(([subject, verdict]) => [name, subject, verdict, policy] as const);
});

const diagnosed = (policy: never, subject: string) =>
  diagnose(
    { audience: 'sts.amazonaws.com', claims: claimsOfSubject(subject) },
    {
      accountId: ACCOUNT,
      provider: { arn: PROVIDER, url: `https://${ISSUER}`, audiences: ['sts.amazonaws.com'], otherProviders: [] },
      role: { name: 'R', arn: `arn:aws:iam::${ACCOUNT}:role/R`, trust: policy, maxSessionSeconds: 3_600 },
      wanted: undefined,
    },
  );

describe('trust policies of real projects', () => {
  it.each(CASES)('%s: %s %s', (_, subject, verdict, policy) => {
    const result = diagnosed(policy as never, subject);
    expect(result.verdict).toBe(verdict);
    expect(result.causes.length > 0).toBe(verdict !== 'can');
    // The role is not in the config, so no change of the config is suggested.
    expect(JSON.stringify(result.causes)).not.toMatch(/crc bootstrap --only role|crc\.config\.json/);
  });

  it('the suggestion for a template is its subject, unless part of it is only known during the run', () => {
    const policy = trustPolicy({
      providerArn: PROVIDER,
      issuer: ISSUER,
      audiences: ['sts.amazonaws.com'],
      subjects: ['repo:o/r:*'],
    });
    const fix = (subject: string) => diagnosed(policy as never, subject).causes[0]?.fix;
    expect(fix('repository_owner:o:repository_visibility:private')).toMatch(
      /save it first, and change that file: `aws iam get-role --role-name R --query Role\.AssumeRolePolicyDocument --output json > trust\.json`\. To let it in, add to the trust policy of R: \{/,
    );
    expect(fix('repository_owner:o:repository_visibility:*')).toMatch(/^If nothing else needs the template/);
  });

  it('the suggestion for a role outside the config is a statement that allows the subject', () => {
    const policy = trustPolicy({
      providerArn: PROVIDER,
      issuer: ISSUER,
      audiences: ['sts.amazonaws.com'],
      subjects: ['repo:o/r:ref:refs/heads/main'],
    });
    const subject = 'repo:o/r:environment:production';
    const [cause] = diagnosed(policy as never, subject).causes;
    const statement = JSON.parse(/\{.*\}$/.exec(cause?.fix ?? '')?.[0] ?? '');
    const keys = keysOf(ISSUER, new Map([...claimsOfSubject(subject), ['aud', 'sts.amazonaws.com']]));
    const { verdict } = evaluate(
      { Version: '2012-10-17', Statement: [statement] },
      { provider: PROVIDER, valueOf: keys },
    );
    expect([verdict, cause?.command]).toEqual([
      'can',
      'aws iam update-assume-role-policy --role-name R --policy-document file://trust.json',
    ]);
  });
});
