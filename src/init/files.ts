import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import * as fileSystem from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionConfig } from '../config/schema.ts';
import { CrcError, systemError } from '../errors.ts';

/** A file of a project, and what becomes of it. */
export interface ProjectFile {
  /** Relative to the folder of the project. */
  readonly path: string;
  readonly content: string;
  /** `write`: it is not there, or may be overwritten. `keep`: it is there and differs. `same`: nothing to do. */
  readonly action: 'write' | 'keep' | 'same';
  /** A file with another content is there, which `write` replaces. */
  readonly exists: boolean;
}

/** Compares with what is there. Nothing is overwritten unless `force`. Throws a CrcError for what is in the way. */
export async function planFiles(
  root: string,
  files: readonly Pick<ProjectFile, 'path' | 'content'>[],
  force: boolean,
): Promise<readonly ProjectFile[]> {
  return await Promise.all(
    files.map(async (file): Promise<ProjectFile> => {
      const live = await contentOf(join(root, file.path), file.path);
      const action = live === file.content ? 'same' : live === undefined || force ? 'write' : 'keep';
      return { ...file, action, exists: live !== undefined };
    }),
  );
}

async function contentOf(path: string, name: string): Promise<string | undefined> {
  try {
    return await fileSystem.readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw cannotWrite(name, error, []);
    if (!(await isLink(path))) return undefined;
    throw new CrcError(`${name} cannot be written: it is a link to a file that does not exist.`, {
      hint: 'Nothing was written. Remove the link, and run it again.',
      cause: error,
    });
  }
}

async function isLink(path: string): Promise<boolean> {
  return await fileSystem.lstat(path).then(
    (found) => found.isSymbolicLink(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

/** What writes files; a test has a full disk in its place. */
export type Writer = Pick<typeof fileSystem, 'mkdir' | 'writeFile' | 'link' | 'rename' | 'copyFile' | 'rm'>;

/**
 * Writes those that are to be written, each of them whole or not at all: a file that is cut short would be kept by the next run.
 * One that appeared in the meantime is not overwritten, unless `force`. Throws a CrcError that says which were written.
 */
export async function writeFiles(
  root: string,
  files: readonly ProjectFile[],
  force: boolean,
  writer: Writer = fileSystem,
): Promise<void> {
  const written: string[] = [];
  for (const { path, content, action } of files) {
    if (action !== 'write') continue;
    try {
      await writer.mkdir(dirname(join(root, path)), { recursive: true });
      await writeWhole(join(root, path), content, force, writer);
    } catch (error) {
      throw cannotWrite(path, error, written);
    }
    written.push(path);
  }
}

async function writeWhole(path: string, content: string, force: boolean, writer: Writer): Promise<void> {
  const temporary = join(dirname(path), `.crc-${randomUUID()}.tmp`);
  try {
    await writer.writeFile(temporary, content, { flag: 'wx' });
    if (force) await writer.rename(temporary, path);
    else await putInPlace(temporary, path, writer);
  } finally {
    await writer.rm(temporary, { force: true });
  }
}

/** Some file systems (exFAT, some shares) have no links. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK'];

/** A link, unlike a renaming, does not replace what is there. */
async function putInPlace(temporary: string, path: string, writer: Writer): Promise<void> {
  try {
    await writer.link(temporary, path);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writer.copyFile(temporary, path, constants.COPYFILE_EXCL);
  }
}

function cannotWrite(name: string, error: unknown, written: readonly string[]): unknown {
  const problem = systemError(error, `${name} cannot be written`);
  if (problem === undefined) return error;
  const before = written.length === 0 ? 'Nothing was written.' : `Already written: ${written.join(', ')}.`;
  return new CrcError(problem.message, { hint: `${before} ${problem.hint}`, cause: error });
}

/** The counter that comes with crc, with its tests, for a function of the config that is the counter. */
export async function counterFiles({
  source,
  runtime,
}: FunctionConfig): Promise<readonly Pick<ProjectFile, 'path' | 'content'>[]> {
  const python = runtime.startsWith('python');
  const folder = fileURLToPath(new URL(`../functions/increment-visits${python ? '/python' : ''}/`, rootOfDist()));
  const entries = await fileSystem.readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return await Promise.all(
    names.sort().map(async (name) => ({
      path: `${source}/${name}`,
      content: await fileSystem.readFile(join(folder, name), 'utf8'),
    })),
  );
}

/** `dist/`, where the bundle is, or `src/` in the tests: the counter is beside both. */
function rootOfDist(): string {
  return import.meta.url.includes('/src/init/')
    ? new URL('../', import.meta.url).href
    : new URL('./', import.meta.url).href;
}
