import { manifestIn, type PackageManager, requiredIn, upward } from '../package-manager.ts';

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
