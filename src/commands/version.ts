import { OWN_PACKAGE } from '../own-package.ts';
import type { Io } from '../ui/io.ts';
import { versionDocument } from '../ui/json.ts';
import type { VersionOptions } from './definitions/version.ts';

/** Prints the version of crc. */
export async function version({ json }: VersionOptions, io: Io): Promise<number> {
  io.out(`${json ? versionDocument(OWN_PACKAGE.version) : OWN_PACKAGE.version}\n`);
  return 0;
}
