import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** A workflow in a clone, or a file outside one. */
export interface WorkflowFile {
  /** As named by the user, or as a path that the user can open. */
  readonly file: string;
  /** Relative to its repository, `.github/workflows/deploy.yml`; undefined if it is not in one. */
  readonly path: string | undefined;
  readonly absolute: string;
  /** The top folder of its repository: the folder above `.github`, or the file's own. */
  readonly root: string;
}

const WORKFLOW_FILE = /\.ya?ml$/;

/** The workflows at a path: a file, a folder of workflows, `.github`, or a folder that contains it. */
export async function workflowFilesAt(path: string, cwd: string): Promise<readonly WorkflowFile[]> {
  const absolute = resolve(cwd, path);
  const isFolder = await stat(absolute).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return [fileAt(absolute, path)];
  const folders = [join(absolute, '.github', 'workflows'), join(absolute, 'workflows'), absolute];
  for (const folder of basename(absolute) === 'workflows' ? [absolute] : folders) {
    const files = await workflowsIn(folder);
    if (files.length > 0) return files.map((path) => fileAt(path, relative(cwd, path) || path));
  }
  return [];
}

/** The workflows of a clone, if any. */
export async function workflowsOfClone(root: string, cwd: string): Promise<readonly WorkflowFile[]> {
  const files = await workflowsIn(join(root, '.github', 'workflows'));
  return files.map((path) => fileAt(path, relative(cwd, path)));
}

/** Other workflows in the same folder, which may call it. */
export async function workflowsBeside({ absolute }: WorkflowFile): Promise<readonly WorkflowFile[]> {
  const files = await workflowsIn(dirname(absolute));
  return files.filter((path) => path !== absolute).map((path) => fileAt(path, path));
}

async function workflowsIn(folder: string): Promise<readonly string[]> {
  // A folder that does not exist has no workflows. An unreadable one is treated the same, so that it stops neither a
  // survey nor an explanation.
  const names = await readdir(folder).catch(() => []);
  const paths = names.filter((name) => WORKFLOW_FILE.test(name)).map((name) => join(folder, name));
  const areFiles = await Promise.all(paths.map(isFile));
  return paths.filter((_, index) => areFiles[index]).sort();
}

/** Not a folder, a link to nothing, or a pipe, whose end would never come. */
async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function fileAt(absolute: string, file: string): WorkflowFile {
  const parts = absolute.split(sep);
  const at = parts.lastIndexOf('.github');
  if (at < 0) return { file, path: undefined, absolute, root: dirname(absolute) };
  return { file, path: parts.slice(at).join('/'), absolute, root: parts.slice(0, at).join(sep) };
}

/** Reads files inside a repository only, even through links. Larger files are not workflows. */
export function readerOf(root: string): (path: string) => Promise<string | undefined> {
  return async (path) => {
    try {
      const [top, real] = await Promise.all([realpath(root), realpath(join(root, path))]);
      if (!real.startsWith(top + sep)) return undefined;
      const stats = await stat(real);
      if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
      return await readFile(real, 'utf8');
    } catch {
      // It is not in this checkout.
      return undefined;
    }
  };
}

const MAX_BYTES = 1024 * 1024;
