import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';

/** Opening a pipe would otherwise wait for its writer. Windows has neither such pipes nor the flag. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** In bytes: far more than any file of code, settings or locked versions that a project has. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of a file of the user's project. Whatever has its name, this ends: a pipe, a socket or a device
 * (`/dev/zero`, through a link) is not read, nor a file that is larger than `maxBytes`.
 * @throws the file system's error, and one like it for these, which `systemError` explains.
 */
export async function regularFile(path: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  try {
    const file = await open(path, FLAGS);
    try {
      refuse(await file.stat(), path, maxBytes);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw withPath(error, path);
  }
}

/** The text of a file of the project. @throws as `regularFile` does. */
export async function regularText(path: string, maxBytes?: number): Promise<string> {
  return (await regularFile(path, maxBytes)).toString('utf8');
}

/** Like `regularText`, where a caller cannot wait. */
export function regularTextSync(path: string): string {
  try {
    const file = openSync(path, FLAGS);
    try {
      refuse(fstatSync(file), path, MAX_BYTES);
      return readFileSync(file, 'utf8');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw withPath(error, path);
  }
}

/** Like `regularTextSync`, but empty for a file that cannot be read: what needs its content reports the problem. */
export function textIfReadable(path: string): string {
  try {
    return regularTextSync(path);
  } catch {
    return '';
  }
}

/** Codes of errors that say that a path is not that of a file. The last one is that of a path with a null byte. */
const NO_FILE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];

/** What is read of a file, or undefined if a path leads to none. All other errors are thrown: the file may exist. */
export async function ifFile<T>(reading: Promise<T>): Promise<T | undefined> {
  return await reading.catch((error: NodeJS.ErrnoException) => {
    if (NO_FILE.includes(error.code ?? '')) return undefined;
    throw error;
  });
}

/** An error of reading by descriptor, such as that of a folder, does not name the path. */
function withPath(error: unknown, path: string): unknown {
  // This is how the opening of a socket fails.
  if ((error as NodeJS.ErrnoException).code === 'ENXIO') return fileError('ERR_NOT_A_FILE', path);
  return error instanceof Error ? Object.assign(error, { path }) : error;
}

function refuse(stats: Stats, path: string, maxBytes: number): void {
  // Reading a folder fails by itself.
  if (!stats.isFile() && !stats.isDirectory()) throw fileError('ERR_NOT_A_FILE', path);
  if (stats.isFile() && stats.size > maxBytes) throw tooLarge(path);
}

/** The error of reading a file that is larger than its reader allows. */
export function tooLarge(path: string): NodeJS.ErrnoException {
  return fileError('ERR_FS_FILE_TOO_LARGE', path);
}

export function isTooLarge(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_FS_FILE_TOO_LARGE';
}

/** `code` is one that `systemError` explains. */
function fileError(code: 'ERR_NOT_A_FILE' | 'ERR_FS_FILE_TOO_LARGE', path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code, path, syscall: 'read' });
}
