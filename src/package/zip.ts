import { deflateSync } from 'fflate';
import { CrcError } from '../errors.ts';
import { byCodeUnits, type PackageFile } from './package-file.ts';

/** The compression level; fixed, since another level produces different bytes. */
const LEVEL = 6;

/** Numbers of the format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3 and 4.4. */
const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const VERSION = 20;
const UTF8_NAME = 1 << 11;
const STORED = 0;
const DEFLATED = 8;

/** The number of files is written in two bytes. */
const MAX_FILES = 65_535;

/** 1980-01-01 12:00, the same everywhere: the format has no time zone. */
const TIME = 12 << 11;
const DATE = (1 << 5) | 1;

/**
 * A regular file that everyone can read and execute: Lambda runs as a different user, and binaries must stay
 * executable.
 */
const UNIX = 3 << 8;
const MODE = 0o100755 * 0x10000;

/**
 * A zip whose bytes depend only on paths and contents. Compressed by a JavaScript library: two builds of Node's zlib
 * compress the same bytes differently, so the package's digest would change with the Node version. A file that
 * compression does not make smaller is stored uncompressed; the library's own zips would compress each file a second
 * time. @throws CrcError for more files than a zip can contain.
 */
export function zip(files: readonly PackageFile[]): Uint8Array {
  if (files.length > MAX_FILES) {
    throw new CrcError(`The package has ${files.length} files, but a zip can contain ${MAX_FILES}.`, {
      hint: 'Exclude files that the function does not need in .crcignore, or move libraries to a layer.',
    });
  }
  const contents: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let position = 0;
  for (const { path, bytes } of [...files].sort((a, b) => byCodeUnits(a.path, b.path))) {
    const name = Buffer.from(path);
    const deflated = deflateSync(bytes, { level: LEVEL });
    const [method, data] = deflated.length < bytes.length ? [DEFLATED, deflated] : [STORED, bytes];
    const about = Buffer.concat([
      short(VERSION, name.length === path.length ? 0 : UTF8_NAME, method, TIME, DATE),
      long(crc32(bytes), data.length, bytes.length),
      // No extra fields.
      short(name.length, 0),
    ]);
    contents.push(long(LOCAL_HEADER), about, name, data);
    // No comment, on the first disk, binary.
    const place = [short(0, 0, 0), long(MODE, position)];
    directory.push(long(DIRECTORY_HEADER), short(UNIX | VERSION), about, ...place, name);
    position += 4 + about.length + name.length + data.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = [short(0, 0, files.length, files.length), long(size, position), short(0)];
  return Buffer.concat([...contents, ...directory, long(END_OF_DIRECTORY), ...end]);
}

/** Numbers of two bytes, the lower byte first. */
function short(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16LE(value, index * 2);
  return bytes;
}

/** Numbers of four bytes. */
function long(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}

const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  return remainder;
});

/** `zlib.crc32` exists from Node 20.15 on only. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (let at = 0; at < bytes.length; at += 1) crc = (crc >>> 8) ^ (REMAINDERS[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return ~crc >>> 0;
}
