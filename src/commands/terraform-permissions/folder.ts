import { stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { CrcError, ifPresent } from '../../errors.ts';
import { shellWord } from '../../shell.ts';
import { slashes } from '../../slashes.ts';
import { hasModule, type TerraformKind } from '../../terraform/permissions/run/module.ts';
import {
  moduleFolder,
  type SourceFolder,
  sourceFolders,
  TooManyFolders,
  terraformFolders,
} from '../../terraform/source/folders.ts';

/** Listing more would not help. */
const MAX_NAMED = 5;

/**
 * The absolute folder of the configuration: the given one, or the current one. Throws a CrcError if it does not exist.
 */
export async function configurationFolder(named = '.', cwd: string): Promise<string> {
  const path = resolve(cwd, named);
  const entry = await ifPresent(stat(path));
  if (entry?.isDirectory()) return path;
  const problem = entry === undefined ? `The folder ${named} does not exist.` : `${named} is a file, not a folder.`;
  throw new CrcError(problem, await hintFor(cwd, cwd));
}

/** Throws a CrcError for a folder without Terraform files, and lists folders that have some. */
export async function refuseWithoutTerraform(folder: string, kind: TerraformKind, cwd: string): Promise<void> {
  if (await hasModule(folder, kind)) return;
  const name = relative(cwd, folder);
  throw new CrcError(
    `${name === '' ? 'This folder' : name} has no Terraform files (*.tf).`,
    await hintFor(folder, cwd),
  );
}

async function hintFor(searched: string, cwd: string): Promise<{ hint: string; alternatives?: readonly string[] }> {
  const below = await foldersBelow(searched);
  const folders = below.length === 0 && searched !== cwd ? await foldersBelow(cwd) : below;
  const commands = folders.map((path) => {
    const folder = slashes(relative(cwd, path)) || '.';
    return `\`crc permissions terraform ${shellWord(folder)}\``;
  });
  const [only] = commands;
  if (only === undefined) {
    return { hint: 'Name the folder of your Terraform configuration: `crc permissions terraform FOLDER`.' };
  }
  if (commands.length === 1) return { hint: `Run ${only}.` };
  return { hint: 'Name the folder of the configuration, such as:', alternatives: commands.slice(0, MAX_NAMED) };
}

/** Root modules, as absolute folders; if none can be recognized, those that no other folder uses as a module. */
async function foldersBelow(folder: string): Promise<readonly string[]> {
  try {
    const roots = await terraformFolders(folder);
    const terraform = roots.length > 0 ? roots : await unusedFolders(folder);
    return terraform.map(({ directory }) => join(folder, directory));
  } catch (error) {
    if (error instanceof TooManyFolders) return [];
    throw error;
  }
}

async function unusedFolders(folder: string): Promise<readonly SourceFolder[]> {
  const folders = (await sourceFolders(folder)).filter(({ blocks }) => blocks.length > 0);
  const modules = folders.flatMap(({ blocks, directory }) =>
    blocks.flatMap((block) => moduleFolder(block, directory) ?? []),
  );
  return folders.filter(({ directory }) => !modules.includes(directory));
}
