import { compare } from 'compare-versions';
import latestVersion from 'latest-version';
import { CrcError } from '../errors.ts';
import { OWN_PACKAGE } from '../own-package.ts';
import { readUpdate, updateFile, writeUpdate } from '../update-notice.ts';

/** Queries the configured npm registry and stores the result. Sends only the name of the package. */
export async function checkForUpdate(): Promise<number> {
  const { name, version } = OWN_PACKAGE;
  const latest = await latestVersion(name).catch((cause: unknown) => {
    throw new CrcError('The latest version could not be read from npm.', { hint: `See \`npm view ${name}\`.`, cause });
  });
  const { newer: _, ...known } = readUpdate(updateFile()) ?? { checkedAt: 0 };
  const newer = compare(latest, version, '>') ? { newer: latest } : {};
  return writeUpdate(updateFile(), { ...known, checkedAt: Date.now(), than: version, ...newer }) ? 0 : 1;
}
