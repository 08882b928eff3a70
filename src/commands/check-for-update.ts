import { compare } from 'compare-versions';
import latestVersion from 'latest-version';
import packageJson from '../../package.json' with { type: 'json' };
import { CrcError } from '../errors.ts';
import { readUpdate, updateFile, writeUpdate } from '../update-notice.ts';

/** Asks the registry that npm is configured for, and notes the answer. Sends the name of the package, and nothing else. */
export async function checkForUpdate(): Promise<number> {
  const { name, version } = packageJson;
  const latest = await latestVersion(name).catch((cause: unknown) => {
    throw new CrcError('npm could not be asked for the latest version.', { hint: `See \`npm view ${name}\`.`, cause });
  });
  const { newer: _, ...known } = readUpdate(updateFile()) ?? { checkedAt: 0 };
  const newer = compare(latest, version, '>') ? { newer: latest } : {};
  return writeUpdate(updateFile(), { ...known, checkedAt: Date.now(), than: version, ...newer }) ? 0 : 1;
}
