import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'jsonc-parser';
import { CrcError, ifOpen, ifPresent } from '../errors.ts';
import { slashes } from '../slashes.ts';
import { object, type ReadFile } from './tsconfig.ts';

/** The files that a specifier refers to in a package within the repository; empty for other specifiers. */
export type Workspaces = (specifier: string, from: string) => Promise<readonly string[]>;

/** The maximum depth of packages below the root of a repository. */
const MAX_DEPTH = 6;

/**
 * The packages in the repository around a folder: workspaces of npm, yarn, bun and pnpm, and `file:` or `link:`
 * dependencies in a package.json. Found by their manifests, since the hash must not depend on what is installed.
 */
export async function workspaces(folder: string, read: ReadFile): Promise<Workspaces> {
  const folders = new Map<string, string>();
  for (let at = folder; ; at = dirname(at)) {
    const manifest = object(parse((await read(join(at, 'package.json'))) ?? '{}'));
    for (const [name, target] of linked(manifest, at)) if (!folders.has(name)) folders.set(name, target);
    const patterns = await patternsOf(manifest, at, read);
    for (const path of patterns.length === 0 ? [] : await matching(at, patterns)) {
      const { name } = object(parse((await read(join(path, 'package.json'))) ?? '{}'));
      if (typeof name === 'string' && !folders.has(name)) folders.set(name, path);
    }
    if (dirname(at) === at) break;
  }
  const files = new Map<string, Promise<readonly string[]>>();
  return async (specifier) => {
    const name = /^(@[^/]+\/[^/]+|[^/]+)/.exec(specifier)?.[0] ?? '';
    const target = folders.get(name);
    // A package that imports itself by name is the source.
    if (target === undefined || relative(target, folder) === '' || !relative(target, folder).startsWith('..'))
      return [];
    const known = files.get(target) ?? filesOf(target);
    files.set(target, known);
    return await known;
  };
}

/** The closest folder above whose workspaces contain this one; undefined if it is a project of its own. */
export async function workspaceRootOf(folder: string, read: ReadFile): Promise<string | undefined> {
  for (let at = folder; dirname(at) !== at; ) {
    at = dirname(at);
    const manifest = object(parse((await read(join(at, 'package.json'))) ?? '{}'));
    const patterns = await patternsOf(manifest, at, read);
    if (patterns.length > 0 && (await matcherOf(patterns))(slashes(relative(at, folder)))) return at;
  }
  return undefined;
}

async function patternsOf(
  manifest: Readonly<Record<string, unknown>>,
  folder: string,
  read: ReadFile,
): Promise<readonly string[]> {
  return [...workspacePatterns(manifest), ...(await pnpmPatterns(join(folder, 'pnpm-workspace.yaml'), read))];
}

function workspacePatterns({ workspaces: given }: Readonly<Record<string, unknown>>): readonly string[] {
  const list = Array.isArray(given) ? given : object(given).packages;
  return Array.isArray(list) ? list.filter((pattern) => typeof pattern === 'string') : [];
}

async function pnpmPatterns(file: string, read: ReadFile): Promise<readonly string[]> {
  const text = await read(file);
  if (text === undefined) return [];
  const { packages } = object(await yamlIn(file, text));
  return Array.isArray(packages) ? packages.filter((pattern) => typeof pattern === 'string') : [];
}

/** @throws CrcError without the text, which may contain a secret. */
async function yamlIn(file: string, text: string): Promise<unknown> {
  const { parse: parseYaml } = await import('yaml');
  try {
    return parseYaml(text, { logLevel: 'error' });
  } catch (error) {
    throw new CrcError(`${file} is not valid YAML.`, {
      hint: 'Fix it, then run the command again. crc reads its "packages" to find code that the function imports.',
      cause: error,
    });
  }
}

function linked(manifest: Readonly<Record<string, unknown>>, folder: string): readonly (readonly [string, string])[] {
  const all = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) =>
    Object.entries(object(manifest[field])),
  );
  return all.flatMap(([name, version]) => {
    const path = /^(?:file|link|portal):(.+)$/.exec(typeof version === 'string' ? version : '')?.[1];
    return path === undefined || path.endsWith('.tgz') ? [] : [[name, resolve(folder, path)] as const];
  });
}

async function matching(root: string, patterns: readonly string[]): Promise<readonly string[]> {
  const isWanted = await matcherOf(patterns);
  const search = async (folder: string, depth: number): Promise<readonly string[]> => {
    const names = subfolders((await listed(folder)) ?? []).map(({ name }) => join(folder, name));
    const wanted = names.filter((name) => isWanted(slashes(relative(root, name))));
    const open = await Promise.all(wanted.map(async (name) => ((await listed(name)) === undefined ? [] : [name])));
    const below = depth === 0 ? [] : await Promise.all(names.map((name) => search(name, depth - 1)));
    return [...open, ...below].flat();
  };
  const isDeep = patterns.some((pattern) => pattern.includes('**'));
  const deepest = Math.max(...patterns.map((pattern) => trimmed(pattern).split('/').length));
  return await search(root, isDeep ? MAX_DEPTH : deepest - 1);
}

async function matcherOf(patterns: readonly string[]): Promise<(path: string) => boolean> {
  const { default: ignore } = await import('ignore');
  const matcher = ignore().add(
    patterns.map((pattern) => (pattern.startsWith('!') ? `!/${trimmed(pattern.slice(1))}` : `/${trimmed(pattern)}`)),
  );
  return (path) => matcher.ignores(path);
}

function trimmed(pattern: string): string {
  return pattern.replace(/^\.?\//, '').replace(/\/$/, '');
}

/** Undefined for a folder that is closed to the user, which cannot be a package that the function imports. */
async function listed(folder: string): Promise<readonly Dirent[] | undefined> {
  return await ifOpen(readdir(folder, { withFileTypes: true }));
}

function subfolders(entries: readonly Dirent[]): readonly Dirent[] {
  return entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'));
}

/** All files of a package; none if it does not exist. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = (await ifPresent(readdir(folder, { withFileTypes: true }))) ?? [];
  const nested = await Promise.all(subfolders(entries).map(({ name }) => filesOf(join(folder, name))));
  return [...entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name)), ...nested.flat()];
}
