import { distance } from 'fastest-levenshtein';
import { abbreviated } from './enumerated.ts';

/** The maximum number of typos in a word of this length. None in two letters, where every other word would be close. */
function allowedTypos(length: number): number {
  if (length < 3) return 0;
  if (length < 6) return 1;
  return length < 10 ? 2 : 3;
}

/** The minimum length of a part that identifies a name: `bucket` for `state-bucket`. */
const SHORTEST_PART = 4;

/**
 * The entry of `known` that was probably meant by `given`: the one with the fewest typos, ignoring case, or the only
 * one that starts or ends with it. Undefined if none is close. The caller must leave out of `known` what must never be
 * suggested.
 */
export function closest(given: string, known: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const limit = allowedTypos(word.length);
  const [nearest] = known
    .map((name) => ({ name, typos: typosBetween(word, name.toLowerCase(), limit) }))
    .filter(({ typos }) => typos <= limit)
    .sort((a, b) => a.typos - b.typos);
  return nearest?.name ?? theOnlyOneWith(word, known);
}

/** The edit distance, except that two swapped letters count as one typo. */
function typosBetween(a: string, b: string, limit: number): number {
  // The distance is at least the difference in length. Computing it for megabytes of text would take too long.
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  const letters = distance(a, b);
  return letters === 2 && sorted(a) === sorted(b) ? 1 : letters;
}

function sorted(word: string): string {
  return [...word].sort().join('');
}

function theOnlyOneWith(part: string, known: readonly string[]): string | undefined {
  if (part.length < SHORTEST_PART) return undefined;
  const matching = known.filter((name) => {
    const lowercase = name.toLowerCase();
    return lowercase.startsWith(part) || lowercase.endsWith(part);
  });
  return matching.length === 1 ? matching[0] : undefined;
}

/** The maximum number of names listed. */
const MAX_LISTED = 20;

/**
 * A hint for unknown words: the probable intent if there is one for each of them, otherwise the known words. `flag` is
 * the flag that takes such a word (`--only`), if any.
 */
export function choiceHint(unknown: readonly string[], known: readonly string[], flag?: string): string {
  const meant = unknown.flatMap((word) => closest(word, known) ?? []);
  const written = [...new Set(meant)].map((name) => (flag === undefined ? name : `${flag} ${name}`));
  if (meant.length > 0 && meant.length === unknown.length) return `Did you mean ${written.join(' ')}?`;
  return `Choose from ${abbreviated(known, MAX_LISTED)}${flag === undefined ? '' : ` with ${flag}`}.`;
}
