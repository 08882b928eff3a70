import { md5Of, stateIn } from './content.ts';
import { contentsOf, versionsOf } from './history.ts';
import { lineagesOf, newestLineage } from './lineage.ts';
import type { ListedState } from './list.ts';
import type { StatePlace } from './place.ts';

type Report = (done: number, total: number) => void;

/** The number of versions read before the next ones are requested: the wanted one is usually among the newest. */
const AT_ONCE = 50;

/**
 * Whether the digest in the lock table belongs to an older version, however old. Reads from the newest until it is
 * found; if S3 shows the MD5 as the ETag, reads none at all.
 */
export async function isDigestOfOlder(
  place: StatePlace,
  { objectKey, newest, digest }: ListedState,
  report?: Report,
): Promise<boolean> {
  const versions = await versionsOf(place, objectKey);
  const older = versions.filter(({ marker, versionId }) => !marker && versionId !== newest.versionId);
  // For objects written in one part and without KMS: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
  if (older.some(({ eTag }) => eTag === `"${digest}"`)) return true;
  for (let from = 0; from < older.length; from += AT_ONCE) {
    const read = await contentsOf(place, older.slice(from, from + AT_ONCE), (done) =>
      report?.(from + done, older.length),
    );
    if (read.some(({ content }) => md5Of(content) === digest)) {
      report?.(older.length, older.length);
      return true;
    }
  }
  return false;
}

/**
 * How many versions back the newest version is that Terraform or OpenTofu can read, not counting delete markers;
 * undefined if there is none. It has the newest lineage, which a truncated write still starts with: going back to
 * another project's version would be wrong.
 */
export async function newestState(
  place: StatePlace,
  { objectKey }: ListedState,
  report?: Report,
): Promise<number | undefined> {
  const versions = (await versionsOf(place, objectKey)).filter(({ marker }) => !marker);
  const now = await newestLineage(place, versions);
  for (let from = 0; from < versions.length; from += AT_ONCE) {
    const read = await contentsOf(place, versions.slice(from, from + AT_ONCE), (done) =>
      report?.(from + done, versions.length),
    );
    const newest = read.find(({ content }) => {
      const state = stateIn(content);
      return state !== undefined && (now === undefined || state.lineage === now.lineage);
    });
    if (newest === undefined) continue;
    report?.(versions.length, versions.length);
    return versions.findIndex(({ versionId }) => versionId === newest.versionId);
  }
  return undefined;
}

/**
 * How many versions back the last one with a different lineage is, if another project wrote to the key: the lineage
 * changed without a deletion in between, and not back to an earlier one. A project writes more than once, so the
 * version before the newest may be its own. If the newest is not a state, or deleted, the one below it counts.
 * Undefined if nothing was overwritten.
 */
export async function overwrittenBy(
  place: StatePlace,
  state: ListedState,
  report?: Report,
): Promise<number | undefined> {
  if (state.versions < 2) return undefined;
  const readable = stateIn(state.newest.content)?.lineage;
  const all = await versionsOf(place, state.objectKey);
  const versions = all.slice(all.findIndex(({ marker }) => !marker));
  const deletion = versions.findIndex(({ marker }) => marker);
  const since = deletion === -1 ? versions : versions.slice(0, deletion);
  // The usual case: one project since then, or a return to the first one.
  const [first] = await lineagesOf(place, since.slice(-1));
  if (first === undefined ? since.length <= 1 : first === readable) return undefined;
  const lineages = await lineagesOf(place, since, report);
  const now = readable ?? lineages.find((lineage) => lineage !== undefined);
  const last = lineages.findIndex((lineage) => lineage !== undefined && lineage !== now);
  return last === -1 || lineages.includes(now, last) ? undefined : last;
}
