import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { ifPresent } from '../errors.ts';
import { regularText } from '../regular-file.ts';

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

/**
 * The workflows at a path: a file, a folder of workflows, `.github`, or a folder that contains it. @throws the file
 * system's error for one that cannot be read.
 */
export async function workflowFilesAt(path: string, cwd: string): Promise<readonly WorkflowFile[]> {
  const absolute = resolve(cwd, path);
  const isFolder = await stat(absolute).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return [fileAt(absolute, path)];
  const folders = [join(absolute, '.github', 'workflows'), join(absolute, 'workflows'), absolute];
  for (const folder of basename(absolute) === 'workflows' ? [absolute] : folders) {
    const files = workflowsAmong(folder, (await ifPresent(readdir(folder, { withFileTypes: true }))) ?? [], isFile);
    if (files.length > 0) return files.map((path) => fileAt(path, relative(cwd, path) || path));
  }
  return [];
}

/** The workflows of a clone, if any. */
export async function workflowsOfClone(root: string, cwd: string): Promise<readonly WorkflowFile[]> {
  const files = (await linkedFolder(root)) === undefined ? await workflowsIn(join(root, FOLDER)) : [];
  return files.map((path) => fileAt(path, relative(cwd, path)));
}

/**
 * The symbolic links where GitHub looks for workflows. It does not follow them, since it reads what git stores:
 * https://github.com/actions/runner/issues/1420, https://github.com/actions/runner/issues/3195
 */
export async function linkedWorkflows(root: string, cwd: string): Promise<readonly string[]> {
  const folder = await linkedFolder(root);
  const links =
    folder === undefined ? await entriesIn(join(root, FOLDER), (entry) => entry.isSymbolicLink()) : [folder];
  return links.map((path) => relative(cwd, path));
}

const FOLDER = join('.github', 'workflows');

/** `.github` or its folder of workflows, if it is a link. */
async function linkedFolder(root: string): Promise<string | undefined> {
  for (const path of [join(root, dirname(FOLDER)), join(root, FOLDER)]) {
    // As below: what cannot be read does not stop an explanation.
    const entry = await lstat(path).catch(() => undefined);
    if (entry?.isSymbolicLink()) return path;
  }
  return undefined;
}

/** Other workflows in the same folder, which may call it. */
export async function workflowsBeside({ absolute }: WorkflowFile): Promise<readonly WorkflowFile[]> {
  const files = await workflowsIn(dirname(absolute));
  return files.filter((path) => path !== absolute).map((path) => fileAt(path, path));
}

async function workflowsIn(folder: string): Promise<readonly string[]> {
  return await entriesIn(folder, isFile);
}

async function entriesIn(folder: string, isWanted: (entry: Dirent) => boolean): Promise<readonly string[]> {
  // A folder that does not exist has no workflows. An unreadable one is treated the same, so that it stops neither a
  // survey nor an explanation.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return workflowsAmong(folder, entries, isWanted);
}

const isFile = (entry: Dirent) => entry.isFile();

function workflowsAmong(folder: string, entries: readonly Dirent[], isWanted: (entry: Dirent) => boolean) {
  return entries
    .filter((entry) => WORKFLOW_FILE.test(entry.name) && isWanted(entry))
    .map(({ name }) => join(folder, name))
    .sort();
}

function fileAt(absolute: string, file: string): WorkflowFile {
  const parts = absolute.split(sep);
  const at = parts.lastIndexOf('.github');
  if (at < 0) return { file, path: undefined, absolute, root: dirname(absolute) };
  return { file, path: parts.slice(at).join('/'), absolute, root: parts.slice(0, at).join(sep) };
}

/**
 * Reads files inside a repository only, even through links: a job has a checkout, but GitHub reads workflows without
 * one. Larger files are not workflows.
 */
export function readerOf(root: string): (path: string) => Promise<string | undefined> {
  return async (path) => {
    try {
      const [top, real] = await Promise.all([realpath(root), realpath(join(root, path))]);
      const isLinked = real !== join(top, path);
      if (!real.startsWith(top + sep) || (isLinked && dirname(path) === '.github/workflows')) return undefined;
      return await regularText(real, MAX_BYTES);
    } catch {
      // It is not in this checkout, or cannot be read, which must not stop an explanation.
      return undefined;
    }
  };
}

const MAX_BYTES = 1024 * 1024;
