import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { CrcError } from '../../errors.ts';
import { type HeldLock, locksOn, putLock, removeLock } from './lock-calls.ts';
import { lockText } from './locks.ts';
import { lockIdOf, type StatePlace } from './place.ts';

/** The locks that crc holds on one state. */
export interface Hold {
  readonly id: string;
  /** Gives the locks back. Throws a CrcError with the command that removes what is left. */
  release(): Promise<void>;
}

/**
 * Takes every lock that Terraform takes on a state, in its order: the lock file, then the item. Where another holds one, what
 * was taken is given back, and a CrcError says who holds it.
 *
 * The form is Terraform's, so that it shows who holds the lock, and `terraform force-unlock` removes it:
 * https://github.com/hashicorp/terraform/blob/main/internal/states/statemgr/locker.go
 */
export async function holdState(
  place: StatePlace,
  objectKey: string,
  operation: string,
  version: string,
): Promise<Hold> {
  const id = randomUUID();
  const info = JSON.stringify({
    ID: id,
    Operation: operation,
    Info: '',
    Who: `${userInfo().username}@${hostname()}`,
    Version: version,
    Created: new Date().toISOString(),
    Path: lockIdOf(place, objectKey),
  });
  const kinds: readonly HeldLock['kind'][] = [
    ...(place.lockFile ? (['file'] as const) : []),
    ...(place.table === undefined ? [] : (['table'] as const)),
  ];
  const release = async () => releaseOwn(place, objectKey, id);
  for (const kind of kinds) {
    try {
      if (await putLock(place, kind, objectKey, info)) continue;
    } catch (error) {
      // Whether it was written is not known: the answer may have been lost.
      await release();
      throw error;
    }
    await release();
    throw heldByAnother(await locksOn(place, objectKey), objectKey);
  }
  return { id, release };
}

/** Removes what has this id and nothing else. */
async function releaseOwn(place: StatePlace, objectKey: string, id: string): Promise<void> {
  try {
    const own = (await locksOn(place, objectKey)).filter(({ info }) => info?.id === id);
    for (const lock of own.reverse()) await removeLock(place, lock);
  } catch (error) {
    throw new CrcError(`The lock ${id} on ${objectKey} could not be released.`, {
      hint: `Release it: \`crc state unlock ${objectKey} --force ${id}\`.`,
      cause: error,
    });
  }
}

function heldByAnother(locks: readonly HeldLock[], objectKey: string): CrcError {
  const held = locks.map(lockText).join('; ');
  return new CrcError(held === '' ? `${objectKey} was locked by another process.` : `${held}.`, {
    hint: 'Wait until Terraform has finished, then run the command again. If it died: `crc state unlock` shows how to release the lock.',
  });
}
