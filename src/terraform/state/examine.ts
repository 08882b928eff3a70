import { GetBucketLifecycleConfigurationCommand, type LifecycleRule } from '@aws-sdk/client-s3';
import { orAbsent } from '../../aws/error-names.ts';
import { CrcError } from '../../errors.ts';
import type { CheckInput } from './check.ts';
import { md5Of, readState, stateIn } from './content.ts';
import { digestOf, putDigest } from './digest.ts';
import { contentsOf, newestVersionOf, type StateVersion, versionsOf } from './history.ts';
import { underLocks } from './hold.ts';
import { type ListedState, type ListOptions, listStates, type StateList } from './list.ts';
import { versionBytes } from './object.ts';
import { type StatePlace, stateText } from './place.ts';

/** Older versions of a state that are looked at where the newest raises a question. */
const MAX_COMPARED = 50;

/** Reads all that a check of the states looks at. Throws what AWS answers. */
export async function examineStates(
  place: StatePlace,
  options: ListOptions & { readonly written: readonly string[] },
): Promise<CheckInput> {
  const [list, rules] = await Promise.all([settledList(place, options), lifecycleRules(place)]);
  const current = list.states.filter(({ deleted }) => !deleted);
  const previous = await contentsOf(
    place,
    current.flatMap(({ older: [before] }) => before ?? []),
  );
  const overwritten = new Map<string, number>();
  for (const state of current) {
    const back = await overwrittenBy(place, state);
    if (back !== undefined) overwritten.set(state.objectKey, back);
  }
  const digestOfOlder = new Map<string, boolean>();
  for (const state of current.filter(isMismatch)) {
    digestOfOlder.set(state.objectKey, await isDigestOfOlder(place, state));
  }
  return {
    list,
    previous: new Map(previous.map((version) => [version.key, version])),
    overwritten,
    digestOfOlder,
    written: options.written,
    expiring: rules.filter((rule) => expiresStates(rule, list.states)).map(({ ID }) => ID ?? '(without an id)'),
    bucket: place.bucket.Bucket,
    prefixes: place.prefixes,
    now: Date.now(),
  };
}

/** Bucket and table are read one after the other, and Terraform may write in between: what does not match is read once more. */
async function settledList(place: StatePlace, options: ListOptions): Promise<StateList> {
  const list = await listStates(place, options);
  return list.states.some(isMismatch) || list.otherDigests.length > 0 ? await listStates(place, options) : list;
}

/** The digest in the lock table is not that of the state, so Terraform refuses it. */
export function isMismatch({ digest, newest, deleted }: ListedState): boolean {
  const md5 = md5Of(newest.content);
  return !deleted && digest !== undefined && md5 !== undefined && digest !== md5;
}

async function isDigestOfOlder(place: StatePlace, state: ListedState): Promise<boolean> {
  return (await olderVersions(place, state)).some(({ content }) => md5Of(content) === state.digest);
}

/**
 * How many versions back the last one of another lineage is, where another project wrote to the key: the lineage changed among the
 * latest versions, without a deletion in between, and is no return to one that was there earlier. A project writes more than
 * once, so the version before the newest may be its own. Undefined where nothing was overwritten.
 */
async function overwrittenBy(place: StatePlace, state: ListedState): Promise<number | undefined> {
  const now = lineageOf(state.newest);
  if (now === undefined) return undefined;
  const latest = (await versionsOf(place, state.objectKey)).slice(0, MAX_COMPARED);
  const deletion = latest.findIndex(({ marker }) => marker);
  const [oldest, ...newer] = (deletion === -1 ? latest : latest.slice(0, deletion)).toReversed();
  if (oldest === undefined) return undefined;
  const [start] = await contentsOf(place, [oldest]);
  // The usual case: one project since then, or a return to the first one.
  if (start !== undefined && lineageOf(start) === now) return undefined;
  const read = await contentsOf(place, newer);
  const lineages = [...(start === undefined ? [] : [start]), ...read].map(lineageOf);
  const last = lineages.findLastIndex((lineage) => lineage !== undefined && lineage !== now);
  const first = lineages.indexOf(now);
  return last === -1 || first < last ? undefined : lineages.length - 1 - last;
}

function lineageOf({ content }: StateVersion): string | undefined {
  return stateIn(content)?.lineage;
}

async function olderVersions(place: StatePlace, { objectKey, newest }: ListedState): Promise<readonly StateVersion[]> {
  const versions = await versionsOf(place, objectKey);
  const older = versions.filter(({ marker, versionId }) => !marker && versionId !== newest.versionId);
  return await contentsOf(place, older.slice(0, MAX_COMPARED));
}

async function lifecycleRules({ s3, bucket }: StatePlace): Promise<readonly LifecycleRule[]> {
  const call = s3.send(new GetBucketLifecycleConfigurationCommand(bucket));
  const { Rules = [] } = await orAbsent(call, ['NoSuchLifecycleConfiguration'], { Rules: [] });
  return Rules;
}

/** A rule for tags leaves states alone: Terraform gives them none. */
function expiresStates({ Status, Expiration, Filter, Prefix }: LifecycleRule, states: readonly ListedState[]): boolean {
  if (Status !== 'Enabled' || (Expiration?.Days === undefined && Expiration?.Date === undefined)) return false;
  if (Filter?.Tag !== undefined || (Filter?.And?.Tags ?? []).length > 0) return false;
  const prefix = Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '';
  return prefix === '' || states.some(({ objectKey }) => objectKey.startsWith(prefix));
}

/**
 * Sets the digest of a state to that of its newest version, under the lock of Terraform. False when there is nothing to set any
 * more. Throws a CrcError where another holds the lock.
 */
export async function fixDigest(place: StatePlace, state: ListedState, tool: string): Promise<boolean> {
  const { objectKey } = state;
  return await underLocks(
    place,
    objectKey,
    { operation: 'crc state check', version: tool },
    async () => {
      const [newest, digest] = await Promise.all([newestVersionOf(place, objectKey), digestOf(place, objectKey)]);
      if (newest === undefined || newest.marker) {
        throw new CrcError(`${stateText(state)} was deleted meanwhile.`, { hint: 'Run `crc state check` again.' });
      }
      const content = await readState(versionBytes(place.s3, place.bucket, newest));
      if (content.kind === 'opaque') {
        throw new CrcError(`${stateText(state)} is not a readable state, so its digest was not set.`, {
          hint: 'Restore a version that is one: that sets the digest, too. `crc state history` shows them.',
        });
      }
      if (digest === content.md5) return false;
      await putDigest(place, objectKey, content.md5);
      return true;
    },
    () => `The digest of ${stateText(state)} is set.`,
  );
}
