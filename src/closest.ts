import { distance } from 'fastest-levenshtein';

/** How many letters may be wrong in a word of this length. In a word of two letters any other word is as near. */
function allowedTypos(length: number): number {
  if (length < 3) return 0;
  if (length < 6) return 1;
  return length < 10 ? 2 : 3;
}

/** The fewest letters by which a word is known when only a part of it was written: `bucket` for `state-bucket`. */
const SHORTEST_PART = 4;

/**
 * The one of `known` that was probably meant by `given`: the nearest by letters, whatever their case, or the only one that
 * starts or ends with it. Undefined when none is near. A caller leaves out of `known` what must never be suggested.
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

/** Two neighbours that changed places are one slip of the fingers. */
function typosBetween(a: string, b: string, limit: number): number {
  // A distance is never less; to compute it for a text of megabytes would take long.
  if (Math.abs(a.length - b.length) > limit) return Number.POSITIVE_INFINITY;
  const letters = distance(a, b);
  return letters === 2 && sorted(a) === sorted(b) ? 1 : letters;
}

function sorted(word: string): string {
  return [...word].sort().join('');
}

function theOnlyOneWith(part: string, known: readonly string[]): string | undefined {
  if (part.length < SHORTEST_PART) return undefined;
  const having = known.filter((name) => {
    const lowercase = name.toLowerCase();
    return lowercase.startsWith(part) || lowercase.endsWith(part);
  });
  return having.length === 1 ? having[0] : undefined;
}

/** The most names that someone would read in a list. */
const MAX_LISTED = 20;

/**
 * A hint for words that are not known: what was probably meant, or, where that is not clear for each of them, what there is to
 * choose from. `flag` is the one that takes such a word (`--only`), if any does.
 */
export function choiceHint(unknown: readonly string[], known: readonly string[], flag?: string): string {
  const meant = unknown.flatMap((word) => closest(word, known) ?? []);
  const written = [...new Set(meant)].map((name) => (flag === undefined ? name : `${flag} ${name}`));
  if (meant.length > 0 && meant.length === unknown.length) return `Did you mean ${written.join(' ')}?`;
  const more = known.length - MAX_LISTED;
  return `Choose from ${known.slice(0, MAX_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}${flag === undefined ? '' : ` with ${flag}`}.`;
}
