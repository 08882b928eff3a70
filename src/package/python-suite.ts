import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ifPresent } from '../errors.ts';
import { regularText } from '../regular-file.ts';

/** How the tests of a Python function are run. */
export interface PythonSuite {
  readonly runner: 'unittest' | 'pytest';
  /** The files with tests, relative to the function's folder; empty if there are none. */
  readonly files: readonly string[];
}

/** Where tests are usually kept: next to the function's modules, or in a folder of their own. */
const FOLDERS = ['', 'test', 'tests'];

const TEST_FILE = /^(test.*|.*_test)\.py$/;

/**
 * unittest if all tests are its own and where it looks for them: `test*.py` in the folder
 * (https://docs.python.org/3/library/unittest.html#test-discovery). pytest, which also runs those of unittest, for
 * others. `pending` are files that are about to be written, by absolute path.
 */
export async function pythonSuite(folder: string, pending: ReadonlyMap<string, string>): Promise<PythonSuite> {
  const files = (await Promise.all(FOLDERS.map(async (below) => await testsIn(folder, below, pending)))).flat();
  const texts = await Promise.all(
    files.map(async (path) => pending.get(join(folder, path)) ?? (await regularText(join(folder, path)))),
  );
  const areFound = files.every((path) => /^test[^/]*$/.test(path)) && texts.every(isOfUnittest);
  return { runner: areFound ? 'unittest' : 'pytest', files };
}

async function testsIn(
  folder: string,
  below: string,
  pending: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const at = join(folder, below);
  const drafts = [...pending.keys()].filter((path) => dirname(path) === at).map((path) => basename(path));
  return [...new Set([...(await namesIn(at)), ...drafts])]
    .filter((name) => TEST_FILE.test(name))
    .sort()
    .map((name) => (below === '' ? name : `${below}/${name}`));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = (await ifPresent(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

function isOfUnittest(text: string): boolean {
  return imports(text, 'unittest') && !imports(text, 'pytest');
}

function imports(text: string, module: string): boolean {
  return new RegExp(`^[ \\t]*(?:import|from)[ \\t]+${module}\\b`, 'm').test(text);
}
