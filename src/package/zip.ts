import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
import { byCodeUnits, type PackageFile } from './files.ts';

/** A regular file that everyone may read and run: Lambda runs as another user, and a binary has to stay executable. */
const UNIX = 3;
const MODE = 0o100755 << 16;

/**
 * A zip whose bytes depend on paths and contents alone. Entries are stored, not deflated: two builds of zlib deflate the
 * same bytes differently, and the digest of the package would change with the version of Node.
 */
export function zip(files: readonly PackageFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => byCodeUnits(a.path, b.path));
  return zipSync(Object.fromEntries(sorted.map(({ path, bytes }) => [path, [bytes, {}]])), {
    level: 0,
    // fflate writes the local time, so it is made from local parts to be the same everywhere.
    mtime: new Date(1980, 0, 1, 12),
    os: UNIX,
    attrs: MODE,
  });
}

/** Base64 of the SHA-256, as Lambda's CodeSha256. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('base64');
}
