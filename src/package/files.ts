import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { CrcError } from '../errors.ts';

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
const MOST_BYTES = 250 * 1024 * 1024;

/**
 * All files of a function's folder but those never packaged and those that its .crcignore names, sorted by path. Throws a
 * CrcError when the folder is not there or has nothing, and for links that lead out of it.
 */
export async function sourceFiles(folder: string): Promise<readonly PackageFile[]> {
  try {
    return await readFolder(folder);
  } catch (error) {
    if (error instanceof CrcError) throw error;
    throw new CrcError(`The source folder ${folder} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.`, {
      hint: 'Run crc where the source of the function is, or correct "source" in the config.',
      cause: error,
    });
  }
}

async function readFolder(folder: string): Promise<readonly PackageFile[]> {
  const root = await realpath(folder);
  const never = ignore().add(NEVER);
  const own = ignore().add(await readFile(join(root, '.crcignore'), 'utf8').catch(absentFile));
  const paths = await walk(root, '', [never, own]);
  if (paths.length === 0) {
    throw new CrcError(`The source folder ${folder} has no file to package.`, {
      hint: 'Correct "source" in the config, or its .crcignore. Tests and hidden settings are never packaged.',
    });
  }
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(root, path))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > MOST_BYTES) {
    throw new CrcError(`The source folder ${folder} holds ${Math.round(total / 1024 / 1024)} MB; Lambda takes 250.`, {
      hint: 'Correct "source" in the config, or name what the function does not need in a .crcignore file there.',
    });
  }
  return await Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(join(root, path)) })));
}

async function walk(root: string, folder: string, ignored: readonly Ignore[]): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const isFolder = entry.isDirectory();
      if (ignored.some((rules) => rules.ignores(isFolder ? `${path}/` : path))) return [];
      if (isFolder) return await walk(root, path, ignored);
      if (entry.isSymbolicLink()) return await followed(root, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat().sort(byCodeUnits);
}

/** A link to a file of the folder is packaged as that file. Anything else would be different on another machine. */
async function followed(root: string, path: string): Promise<readonly string[]> {
  const target = await realpath(join(root, path)).catch(() => undefined);
  const inside = target !== undefined && !relative(root, target).startsWith(`..${sep}`) && target !== root;
  if (inside && (await lstat(target)).isFile()) return [path];
  throw new CrcError(
    `${path} in the function's folder is a link to ${target ?? 'nothing'}, which crc does not follow.`,
    {
      hint: 'Copy what it links to into the folder, or name it in .crcignore.',
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

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOENT' ? 'it does not exist' : code === 'ENOTDIR' ? 'it is no folder' : (code ?? message);
}
