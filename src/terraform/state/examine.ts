import { GetBucketLifecycleConfigurationCommand, type LifecycleRule } from '@aws-sdk/client-s3';
import { orAbsent } from '../../aws/error-names.ts';
import { inListOrder } from '../../aws/read-together.ts';
import { pooled } from '../../engine/pooled.ts';
import type { CheckInput } from './check.ts';
import { md5Of } from './content.ts';
import { contentsOf } from './history.ts';
import { type ListedState, type ListOptions, listStates, type StateList } from './list.ts';
import { isDigestOfOlder, newestState, overwrittenBy } from './older.ts';
import type { StatePlace } from './place.ts';

/** Concurrently listed states. Most need one page and the start of one version. */
const AT_ONCE = 8;

/** Reads everything that a check of the states needs. @throws the errors from AWS. */
export async function examineStates(
  place: StatePlace,
  options: ListOptions & { readonly written: readonly string[] },
): Promise<CheckInput> {
  const [rules, list] = await inListOrder([lifecycleRules(place), consistentList(place, options)]);
  const current = list.states.filter(({ deleted }) => !deleted);
  const previous = await contentsOf(
    place,
    current.flatMap(({ older: [before] }) => before ?? []),
  );
  const overwritten = new Map<string, number>();
  const lookForOverwrite = async (state: ListedState) => {
    const back = await overwrittenBy(place, state, options.report);
    if (back !== undefined) overwritten.set(state.objectKey, back);
  };
  await pooled(list.states.filter(mayBeLost), lookForOverwrite, { atOnce: AT_ONCE, signal: place.signal });
  const restorable = new Map<string, number>();
  for (const state of list.states.filter(({ newest }) => newest.content?.kind === 'opaque')) {
    const back = await newestState(place, state, options.report);
    if (back !== undefined) restorable.set(state.objectKey, back);
  }
  const digestOfOlder = new Map<string, boolean>();
  for (const state of current.filter(isMismatch)) {
    digestOfOlder.set(state.objectKey, await isDigestOfOlder(place, state, options.report));
  }
  return {
    list,
    previous: new Map(previous.map((version) => [version.key, version])),
    overwritten,
    restorable,
    digestOfOlder,
    written: options.written,
    expiring: rules.filter((rule) => expiresStates(rule, list.states)).map(({ ID }) => ID ?? '(without an id)'),
    bucket: place.bucket.Bucket,
    prefixes: place.prefixes,
    now: Date.now(),
  };
}

/**
 * Bucket and table are read one after the other, and Terraform may write in between, so a mismatch is read again once.
 */
async function consistentList(place: StatePlace, options: ListOptions): Promise<StateList> {
  const list = await listStates(place, options);
  return list.states.some(isMismatch) || list.otherDigests.length > 0 ? await listStates(place, options) : list;
}

/** Not a state that was empty when it was deleted, such as a workspace's. */
function mayBeLost({ deleted, newest: { content } }: ListedState): boolean {
  return !deleted || content?.kind !== 'state' || content.resources > 0;
}

/** The digest in the lock table is not that of the state, so Terraform refuses it. */
export function isMismatch({ digest, newest, deleted }: ListedState): boolean {
  const md5 = md5Of(newest.content);
  return !deleted && digest !== undefined && md5 !== undefined && digest !== md5;
}

async function lifecycleRules({ s3, bucket }: StatePlace): Promise<readonly LifecycleRule[]> {
  const call = s3.send(new GetBucketLifecycleConfigurationCommand(bucket));
  const { Rules = [] } = await orAbsent(call, ['NoSuchLifecycleConfiguration'], { Rules: [] });
  return Rules;
}

/** A rule with a tag filter does not affect states, which Terraform does not tag. */
function expiresStates({ Status, Expiration, Filter, Prefix }: LifecycleRule, states: readonly ListedState[]): boolean {
  if (Status !== 'Enabled' || (Expiration?.Days === undefined && Expiration?.Date === undefined)) return false;
  if (Filter?.Tag !== undefined || (Filter?.And?.Tags ?? []).length > 0) return false;
  const prefix = Filter?.Prefix ?? Filter?.And?.Prefix ?? Prefix ?? '';
  return prefix === '' || states.some(({ objectKey }) => objectKey.startsWith(prefix));
}
