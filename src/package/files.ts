import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import pLimit from 'p-limit';
import { CrcError, systemError } from '../errors.ts';

/** One file of a function's folder or package. */
export interface PackageFile {
  /** Relative to the folder, with `/` on every system. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Patterns as in a .gitignore. Never in a package, whatever .crcignore says: secrets, states, tests, and what tools leave. */
const NEVER = [
  '.env*',
  '*.tfstate',
  '*.tfstate.*',
  '*.tfvars',
  '*.tfvars.json',
  '.terraform/',
  '.git/',
  '.gitignore',
  '.gitattributes',
  '.github/',
  '.hg/',
  '.svn/',
  '.aws/',
  '.npmrc',
  '.crcignore',
  'crc.config.json',
  'node_modules/',
  '*.test.*',
  '*.spec.*',
  'test/',
  'tests/',
  '__tests__/',
  'test_*.py',
  '*_test.py',
  'conftest.py',
  'coverage/',
  '__pycache__/',
  '*.pyc',
  '.venv/',
  'venv/',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  '.idea/',
  '.vscode/',
  '.DS_Store',
  'Thumbs.db',
];

/** Bytes: what Lambda takes unzipped. A folder beyond it is the wrong folder. */
const MAX_BYTES = 250 * 1024 * 1024;

/** Files that are open at the same time: systems stop a process at 256 or 1024. */
const MAX_OPEN_FILES = 64;

/**
 * All files of a function's folder but those never packaged and those that its .crcignore names, sorted by path. Throws a
 * CrcError when the folder is not there, has nothing, or has something that cannot be read, and for links that lead out of it.
 */
export async function sourceFiles(folder: string): Promise<readonly PackageFile[]> {
  try {
    return await readFolder(folder);
  } catch (error) {
    if (error instanceof CrcError) throw error;
    throw unreadable(error, folder);
  }
}

async function readFolder(folder: string): Promise<readonly PackageFile[]> {
  const root = await realpath(folder);
  const never = ignore().add(NEVER);
  const own = ignore().add(await readFile(join(root, '.crcignore'), 'utf8').catch(absentFile));
  const paths = await walk(root, '', [never, own]);
  if (paths.length === 0) {
    throw new CrcError(`The source folder ${folder} has no files to package.`, {
      hint: 'Fix "source" in the config, or the .crcignore in that folder. Tests and dotfiles are never packaged.',
    });
  }
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(root, path))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > MAX_BYTES) {
    throw new CrcError(
      `The source folder ${folder} is ${Math.round(total / 1024 / 1024)} MB, but Lambda allows 250 MB.`,
      {
        hint: 'Fix "source" in the config, or exclude files that the function does not need in a .crcignore there.',
      },
    );
  }
  const limit = pLimit(MAX_OPEN_FILES);
  return await Promise.all(
    paths.map(async (path) => ({ path, bytes: await limit(async () => await readFile(join(root, path))) })),
  );
}

async function walk(root: string, folder: string, ignored: readonly Ignore[]): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const isFolder = entry.isDirectory();
      if (ignored.some((rules) => rules.ignores(isFolder ? `${path}/` : path))) return [];
      checkName(path);
      if (isFolder) return await walk(root, path, ignored);
      if (entry.isSymbolicLink()) return await followed(root, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat().sort(byCodeUnits);
}

/** Names with which a file could not be read, or would be lost on the way into the zip. */
function checkName(path: string): void {
  // Node puts this character in the place of bytes that are not UTF-8, and then does not find the file.
  if (path.includes('\u{FFFD}')) {
    throw new CrcError(`The name of ${JSON.stringify(path)} in the function's folder is not UTF-8.`, {
      hint: 'Rename it, or exclude it with a pattern in .crcignore.',
    });
  }
  // The library that writes the zip keeps files by name in an object, where this name is taken.
  if (path === '__proto__') {
    throw new CrcError('A file named __proto__ cannot be packaged.', { hint: 'Rename it, or list it in .crcignore.' });
  }
}

/** A link to a file of the folder is packaged as that file. Anything else would be different on another machine. */
async function followed(root: string, path: string): Promise<readonly string[]> {
  const target = await realpath(join(root, path)).catch(absentLink);
  const inside = target !== undefined && !relative(root, target).startsWith(`..${sep}`) && target !== root;
  if (inside && (await lstat(target)).isFile()) return [path];
  throw new CrcError(
    `${path} in the function's folder is a symbolic link to ${target ?? 'nothing'}, which crc does not follow.`,
    {
      hint: 'Replace it with a copy of the file, or list it in .crcignore.',
    },
  );
}

/** Not by language: the order must be the same on every machine. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function absentFile(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

/** A link whose target is missing, or that leads to itself. */
function absentLink(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ELOOP' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** The folder itself, or something in it. */
function unreadable(error: unknown, folder: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const reason = code === 'ENOENT' ? 'it does not exist' : 'it is not a folder';
    return new CrcError(`The source folder ${folder} cannot be read: ${reason}.`, {
      hint: 'Create the folder, or fix "source" in the config.',
      cause: error,
    });
  }
  const what = path === undefined || path === folder ? '' : `: ${path}`;
  return systemError(error, `The source folder ${folder} cannot be read${what}`) ?? error;
}
