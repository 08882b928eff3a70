import type { Stats } from 'node:fs';
import { lstat, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { encodingOf } from '../decoded.ts';
import { CrcError } from '../errors.ts';
import { keepMemoryLow } from '../memory.ts';
import { parseConfig } from './parse.ts';
import type { Config } from './schema.ts';

const FILE_NAME = 'crc.config.json';
const MAX_BYTES = 1024 * 1024;
/**
 * The number of characters in a config with about fifty roles. From this size on, saving memory is worth a few more
 * garbage collections.
 */
const LARGE = 16_000;

export interface LoadOptions {
  readonly cwd: string;
  /** `--config`, relative to `cwd`. If omitted, the file is searched for upward from `cwd`. */
  readonly file?: string;
  /** `--region`, which overrides the config. */
  readonly region?: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** An absolute path. */
  readonly file: string;
  /** Relative to `cwd`, if the file was found in a parent folder: the user should know which one is used. */
  readonly above?: string;
}

/** Finds, reads and validates the config. @throws CrcError that lists all problems at once. */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const loaded = await loadConfigIfAny(options);
  if (loaded === undefined) throw noConfig(options.cwd);
  return loaded;
}

/** Like `loadConfig`, for a command that also works without a config: undefined if none was given and none is found. */
export async function loadConfigIfAny({ cwd, file, region }: LoadOptions): Promise<LoadedConfig | undefined> {
  const path = file === undefined ? await search(cwd) : resolve(cwd, file);
  if (path === undefined) return undefined;
  const above = file === undefined && dirname(path) !== resolve(cwd) ? relative(cwd, path) : undefined;
  const text = await read(path);
  if (text.length >= LARGE) await keepMemoryLow();
  const config = parseConfig(text, above ?? basename(path), region);
  return { config, file: path, above };
}

async function search(cwd: string): Promise<string | undefined> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, FILE_NAME);
    if (await isThere(path)) return path;
    if (dirname(folder) === folder) return undefined;
  }
}

/**
 * Whether anything exists by that name, readable or not. A dangling link counts, since the user means that config: one
 * in a parent folder belongs to another project, perhaps in another account.
 */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function noConfig(cwd: string): CrcError {
  return new CrcError(`There is no ${FILE_NAME} in ${cwd} or in any folder above it.`, {
    hint: 'Create one with `crc init`, or pass another file with --config FILE.',
  });
}

async function read(path: string): Promise<string> {
  try {
    // Checked before opening: opening a pipe waits for its writer, and a device never ends.
    const stats = await stat(path);
    const kind = specialKind(stats);
    if (kind !== undefined) {
      throw new CrcError(`The config ${path} is ${kind}, not a file.`, {
        hint: 'Write the config to a file, and pass it with --config FILE.',
      });
    }
    const { size } = stats;
    if (size > MAX_BYTES) {
      throw new CrcError(`The config ${path} is ${size} bytes long, too large for a config.`, {
        hint: 'Pass the right file with --config FILE.',
      });
    }
    return utf8Text(await readFile(path), path);
  } catch (error) {
    if (error instanceof CrcError) throw error;
    const dangling = (error as NodeJS.ErrnoException).code === 'ENOENT' && (await isThere(path));
    throw new CrcError(`The config ${path} cannot be read: ${dangling ? DANGLING : reason(error)}.`, {
      hint: 'Check the path and the permissions, or pass another file with --config FILE.',
      cause: error,
    });
  }
}

function utf8Text(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const isUtf16 = encodingOf(bytes) !== 'utf-8';
    throw new CrcError(`The config ${path} is not UTF-8 text${isUtf16 ? ', but UTF-16' : ''}.`, {
      hint: isUtf16
        ? 'Save it as UTF-8. Windows PowerShell writes UTF-16 with `>`; use `| Out-File -Encoding utf8`.'
        : 'Save it as UTF-8, or pass the right file with --config FILE.',
      cause: error,
    });
  }
}

const DANGLING = 'it is a link to a file that does not exist';

/** What is at a path, if it is neither a file nor a folder. */
function specialKind(stats: Stats): string | undefined {
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return stats.isBlockDevice() || stats.isCharacterDevice() ? 'a device' : undefined;
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'no such file',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    ENOTDIR: 'part of its path is not a folder',
  };
  return reasons[code ?? ''] ?? String(code ?? error);
}
