import { describe, expect, it } from 'vitest';
import type { Scope } from '../../../src/github/reader/expressions.ts';
import { combinationsOf } from '../../../src/github/reader/matrix.ts';
import { OPEN } from '../../../src/github/reader/possible.ts';

const SCOPE: Scope = { lookup: () => OPEN, status: () => ({ values: [true, false] }) };
const combinations = (matrix: unknown) => combinationsOf({ matrix }, SCOPE);
const values = (matrix: unknown) => combinations(matrix).map((combination) => combination.values);

describe('the combinations of a matrix', () => {
  // https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations
  it("match GitHub's example of include", () => {
    const matrix = {
      fruit: ['apple', 'pear'],
      animal: ['cat', 'dog'],
      include: [
        { color: 'green' },
        { color: 'pink', animal: 'cat' },
        { fruit: 'apple', shape: 'circle' },
        { fruit: 'banana' },
        { fruit: 'banana', animal: 'cat' },
      ],
    };
    expect(values(matrix)).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ]);
  });

  it.each<[string, unknown, readonly unknown[]]>([
    ['no matrix', undefined, [{}]],
    ['only include', { include: [{ a: 1 }, { a: 2 }] }, [{ a: 1 }, { a: 2 }]],
    [
      'exclude in part',
      { a: [1, 2], b: [1, 2], exclude: [{ a: 1 }] },
      [
        { a: 2, b: 1 },
        { a: 2, b: 2 },
      ],
    ],
    ['all excluded', { a: [1], exclude: [{ a: 1 }] }, []],
    ['a list of JSON', { a: "${{ fromJSON('[1,2]') }}" }, [{ a: 1 }, { a: 2 }]],
    ['an entire matrix from JSON', '${{ fromJSON(\'{"a":[1]}\') }}', [{ a: 1 }]],
    ['values with parts', { a: [{ b: { c: 1 } }] }, [{ a: { b: { c: 1 } } }]],
  ])('%s', (_, matrix, expected) => {
    expect(values(matrix)).toEqual(expected);
  });

  it('keep the known values of a partly known matrix', () => {
    expect(combinations({ stage: ['dev', 'prod'], version: '${{ fromJSON(needs.a.outputs.b) }}' })).toEqual([
      { values: { stage: 'dev' }, open: true },
      { values: { stage: 'prod' }, open: true },
    ]);
    expect(combinations('${{ fromJSON(needs.a.outputs.b) }}')).toEqual([{ values: {}, open: true }]);
    expect(combinationsOf('${{ fromJSON(needs.a.outputs.b) }}', SCOPE)).toEqual([{ values: {}, open: true }]);
    expect(combinationsOf('${{ fromJSON(\'{"matrix":{"a":[1]}}\') }}', SCOPE)).toEqual([
      { values: { a: 1 }, open: false },
    ]);
  });

  it("are not expanded beyond GitHub's limit", () => {
    const list = Array.from({ length: 10 }, (_, index) => index);
    const matrix = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [name, list]));
    expect(combinations(matrix)).toEqual([{ values: {}, open: true }]);
  });
});
