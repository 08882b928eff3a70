import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { isDenied } from '../../aws/access-causes.ts';
import { failedCall } from '../../aws/calls.ts';
import { CrcError } from '../../errors.ts';
import { stateCommand } from './command-line.ts';
import { mayHaveHappened, stateError, unchanged } from './failure.ts';
import { type HeldLock, lockOf, locksOn, putLock, removeLock } from './lock-calls.ts';
import { lockText } from './locks.ts';
import { lockIdOf, type StatePlace, stateNameOf, stateText } from './place.ts';

/** Who takes the locks and why, which Terraform shows to those who wait. */
export interface Holder {
  /** `crc state restore` */
  readonly operation: string;
  /** The version of crc. */
  readonly version: string;
}

/**
 * Runs `work` while holding every lock that Terraform takes on a state. @throws the errors of `work`, and a CrcError if
 * someone else holds a lock or a lock could not be released: it also reports the result of the work, since both must be
 * fixed.
 */
export async function underLocks<T>(
  place: StatePlace,
  objectKey: string,
  holder: Holder,
  work: () => Promise<T>,
  doneText: (result: T) => string,
): Promise<T> {
  const release = await holdState(place, objectKey, holder).catch((error: unknown) => {
    throw unchanged(place, error);
  });
  let result: T;
  try {
    result = await work();
  } catch (error) {
    const failed = stateError(place, error);
    await release().catch((unreleased: unknown) => {
      throw both(place, failed.message, failed.hint, unreleased);
    });
    throw error;
  }
  await release().catch((unreleased: unknown) => {
    throw both(place, doneText(result), undefined, unreleased);
  });
  return result;
}

/** Reports a lock that was left behind after what happened under it; releasing it is the first thing to do. */
function both(place: StatePlace, before: string, hint: string | undefined, unreleased: unknown): CrcError {
  const error = stateError(place, unreleased);
  return new CrcError(`${before} ${error.message}`, {
    hint: [error.hint, hint].filter((text) => text !== undefined).join(' '),
    cause: unreleased,
  });
}

/**
 * Takes every lock that Terraform takes on a state, in its order: the lock file, then the item. If someone else holds
 * one, those taken so far are released, and a CrcError shows the holder. The format is Terraform's, so that it shows
 * who holds the lock, and `terraform force-unlock` can remove it:
 * https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/locker.go
 */
async function holdState(
  place: StatePlace,
  objectKey: string,
  { operation, version }: Holder,
): Promise<() => Promise<void>> {
  const id = randomUUID();
  const info = JSON.stringify({
    ID: id,
    Operation: operation,
    Info: '',
    Who: `${userName()}@${hostname()}`,
    Version: version,
    Created: new Date().toISOString(),
    Path: lockIdOf(place, objectKey),
  });
  const kinds: readonly HeldLock['kind'][] = [
    ...(place.lockFile ? (['file'] as const) : []),
    ...(place.table === undefined ? [] : (['table'] as const)),
  ];
  const taken: HeldLock['kind'][] = [];
  const release = async () => releaseOwn(place, taken, objectKey, id);
  const releaseAfter = async (error: unknown) => {
    const { message, hint } = stateError(place, error);
    await release().catch((unreleased: unknown) => {
      throw both(place, message, hint, unreleased);
    });
  };
  for (const kind of kinds) {
    let isTaken: boolean;
    try {
      isTaken = await putLock(place, kind, objectKey, info);
    } catch (error) {
      // It may have been written, since the response may have been lost, unless AWS refused to write it.
      if (failedCall(error)?.operation.startsWith('Put') !== true || mayHaveHappened(error)) taken.push(kind);
      await releaseAfter(error);
      throw error;
    }
    if (isTaken) {
      taken.push(kind);
      continue;
    }
    await releaseAfter(heldByAnother(place, [], objectKey));
    throw heldByAnother(place, await locksOn(place, objectKey), objectKey);
  }
  const unseen = await unseenLock(place, objectKey).catch(async (error: unknown) => {
    await releaseAfter(error);
    throw error;
  });
  if (unseen === undefined) return release;
  const held = heldByAnother(place, [unseen], objectKey);
  await releaseAfter(held);
  throw held;
}

/**
 * The name of the user who runs crc. Empty if the system does not know the user, as in a container with an arbitrary
 * user id; Terraform leaves it empty too.
 */
export function userName(read: () => { readonly username: string } = userInfo): string {
  try {
    return read().username;
  } catch {
    return '';
  }
}

/**
 * The lock file of a Terraform run that is configured to use it although the config only has the table: the two do not
 * see each other.
 */
async function unseenLock(place: StatePlace, objectKey: string): Promise<HeldLock | undefined> {
  return place.lockFile ? undefined : await lockOf(place, 'file', objectKey);
}

/** Removes locks of these kinds that have this id, each even if another one cannot be removed. */
async function releaseOwn(
  place: StatePlace,
  kinds: readonly HeldLock['kind'][],
  objectKey: string,
  id: string,
): Promise<void> {
  const failures: unknown[] = [];
  for (const kind of [...kinds].reverse()) {
    try {
      const lock = await lockOf(place, kind, objectKey);
      if (lock?.info?.id === id) await removeLock(place, objectKey, lock);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 0) return;
  const [error] = failures;
  const name = stateNameOf(objectKey, place.prefixes);
  const { message, hint } = stateError(place, error);
  const unlock = stateCommand('unlock', name, '--force', id);
  throw new CrcError(`The lock ${id} on ${stateText(name)} could not be released: ${message}`, {
    // What was denied here is denied there too.
    hint: isDenied(error) ? `${hint} Then release it: ${unlock}.` : `Release it: ${unlock}.`,
    cause: error,
  });
}

function heldByAnother(place: StatePlace, locks: readonly HeldLock[], objectKey: string): CrcError {
  const name = stateNameOf(objectKey, place.prefixes);
  const held = locks.map(lockText).join('; ');
  return new CrcError(
    `${held === '' ? `${stateText(name)} was locked by another process` : held}. No changes were made.`,
    {
      hint: `Wait until Terraform has finished, then run the command again. If it crashed, ${stateCommand('unlock', name)} shows how to release the lock.`,
    },
  );
}
