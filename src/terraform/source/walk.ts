import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** A folder, and the names of the files in it. */
export interface Listed {
  readonly path: string;
  /** Sorted. */
  readonly names: readonly string[];
}

export interface WalkOptions {
  /** Whether to look into a folder of this name. */
  readonly isSearched: (name: string) => boolean;
  readonly maxFolders: number;
}

/** A path as GitHub and Terraform write it, whatever this machine has between folders. */
export function slashes(path: string): string {
  return path.split(sep).join('/');
}

/** What a user may not look into, or what is deleted during the search. */
const CLOSED = ['EACCES', 'EPERM', 'ENOENT'];

/**
 * A folder and those below it, sorted by their paths. Links are not followed, and folders that are closed to the user are left
 * out: no Terraform of theirs runs in them. The nearest are read first, and `isCutOff` says that there are more than
 * `maxFolders`. Throws what the file system says of the first folder.
 */
export async function foldersBelow(
  root: string,
  { isSearched, maxFolders }: WalkOptions,
): Promise<{ readonly folders: readonly Listed[]; readonly isCutOff: boolean }> {
  const paths = [root];
  const folders: Listed[] = [];
  // The list grows while it is walked.
  for (const path of paths) {
    if (folders.length === maxFolders) break;
    const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (path === root || !CLOSED.includes(error.code ?? '')) throw error;
      return [];
    });
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    folders.push({ path, names: names.sort() });
    for (const entry of entries) {
      if (entry.isDirectory() && isSearched(entry.name)) paths.push(join(path, entry.name));
    }
  }
  return {
    folders: folders.sort((a, b) => (a.path < b.path ? -1 : 1)),
    isCutOff: paths.length > folders.length,
  };
}
