import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { keysOf } from '../../src/trust/condition-keys.ts';
import { evaluate } from '../../src/trust/evaluate.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { simulatedTrust } from '../helpers/trust-simulator.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const OTHER = 'arn:aws:iam::999999999999:oidc-provider/token.actions.githubusercontent.com';

const SUBJECTS = [
  'repo:o/r:ref:refs/heads/main',
  'repo:o/r:pull_request',
  'repo:o/r:environment:production',
  'repo:O/r:environment:production',
  'repo:o@1/r@2:ref:refs/heads/main',
  'repo:evil/r:ref:refs/tags/v1',
];
const PATTERNS = [
  ...SUBJECTS,
  'repo:o/r:*',
  'repo:o/*',
  'repo:o/r:ref:refs/heads/m?in',
  '*',
  'repo:?/r:*',
  '*:environment:*',
  '',
];
const CLAIMS = {
  sub: SUBJECTS,
  aud: ['sts.amazonaws.com', 'other'],
  ref: ['refs/heads/main', 'refs/tags/v1'],
  environment: ['production', 'Dev'],
};
const OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
];

const operator = fc
  .tuple(
    fc.constantFrom('', '', '', 'ForAllValues:', 'ForAnyValue:'),
    fc.constantFrom(...OPERATORS),
    fc.constantFrom('', '', 'IfExists'),
  )
  .map((parts) => parts.join(''))
  // AWS's documentation is contradictory about these, so crc reports the verdict as unknown.
  .filter((name) => !/^ForAnyValue:.*IfExists$/.test(name));
const claim = fc.constantFrom(...(Object.keys(CLAIMS) as (keyof typeof CLAIMS)[]));
const oneOrMany = (value: fc.Arbitrary<string>) => fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));
const wanted = oneOrMany(fc.constantFrom(...PATTERNS, ...CLAIMS.aud, ...CLAIMS.ref, ...CLAIMS.environment));
const condition: fc.Arbitrary<Record<string, Record<string, Json>>> = fc.oneof(
  fc.tuple(operator, claim, wanted).map(([name, key, values]) => ({ [name]: { [`${ISSUER}:${key}`]: values } })),
  fc.tuple(claim, fc.constantFrom('true', 'false')).map(([key, value]) => ({ Null: { [`${ISSUER}:${key}`]: value } })),
);
const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  Principal: fc.oneof(
    fc.constant<Json>({ Federated: PROVIDER }),
    fc.constantFrom<Json>({ Federated: OTHER }, { Federated: [OTHER, PROVIDER] }, '*', {
      Service: 'ec2.amazonaws.com',
    }),
  ),
  Action: oneOrMany(
    fc.constantFrom(
      'sts:AssumeRoleWithWebIdentity',
      'sts:assumerolewithwebidentity',
      'sts:*',
      'sts:AssumeRole',
      'sts:AssumeRole*',
      '*',
    ),
  ),
  Condition: fc.array(condition, { maxLength: 3 }).map((all) => {
    const merged: Record<string, Record<string, Json>> = {};
    for (const [name, keys] of all.flatMap((condition) => Object.entries(condition)))
      merged[name] = { ...merged[name], ...keys };
    return merged;
  }),
});
const policy = fc
  .array(statement, { minLength: 1, maxLength: 3 })
  .map((Statement) => ({ Version: '2012-10-17', Statement }));
const claims = fc.record(
  {
    sub: fc.constantFrom(...CLAIMS.sub),
    aud: fc.constantFrom(...CLAIMS.aud),
    ref: fc.constantFrom(...CLAIMS.ref),
    environment: fc.constantFrom(...CLAIMS.environment),
  },
  { requiredKeys: ['sub', 'aud'] },
);

describe('the evaluator of trust policies', () => {
  it('agrees with an independent IAM simulator', async () => {
    const counts = { can: 0, cannot: 0 };
    await fc.assert(
      fc.asyncProperty(policy, claims, async (document, token) => {
        const known = new Map<string, string | null>(
          Object.keys(CLAIMS).map((name) => [name, token[name as keyof typeof token] ?? null]),
        );
        const { verdict } = evaluate(document as Json, {
          provider: PROVIDER,
          valueOf: keysOf(ISSUER, known),
        });
        if (verdict === 'unknown') throw new Error('all claims are known');
        counts[verdict] += 1;
        expect(verdict).toBe((await simulatedTrust(document, token)) ? 'can' : 'cannot');
      }),
      { numRuns: 1_000 },
    );
    // The generator must produce both verdicts.
    expect(Math.min(counts.can, counts.cannot)).toBeGreaterThan(50);
  });

  it('never returns can or cannot if the verdict depends on an unknown claim', () => {
    fc.assert(
      fc.property(policy, claims, (document, token) => {
        const answer = (known: ReadonlyMap<string, string | null>) =>
          evaluate(document as Json, { provider: PROVIDER, valueOf: keysOf(ISSUER, known) }).verdict;
        const partialVerdict = answer(
          new Map([
            ['sub', token.sub],
            ['aud', token.aud],
          ]),
        );
        fc.pre(partialVerdict !== 'unknown');
        for (const environment of [null, ...CLAIMS.environment]) {
          for (const ref of [null, ...CLAIMS.ref]) {
            expect(
              answer(
                new Map<string, string | null>([
                  ['sub', token.sub],
                  ['aud', token.aud],
                  ['environment', environment],
                  ['ref', ref],
                ]),
              ),
            ).toBe(partialVerdict);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
