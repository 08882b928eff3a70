import { deflateSync, type Zippable, zipSync } from 'fflate';
import { byCodeUnits, type PackageFile } from './package-file.ts';

/**
 * A regular file that everyone can read and execute: Lambda runs as a different user, and binaries must stay
 * executable.
 */
const UNIX = 3;
const MODE = 0o100755 << 16;

/** The compression level; fixed, since another level produces different bytes. */
const LEVEL = 6;

/**
 * A zip whose bytes depend only on paths and contents. Compressed by a JavaScript library: two builds of Node's zlib
 * compress the same bytes differently, so the package's digest would change with the Node version. A file that
 * compression does not make smaller is stored uncompressed.
 */
export function zip(files: readonly PackageFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => byCodeUnits(a.path, b.path));
  const entries = sorted.map(({ path, bytes }): [string, Zippable[string]] => [
    path,
    [bytes, { level: levelOf(bytes) }],
  ]);
  return zipSync(Object.fromEntries(entries), {
    // fflate writes local time, so the date is created from local parts to be the same everywhere.
    mtime: new Date(1980, 0, 1, 12),
    os: UNIX,
    attrs: MODE,
  });
}

function levelOf(bytes: Uint8Array): typeof LEVEL | 0 {
  return deflateSync(bytes, { level: LEVEL }).length < bytes.length ? LEVEL : 0;
}
