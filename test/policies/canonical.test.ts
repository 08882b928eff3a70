import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { canonical } from '../../src/policies/canonical.ts';

const BASE = {
  Effect: 'Allow',
  Principal: { AWS: ['arn:aws:iam::123456789012:root'] },
  Action: ['s3:PutObject', 's3:GetObject'],
  Resource: 'arn:aws:s3:::b/*',
  Condition: { Bool: { 'aws:SecureTransport': 'true' }, NumericLessThan: { 's3:max-keys': '5' } },
};
const policy = (...Statement: Json[]): Json => ({ Version: '2012-10-17', Statement });
const withBase = (change: { readonly [key: string]: Json }) => policy({ ...BASE, ...change });

/** An equivalent policy that AWS or another tool might write, with random spelling. */
function withRandomSpelling(value: Json, random: () => number, path = ''): Json {
  const flip = () => random() % 2 === 0;
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => [random(), item] as const)
      .sort(([a], [b]) => a - b)
      .map(([, item]) => item);
  if (Array.isArray(value)) {
    const inner = value.map((item) => withRandomSpelling(item, random, path));
    const repeated = flip() ? [...inner, ...inner.slice(0, 1)] : inner;
    return inner.length === 1 && flip() ? (inner[0] ?? null) : shuffled(repeated);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      shuffled(Object.entries(value)).map(([name, inner]) => [
        name,
        withRandomSpelling(inner, random, `${path}/${name}`),
      ]),
    );
  }
  if (path === '/Statement/Principal/AWS' && flip()) return `arn:aws:iam::${value}:root`;
  if (!path.startsWith('/Statement/Condition/') || flip()) return value;
  return value === 'true' || (value === '5' ? 5 : value);
}

