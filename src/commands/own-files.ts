import { fileURLToPath } from 'node:url';

/** A file of the package: `bin/crc.js`. The bundle is one folder below the package's. */
export function ownFile(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}

/** `bin/crc.js`, by which this process was started. */
export function ownScript(): string {
  return ownFile('bin/crc.js');
}
