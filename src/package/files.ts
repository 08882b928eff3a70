import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import pLimit from 'p-limit';
import { decoded } from '../decoded.ts';
import { CrcError, ifPresent, systemError } from '../errors.ts';
import { regularFile } from '../regular-file.ts';
import { slashes } from '../slashes.ts';
import type { Inclusion } from './include.ts';
import { installedIn } from './installed.ts';
import { isCertificate, isSecret, type Rules, rulesOf } from './never.ts';
import { byCodeUnits, MAX_UNZIPPED_BYTES, type PackageFile } from './package-file.ts';
import { withoutScripts } from './python-scripts.ts';
import { keptTests } from './python-tests.ts';

/** The contents of a function's folder. */
export interface SourceFolder {
  /** Sorted by path. */
  readonly files: readonly PackageFile[];
  /** Files and folders (with a trailing `/`) that are in no package, sorted. */
  readonly leftOut: readonly string[];
}

/** Concurrently open files; systems limit a process to 256 or 1024. */
const MAX_OPEN_FILES = 64;

export interface SourceFolderOptions {
  /** Absolute folder of the config. The source must be inside it. */
  readonly root: string;
  /** The paths and globs from "include" in the config, which can also select test and tool files. */
  readonly include: readonly string[];
}

/**
 * All files in a function's folder, sorted by path, except those never packaged and those in its .crcignore. @throws
 * CrcError if the folder does not exist, is empty, or contains something unreadable, and for links that lead out of it.
 */
export async function sourceFolder(folder: string, options: SourceFolderOptions): Promise<SourceFolder> {
  try {
    return await readFolder(folder, options);
  } catch (error) {
    if (error instanceof CrcError) throw error;
    throw unreadable(error, folder);
  }
}

async function readFolder(folder: string, { root: project, include }: SourceFolderOptions): Promise<SourceFolder> {
  const root = await realpath(folder);
  if (isOutside(await realpath(project), root)) {
    throw new CrcError(`The source folder ${folder} is a symbolic link to ${root}, outside the folder of the config.`, {
      hint: 'Move the source into the project, or set "source" to a folder in it.',
    });
  }
  const rules = await rulesOf(await ownRules(join(root, '.crcignore')));
  const walked = await walk({ root, rules, included: await included(include) }, '', {
    libraries: new Set(),
    isNamed: false,
  });
  await checkSize(folder, root, walked.files);
  const limit = pLimit(MAX_OPEN_FILES);
  const read = await Promise.all(
    walked.files.map(async (path) => ({ path, bytes: await limit(async () => await readFile(join(root, path))) })),
  );
  const isKept = ({ path, bytes }: PackageFile) => !/\.pem$/i.test(path) || isCertificate(path, bytes);
  const kept = await keptTests(read.filter(isKept), walked.tests, async (path) => ({
    path,
    bytes: await limit(async () => await regularFile(await ownTarget(root, path), MAX_UNZIPPED_BYTES)),
  }));
  const portable = withoutScripts(kept.files);
  if (portable.files.length === 0) {
    throw new CrcError(`The source folder ${folder} has no files to package.`, {
      hint: 'Fix "source" in the config, or the .crcignore in that folder. Tests and dotfiles are never packaged.',
    });
  }
  const keys = read.filter((file) => !isKept(file)).map(({ path }) => path);
  const leftOut = [...walked.leftOut, ...kept.leftOut, ...keys, ...portable.leftOut];
  return { files: portable.files, leftOut: leftOut.sort(byCodeUnits) };
}

async function included(include: readonly string[]): Promise<Inclusion> {
  if (include.length === 0) return { has: () => false, reaches: () => false, names: () => false };
  return (await import('./include.ts')).inclusion(include);
}

async function checkSize(folder: string, root: string, paths: readonly string[]): Promise<void> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(root, path))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // A larger folder is the wrong folder.
  if (total <= MAX_UNZIPPED_BYTES) return;
  throw new CrcError(
    `The source folder ${folder} is ${Math.round(total / 1024 / 1024)} MB, but Lambda allows 250 MB.`,
    {
      hint: 'Fix "source" in the config, or exclude files that the function does not need in a .crcignore there.',
    },
  );
}

interface Walk {
  readonly root: string;
  readonly rules: Rules;
  readonly included: Inclusion;
}

interface Walked {
  readonly files: readonly string[];
  readonly leftOut: readonly string[];
  /** Python modules with test-like names, which are not tests if the function imports them. */
  readonly tests: readonly string[];
}

interface Parents {
  /** Names in the folder that pip installed, or that are part of an installed library. */
  readonly libraries: ReadonlySet<string> | 'all';
  /** Whether it is in a folder that the rules leave out, but "include" names. */
  readonly isNamed: boolean;
}

