import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fits } from '../../src/policies/glob.ts';
import { type Claim, keysOf } from '../../src/trust/condition-keys.ts';
import { evaluate } from '../../src/trust/evaluate.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`;
const SUBJECTS = [
  'repo:o/r:ref:refs/heads/main',
  'repo:o/r:environment:a',
  'repo:o/r:pull_request',
  'repo:O/r:ref:refs/heads/x',
];
const PATTERNS = [
  '*',
  'repo:o/r:*',
  'repo:o/r:environment:*',
  'repo:o/r:ref:refs/heads/*',
  'repo:?/r:ref:*',
  'repo:o/r:ref:refs/heads/m???',
];

const condition = fc
  .record({
    operator: fc.constantFrom(
      ...[
        'StringEquals',
        'StringNotEquals',
        'StringLike',
        'StringNotLike',
        'StringEqualsIgnoreCase',
        'ForAllValues:StringLike',
      ],
    ),
    wanted: fc.array(fc.constantFrom(...SUBJECTS, ...PATTERNS), { minLength: 1, maxLength: 2 }),
  })
  .map(({ operator, wanted }) => ({ [operator]: { [`${ISSUER}:sub`]: wanted } }));
const policy = fc
  .array(fc.record({ Effect: fc.constantFrom('Allow', 'Allow', 'Deny'), Condition: condition }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((statements) => ({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({
      ...statement,
      Principal: { Federated: PROVIDER },
      Action: 'sts:AssumeRoleWithWebIdentity',
    })),
  }));

it('a verdict for a pattern holds for each matching subject', () => {
  const counts = { can: 0, cannot: 0, unknown: 0 };
  fc.assert(
    fc.property(policy, fc.constantFrom(...PATTERNS), (document, pattern) => {
      const verdict = (sub: Claim) =>
        evaluate(document, { provider: PROVIDER, valueOf: keysOf(ISSUER, new Map([['sub', sub]])) }).verdict;
      const verdictOfPattern = verdict({ pattern });
      counts[verdictOfPattern] += 1;
      if (verdictOfPattern === 'unknown') return;
      for (const subject of SUBJECTS) if (fits(pattern, subject)) expect(verdict(subject)).toBe(verdictOfPattern);
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(counts.can, counts.cannot, counts.unknown)).toBeGreaterThan(50);
});
