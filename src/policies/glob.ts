/**
 * Whether a text fits a pattern of IAM, in which `*` stands for any characters, `?` for exactly one, and all others for
 * themselves (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 * Takes time in proportion to both lengths, whatever the pattern: a regular expression would not.
 */
export function fits(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let retry = 0;
  while (at < text.length) {
    const sign = pattern[place];
    if (sign === '*') {
      star = place;
      retry = at;
      place += 1;
    } else if (sign === '?' || (sign !== undefined && sign === text[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      retry += 1;
      at = retry;
      place = star + 1;
    } else return false;
  }
  while (pattern[place] === '*') place += 1;
  return place === pattern.length;
}

/** The same without regard to case, as for actions. */
export function fitsAnyCase(pattern: string, text: string): boolean {
  return fits(pattern.toLowerCase(), text.toLowerCase());
}

/** Whether a text has a wildcard of IAM. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/** Whether every text that fits the pattern `narrow` fits `wide`. False also where that is not seen: `a*?` and `a?*`. */
export function covers(wide: string, narrow: string): boolean {
  return matchSigns(wide, narrow, {
    // A star stands for any characters, so only a star covers it.
    skipNarrow: false,
    same: (wideSign, other) => (wideSign === '?' ? other !== '*' : wideSign === other && wideSign !== '*'),
  });
}

/** Whether a text can fit both patterns. */
export function overlap(pattern: string, other: string): boolean {
  return matchSigns(pattern, other, {
    skipNarrow: true,
    same: (a, b) => a === b || a === '?' || b === '?',
  });
}

/** `reached[j]`: the signs of `pattern` so far can stand for the first `j` of `other`. */
function matchSigns(
  pattern: string,
  other: string,
  { skipNarrow, same }: { readonly skipNarrow: boolean; readonly same: (a: string, b: string) => boolean },
): boolean {
  const isStar = (sign: string | undefined) => sign === '*';
  let reached = [true];
  for (let j = 1; j <= other.length; j += 1) {
    reached[j] = skipNarrow && reached[j - 1] === true && isStar(other[j - 1]);
  }
  for (const sign of pattern) {
    const next: boolean[] = [isStar(sign) && reached[0] === true];
    for (let j = 1; j <= other.length; j += 1) {
      const there = other[j - 1] ?? '';
      next[j] = isStar(sign)
        ? reached[j] === true || next[j - 1] === true
        : (reached[j - 1] === true && !isStar(there) && same(sign, there)) ||
          // The star of the other stands for this sign, or ends before it.
          (skipNarrow && isStar(there) && (reached[j] === true || next[j - 1] === true));
    }
    reached = next;
  }
  return reached[other.length] === true;
}
