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

/** Rises when the same source makes another package, so that every function is built again. */
const RECIPE = 2;

/**
 * One digest of all that the package follows from: the files, the options, and (where packages of npm are bundled) what is
 * imported from outside the folder, the tsconfigs, the manifests above, and the lock file that pins packages. It says whether the
 * source has changed without building anything.
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
      lock: lock === undefined ? null : sha256(lock),
      outside: [digests(outside.files), outside.manifests],
      files: digests(files),
    }),
  );
}
