import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { systemError } from '../errors.ts';
import type { PackageFile } from './files.ts';
import { isPython } from './handler.ts';
import { sha256 } from './zip.ts';

export interface SourceOptions {
  /** Absolute folder of the config: a lock file is searched up to here. */
  readonly root: string;
  /** Absolute folder of the function. */
  readonly folder: string;
  readonly runtime: string;
  readonly handler: string;
}

/** Rises when the same source makes another package, so that every function is built again. */
const RECIPE = 1;

const LOCK_FILES = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

/**
 * One digest of all that the package follows from: the files, the options, and (where packages of npm are bundled) the lock
 * file that pins them. It says whether the source has changed without building anything.
 */
export async function sourceHash(files: readonly PackageFile[], options: SourceOptions): Promise<string> {
  const { runtime, handler } = options;
  const lock = isPython(runtime) ? undefined : await lockFile(options);
  return sha256(
    JSON.stringify({
      recipe: RECIPE,
      runtime,
      handler,
      lock: lock === undefined ? null : sha256(lock),
      files: files.map(({ path, bytes }) => [path, sha256(bytes)]),
    }),
  );
}

/** The nearest one: the package manager reads that one too. */
async function lockFile({ root, folder }: SourceOptions): Promise<Uint8Array | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    for (const name of LOCK_FILES) {
      const bytes = await readFile(join(at, name)).catch((error: NodeJS.ErrnoException) =>
        unlessAbsent(error, at, name),
      );
      if (bytes !== undefined) return bytes;
    }
    if (relative(root, at) === '' || dirname(at) === at) return undefined;
  }
}

/** A lock file that is there and cannot be read would otherwise make another hash of the same source. */
function unlessAbsent(error: NodeJS.ErrnoException, folder: string, name: string): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined;
  throw systemError(error, `The lock file ${join(folder, name)} cannot be read`) ?? error;
}
