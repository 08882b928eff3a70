import ignore from 'ignore';
import { closest } from '../closest.ts';
import { CrcError } from '../errors.ts';

/** The files in "include" of a function: paths relative to the source folder, which may be folders or globs. */
export interface Inclusion {
  has(path: string): boolean;
  /** Whether a folder may contain such a file. */
  reaches(folder: string): boolean;
}

export function inclusion(patterns: readonly string[]): Inclusion {
  const anchored = patterns.map(anchoredPattern);
  const rules = ignore().add(anchored);
  return {
    has: (path) => rules.ignores(path),
    reaches: (folder) =>
      rules.ignores(`${folder}/`) ||
      anchored.some((pattern) => mayReach(pattern.slice(1).split('/'), folder.split('/'))),
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
    const isNever = leftOut.some((path) => has(path));
    const meant = closest(pattern, paths);
    throw new CrcError(
      `"include" names ${pattern}, but ${source} has no such file${isNever ? ' that may be packaged' : ''}.`,
      {
        hint: isNever
          ? 'Files with credentials, keys or states are never packaged. Remove it from "include".'
          : meant === undefined
            ? 'Fix "include" in the config: paths and globs are relative to "source".'
            : `Did you mean ${meant}? Paths and globs are relative to "source".`,
      },
    );
  }
}
