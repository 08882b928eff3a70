import { hasWildcard } from '../../policies/glob.ts';
import { known, type Possible, type Rest } from './possible.ts';

/** A branch or tag that a run is for, or all refs of one form. */
export interface RunRef {
  /** The value of `github.ref`. */
  readonly value: Possible;
  /** `refs/heads/main`, or with IAM wildcards `refs/heads/release/*`, which matches at least the possible refs. */
  readonly written: string;
  readonly isPattern: boolean;
  /** An example that matches. */
  readonly example: string;
  /** It was chosen because it is the default branch. */
  readonly isDefault?: true;
}

export type RefKind = 'heads' | 'tags' | 'pull';

export function exactRef(ref: string): RunRef {
  return { value: known(ref), written: ref, isPattern: false, example: ref };
}

/** The default branch, where GitHub runs what belongs to no branch. */
export function defaultRef(ref: string): RunRef {
  return { ...exactRef(ref), isDefault: true };
}

/** The refs with this prefix, except some. */
export function refsUnder(prefix: string, without: Omit<Rest, 'prefix'> = { not: [], notPrefixes: [] }): RunRef {
  const value: Possible = { values: [], rest: { prefix, ...without } };
  return { value, written: `${prefix}*`, isPattern: true, example: `${prefix}any-other` };
}

/**
 * The refs that a filter pattern matches:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function refsOfFilter(kind: RefKind, pattern: string, ignored: readonly string[]): RunRef {
  const written = `refs/${kind}/${globOf(pattern)}`;
  if (!hasWildcard(written)) return exactRef(written);
  const prefix = written.split(/[*?]/)[0] ?? '';
  const not = ignored
    .filter((filterPattern) => !isFilterPattern(filterPattern))
    .map((filterPattern) => `refs/${kind}/${filterPattern}`);
  const value: Possible = { values: [], rest: { prefix, not, notPrefixes: [] } };
  return { value, written, isPattern: true, example: `refs/${kind}/${exampleOf(pattern)}` };
}

export function isFilterPattern(text: string): boolean {
  return /[*?+[\]]/.test(text);
}

/** The elements of a filter: a character or a set of characters, each with its quantifier. */
const FILTER_SIGNS = /(\*\*|\*)|(\[[^\]]*\]|\\?.)([?+]?)/g;

/** With IAM wildcards that match at least the same refs. */
function globOf(pattern: string): string {
  return pattern.replace(FILTER_SIGNS, (_, stars?: string, sign = '', count = '') => {
    if (stars !== undefined) return '*';
    if (count !== '') return count === '+' && sign.startsWith('[') ? '?*' : count === '+' ? `${sign}*` : '*';
    return sign.startsWith('[') ? '?' : sign;
  });
}

/** The shortest text that matches. */
function exampleOf(pattern: string): string {
  return pattern.replace(FILTER_SIGNS, (_, stars?: string, sign = '', count = '') => {
    if (stars !== undefined) return 'x';
    if (count === '?') return '';
    return sign.startsWith('[') ? (sign[1] ?? 'x') : sign;
  });
}

/** Whether a filter matches a branch or tag. */
export function fitsFilter(pattern: string, name: string): boolean {
  const escaped = pattern.replace(FILTER_SIGNS, (_, stars?: string, sign = '', count = '') => {
    if (stars !== undefined) return stars === '**' ? '.*' : '[^/]*';
    return `${sign.startsWith('[') ? sign : sign.replace(/[\\^$.|(){}]/g, '\\$&')}${count}`;
  });
  try {
    return new RegExp(`^${escaped}$`).test(name);
  } catch {
    return pattern === name;
  }
}

/**
 * Refs that a workflow's expressions mention, so that a job for a particular branch is evaluated on that branch:
 * `refs/heads/develop`, or with a final star if only the start is mentioned.
 */
export function refsNamed(text: string): readonly string[] {
  const refs = new Set<string>();
  const prefixes = new Set<string>();
  for (const [, ref = ''] of text.matchAll(/startsWith\(\s*github\.ref\s*,\s*'(refs\/(?:heads|tags)\/[^']*)'/gi))
    prefixes.add(ref);
  for (const [, name = ''] of text.matchAll(/startsWith\(\s*github\.ref_name\s*,\s*'([^']+)'/gi))
    prefixes.add(`refs/heads/${name}`);
  for (const [ref] of text.matchAll(/refs\/(?:heads|tags)\/[\w./-]*/g)) {
    if (ref.endsWith('/')) prefixes.add(ref);
    else if (!prefixes.has(ref)) refs.add(ref);
  }
  for (const [, name = ''] of text.matchAll(/github\.ref_name\s*[=!]=\s*'([^'${}]+)'/g)) refs.add(`refs/heads/${name}`);
  return [...refs, ...[...prefixes].map((prefix) => `${prefix}*`)];
}
