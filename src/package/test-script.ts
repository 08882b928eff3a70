import { dirname, join, relative } from 'node:path';
import { type ParseError, parse } from 'jsonc-parser';
import { CrcError, failingAs, ifPresent } from '../errors.ts';
import { isObject } from '../json.ts';
import { ownPackageManager, type PackageManager, packageManagerOf } from '../package-manager.ts';
import { regularText } from '../regular-file.ts';
import { object } from './tsconfig.ts';
import { workspaceRootOf } from './workspaces.ts';

/**
 * The closest folder, from `start` up to `root`, whose package.json has a test script; undefined if there is none.
 * `pending` are files that are about to be written, by absolute path. @throws CrcError for a package.json that cannot
 * be read.
 */
export async function folderWithTests(
  start: string,
  root: string,
  pending: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  return await closestFolder(
    start,
    root,
    pending,
    ({ scripts }) => isObject(scripts) && typeof scripts.test === 'string',
  );
}

/**
 * Like `folderWithTests`, for a package.json that lists packages for the code itself, and none that its package manager
 * cannot install.
 */
export async function folderWithDependencies(
  start: string,
  root: string,
  pending: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  const listed = (manifest: Readonly<Record<string, unknown>>, fields: readonly string[]) =>
    fields.flatMap((field) => Object.values(object(manifest[field])));
  return await closestFolder(
    start,
    root,
    pending,
    async (manifest, folder) =>
      listed(manifest, ['dependencies', 'optionalDependencies']).length > 0 &&
      (!listed(manifest, ['dependencies', 'optionalDependencies', 'devDependencies']).some(isOfOtherManagers) ||
        (await packageManagerIn(folder)) !== 'npm'),
  );
}

/**
 * What installs the packages of a folder with a package.json: its own package manager, or that of the workspace around
 * it. A package in a repository of another package manager that does not know it is installed with npm.
 */
export async function packageManagerIn(folder: string): Promise<PackageManager> {
  const own = ownPackageManager(folder);
  if (own !== undefined) return own;
  const root = await workspaceRootOf(folder, readIfPresent);
  return root === undefined ? 'npm' : packageManagerOf(root);
}

/** pnpm and Yarn have protocols that make npm fail with EUNSUPPORTEDPROTOCOL: https://pnpm.io/workspaces */
function isOfOtherManagers(version: unknown): boolean {
  return typeof version === 'string' && /^(workspace|catalog|portal|patch):/.test(version);
}

async function closestFolder(
  start: string,
  root: string,
  pending: ReadonlyMap<string, string>,
  isWanted: (manifest: Readonly<Record<string, unknown>>, folder: string) => boolean | Promise<boolean>,
): Promise<string | undefined> {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    const text = pending.get(file) ?? (await readIfPresent(file));
    if (text !== undefined && (await isWanted(manifestOf(text, file), folder))) return folder;
    if (relative(root, folder) === '' || dirname(folder) === folder) return undefined;
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  return await failingAs(`${file} cannot be read`, ifPresent(regularText(file)));
}

/** A package.json as an object. @throws CrcError if it is not JSON. */
export function manifestOf(text: string, file: string): Readonly<Record<string, unknown>> {
  const errors: ParseError[] = [];
  const source = text.replace(/^\uFEFF/, '');
  const manifest: unknown = parse(source, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first !== undefined) {
    const before = source.slice(0, first.offset).split('\n');
    // The content is not quoted: a package.json may contain the token of a private registry.
    throw new CrcError(
      `${file} is not valid JSON (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}).`,
      { hint: 'Fix it, then run the command again. crc reads its "scripts" to find the function\'s tests.' },
    );
  }
  return isObject(manifest) ? manifest : {};
}
