import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff, leaves } from '../../src/engine/diff.ts';
import type { Json } from '../../src/json.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('diff', () => {
  it.each<[string, Json, Json, number, object[]]>([
    ['equal leaves', 1, 1, Infinity, []],
    ['leaves', 1, 5, Infinity, [{ path: 'f', live: 1, want: 5 }]],
    ['a leaf of a group', { a: 1, b: 2 }, { a: 1, b: 3 }, Infinity, [{ path: 'f.b', live: 2, want: 3 }]],
    ['a missing leaf', {}, { a: 1 }, Infinity, [{ path: 'f.a', live: null, want: 1 }]],
    ['an additional leaf', { a: 1 }, {}, Infinity, [{ path: 'f.a', live: 1, want: null }]],
    [
      'nothing against a group',
      null,
      { a: 1, b: 2 },
      Infinity,
      [
        { path: 'f.a', live: null, want: 1 },
        { path: 'f.b', live: null, want: 2 },
      ],
    ],
    ['a group against nothing', { a: 1 }, null, Infinity, [{ path: 'f.a', live: 1, want: null }]],
    ['an empty group against nothing', {}, null, Infinity, []],
    ['a group against another leaf', { a: 1 }, 'x', Infinity, [{ path: 'f', live: { a: 1 }, want: 'x' }]],
    ['an empty group against another leaf', {}, ['x'], Infinity, [{ path: 'f', live: {}, want: ['x'] }]],
    ['a leaf against an empty group', false, {}, Infinity, [{ path: 'f', live: false, want: {} }]],
    ['a leaf against a group', { a: 5 }, { a: { b: 1 } }, Infinity, [{ path: 'f.a', live: 5, want: { b: 1 } }]],
    ['keys of a list’s objects in a different order', [{ a: 1, b: 2 }], [{ b: 2, a: 1 }], Infinity, []],
    [
      'a key that JavaScript treats specially',
      JSON.parse('{"__proto__": 1, "toString": 2}'),
      {},
      Infinity,
      [
        { path: 'f.__proto__', live: 1, want: null },
        { path: 'f.toString', live: 2, want: null },
      ],
    ],
    ['lists are leaves', ['a'], ['a', 'b'], Infinity, [{ path: 'f', live: ['a'], want: ['a', 'b'] }]],
    ['a list inside a group', { a: [1] }, { a: [2] }, Infinity, [{ path: 'f.a', live: [1], want: [2] }]],
    ['entire groups', { a: 1 }, { a: 2 }, 0, [{ path: 'f', live: { a: 1 }, want: { a: 2 } }]],
    ['entire entries', { a: { b: 1 } }, { a: { b: 2 } }, 1, [{ path: 'f.a', live: { b: 1 }, want: { b: 2 } }]],
    ['keys in a different order', { a: 1, b: 2 }, { b: 2, a: 1 }, 0, []],
    ['inherited names', {}, { constructor: null, toString: null }, Infinity, []],
  ])('%s', (_, live, want, depth, expected) => {
    expect(diff('f', live, want, depth)).toEqual(expected);
  });

  it('finds nothing between equal values', () => {
    fc.assert(
      fc.property(
        json,
        fc.boolean(),
        (value, isWhole) => diff('f', value, structuredClone(value), isWhole ? 0 : Infinity).length === 0,
      ),
    );
  });

  /** Treats null, missing values and groups of only such values as equal. Lists are unchanged. */
  const normal = (value: Json): Json => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).map(([key, inner]): [string, Json] => [key, normal(inner)]);
    const present = entries.filter(([, inner]) => inner !== null);
    return present.length === 0 ? null : Object.fromEntries(present);
  };
  // Few different keys and values, so that two documents often share some.
  const { small } = fc.letrec<{ small: Json }>((tie) => ({
    small: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, 0, 1, '', 'a', 0, [], ['a'], [{ a: 1 }], {}),
      fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'toString'), tie('small'), { maxKeys: 3 }),
    ),
  }));

  it('is empty exactly if both are equal, treating null and missing values alike', () => {
    fc.assert(
      fc.property(small, small, (live, want) => {
        expect(diff('f', live, want).length === 0).toBe(isDeepStrictEqual(normal(live), normal(want)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reports each path once, with its actual value', () => {
    const at = (value: Json, path: string): Json =>
      path
        .split('.')
        .slice(1)
        .reduce<Json>((inner, key) => {
          const group = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
          const entry = Object.entries(group).find(([name]) => name === key);
          return entry?.[1] ?? null;
        }, value);
    fc.assert(
      fc.property(small, small, (live, want) => {
        const changes = diff('f', live, want);
        expect(new Set(changes.map(({ path }) => path)).size).toBe(changes.length);
        for (const change of changes) {
          expect(change).toEqual({ path: change.path, live: at(live, change.path), want: at(want, change.path) });
          expect(isDeepStrictEqual(change.live, change.want)).toBe(false);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('reports exactly the leaves that differ', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.string(), (group, key) => {
        const changes = diff('f', group, { ...group, [key]: 'changed by the test' });
        const changed = !Object.hasOwn(group, key) || group[key] !== 'changed by the test';
        return (
          changes.length > 0 === changed &&
          changes.every(({ live, want }) => JSON.stringify(live) !== JSON.stringify(want))
        );
      }),
    );
  });
});

describe('leaves', () => {
  it('names the leaves as diff does', () => {
    const value = { a: 1, b: { c: [2] }, d: null };
    expect(leaves('f', value)).toEqual([
      { path: 'f.a', value: 1 },
      { path: 'f.b.c', value: [2] },
      { path: 'f.d', value: null },
    ]);
    expect(leaves('f', value, 0)).toEqual([{ path: 'f', value }]);
  });
});
