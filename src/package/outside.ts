import { existsSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { parse } from 'jsonc-parser';
import { failingAs } from '../errors.ts';
import { LOCK_FILES } from '../package-manager.ts';
import { ifFile, regularFile } from '../regular-file.ts';
import { slashes } from '../slashes.ts';
import { manifestDigest } from './manifest.ts';
import { byCodeUnits, MAX_UNZIPPED_BYTES, type PackageFile } from './package-file.ts';
import { aliasTargets, importTargets, object, type Paths, readTsconfig } from './tsconfig.ts';
import { type Workspaces, workspaces } from './workspaces.ts';

/** What a Node package depends on besides the files in its folder. */
export interface Outside {
  /**
   * Imported files elsewhere in the repository, parent tsconfigs, and what they extend; relative to the source folder.
   */
  readonly files: readonly PackageFile[];
  /** For each parent package.json that affects the bundle: a digest of the relevant fields. */
  readonly manifests: readonly (readonly [path: string, digest: string])[];
  /** The closest lock file, which pins the npm packages. */
  readonly lock: PackageFile | undefined;
  readonly decoratorMetadata: boolean;
}

export const CODE = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];

/**
 * Finds all of it without the bundler, which takes longer to load than the whole of `crc verify`. Every quoted text
 * that resolves to a file counts as an import: an extra file does no harm, and the build rejects what is missing here.
 */
export async function outsideOf(files: readonly PackageFile[], source: string): Promise<Outside> {
  const folder = await realpath(source);
  const search = new Search(folder, new Set(files.map(({ path }) => join(folder, path))));
  return await search.run(files);
}

class Search {
  readonly #contents = new Map<string, Uint8Array>();
  readonly #manifests = new Map<string, string>();
  readonly #configs = new Map<string, Promise<readonly Paths[]>>();
  readonly #nearestFiles = new Map<string, Promise<string | undefined>>();
  readonly #folder: string;
  readonly #own: ReadonlySet<string>;
  #decoratorMetadata = false;
  #workspaces: Promise<Workspaces> | undefined;

  constructor(folder: string, own: ReadonlySet<string>) {
    this.#folder = folder;
    this.#own = own;
  }

