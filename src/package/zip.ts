import { deflateSync, type Zippable, zipSync } from 'fflate';
import { byCodeUnits, type PackageFile } from './package-file.ts';

/** A regular file that everyone may read and run: Lambda runs as another user, and a binary has to stay executable. */
const UNIX = 3;
const MODE = 0o100755 << 16;

/** How hard it is tried; fixed, since another level gives other bytes. */
const LEVEL = 6;

/**
 * A zip whose bytes depend on paths and contents alone. It is compressed by a library in JavaScript: two builds of Node's zlib
 * deflate the same bytes differently, and the digest of the package would change with the version of Node. A file that
 * compression does not make smaller is stored.
 */
export function zip(files: readonly PackageFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => byCodeUnits(a.path, b.path));
  const entries = sorted.map(({ path, bytes }): [string, Zippable[string]] => [
    path,
    [bytes, { level: levelOf(bytes) }],
  ]);
  return zipSync(Object.fromEntries(entries), {
    // fflate writes the local time, so it is made from local parts to be the same everywhere.
    mtime: new Date(1980, 0, 1, 12),
    os: UNIX,
    attrs: MODE,
  });
}

function levelOf(bytes: Uint8Array): typeof LEVEL | 0 {
  return deflateSync(bytes, { level: LEVEL }).length < bytes.length ? LEVEL : 0;
}
