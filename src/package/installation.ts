import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../json.ts';
import { COMMANDS, LOCK_FILES, manifestIn, type PackageManager, packageManagerOf, upward } from '../package-manager.ts';
import { shellWord } from '../shell.ts';

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

/** The lock file that a package manager writes now. */
export function lockFileOf(manager: PackageManager): string {
  return Object.entries(LOCK_FILES).find(([, writer]) => writer === manager)?.[0] ?? '';
}

/** What to do about packages that Yarn keeps in zips, where only programs that it starts find them. */
export const INSTEAD_OF_ZIPS = 'write `nodeLinker: node-modules` in .yarnrc.yml and run `yarn install`';

/** Whether Yarn keeps the packages of a folder in zips instead of node_modules: https://yarnpkg.com/features/pnp */
export function usesPlugAndPlay(folder: string): boolean {
  const names = ['.pnp.cjs', '.pnp.data.json', '.pnp.js'];
  return [...upward(folder)].some((at) => names.some((name) => existsSync(join(at, name))));
}
