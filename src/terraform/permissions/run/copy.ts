import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { CrcError } from '../../../errors.ts';
import { sourceParser } from '../../source/parse.ts';
import { leftOut } from './left-out.ts';
import { type Module, readModule, type TerraformKind } from './module.ts';

/** A copy of a configuration with everything that it refers to by relative path. */
export interface ProjectCopy {
  /** The copied folder in which Terraform runs. All paths are absolute. */
  readonly folder: string;
  /** The root module and the local modules that it calls, with the folders of their copies. */
  readonly modules: readonly { readonly module: Module; readonly copy: string }[];
  /** Names of files that were left out because they look like keys. */
  readonly secrets: readonly string[];
}

export interface CopyInput {
  readonly folder: string;
  /** An existing, empty folder. */
  readonly into: string;
  readonly kind: TerraformKind;
  readonly signal: AbortSignal;
}

/** More files than any configuration has; the folder must be wrong. */
const MAX_FILES = 20_000;

/**
 * Copies a Terraform configuration: its folder, and what it refers to outside it (`../modules`, `../lambda`), with the
 * same relative positions. Leaves out histories, states, unreferenced packages, and files that look like keys. @throws
 * CrcError for a folder without Terraform files.
 */
export async function copyProject({ folder, into, kind, signal }: CopyInput): Promise<ProjectCopy> {
  const root = await realpath(folder);
  if (isTooMuch(root)) {
    throw new CrcError(`${folder} is your home folder, which crc does not copy.`, {
      hint: 'Move the Terraform files to their own folder.',
    });
  }
  const { modules, paths } = await reachable(root, kind);
  const top = commonFolder(paths);
  const strings = modules.flatMap((module) => module.strings);
  const copier = new Copier(top, into, (name) => strings.some((text) => text.includes(name)), signal);
  for (const path of paths) await copier.copy(path);
  const placeOf = (path: string) => join(into, relative(top, path));
  return {
    folder: placeOf(root),
    modules: modules.map((module) => ({ module, copy: placeOf(module.folder) })),
    secrets: [...copier.secrets],
  };
}

/** The modules called by relative path, and all paths outside the root module that they refer to. */
async function reachable(
  root: string,
  kind: TerraformKind,
): Promise<{ modules: readonly Module[]; paths: readonly string[] }> {
  const parse = await sourceParser();
  const modules = new Map<string, Module>();
  const paths = new Set([root]);
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (modules.has(folder)) continue;
    const module = await readModule(folder, kind, parse);
    modules.set(folder, module);
    for (const source of sourcesOf(module)) {
      const called = await existing(resolve(folder, source));
      if (called?.isFolder) waiting.push(called.path);
    }
    for (const named of namedPaths(module, root)) {
      const entry = await existing(named);
      if (entry !== undefined && !isInside(root, entry.path) && !isTooMuch(entry.path)) paths.add(entry.path);
    }
  }
  for (const folder of modules.keys()) if (!isInside(root, folder)) paths.add(folder);
  return { modules: [...modules.values()], paths: [...paths] };
}

function sourcesOf({ blocks }: Module): readonly string[] {
  return blocks
    .filter(({ type }) => type === 'module')
    .map(({ arguments: { source } }) => source?.value)
    .filter((source) => typeof source === 'string')
    .filter((source) => /^\.\.?(\/|$)/.test(source));
}

/** Relative paths in the module's strings that leave a folder: `${path.module}/../lambda/index.py`, `../site`. */
function namedPaths({ folder, strings }: Module, root: string): readonly string[] {
  return strings.flatMap((text) => {
    if (!text.split('/').includes('..')) return [];
    const [, of, after = text] = /^\$\{\s*path\.(module|root|cwd)\s*\}\/(.*)$/s.exec(text) ?? [];
    // A template or a pattern may refer to anything below the folder before it.
    const [, fixed = ''] = /^([^$%*?{]*)/.exec(after) ?? [];
    const literal = fixed.length === after.length ? after : fixed.slice(0, fixed.lastIndexOf('/') + 1);
    if (literal === '' || literal.startsWith('/') || !literal.split('/').includes('..')) return [];
    // Terraform resolves a path without a prefix from its working directory.
    const bases = of === 'module' ? [folder] : of === undefined ? [root, folder] : [root];
    return bases.map((base) => resolve(base, literal));
  });
}

/** What is at a path; undefined for a link that leads nowhere, and for a text that is no path. */
async function existing(path: string): Promise<{ readonly path: string; readonly isFolder: boolean } | undefined> {
  try {
    const status = await stat(path);
    return { path: await realpath(path), isFolder: status.isDirectory() };
  } catch {
    return undefined;
  }
}

/** Never copy the home folder or its parents, whatever a path says. */
function isTooMuch(path: string): boolean {
  return isInside(path, homedir()) || dirname(path) === path;
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** The first path is a folder. */
function commonFolder([first = sep, ...rest]: readonly string[]): string {
  let common = first;
  for (const path of rest) while (!isInside(common, path)) common = dirname(common);
  return common;
}

class Copier {
  readonly secrets = new Set<string>();
  readonly #top: string;
  readonly #into: string;
  readonly #isNamed: (name: string) => boolean;
  readonly #signal: AbortSignal;
  readonly #done = new Set<string>();
  #files = 0;

  constructor(top: string, into: string, isNamed: (name: string) => boolean, signal: AbortSignal) {
    this.#top = top;
    this.#into = into;
    this.#isNamed = isNamed;
    this.#signal = signal;
  }

  async copy(path: string): Promise<void> {
    await this.#copyTo(path, join(this.#into, relative(this.#top, path)), []);
  }

  /**
   * Follows links, since a copied link would point to the original. `above` are the real paths of the parent folders.
   */
  async #copyTo(path: string, target: string, above: readonly string[]): Promise<void> {
    if (this.#done.has(target)) return;
    const entry = await existing(path);
    // A dangling link.
    if (entry === undefined) return;
    // The requested folder may have any name.
    const reason = above.length === 0 ? undefined : this.#reasonAgainst(path, entry);
    if (reason === 'secret') this.secrets.add(basename(path));
    if (reason !== undefined) return;
    this.#done.add(target);
    if (!entry.isFolder) {
      await this.#copyFile(entry.path, target);
      return;
    }
    if (above.includes(entry.path) || isTooMuch(entry.path)) return;
    this.#signal.throwIfAborted();
    await mkdir(target, { recursive: true, mode: 0o700 });
    for (const name of await readdir(entry.path)) {
      await this.#copyTo(join(entry.path, name), join(target, name), [...above, entry.path]);
    }
  }

  #reasonAgainst(path: string, entry: { readonly path: string; readonly isFolder: boolean }) {
    return (
      leftOut(basename(path), entry.isFolder, this.#isNamed) ??
      leftOut(basename(entry.path), entry.isFolder, this.#isNamed)
    );
  }

  async #copyFile(path: string, target: string): Promise<void> {
    // Sockets, pipes and devices.
    if (!(await stat(path)).isFile()) return;
    this.#files += 1;
    if (this.#files > MAX_FILES) {
      throw new CrcError(`${this.#top} holds more than ${MAX_FILES} files, too many for a Terraform configuration.`, {
        hint: 'Pass the folder of the configuration, and move what it does not need elsewhere.',
      });
    }
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await copyFile(path, target, constants.COPYFILE_FICLONE);
  }
}
