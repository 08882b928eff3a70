import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** A workflow of a clone, or a file that is none. */
export interface WorkflowFile {
  /** As the user named it, or as a person finds it. */
  readonly file: string;
  /** From the top of its repository, `.github/workflows/deploy.yml`; undefined where it is not in one. */
  readonly path: string | undefined;
  readonly absolute: string;
  /** The top of its repository: the folder above `.github`, or its own. */
  readonly root: string;
}

const WORKFLOW_FILE = /\.ya?ml$/;

/** The workflows that a path names: a file, a folder of workflows, `.github`, or a folder that has one. */
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

/** The workflows of a clone; none where it has none. */
export async function workflowsOfClone(root: string, cwd: string): Promise<readonly WorkflowFile[]> {
  const files = await workflowsIn(join(root, '.github', 'workflows'));
  return files.map((path) => fileAt(path, relative(cwd, path)));
}

/** Those beside a workflow, which may call it. */
export async function workflowsBeside({ absolute }: WorkflowFile): Promise<readonly WorkflowFile[]> {
  const files = await workflowsIn(dirname(absolute));
  return files.filter((path) => path !== absolute).map((path) => fileAt(path, path));
}

async function workflowsIn(folder: string): Promise<readonly string[]> {
  // A folder that does not exist has no workflows; one that is closed shows none, and stops neither a survey nor an explanation.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory() && WORKFLOW_FILE.test(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

function fileAt(absolute: string, file: string): WorkflowFile {
  const parts = absolute.split(sep);
  const at = parts.lastIndexOf('.github');
  if (at < 0) return { file, path: undefined, absolute, root: dirname(absolute) };
  return { file, path: parts.slice(at).join('/'), absolute, root: parts.slice(0, at).join(sep) };
}

/** Reads files of a repository, and nothing outside of it, whatever links lead there. Larger files are no workflows. */
export function readerOf(root: string): (path: string) => Promise<string | undefined> {
  return async (path) => {
    try {
      const [top, real] = await Promise.all([realpath(root), realpath(join(root, path))]);
      if (!real.startsWith(top + sep) || (await stat(real)).size > MAX_BYTES) return undefined;
      return await readFile(real, 'utf8');
    } catch {
      // It is not in this checkout.
      return undefined;
    }
  };
}

const MAX_BYTES = 1024 * 1024;