describe('canonical form', () => {
  it.each<[string, Json, Json]>([
    ['lists in any order', policy(BASE), withBase({ Action: ['s3:GetObject', 's3:PutObject'] })],
    ['repetitions', policy(BASE), withBase({ Action: ['s3:GetObject', 's3:PutObject', 's3:GetObject'] })],
    ['a string for a list of one', policy(BASE), withBase({ Resource: ['arn:aws:s3:::b/*'] })],
    ['an account for its root', policy(BASE), withBase({ Principal: { AWS: '123456789012' } })],
    ['keys in any order', policy(BASE), policy(Object.fromEntries(Object.entries(BASE).reverse()))],
    ['statements in any order', policy(BASE, { Effect: 'Deny' }), policy({ Effect: 'Deny' }, BASE)],
    ['one statement without a list', policy(BASE), { Version: '2012-10-17', Statement: BASE }],
    [
      'booleans and numbers as text',
      policy(BASE),
      withBase({
        Condition: { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { 's3:max-keys': [5] } },
      }),
    ],
    [
      'an empty condition',
      withBase({ Condition: {} }),
      policy(Object.fromEntries(Object.entries(BASE).filter(([key]) => key !== 'Condition'))),
    ],
    ['anyone', withBase({ Principal: '*' }), withBase({ Principal: { AWS: '*' } })],
    ['anyone in a list', withBase({ Principal: '*' }), withBase({ Principal: { AWS: ['*'] } })],
    ['anyone as Terragrunt writes it', withBase({ Principal: '*' }), withBase({ Principal: { '*': ['*'] } })],
    ['a missing version is the old one', { Version: '2008-10-17', Statement: [BASE] }, { Statement: [BASE] }],
  ])('is the same for %s', (_, first, second) => {
    expect(canonical(first)).toEqual(canonical(second));
  });

  it.each<[string, Json]>([
    ['an action more', withBase({ Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject'] })],
    ['an action less', withBase({ Action: 's3:PutObject' })],
    ['a wider resource', withBase({ Resource: 'arn:aws:s3:::*' })],
    ['a different effect', withBase({ Effect: 'Deny' })],
    ['a different operator', withBase({ Condition: { BoolIfExists: BASE.Condition.Bool } })],
    ['a different value', withBase({ Condition: { ...BASE.Condition, Bool: { 'aws:SecureTransport': 'false' } } })],
    ['one condition less', withBase({ Condition: { Bool: BASE.Condition.Bool } })],
    [
      'NotAction',
      policy(
        Object.fromEntries(Object.entries(BASE).map(([key, value]) => [key === 'Action' ? 'NotAction' : key, value])),
      ),
    ],
    ['anyone', withBase({ Principal: '*' })],
    ['any federated principal', withBase({ Principal: { Federated: '*' } })],
    ['a user of that name', withBase({ Principal: { AWS: 'arn:aws:iam::123456789012:user/root' } })],
    ['an additional statement', policy(BASE, { ...BASE, Resource: '*' })],
    ['the old policy version', { Version: '2008-10-17', Statement: [BASE] }],
    ['an id', { Version: '2012-10-17', Id: 'x', Statement: [BASE] }],
  ])('differs for %s', (_, other) => {
    expect(canonical(other)).not.toEqual(canonical(policy(BASE)));
  });

  it.each<[string, Json]>([
    ['every federated principal', { Federated: '*' }],
    ['every service', { Service: '*' }],
    ['anyone and a service', { AWS: '*', Service: 's3.amazonaws.com' }],
  ])('does not treat %s as anyone', (_, Principal) => {
    expect(canonical(withBase({ Principal }))).not.toEqual(canonical(withBase({ Principal: '*' })));
  });

  it('keeps unknown elements', () => {
    const unusual = {
      Version: '2012-10-17',
      Id: 'x',
      Statement: [{ NotResource: ['b', 'a'], Unknown: { deep: [2, 1] } }],
    };
    expect(canonical(unusual)).toEqual({
      ...unusual,
      Statement: [{ NotResource: ['a', 'b'], Unknown: { deep: [2, 1] } }],
    });
  });

  const strings = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 });
  const account = fc.stringMatching(/^\d{12}$/);
  const statement = fc.record(
    {
      Sid: fc.string(),
      Effect: fc.constantFrom('Allow', 'Deny'),
      Action: strings,
      NotAction: strings,
      Resource: strings,
      NotResource: strings,
      Principal: fc.record(
        { AWS: fc.uniqueArray(account, { minLength: 1 }), Federated: strings },
        { requiredKeys: [] },
      ),
      NotPrincipal: fc.record({ Service: strings }),
      Condition: fc.dictionary(
        fc.constantFrom('StringLike', 'StringEquals', 'Bool', 'NumericLessThan'),
        fc.dictionary(
          fc.string(),
          fc.uniqueArray(
            fc.oneof(
              strings.map(([resource]) => resource ?? ''),
              fc.constantFrom('true', '5'),
            ),
          ),
        ),
      ),
    },
    { requiredKeys: ['Effect'] },
  );
  const policies = fc
    .record({
      Version: fc.constantFrom('2008-10-17', '2012-10-17'),
      Id: fc.string(),
      Statement: fc.array(statement, { maxLength: 3 }),
    })
    .map((document) => document as unknown as Json);

  it('does not change a canonical document', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        expect(canonical(canonical(policy))).toEqual(canonical(policy));
      }),
    );
  });

  it('is the same for a policy in a different spelling', () => {
    fc.assert(
      fc.property(policies, fc.infiniteStream(fc.nat()), (policy, random) => {
        const other = withRandomSpelling(policy, () => random.next().value ?? 0);
        expect(canonical(other)).toEqual(canonical(policy));
      }),
    );
  });

  it('keeps a list in a list, which is not a policy, unchanged', () => {
    const form = { Version: '2012-10-17', Statement: [{ Action: [['Allow']] }] };
    expect(canonical({ Version: '2012-10-17', Statement: { Action: [['Allow']] } })).toEqual(form);
    expect(canonical(form)).toEqual(form);
  });

  it('never fails, whatever the document is', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => canonical(value as Json) !== undefined));
  });
});

describe('StringLike without a wildcard', () => {
  const when = (Condition: Json) => canonical(withBase({ Condition }));

  it('is StringEquals', () => {
    expect(when({ StringLike: { sub: 'repo:o/r:ref:refs/heads/main' }, StringEquals: { aud: 'a' } })).toEqual(
      when({ StringEquals: { aud: 'a', sub: ['repo:o/r:ref:refs/heads/main'] } }),
    );
    expect(when({ StringLike: { sub: ['b', 'a'], other: 'x*' } })).toEqual(
      when({ StringEquals: { sub: ['a', 'b'] }, StringLike: { other: 'x*' } }),
    );
  });

  it.each<[string, Json, Json]>([
    ['a wildcard', { StringLike: { sub: 'a*' } }, { StringEquals: { sub: 'a*' } }],
    ['one of a list', { StringLike: { sub: ['a', 'b?'] } }, { StringEquals: { sub: ['a', 'b?'] } }],
    ['a variable', { StringLike: { sub: '${aws:username}' } }, { StringEquals: { sub: '${aws:username}' } }],
    [
      'both on one key, which must both hold',
      { StringLike: { sub: 'a' }, StringEquals: { sub: 'b' } },
      { StringEquals: { sub: ['a', 'b'] } },
    ],
  ])('is a different condition with %s', (_, like, equals) => {
    expect(when(like)).not.toEqual(when(equals));
  });
});