  async run(files: readonly PackageFile[]): Promise<Outside> {
    const queue = files.map(({ path, bytes }) => ({ path: join(this.#folder, path), bytes }));
    for (const { path, bytes } of queue) {
      await this.#above(dirname(path));
      if (!CODE.includes(extname(path))) continue;
      for (const target of await this.#targets(path, new TextDecoder().decode(bytes))) {
        const content = this.#isKnown(target) ? undefined : await bytesOf(target);
        if (content === undefined) continue;
        this.#contents.set(target, content);
        queue.push({ path: target, bytes: content });
      }
    }
    const named = <T>(entries: Iterable<readonly [string, T]>) =>
      [...entries].map(([path, value]) => [this.#name(path), value] as const).sort(([a], [b]) => byCodeUnits(a, b));
    return {
      files: named(this.#contents).map(([path, bytes]) => ({ path, bytes })),
      manifests: named(this.#manifests),
      lock: await this.#lock(),
      decoratorMetadata: this.#decoratorMetadata,
    };
  }

  #isKnown(path: string): boolean {
    return this.#own.has(path) || this.#contents.has(path) || path.includes(`${sep}node_modules${sep}`);
  }

  #name(path: string): string {
    return slashes(relative(this.#folder, path));
  }

  /** Records the package.json and tsconfig.json that apply to a folder. Returns the path aliases in effect there. */
  async #above(folder: string): Promise<readonly Paths[]> {
    const [manifest, config] = await Promise.all([
      this.#nearest(folder, 'package.json'),
      this.#nearest(folder, 'tsconfig.json'),
    ]);
    if (manifest !== undefined && !this.#own.has(manifest) && !this.#manifests.has(manifest)) {
      this.#manifests.set(manifest, manifestDigest((await textOf(manifest)) ?? ''));
    }
    if (config === undefined) return [];
    const paths = this.#configs.get(config) ?? this.#readConfig(config);
    this.#configs.set(config, paths);
    return await paths;
  }

  #nearest(folder: string, name: string): Promise<string | undefined> {
    const file = join(folder, name);
    const search = async () => {
      if (await isFile(file)) return file;
      // esbuild reads it too, and would wait for the writer of a pipe.
      if (existsSync(file)) await bytesOf(file);
      const isLast = dirname(folder) === folder || (await isRepository(folder));
      return isLast ? undefined : await this.#nearest(dirname(folder), name);
    };
    const nearest = this.#nearestFiles.get(file) ?? search();
    this.#nearestFiles.set(file, nearest);
    return nearest;
  }

  async #readConfig(file: string): Promise<readonly Paths[]> {
    const config = await readTsconfig(file, textOf);
    this.#decoratorMetadata ||= config.decoratorMetadata;
    for (const path of config.files) {
      const bytes = this.#isKnown(path) ? undefined : await bytesOf(path);
      if (bytes !== undefined) this.#contents.set(path, bytes);
    }
    return config.paths;
  }

  async #targets(path: string, text: string): Promise<readonly string[]> {
    const paths = await this.#above(dirname(path));
    const specifiers = new Set([...text.matchAll(/["'`]([^"'`\n\\]+)(?=["'`])/g)].map(([, inner = '']) => inner));
    const resolved = await Promise.all(
      [...specifiers].map(async (specifier) => await this.#resolved(specifier, path, paths)),
    );
    return resolved.flat();
  }

  async #resolved(specifier: string, from: string, paths: readonly Paths[]): Promise<readonly string[]> {
    if (/^\.\.?(\/|$)/.test(specifier)) {
      const target = resolve(dirname(from), specifier);
      const isInside = !relative(this.#folder, target).startsWith('..');
      return isInside ? [] : await candidates(target);
    }
    if (!/^[@~#\w$][^\s:;,(){}<>]*$/.test(specifier)) return [];
    const targets = [...aliasTargets(specifier, paths), ...(await this.#importTargets(specifier, from))];
    const aliases = await Promise.all(targets.map(candidates));
    this.#workspaces ??= workspaces(this.#folder, textOf);
    return [...aliases.flat(), ...(await (await this.#workspaces)(specifier, from))];
  }

  async #importTargets(specifier: string, from: string): Promise<readonly string[]> {
    const manifest = specifier.startsWith('#') ? await this.#nearest(dirname(from), 'package.json') : undefined;
    if (manifest === undefined) return [];
    return importTargets(specifier, object(parse((await textOf(manifest)) ?? '')), dirname(manifest));
  }

  /** The closest one, as in package managers. */
  async #lock(): Promise<PackageFile | undefined> {
    for (let at = this.#folder; ; at = dirname(at)) {
      for (const name of Object.keys(LOCK_FILES)) {
        const bytes = await bytesOf(join(at, name), `The lock file ${join(at, name)} cannot be read`);
        if (bytes !== undefined) return { path: name, bytes };
      }
      if (dirname(at) === at || (await isRepository(at))) return undefined;
    }
  }
}

/** The root of a clone; anything above it only exists on this machine. In a worktree or a submodule, it is a file. */
async function isRepository(folder: string): Promise<boolean> {
  const git = join(folder, '.git');
  return existsSync(git) && (await stat(git)).isDirectory();
}

/** All files that a bundler may resolve a path without extension to. */
async function candidates(path: string): Promise<readonly string[]> {
  const asTypeScript = path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2');
  const names = [
    path,
    ...CODE.map((extension) => `${path}${extension}`),
    `${path}.json`,
    ...(asTypeScript === path ? [] : [asTypeScript]),
    ...CODE.map((extension) => join(path, `index${extension}`)),
  ];
  const existing = await Promise.all(names.map(async (name) => ((await isFile(name)) ? [name] : [])));
  return existing.flat();
}

/** Most of the paths that are tried do not exist, and `existsSync` takes a tenth of the time of a failed `stat`. */
async function isFile(path: string): Promise<boolean> {
  return existsSync(path) && (await stat(path)).isFile();
}

async function textOf(path: string): Promise<string | undefined> {
  const bytes = path === '' ? undefined : await bytesOf(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** An existing but unreadable file would otherwise change the hash of the same source. */
async function bytesOf(path: string, failed = `${path} cannot be read`): Promise<Uint8Array | undefined> {
  return await failingAs(failed, ifFile(regularFile(path, MAX_UNZIPPED_BYTES)));
}
