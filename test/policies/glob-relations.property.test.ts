import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, fits, overlap } from '../../src/policies/glob.ts';

const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 5 }).map((signs) => signs.join(''));
const pattern = fc.array(fc.constantFrom('a', 'b', '?', '*'), { maxLength: 5 }).map((signs) => signs.join(''));

/** All strings with up to six characters. If two patterns of five characters differ, one of these shows it. */
const TEXTS = (() => {
  let all = [''];
  for (let length = 0; length < 6; length += 1)
    all = [...new Set(all.flatMap((prefix) => [prefix, `${prefix}a`, `${prefix}b`]))];
  return all;
})();

describe('patterns of IAM compared with each other', () => {
  it('a pattern that covers another one matches all of its texts', () => {
    let covering = 0;
    fc.assert(
      fc.property(pattern, pattern, (wider, narrower) => {
        if (!covers(wider, narrower)) return;
        covering += 1;
        for (const text of TEXTS) if (fits(narrower, text)) expect(fits(wider, text)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect(covering).toBeGreaterThan(100);
  });

  it('a pattern covers itself, and a star covers all', () => {
    fc.assert(fc.property(pattern, (glob) => covers(glob, glob) && covers('*', glob)));
  });

  it('two overlap exactly if a text matches both', () => {
    fc.assert(
      fc.property(pattern, pattern, (first, second) => {
        const inCommon = TEXTS.some((each) => fits(first, each) && fits(second, each));
        // The shortest common match is not longer than both patterns without their stars.
        const isLong = `${first}${second}`.replaceAll('*', '').length > 6;
        if (inCommon || !isLong) expect(overlap(first, second)).toBe(inCommon);
      }),
      { numRuns: 3_000 },
    );
  });

  it('a text without wildcards is its own pattern', () => {
    fc.assert(
      fc.property(
        pattern,
        text,
        (first, second) =>
          covers(first, second) === fits(first, second) && overlap(first, second) === fits(first, second),
      ),
    );
  });
});
