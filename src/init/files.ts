import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionConfig } from '../config/schema.ts';

/** A file of a project, and what becomes of it. */
export interface ProjectFile {
  /** Relative to the folder of the project. */
  readonly path: string;
  readonly content: string;
  /** `write`: it is not there, or may be overwritten. `keep`: it is there and differs. `same`: nothing to do. */
  readonly action: 'write' | 'keep' | 'same';
}

/** Compares with what is there. Nothing is overwritten unless `force`. */
export async function planFiles(
  root: string,
  files: readonly Pick<ProjectFile, 'path' | 'content'>[],
  force: boolean,
): Promise<readonly ProjectFile[]> {
  return await Promise.all(
    files.map(async (file): Promise<ProjectFile> => {
      const live = await readFile(join(root, file.path), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      const action = live === file.content ? 'same' : live === undefined || force ? 'write' : 'keep';
      return { ...file, action };
    }),
  );
}

/** Writes those that are to be written. A file that appeared in the meantime is kept, unless `force`. */
export async function writeFiles(root: string, files: readonly ProjectFile[], force: boolean): Promise<void> {
  for (const { path, content, action } of files) {
    if (action !== 'write') continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content, { flag: force ? 'w' : 'wx' });
  }
}

/** The counter that comes with crc, with its tests, for a function of the config that is the counter. */
export async function counterFiles({
  source,
  runtime,
}: FunctionConfig): Promise<readonly Pick<ProjectFile, 'path' | 'content'>[]> {
  const python = runtime.startsWith('python');
  const folder = fileURLToPath(new URL(`../functions/increment-visits${python ? '/python' : ''}/`, rootOfDist()));
  const names = (await readdir(folder, { withFileTypes: true })).filter((one) => one.isFile()).map(({ name }) => name);
  return await Promise.all(
    names.sort().map(async (name) => ({
      path: `${source}/${name}`,
      content: await readFile(join(folder, name), 'utf8'),
    })),
  );
}

/** `dist/`, where the bundle is, or `src/` in the tests: the counter is beside both. */
function rootOfDist(): string {
  return import.meta.url.includes('/src/init/')
    ? new URL('../', import.meta.url).href
    : new URL('./', import.meta.url).href;
}
