/**
 * Whether a text matches an IAM pattern, in which `*` stands for any characters and `?` for exactly one
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html). Takes at
 * most time proportional to the product of both lengths, which a regular expression does not guarantee.
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
      // Let the last star match one more character.
      retry += 1;
      at = retry;
      place = star + 1;
    } else return false;
  }
  while (pattern[place] === '*') place += 1;
  return place === pattern.length;
}

/** Like `fits`, but case-insensitively, as IAM compares actions. */
export function fitsAnyCase(pattern: string, text: string): boolean {
  return fits(pattern.toLowerCase(), text.toLowerCase());
}

/** Whether a text contains an IAM wildcard. */
export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text);
}

/**
 * Whether every text that matches `narrow` also matches `wide`. May be false for equivalent patterns such as `a*?` and
 * `a?*`.
 */
export function covers(wide: string, narrow: string): boolean {
  return matchSigns(wide, narrow, {
    // A star stands for any characters, so only a star covers it.
    skipNarrow: false,
    same: (wideSign, other) => (wideSign === '?' ? other !== '*' : wideSign === other && wideSign !== '*'),
  });
}

/** Whether some text can match both patterns. */
export function overlap(pattern: string, other: string): boolean {
  return matchSigns(pattern, other, {
    skipNarrow: true,
    same: (a, b) => a === b || a === '?' || b === '?',
  });
}

/** `reached[j]`: the characters of `pattern` so far can match the first `j` of `other`. */
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
          // The star of the other pattern matches this character, or ends before it.
          (skipNarrow && isStar(there) && (reached[j] === true || next[j - 1] === true));
    }
    reached = next;
  }
  return reached[other.length] === true;
}
