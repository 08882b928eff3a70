import { GetBucketLifecycleConfigurationCommand, type LifecycleRule } from '@aws-sdk/client-s3';
import { orAbsent } from '../../aws/error-names.ts';
import { CrcError } from '../../errors.ts';
import type { CheckInput } from './check.ts';
import { readState } from './content.ts';
import { digestOf, putDigest } from './digest.ts';
import { contentsOf, type StateVersion, versionsOf } from './history.ts';
import { holdState } from './hold.ts';
import { type ListedState, type ListOptions, listStates } from './list.ts';
import { versionBytes } from './object.ts';
import { type StatePlace, stateText } from './place.ts';

/** Older versions of a state that are looked at where the newest raises a question. */
const MAX_COMPARED = 50;

/** Reads all that a check of the states looks at. Throws what AWS answers. */
export async function examineStates(
  place: StatePlace,
  options: ListOptions & { readonly written: readonly string[] },
): Promise<CheckInput> {
  const [list, rules] = await Promise.all([listStates(place, options), lifecycleRules(place)]);
  const current = list.states.filter(({ deleted }) => !deleted);
  const previous = await contentsOf(
    place,
    current.flatMap(({ older: [before] }) => before ?? []),
  );
  const overwritten = new Set<string>();
  for (const before of previous) {
    const state = current.find(({ objectKey }) => objectKey === before.key);
    if (state !== undefined && (await isOverwritten(place, state, before))) overwritten.add(state.objectKey);
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
    now: Date.now(),
  };
}

/** The digest in the lock table is not that of the state, so Terraform refuses it. */
export function isMismatch({ digest, newest, deleted }: ListedState): boolean {
  return !deleted && digest !== undefined && digest !== newest.content?.md5;
}

async function isDigestOfOlder(place: StatePlace, state: ListedState): Promise<boolean> {
  return (await olderVersions(place, state)).some(({ content }) => content?.md5 === state.digest);
}

/** The newest version has another lineage than the one before, and is no return to one that was there earlier. */
async function isOverwritten(place: StatePlace, state: ListedState, before: StateVersion): Promise<boolean> {
  const [now, old] = [lineageOf(state.newest), lineageOf(before)];
  if (now === undefined || old === undefined || now === old) return false;
  return !(await olderVersions(place, state)).some((version) => lineageOf(version) === now);
}

function lineageOf({ content }: StateVersion): string | undefined {
  return content === undefined || content.kind === 'opaque' ? undefined : content.lineage;
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
  const hold = await holdState(place, objectKey, 'crc state check', tool);
  try {
    const [[newest], digest] = await Promise.all([versionsOf(place, objectKey), digestOf(place, objectKey)]);
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
  } finally {
    await hold.release();
  }
}
