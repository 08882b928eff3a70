import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff, leaves } from '../../src/engine/diff.ts';
import type { Json } from '../../src/engine/types.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('diff', () => {
  it.each<[string, Json, Json, boolean, object[]]>([
    ['equal leaves', 1, 1, false, []],
    ['leaves', 1, 5, false, [{ path: 'f', live: 1, want: 5 }]],
    ['a leaf of a group', { a: 1, b: 2 }, { a: 1, b: 3 }, false, [{ path: 'f.b', live: 2, want: 3 }]],
    ['a leaf that is not there', {}, { a: 1 }, false, [{ path: 'f.a', live: null, want: 1 }]],
    ['a leaf that should not be there', { a: 1 }, {}, false, [{ path: 'f.a', live: 1, want: null }]],
    [
      'nothing against a group',
      null,
      { a: 1, b: 2 },
      false,
      [
        { path: 'f.a', live: null, want: 1 },
        { path: 'f.b', live: null, want: 2 },
      ],
    ],
    ['a group against nothing', { a: 1 }, null, false, [{ path: 'f.a', live: 1, want: null }]],
    ['lists are leaves', ['a'], ['a', 'b'], false, [{ path: 'f', live: ['a'], want: ['a', 'b'] }]],
    ['a list inside a group', { a: [1] }, { a: [2] }, false, [{ path: 'f.a', live: [1], want: [2] }]],
    ['whole groups', { a: 1 }, { a: 2 }, true, [{ path: 'f', live: { a: 1 }, want: { a: 2 } }]],
    ['keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }, true, []],
    ['inherited names', {}, { constructor: null, toString: null }, false, []],
  ])('%s', (_, live, want, whole, expected) => {
    expect(diff('f', live, want, whole)).toEqual(expected);
  });

  it('finds nothing between equal values', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (value, whole) => diff('f', value, structuredClone(value), whole).length === 0),
    );
  });

  it('names only leaves that differ, and finds something whenever a leaf changes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.string(), (group, key) => {
        const found = diff('f', group, { ...group, [key]: 'changed by the test' });
        const changed = !Object.hasOwn(group, key) || group[key] !== 'changed by the test';
        return (
          found.length > 0 === changed && found.every(({ live, want }) => JSON.stringify(live) !== JSON.stringify(want))
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
    expect(leaves('f', value, true)).toEqual([{ path: 'f', value }]);
  });
});
