import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, fits, overlap } from '../../src/policies/glob.ts';

const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 5 }).map((signs) => signs.join(''));
const pattern = fc.array(fc.constantFrom('a', 'b', '?', '*'), { maxLength: 5 }).map((signs) => signs.join(''));

/** All texts of up to six signs: patterns of five differ on one of these, if they differ on any. */
const TEXTS = (() => {
  let all = [''];
  for (let length = 0; length < 6; length += 1) all = [...new Set(all.flatMap((one) => [one, `${one}a`, `${one}b`]))];
  return all;
})();

describe('patterns of IAM compared with each other', () => {
  it('one that covers another matches each of its texts', () => {
    let seen = 0;
    fc.assert(
      fc.property(pattern, pattern, (wide, narrow) => {
        if (!covers(wide, narrow)) return;
        seen += 1;
        for (const one of TEXTS) if (fits(narrow, one)) expect(fits(wide, one)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('a pattern covers itself, and a star covers all', () => {
    fc.assert(fc.property(pattern, (one) => covers(one, one) && covers('*', one)));
  });

  it('two overlap exactly if a text matches both', () => {
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const inCommon = TEXTS.some((each) => fits(one, each) && fits(other, each));
        // A text in common is no longer than both without their stars.
        const isLong = `${one}${other}`.replaceAll('*', '').length > 6;
        if (inCommon || !isLong) expect(overlap(one, other)).toBe(inCommon);
      }),
      { numRuns: 3_000 },
    );
  });

  it('a text without wildcards is its own pattern', () => {
    fc.assert(
      fc.property(
        pattern,
        text,
        (one, other) => covers(one, other) === fits(one, other) && overlap(one, other) === fits(one, other),
      ),
    );
  });
});
