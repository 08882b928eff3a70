import packageJson from '../../package.json' with { type: 'json' };
import type { Io } from '../ui/io.ts';
import { versionDocument } from '../ui/json.ts';
import type { VersionOptions } from './definitions/version.ts';

/** Prints the version of crc. */
export async function version({ json }: VersionOptions, io: Io): Promise<number> {
  io.out(`${json ? versionDocument(packageJson.version) : packageJson.version}\n`);
  return 0;
}
