import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pLimit from 'p-limit';
import { ifOpen, ifPresent } from '../errors.ts';
import { regularText } from '../regular-file.ts';
import { isCertificate, isSecret } from './never.ts';
import type { PackageFile } from './package-file.ts';
import { isInRuntime } from './runtime-packages.ts';
import { manifestOf } from './test-script.ts';
import { object } from './tsconfig.ts';

export interface Externals {
  /** Below node_modules/, as Node resolves them from the bundle. */
  readonly files: readonly PackageFile[];
  /** Names in the config that are not installed. */
  readonly missing: readonly string[];
}

/** A package at its path in the tree. */
interface Placed {
  /** `node_modules/a/node_modules/b` */
  readonly place: string;
  /** An absolute path without links, where its files are and from which it resolves its dependencies. */
  readonly folder: string;
}

const MAX_OPEN_FILES = 64;

/**
 * The packages that are not bundled, with all their dependencies, as node_modules: those with binaries, data files or
 * dynamic imports. A package that is not installed is left out, and the runtime's SDK always is.
 */
export async function externalPackages(names: readonly string[], folder: string): Promise<Externals> {
  const placed = new Map<string, Placed>();
  const missing: string[] = [];
  const queue: Placed[] = [];
  const put = async (name: string, from: Placed | undefined): Promise<boolean> => {
    const installedAt = await installed(name, from?.folder ?? folder);
    if (installedAt === undefined) return false;
    if (visible(name, from, placed)?.folder === installedAt) return true;
    const atRoot = `node_modules/${name}`;
    const place = placed.has(atRoot) && from !== undefined ? `${from.place}/node_modules/${name}` : atRoot;
    const added = { place, folder: installedAt };
    placed.set(place, added);
    queue.push(added);
    return true;
  };
  for (const name of names) if (!(await put(name, undefined))) missing.push(name);
  for (const from of queue) {
    for (const name of await dependenciesOf(from.folder)) if (!isInRuntime(name)) await put(name, from);
  }
  const limit = pLimit(MAX_OPEN_FILES);
  const files = await Promise.all(
    [...placed.values()].map(async ({ place, folder: from }) => {
      const paths = await filesIn(from, '');
      return await Promise.all(
        paths.map(async (path) => ({ path: `${place}/${path}`, bytes: await limit(() => readFile(join(from, path))) })),
      );
    }),
  );
  const kept = files.flat().filter(({ path, bytes }) => !path.endsWith('.pem') || isCertificate(path, bytes));
  return { files: kept, missing };
}

/** The package that Node finds first, going up from a package's path to the root. */
function visible(name: string, from: Placed | undefined, placed: ReadonlyMap<string, Placed>): Placed | undefined {
  for (let at = from?.place ?? ''; at !== ''; at = at.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const nearest = placed.get(`${at}/node_modules/${name}`);
    if (nearest !== undefined) return nearest;
  }
  return placed.get(`node_modules/${name}`);
}

async function installed(name: string, from: string): Promise<string | undefined> {
  for (let at = from; ; at = dirname(at)) {
    const path = await ifOpen(realpath(join(at, 'node_modules', name)));
    if (path !== undefined) return path;
    if (dirname(at) === at) return undefined;
  }
}

async function dependenciesOf(folder: string): Promise<readonly string[]> {
  const file = join(folder, 'package.json');
  const manifest = manifestOf((await ifPresent(regularText(file))) ?? '{}', file);
  const optional = object(manifest.peerDependenciesMeta);
  const peers = Object.keys(object(manifest.peerDependencies)).filter(
    (name) => object(optional[name]).optional !== true,
  );
  const fields = ['dependencies', 'optionalDependencies'];
  return [...new Set([...fields.flatMap((field) => Object.keys(object(manifest[field]))), ...peers])];
}

async function filesIn(folder: string, below: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory())
        return entry.name === 'node_modules' || isSecret(`${path}/`) ? [] : await filesIn(folder, path);
      return entry.isFile() && (!isSecret(path) || path.endsWith('.pem')) ? [path] : [];
    }),
  );
  return files.flat();
}
