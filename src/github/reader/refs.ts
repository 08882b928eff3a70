import { hasWildcard } from '../../policies/glob.ts';
import { known, type Possible, type Rest } from './possible.ts';

/** A branch or tag that a run is for, or all those of one form. */
export interface RunRef {
  /** What `github.ref` is. */
  readonly value: Possible;
  /** `refs/heads/main`, or with wildcards of IAM `refs/heads/release/*`, which takes in at least those that it can be. */
  readonly written: string;
  readonly isPattern: boolean;
  /** One of those that fit. */
  readonly example: string;
}

export type RefKind = 'heads' | 'tags' | 'pull';

export function exactRef(ref: string): RunRef {
  return { value: known(ref), written: ref, isPattern: false, example: ref };
}

/** The refs that start so, without some. */
export function refsUnder(prefix: string, without: Omit<Rest, 'prefix'> = { not: [], notPrefixes: [] }): RunRef {
  const value: Possible = { values: [], rest: { prefix, ...without } };
  return { value, written: `${prefix}*`, isPattern: true, example: `${prefix}any-other` };
}

/** The refs that a filter's pattern matches: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet */
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

/** Signs of a filter: a set of characters, or one, with how often it may stand there. */
const FILTER_SIGNS = /(\*\*|\*)|(\[[^\]]*\]|\\?.)([?+]?)/g;

/** With wildcards of IAM, which take in at least the same. */
function globOf(pattern: string): string {
  return pattern.replace(FILTER_SIGNS, (_, stars?: string, sign = '', count = '') => {
    if (stars !== undefined) return '*';
    if (count !== '') return count === '+' && sign.startsWith('[') ? '?*' : count === '+' ? `${sign}*` : '*';
    return sign.startsWith('[') ? '?' : sign;
  });
}

/** The shortest text that fits. */
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
 * Refs that the expressions of a workflow name, so that a job for a branch of its own is looked at on that branch:
 * `refs/heads/develop`, and with a star at the end those that they only name the start of.
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
