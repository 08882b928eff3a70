import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CrcError } from '../errors.ts';
import { parseConfig } from './parse.ts';
import type { Config } from './schema.ts';

const FILE_NAME = 'crc.config.json';
const MOST_BYTES = 1024 * 1024;

export interface LoadOptions {
  readonly cwd: string;
  /** `--config`, relative to `cwd`. Without it the file is searched upward from `cwd`. */
  readonly file?: string | undefined;
  /** `--region`, which beats the config's. */
  readonly region?: string | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Absolute. */
  readonly file: string;
}

/** Finds, reads and checks the config. Throws a CrcError that lists every problem at once. */
export async function loadConfig({ cwd, file, region }: LoadOptions): Promise<LoadedConfig> {
  const path = file === undefined ? await search(cwd) : isAbsolute(file) ? file : resolve(cwd, file);
  return { config: parseConfig(await read(path), path, region), file: path };
}

async function search(cwd: string): Promise<string> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = join(folder, FILE_NAME);
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return path;
    if (dirname(folder) === folder) throw noConfig(cwd);
  }
}

function noConfig(cwd: string): CrcError {
  return new CrcError(`There is no ${FILE_NAME} in ${cwd} or in any folder above it.`, {
    hint: `Copy config.example.json from the package crc-bootstrap to ${FILE_NAME} and put your own names in, or name another file with --config FILE.`,
  });
}

async function read(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) {
      throw new CrcError(`The config ${path} is ${size} bytes long, which is more than a config can be.`, {
        hint: 'Name the right file with --config FILE.',
      });
    }
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof CrcError) throw error;
    throw new CrcError(`The config ${path} cannot be read: ${reason(error)}.`, {
      hint: 'Check the path and the permissions, or name another file with --config FILE.',
      cause: error,
    });
  }
}

function reason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a folder',
    EACCES: 'permission denied',
    ENOTDIR: 'a part of its path is not a folder',
    ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
  };
  return reasons[code ?? ''] ?? String(code ?? error);
}
