import { dirname, join, relative, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { decoded } from '../decoded.ts';
import { CrcError, systemReason } from '../errors.ts';
import { slashes } from '../slashes.ts';
import { checkBackends } from '../terraform/source/check.ts';
import { type TerraformFolder, terraformFolders } from '../terraform/source/folders.ts';
import { nextLockStep } from '../terraform/source/lock-step.ts';
import { backendCheckDocument, backendCheckText } from '../ui/backends.ts';
import type { Io } from '../ui/io.ts';
import { printErr, printOut } from '../ui/print.ts';
import type { BackendOptions } from './definitions/backend.ts';
import { givenFile } from './given-file.ts';
import { showNext } from './next.ts';

/** Checks the backend blocks of Terraform folders. Sends nothing. 0 no problems, 2 a problem. */
export async function backendCheck(options: BackendOptions, io: Io): Promise<number> {
  if (options.format !== undefined) {
    throw new CrcError('--format cannot be used with --check.', { hint: 'Leave it out; --json prints a document.' });
  }
  const { config } = await loadConfig({ cwd: io.cwd, file: options.config, region: options.region });
  const listed = options.from === undefined ? [] : await listedFolders(options.from, io);
  const roots = [...options.names, ...listed];
  const folders = await foldersBelow(roots.length === 0 ? ['.'] : roots, io);
  const checked = checkBackends(folders, config);
  if (options.json) io.out(`${backendCheckDocument(checked)}\n`);
  else if (checked.length === 0) await printErr(io, 'No Terraform folders were found.\n');
  else {
    await printOut(io, `${backendCheckText(checked, io.color)}\n`);
    await showNext(nextLockStep(folders, config), io);
  }
  return checked.some(({ problems }) => problems.length > 0) ? 2 : 0;
}

/** Named as the user would: relative to the working directory. A folder below two of the roots counts once. */
async function foldersBelow(roots: readonly string[], { cwd }: Io): Promise<readonly TerraformFolder[]> {
  const byRoot = await Promise.all(
    roots.map(async (root) => {
      const path = resolve(cwd, root);
      const folders = await terraformFolders(path);
      return folders.map((folder): readonly [path: string, folder: TerraformFolder] => [
        join(path, folder.directory),
        { ...folder, directory: nameOf(join(path, folder.directory), cwd) },
      ]);
    }),
  );
  return [...new Map(byRoot.flat()).values()];
}

function nameOf(path: string, cwd: string): string {
  return slashes(relative(cwd, path)) || '.';
}

const MAX_LIST_BYTES = 1024 * 1024;

/** Paths in the list are relative to the list's own folder. */
async function listedFolders(file: string, { cwd }: Io): Promise<readonly string[]> {
  const path = resolve(cwd, file);
  try {
    const text = decoded(await givenFile(path, MAX_LIST_BYTES));
    const lines = text.split('\n').map((line) => line.trim());
    return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => resolve(dirname(path), line));
  } catch (error) {
    throw new CrcError(`--from: ${file} could not be read: ${systemReason(error)}.`, {
      hint: 'Pass a text file with one folder path per line.',
      cause: error,
    });
  }
}
