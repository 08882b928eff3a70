import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from './json.ts';
import { parsedJson } from './parsed-json.ts';
import { regularTextSync } from './regular-file.ts';
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
  for (let at = folder; ; at = dirname(at)) {
    const manager = ownPackageManager(at);
    if (manager !== undefined) return manager;
    if (dirname(at) === at || existsSync(join(at, '.git'))) return 'npm';
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
  const listed = new Set<string>();
  for (let at = folder; ; at = dirname(at)) {
    const declared = dependenciesIn(at);
    for (const name of names) if (declared.includes(name)) listed.add(name);
    if (at === folder && names.every((name) => listed.has(name))) return { command: commands.install, inFolder: true };
    if (dirname(at) === at || existsSync(join(at, '.git'))) break;
  }
  const unlisted = names.filter((name) => !listed.has(name));
  const command = unlisted.length === 0 ? commands.install : [commands[kind], ...unlisted.map(shellWord)].join(' ');
  return { command, inFolder: false };
}

function dependenciesIn(folder: string): readonly string[] {
  const manifest = manifestIn(join(folder, 'package.json'));
  return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) => {
    const listed = manifest[field];
    return isObject(listed) ? Object.keys(listed) : [];
  });
}

/** The package manager that the folder itself shows; undefined if nothing in it shows it. */
export function ownPackageManager(folder: string): PackageManager | undefined {
  return namedIn(join(folder, 'package.json')) ?? lockedIn(folder);
}

/**
 * `"packageManager": "pnpm@10.4.1"`, or devEngines, which may list several:
 * https://docs.npmjs.com/cli/configuring-npm/package-json#devengines
 */
function namedIn(file: string): PackageManager | undefined {
  const { packageManager } = manifestIn(file);
  return [packageManager, ...requiredIn(file).map(({ name }) => name)]
    .map((value) => (typeof value === 'string' ? (value.split('@', 1)[0] ?? '') : ''))
    .find(isPackageManager);
}

/** The package managers in devEngines. */
function requiredIn(file: string): readonly Readonly<Record<string, unknown>>[] {
  const { devEngines } = manifestIn(file);
  return isObject(devEngines) ? [devEngines.packageManager].flat().filter(isObject) : [];
}

/**
 * The version of a package manager that only devEngines name, in the closest package.json from that folder up to `root`
 * that names one. Corepack does not read it, and runs the latest version instead.
 */
export function versionInDevEngines(manager: PackageManager, folder: string, root: string): string | undefined {
  const file = join(folder, 'package.json');
  const { packageManager } = manifestIn(file);
  if (packageManager !== undefined) return undefined;
  const version = requiredIn(file).find(({ name }) => name === manager)?.version;
  if (typeof version === 'string') return version;
  return folder === root || dirname(folder) === folder
    ? undefined
    : versionInDevEngines(manager, dirname(folder), root);
}

/** Whether the package.json in that folder has devEngines: npm and npx then refuse to run where they do not match. */
export function hasDevEngines(folder: string): boolean {
  return manifestIn(join(folder, 'package.json')).devEngines !== undefined;
}

/** Empty for a file that is not an object, as for one that does not exist. */
function manifestIn(file: string): Readonly<Record<string, unknown>> {
  // Package managers accept the byte order mark of an editor.
  const manifest = parsedJson(textOf(file).replace(/^\uFEFF/, ''));
  return isObject(manifest) ? manifest : {};
}

/** What to do about packages that Yarn keeps in zips, where only programs that it starts find them. */
export const INSTEAD_OF_ZIPS = 'write `nodeLinker: node-modules` in .yarnrc.yml and run `yarn install`';

/** Whether Yarn keeps the packages of a folder in zips instead of node_modules: https://yarnpkg.com/features/pnp */
export function usesPlugAndPlay(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (['.pnp.cjs', '.pnp.data.json', '.pnp.js'].some((name) => existsSync(join(at, name)))) return true;
    if (dirname(at) === at || existsSync(join(at, '.git'))) return false;
  }
}

function lockedIn(folder: string): PackageManager | undefined {
  return Object.entries(LOCK_FILES).find(([name]) => existsSync(join(folder, name)))?.[1];
}

export function isPackageManager(name: string): name is PackageManager {
  return Object.hasOwn(COMMANDS, name);
}

/** Empty for a file that does not exist or cannot be read: what needs its content reports that. */
function textOf(file: string): string {
  try {
    return regularTextSync(file);
  } catch {
    return '';
  }
}
