import type { StateVersion } from './history.ts';
import type { ListedState } from './list.ts';

/** What is known about earlier versions of states, by object key. */
interface Earlier {
  /** The version before the newest, if it was read. */
  readonly previous: ReadonlyMap<string, StateVersion>;
  /** The objects that another project wrote to. */
  readonly overwritten: ReadonlyMap<string, number>;
}

/**
 * What the newest version is if Terraform must not use it unasked: it would plan to undo what was applied since, or to
 * delete what another project has.
 */
export function wrongState(state: ListedState, earlier: Earlier): string | undefined {
  if (earlier.overwritten.has(state.objectKey)) return "another project's state";
  return earlierSerials(state, earlier) === undefined ? undefined : 'an older state';
}

/** The serials of the newest version and the one before, if the newest has the lower one. */
export function earlierSerials(
  { newest, objectKey }: ListedState,
  { previous }: Pick<Earlier, 'previous'>,
): { readonly now: number; readonly before: number } | undefined {
  const now = newest.content;
  const old = previous.get(objectKey)?.content;
  // A state encrypted by OpenTofu is restored unchanged, with its old serial.
  if (now?.kind !== 'state' || old?.kind !== 'state') return undefined;
  return now.lineage === old.lineage && now.serial < old.serial ? { now: now.serial, before: old.serial } : undefined;
}
