import { isUtf8 } from 'node:buffer';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { CrcError, ifPresent, systemError } from '../errors.ts';
import { regularFile, regularText } from '../regular-file.ts';

/** The desired content of a project file. */
export interface Draft {
  /** Relative to the project folder. */
  readonly path: string;
  readonly content: string;
  /**
   * What `content` adds to the existing file: `adds node_modules/`. Such a file is the user's own: it is extended,
   * never replaced. If omitted, the file is crc's.
   */
  readonly adds?: string;
  /** Why the existing file is kept, whatever its content. */
  readonly keep?: string;
}

export type Action = 'create' | 'extend' | 'replace' | 'keep' | 'same';

/** A project file, and what happens to it. */
export interface ProjectFile extends Draft {
  readonly action: Action;
  /** Its current content; undefined if it does not exist. */
  readonly previous: string | undefined;
  /** Where it is written: the path with all links resolved. */
  readonly place: string;
}

export function isWritten({ action }: Pick<ProjectFile, 'action'>): boolean {
  return action === 'create' || action === 'extend' || action === 'replace';
}

export interface FilesPlace {
  /** The absolute folder that paths are relative to. */
  readonly folder: string;
  /** An absolute folder. Nothing outside it is written, even through links. */
  readonly boundary: string;
}

/**
 * Compares drafts with the existing files. Nothing is replaced unless `force`. @throws CrcError for obstacles, and for
 * a link that leads out of the project.
 */
export async function planFiles(
  place: FilesPlace,
  drafts: readonly Draft[],
  force: boolean,
): Promise<readonly ProjectFile[]> {
  return await Promise.all(drafts.map((draft) => planFile(place, draft, force)));
}

async function planFile({ folder, boundary }: FilesPlace, draft: Draft, force: boolean): Promise<ProjectFile> {
  const path = join(folder, draft.path);
  const previous = await contentOf(path, draft.path);
  const place = await placeOf(path, boundary, draft.path);
  const action = actionOf(draft, previous, force);
  // PowerShell may save text as UTF-16, which could not be written back.
  if (action !== 'extend' || isUtf8(await regularFile(path))) return { ...draft, previous, place, action };
  return {
    ...draft,
    previous,
    place,
    action: 'keep',
    keep: 'not UTF-8 text; save it as UTF-8, and run `crc init` again',
  };
}

function actionOf({ content, adds, keep }: Draft, previous: string | undefined, force: boolean): Action {
  if (keep !== undefined) return 'keep';
  if (previous === undefined) return 'create';
  if (previous === content) return 'same';
  if (adds !== undefined) return 'extend';
  return force ? 'replace' : 'keep';
}

/** A file's content; undefined if it does not exist. @throws CrcError if it is not a readable file. */
export async function contentOf(path: string, name: string): Promise<string | undefined> {
  try {
    return await regularText(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw cannotWrite(name, error);
    if (!(await ifPresent(lstat(path)))?.isSymbolicLink()) return undefined;
    throw new CrcError(`${name} cannot be written: it is a link to a file that does not exist.`, {
      hint: 'Nothing was written. Remove the link, and run the command again.',
      cause: error,
    });
  }
}

/** The target of a path, with links in its existing part resolved. */
async function placeOf(path: string, boundary: string, name: string): Promise<string> {
  const [place, inside] = await Promise.all([resolved(path, name), resolved(boundary, name)]);
  const way = relative(inside, place);
  if (way !== '..' && !way.startsWith(`..${sep}`)) return place;
  throw new CrcError(`${name} cannot be written: a link leads out of the project, to ${place}.`, {
    hint: 'Nothing was written. Remove the link, and run the command again.',
  });
}

async function resolved(path: string, name: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw cannotWrite(name, error);
    return join(await resolved(dirname(path), name), basename(path));
  }
}

/** Explains a file system error about one file. */
export function cannotWrite(name: string, error: unknown, written: readonly string[] = []): unknown {
  const problem = systemError(error, `${name} cannot be written`);
  if (problem === undefined) return error;
  const before = written.length === 0 ? 'Nothing was written.' : `Already written: ${written.join(', ')}.`;
  return new CrcError(problem.message, { hint: `${before} ${problem.hint}`, cause: error });
}
