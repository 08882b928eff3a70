import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from './json.ts';
import { parsedJson } from './parsed-json.ts';
import { textIfReadable } from './regular-file.ts';

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
export function* upward(folder: string, root?: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at || (root === undefined ? existsSync(join(at, '.git')) : at === root)) return;
  }
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
export function requiredIn({ devEngines }: Manifest): readonly Readonly<Record<string, unknown>>[] {
  return isObject(devEngines) ? [devEngines.packageManager].flat().filter(isObject) : [];
}

type Manifest = Readonly<Record<string, unknown>>;

/** The package.json in a folder. Empty if it is not an object, as if it does not exist or cannot be read. */
export function manifestIn(folder: string): Manifest {
  // Package managers accept the byte order mark of an editor.
  const manifest = parsedJson(textIfReadable(join(folder, 'package.json')).replace(/^\uFEFF/, ''));
  return isObject(manifest) ? manifest : {};
}

function lockedIn(folder: string): PackageManager | undefined {
  return Object.entries(LOCK_FILES).find(([name]) => existsSync(join(folder, name)))?.[1];
}

export function isPackageManager(name: string): name is PackageManager {
  return Object.hasOwn(COMMANDS, name);
}
