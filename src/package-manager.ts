import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from './json.ts';
import { parsedJson } from './parsed-json.ts';
import { textIfReadable } from './regular-file.ts';
import { shellWord } from './shell.ts';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** Lock files, in the order in which they are looked for, and the program that writes each. */
export const LOCK_FILES: Readonly<Record<string, PackageManager>> = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};

/** The lock file that a package manager writes now. */
export function lockFileOf(manager: PackageManager): string {
  return Object.entries(LOCK_FILES).find(([, writer]) => writer === manager)?.[0] ?? '';
}

/** How each of them is called. */
interface Commands {
  readonly install: string;
  /** Runs a program that is installed in the project. */
  readonly exec: string;
  /** Runs the script `test`. */
  readonly test: string;
  /** Adds packages, and those for development. */
  readonly add: string;
  readonly addDev: string;
}

export const COMMANDS: Readonly<Record<PackageManager, Commands>> = {
  npm: { install: 'npm install', exec: 'npx', test: 'npm test', add: 'npm install', addDev: 'npm install -D' },
  pnpm: { install: 'pnpm install', exec: 'pnpm exec', test: 'pnpm test', add: 'pnpm add', addDev: 'pnpm add -D' },
  yarn: { install: 'yarn install', exec: 'yarn', test: 'yarn test', add: 'yarn add', addDev: 'yarn add -D' },
  // `bun test` runs Bun's own test runner.
  bun: { install: 'bun install', exec: 'bunx', test: 'bun run test', add: 'bun add', addDev: 'bun add -d' },
};

/**
 * The package manager of the project in a folder: what the closest package.json names, or what wrote the closest lock
 * file. Looks no further than the root of the clone. npm if nothing shows it.
 */
export function packageManagerOf(folder: string): PackageManager {
  for (const at of upward(folder)) {
    const manager = ownPackageManager(at);
    if (manager !== undefined) return manager;
  }
  return 'npm';
}

/** A folder and those around it, the closest first, up to `root`: by default to the root of the clone. */
function* upward(folder: string, root?: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at || (root === undefined ? existsSync(join(at, '.git')) : at === root)) return;
  }
}

/** How to install packages that are missing. */
export interface Installation {
  readonly command: string;
  /** Whether the folder has a package.json of its own that lists them. */
  readonly inFolder: boolean;
}

/**
 * The command that installs packages which code in a folder imports: all that package.json lists, or those that none up
 * to the root of the clone does.
 */
export function installationOf(folder: string, names: readonly string[], kind: 'add' | 'addDev'): Installation {
  const commands = COMMANDS[packageManagerOf(folder)];
  const [own = [], ...around] = [...upward(folder)].map(dependenciesIn);
  if (names.every((name) => own.includes(name))) return { command: commands.install, inFolder: true };
  const listed = new Set([...own, ...around.flat()]);
  const unlisted = names.filter((name) => !listed.has(name));
  const command = unlisted.length === 0 ? commands.install : [commands[kind], ...unlisted.map(shellWord)].join(' ');
  return { command, inFolder: false };
}

function dependenciesIn(folder: string): readonly string[] {
  const manifest = manifestIn(folder);
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) => {
    const listed = manifest[field];
    return isObject(listed) ? Object.keys(listed) : [];
  });
}

/** The package manager that the folder itself shows; undefined if nothing in it shows it. */
export function ownPackageManager(folder: string): PackageManager | undefined {
  return namedIn(manifestIn(folder)) ?? lockedIn(folder);
}

/**
 * `"packageManager": "pnpm@10.4.1"`, or devEngines, which may list several:
 * https://docs.npmjs.com/cli/configuring-npm/package-json#devengines
 */
function namedIn(manifest: Manifest): PackageManager | undefined {
  return [manifest.packageManager, ...requiredIn(manifest).map(({ name }) => name)]
    .map((value) => (typeof value === 'string' ? (value.split('@', 1)[0] ?? '') : ''))
    .find(isPackageManager);
}

/** The package managers in devEngines. */
function requiredIn({ devEngines }: Manifest): readonly Readonly<Record<string, unknown>>[] {
  return isObject(devEngines) ? [devEngines.packageManager].flat().filter(isObject) : [];
}

/**
 * The version of a package manager that only devEngines name, in the closest package.json from that folder up to `root`
 * that names one. Corepack does not read it, and runs the latest version instead.
 */
export function versionInDevEngines(manager: PackageManager, folder: string, root: string): string | undefined {
  for (const manifest of [...upward(folder, root)].map(manifestIn)) {
    if (manifest.packageManager !== undefined) return undefined;
    const version = requiredIn(manifest).find(({ name }) => name === manager)?.version;
    if (typeof version === 'string') return version;
  }
  return undefined;
}

/**
 * Whether a package.json from that folder up to `root` has devEngines: npm and npx then refuse to run where they do not
 * match. npx reads that of a workspace, too.
 */
export function hasDevEngines(folder: string, root: string): boolean {
  return [...upward(folder, root)].some((at) => manifestIn(at).devEngines !== undefined);
}

type Manifest = Readonly<Record<string, unknown>>;

/** The package.json in a folder. Empty if it is not an object, as if it does not exist or cannot be read. */
export function manifestIn(folder: string): Manifest {
  // Package managers accept the byte order mark of an editor.
  const manifest = parsedJson(textIfReadable(join(folder, 'package.json')).replace(/^\uFEFF/, ''));
  return isObject(manifest) ? manifest : {};
}

/** What to do about packages that Yarn keeps in zips, where only programs that it starts find them. */
export const INSTEAD_OF_ZIPS = 'write `nodeLinker: node-modules` in .yarnrc.yml and run `yarn install`';

/** Whether Yarn keeps the packages of a folder in zips instead of node_modules: https://yarnpkg.com/features/pnp */
export function usesPlugAndPlay(folder: string): boolean {
  const names = ['.pnp.cjs', '.pnp.data.json', '.pnp.js'];
  return [...upward(folder)].some((at) => names.some((name) => existsSync(join(at, name))));
}

function lockedIn(folder: string): PackageManager | undefined {
  return Object.entries(LOCK_FILES).find(([name]) => existsSync(join(folder, name)))?.[1];
}

export function isPackageManager(name: string): name is PackageManager {
  return Object.hasOwn(COMMANDS, name);
}