async function walk(walking: Walk, folder: string, { libraries, isNamed }: Parents): Promise<Walked> {
  const { root, rules, included } = walking;
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  if (isVirtualEnvironment(folder, entries) && !isNamed && !included.names(folder)) return leaving(`${folder}/`);
  const installed = libraries === 'all' ? libraries : await installedIn(join(root, folder), entries);
  const parts = await Promise.all(
    entries.map(async (entry): Promise<Walked> => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const isFolder = entry.isDirectory();
      // A link to a folder (node_modules, .venv) is left out by the rules for folders.
      const shown = isFolder || (entry.isSymbolicLink() && (await leadsToFolder(join(root, path)))) ? `${path}/` : path;
      const isLibrary = installed === 'all' || installed.has(entry.name);
      if (isSecret(shown) && !path.toLowerCase().endsWith('.pem')) return leaving(shown);
      const isUnwanted = (isLibrary ? rules.leftovers : rules.all)(shown);
      const mayBeIncluded = isNamed || included.names(path);
      if (isUnwanted && !(mayBeIncluded && (isFolder ? included.reaches(path) : included.has(path)))) {
        const isFile = entry.isFile() || entry.isSymbolicLink();
        const mayBeNeeded = isFile && path.endsWith('.py') && !rules.leftovers(shown);
        return mayBeNeeded ? { files: [], leftOut: [], tests: [path] } : leaving(shown);
      }
      checkName(path);
      if (isFolder) {
        return await walk(walking, path, { libraries: isLibrary ? 'all' : new Set(), isNamed: isUnwanted });
      }
      if (entry.isSymbolicLink()) return await followed(walking, path);
      if (entry.isFIFO()) throw pipe(path);
      return { files: entry.isFile() ? [path] : [], leftOut: [], tests: [] };
    }),
  );
  return {
    files: parts.flatMap(({ files }) => files).sort(byCodeUnits),
    leftOut: parts.flatMap(({ leftOut }) => leftOut),
    tests: parts.flatMap(({ tests }) => tests),
  };
}

/** Python's marker of a virtual environment, whatever its folder is called. https://docs.python.org/3/library/venv.html */
function isVirtualEnvironment(folder: string, entries: readonly Dirent[]): boolean {
  return folder !== '' && entries.some((entry) => entry.isFile() && entry.name === 'pyvenv.cfg');
}

async function leadsToFolder(link: string): Promise<boolean> {
  return await stat(link).then(
    (target) => target.isDirectory(),
    () => false,
  );
}

function leaving(path: string): Walked {
  return { files: [], leftOut: [path], tests: [] };
}

/** Rejects names of files that could not be read. */
function checkName(path: string): void {
  // Node uses this character for bytes that are not UTF-8, and then does not find the file.
  if (!path.includes('\u{FFFD}')) return;
  throw new CrcError(`The name of ${JSON.stringify(path)} in the function's folder is not UTF-8.`, {
    hint: 'Rename it, or exclude it with a pattern in .crcignore.',
  });
}

/** The bundler would wait for its writer. */
function pipe(path: string): CrcError {
  return new CrcError(`${path} in the function's folder is a pipe, which cannot be packaged.`, {
    hint: 'Remove it, or list it in .crcignore.',
  });
}

/** A link to a file in the folder is packaged as that file. Any other link could differ on another machine. */
async function followed({ root, rules, included }: Walk, path: string): Promise<Walked> {
  const inside = slashes(relative(root, await ownTarget(root, path)));
  const isLeftOut = isSecret(inside) || (rules.all(inside) && !included.has(inside));
  return isLeftOut ? leaving(path) : { files: [path], leftOut: [], tests: [] };
}

/** The file in the folder that a path leads to. @throws CrcError for a link to anything else. */
async function ownTarget(root: string, path: string): Promise<string> {
  const target = await realpath(join(root, path)).catch(absentLink);
  if (target !== undefined && target !== root && !isOutside(root, target) && (await lstat(target)).isFile()) {
    return target;
  }
  throw new CrcError(
    `${path} in the function's folder is a symbolic link to ${target ?? 'nothing'}, which crc does not follow.`,
    {
      hint: 'Replace it with a copy of the file, or list it in .crcignore.',
    },
  );
}

function isOutside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

/** A pattern that was misread would not exclude its files. @throws CrcError for another encoding. */
async function ownRules(file: string): Promise<string> {
  const text = decoded((await ifPresent(regularFile(file))) ?? new Uint8Array());
  if (!text.includes('\u{FFFD}')) return text;
  throw new CrcError(`${file} is not UTF-8 text.`, { hint: 'Save it as UTF-8.' });
}

/** A link whose target is missing, or that points to itself. */
function absentLink(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ELOOP' || error.code === 'ENOTDIR') return undefined;
  throw error;
}

/** For the folder itself, or something in it. */
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
