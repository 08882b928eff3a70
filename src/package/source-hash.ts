import { isPython } from './handler.ts';
import type { Outside } from './outside.ts';
import type { PackageFile } from './package-file.ts';
import { sha256 } from './sha256.ts';

export interface SourceOptions {
  readonly runtime: string;
  readonly handler: string;
  readonly include: readonly string[];
  readonly external: readonly string[];
}

/** Increase this when the same source produces a different package, so that every function is rebuilt. */
const RECIPE = 3;

/**
 * A digest of everything that determines the package: the files, the options, and (if npm packages are bundled) imports
 * from outside the folder, tsconfigs, parent manifests, and the lock file that pins packages. Shows whether the source
 * has changed without building it.
 */
export function sourceHash(
  files: readonly PackageFile[],
  outside: Outside,
  { runtime, handler, include, external }: SourceOptions,
): string {
  const digests = (given: readonly PackageFile[]) => given.map(({ path, bytes }) => [path, sha256(bytes)]);
  const { lock } = outside;
  return sha256(
    JSON.stringify({
      recipe: RECIPE,
      runtime,
      handler,
      options: isPython(runtime) ? null : { include, external },
      lock: lock === undefined ? null : sha256(lock.bytes),
      outside: [digests(outside.files), outside.manifests],
      files: digests(files),
    }),
  );
}
