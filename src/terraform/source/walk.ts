import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifOpen } from '../../errors.ts';
import { regularText } from '../../regular-file.ts';

/** A folder and the names of its files. */
export interface Listed {
  readonly path: string;
  /** Sorted. */
  readonly names: readonly string[];
}

export interface WalkOptions {
  /** Whether to search a folder with this name. */
  readonly isSearched: (name: string) => boolean;
  readonly maxFolders: number;
  /** Files to leave out, relative to the first folder, with slashes. */
  readonly ignored?: readonly string[] | undefined;
}

/**
 * A folder and its subfolders, sorted by path. A link to a file is a file, as for Terraform; links to folders are not
 * followed, and inaccessible folders are left out, since Terraform cannot run there. The closest are read first;
 * `isCutOff` shows that there are more than `maxFolders`.
 * @throws the file system's error for the first folder.
 */
export async function foldersBelow(
  root: string,
  { isSearched, maxFolders, ignored = [] }: WalkOptions,
): Promise<{ readonly folders: readonly Listed[]; readonly isCutOff: boolean }> {
  const paths = [root];
  const folders: Listed[] = [];
  const absent = new Set(ignored.map((file) => join(root, file)));
  // The list grows while it is walked.
  for (const path of paths) {
    if (folders.length === maxFolders) break;
    const reading = readdir(path, { withFileTypes: true });
    // One that was deleted during the search is no longer present.
    const entries = path === root ? await reading : ((await ifOpen(reading)) ?? []);
    const names = await fileNames(path, entries);
    folders.push({ path, names: names.filter((name) => !absent.has(join(path, name))).sort() });
    for (const entry of entries) {
      if (entry.isDirectory() && isSearched(entry.name)) paths.push(join(path, entry.name));
    }
  }
  return {
    folders: folders.sort((a, b) => (a.path < b.path ? -1 : 1)),
    isCutOff: paths.length > folders.length,
  };
}

/** In bytes. The parser takes three hundred times as much memory. JSON is read by another. */
const MAX_CODE_BYTES = 4 * 1024 * 1024;

/** The text of a file with Terraform code or values of variables. @throws the file system's error. */
export async function codeText(path: string): Promise<string> {
  return await regularText(path, path.endsWith('.json') ? undefined : MAX_CODE_BYTES);
}

/** The names of the files in a folder. @throws the file system's error. */
export async function fileNamesIn(folder: string): Promise<string[]> {
  return await fileNames(folder, await readdir(folder, { withFileTypes: true }));
}

async function fileNames(folder: string, entries: readonly Dirent[]): Promise<string[]> {
  const names = entries.map(async (entry) => ((await isFile(folder, entry)) ? [entry.name] : []));
  return (await Promise.all(names)).flat();
}

async function isFile(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return await stat(join(folder, entry.name)).then(
    (target) => target.isFile(),
    // It leads nowhere, to itself, or to where the user has no access.
    () => false,
  );
}
