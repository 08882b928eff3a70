import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { fits } from '../../src/policies/glob.ts';
import { admissionsOf, meantBy } from '../../src/trust/admissions.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { simulatedTrust } from '../helpers/trust-simulator.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const INTENDED = {
  subjects: ['repo:o/r:ref:refs/heads/main', 'repo:o/r:environment:*'],
  audiences: ['sts.amazonaws.com'],
};

const SUBJECTS = [
  'repo:o/r:ref:refs/heads/main',
  'repo:o/r:ref:refs/heads/other',
  'repo:o/r:environment:production',
  'repo:o/r:pull_request',
  'repo:O/R:ref:refs/heads/main',
  'repo:o/other:ref:refs/heads/main',
  'repo:evil/r:ref:refs/heads/main',
  'repo:evil/x:pull_request',
  'repo:o@1/r@2:ref:refs/heads/main',
];
const CLAIMS = {
  sub: SUBJECTS,
  aud: ['sts.amazonaws.com', 'other'],
  repository: ['o/r', 'evil/x'],
  actor: ['me', 'mallory'],
  environment: ['production', 'dev'],
};
const PATTERNS = [
  '*',
  'repo:*',
  'repo:o/*',
  'repo:o/r:*',
  'repo:*/r:*',
  'repo:o/r:environment:*',
  'repo:?/r:ref:refs/heads/m*',
];

const operator = fc
  .tuple(
    fc.constantFrom('', '', '', 'ForAllValues:'),
    fc.constantFrom('StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'),
    fc.constantFrom('', '', 'IfExists'),
  )
  .map((parts) => parts.join(''));
const claim = fc.constantFrom(...(Object.keys(CLAIMS) as (keyof typeof CLAIMS)[]));
/** An additional or modified condition. */
const condition = fc
  .tuple(operator, claim, fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 3 }))
  .map(([name, key, indices]) => {
    const values = key === 'sub' ? [...SUBJECTS, ...PATTERNS] : [...CLAIMS[key], '*'];
    return { [name]: { [`${ISSUER}:${key}`]: indices.map((index) => values[index % values.length] ?? '*') } };
  });
const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  Principal: fc.constantFrom<Json>({ Federated: ARN }, { Federated: ARN }, '*', { AWS: '*' }),
  Action: fc.constantFrom('sts:AssumeRoleWithWebIdentity', 'sts:*'),
  Condition: fc.array(condition, { maxLength: 3 }).map((all) => {
    const merged: Record<string, Record<string, Json>> = {};
    for (const [name, keys] of all.flatMap((condition) => Object.entries(condition)))
      merged[name] = { ...merged[name], ...keys };
    return merged;
  }),
});

const crcStatement = {
  Effect: 'Allow',
  Principal: { Federated: ARN },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: {
    StringEquals: { [`${ISSUER}:aud`]: INTENDED.audiences },
    StringLike: { [`${ISSUER}:sub`]: INTENDED.subjects },
  },
};

/** The same policy without the audience condition, which is easily lost in a manual edit. */
const withoutAudience: Json = { ...crcStatement, Condition: { StringLike: { [`${ISSUER}:sub`]: INTENDED.subjects } } };

/** A trust policy of crc after a change that may widen it. */
const policy = fc
  .tuple(fc.array(statement, { maxLength: 2 }), fc.constantFrom<readonly Json[]>([crcStatement], [], [withoutAudience]))
  .map(([more, kept]) => ({ Version: '2012-10-17', Statement: [...kept, ...(more as Json[])] }));
const token = fc.record(
  {
    sub: fc.constantFrom(...CLAIMS.sub),
    aud: fc.constantFrom(...CLAIMS.aud),
    repository: fc.constantFrom(...CLAIMS.repository),
    actor: fc.constantFrom(...CLAIMS.actor),
    environment: fc.constantFrom(...CLAIMS.environment),
  },
  { requiredKeys: ['sub', 'aud'] },
);

it('a widened policy: unintended subjects are reported, or an independent simulator allows none', async () => {
  let newcomers = 0;
  await fc.assert(
    fc.asyncProperty(policy, token, async (document, claims) => {
      const isIntended =
        INTENDED.subjects.some((pattern) => fits(pattern, claims.sub)) && INTENDED.audiences.includes(claims.aud);
      if (isIntended || !(await simulatedTrust(document, claims))) return;
      newcomers += 1;
      const admissions = admissionsOf({
        policy: document,
        provider: { arn: ARN, url: `https://${ISSUER}` },
        meant: meantBy(INTENDED),
      });
      const names = admissions.some(
        ({ subjects, audiences }) => fits(subjects, claims.sub) && (audiences?.includes(claims.aud) ?? true),
      );
      expect(names).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  expect(newcomers).toBeGreaterThan(100);
});

it('nothing is reported if only intended subjects are allowed', () => {
  const provider = { arn: ARN, url: `https://${ISSUER}` };
  const narrowedPolicy = condition.map((more) => {
    const merged: Record<string, Record<string, Json>> = {
      ...(crcStatement as { Condition: Record<string, Record<string, Json>> }).Condition,
    };
    for (const [name, keys] of Object.entries(more)) merged[name] = { ...keys, ...merged[name] };
    return { Version: '2012-10-17', Statement: [{ ...(crcStatement as object), Condition: merged }] };
  });
  fc.assert(
    fc.property(narrowedPolicy, (document) => {
      expect(admissionsOf({ policy: document as Json, provider, meant: meantBy(INTENDED) })).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
