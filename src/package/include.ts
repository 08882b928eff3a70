import ignore from 'ignore';
import { closest } from '../closest.ts';
import { CrcError } from '../errors.ts';
import { isSecret } from './never.ts';

/** The files in "include" of a function: paths relative to the source folder, which may be folders or globs. */
export interface Inclusion {
  has(path: string): boolean;
  /** Whether a folder may contain such a file. */
  reaches(folder: string): boolean;
  /** Whether a path is written in full or as the start of a pattern: `**` and `*` select no node_modules and no tests. */
  names(path: string): boolean;
}

export function inclusion(patterns: readonly string[]): Inclusion {
  const anchored = patterns.map(anchoredPattern);
  const rules = ignore().add(anchored);
  return {
    has: (path) => rules.ignores(path),
    reaches: (folder) =>
      rules.ignores(`${folder}/`) ||
      anchored.some((pattern) => mayReach(pattern.slice(1).split('/'), folder.split('/'))),
    names: (path) => anchored.some((pattern) => isNamed(pattern.slice(1).split('/'), path.split('/'))),
  };
}

/** As a path relative to the source folder: a bare name is not searched for in subfolders. */
function anchoredPattern(pattern: string): string {
  return `/${pattern.replace(/^(\.?\/)+/, '')}`;
}

function mayReach([part, ...parts]: readonly string[], [name, ...names]: readonly string[]): boolean {
  if (name === undefined || part === '**') return true;
  if (part === undefined || !ignore().add(`/${part}`).ignores(name)) return false;
  return mayReach(parts, names);
}

function isNamed([part = '', ...parts]: readonly string[], [name = '', ...names]: readonly string[]): boolean {
  if (names.length === 0) return part.toLowerCase() === name.toLowerCase();
  return part !== '' && part !== '**' && ignore().add(`/${part}`).ignores(name) && isNamed(parts, names);
}

const WILDCARDS = 'A wildcard selects no tests, no node_modules and no files of tools: write their name.';

/**
 * @throws CrcError for the first pattern that matches no file: it is misspelled, or names something that is never
 * packaged. `leftOut` are excluded files and folders.
 */
export function checkInclusion(
  patterns: readonly string[],
  source: string,
  paths: readonly string[],
  leftOut: readonly string[],
): void {
  for (const pattern of patterns) {
    const { has } = inclusion([pattern]);
    if (paths.some(has)) continue;
    const selected = leftOut.filter(has);
    const isNever = selected.some(isSecret);
    const meant = closest(pattern, paths);
    throw new CrcError(
      `"include" names ${pattern}, but ${source} has no such file${selected.length > 0 ? ' that may be packaged' : ''}.`,
      {
        hint: isNever
          ? 'Files with credentials, keys or states are never packaged. Remove it from "include".'
          : meant === undefined || selected.length > 0
            ? `Fix "include" in the config: paths and globs are relative to "source". ${WILDCARDS}`
            : `Did you mean ${meant}? Paths and globs are relative to "source".`,
      },
    );
  }
}
