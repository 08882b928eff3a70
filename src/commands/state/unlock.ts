import { counted } from '../../counted.ts';
import { CrcError } from '../../errors.ts';
import { stateCommand } from '../../terraform/state/command-line.ts';
import { mayHaveHappened, stateError } from '../../terraform/state/failure.ts';
import { newestVersionOf } from '../../terraform/state/history.ts';
import { type HeldLock, locksOn, removeLock } from '../../terraform/state/lock-calls.ts';
import { lockText } from '../../terraform/state/locks.ts';
import { objectKeyOf, type StateName, type StatePlace, stateText } from '../../terraform/state/place.ts';
import { foreign } from '../../ui/foreign.ts';
import type { Io } from '../../ui/io.ts';
import { printErr, printOut } from '../../ui/print.ts';
import { restoredDocument } from '../../ui/states.ts';
import type { Connection } from '../connection.ts';
import { agree, askInAccount, needsNoConsent } from '../consent.ts';
import type { StateUnlockOptions } from '../definitions/state-unlock.ts';
import { workspaceOf } from '../workspace.ts';
import { lockView } from './views.ts';
import { withStates } from './with-states.ts';

/** In milliseconds: a younger lock counts as in use. */
const YOUNG = 60 * 60 * 1000;

/** Shows who holds the lock of a state, and releases it. 0 released, or not locked; 1 otherwise. */
export async function stateUnlock(options: StateUnlockOptions, io: Io): Promise<number> {
  checkLockId(options.force);
  const name = { key: options.key, workspace: workspaceOf(options.workspace) };
  return await withStates({ command: 'state unlock', options, io }, async (connection, place) => {
    await connection.identity();
    const { locks, remaining } = await agreedLocks(connection, place, name, options, io);
    const isKnown = locks.length > 0 || (await newestVersionOf(place, objectKeyOf(name, place.prefixes))) !== undefined;
    const released = await connection.uninterrupted(() => releaseAll(place, name, locks));
    connection.finished();
    const status = locks.length === 0 ? 'not-locked' : released.length === 0 ? 'changed' : 'released';
    return {
      exitCode: status === 'changed' ? 1 : 0,
      document: (run) => restoredDocument(run, { status, ...name, locks: locks.map(({ info }) => lockView(info)) }),
      text: () =>
        `${[isKnown ? resultText(name, locks, released) : unknownText(place, name), ...remaining.map(stillHeld)].join('\n')}\n`,
      cost: true,
    };
  });
}

/**
 * Releases the locks in sequence, and returns those that still existed. @throws CrcError that lists the ones released
 * before the one that failed.
 */
async function releaseAll(
  place: StatePlace,
  name: StateName,
  locks: readonly HeldLock[],
): Promise<readonly HeldLock[]> {
  const released: HeldLock[] = [];
  for (const lock of locks) {
    try {
      if (await removeLock(place, objectKeyOf(name, place.prefixes), lock)) released.push(lock);
    } catch (error) {
      const { message, hint } = stateError(place, error);
      const left = mayHaveHappened(error)
        ? `It is not known whether ${lock.path} is still locked`
        : `${lock.path} is still locked`;
      const before =
        released.length === 0 ? '' : ` Released before it: ${released.map(({ path }) => path).join(', ')}.`;
      throw new CrcError(`${message} ${left}.${before}`, {
        hint: `${hint} To see what is left: ${stateCommand('unlock', name)}.`,
        cause: error,
      });
    }
  }
  return released;
}

function checkLockId(id: string | undefined): void {
  if (id === undefined || /^[^\p{Cc}]*[^\s\p{Cc}][^\p{Cc}]*$/u.test(id)) return;
  throw new CrcError(`--force: ${JSON.stringify(id)} is not a lock ID.`, {
    hint: 'Terraform and `crc state list` show it.',
  });
}

/** The locks of a state to release, and those to keep. */
interface Chosen {
  readonly locks: readonly HeldLock[];
  readonly remaining: readonly HeldLock[];
}

/** The confirmed locks to release. */
async function agreedLocks(
  connection: Connection,
  place: StatePlace,
  name: StateName,
  options: StateUnlockOptions,
  io: Io,
): Promise<Chosen> {
  return await agree<Chosen>(
    {
      plan: async () => chosenLocks(await locksOn(place, objectKeyOf(name, place.prefixes)), name, options),
      isEmpty: ({ locks }) => locks.length === 0,
      isSame: (now, agreed) => identityOf(now.locks) === identityOf(agreed.locks),
      async show({ locks, remaining }, { again, asked }) {
        if (again) connection.progress.line('The lock has changed since. This is who holds it now:');
        const lines = [...locks, ...remaining].map((lock) => `${foreign(lockText(lock))}\n`).join('');
        if (!options.json) await printOut(io, lines);
        if (asked && io.outColumns === undefined) await printErr(io, lines);
      },
      ask: ({ locks }) =>
        askInAccount(
          connection,
          `Release ${isOfTwo(locks) ? 'both' : 'it'}? If that Terraform is still running, it loses its lock, and two runs could write at the same time.`,
        ),
      isAnswered: async () => options.force !== undefined || (await needsNoConsent(connection.config, options, io)),
      hint: 'Pass --force LOCK_ID to release it without a prompt.',
    },
    io,
    options,
  );
}

/**
 * The locks that may be released now. @throws CrcError for a recent lock, and for a lock with a different id from the
 * given one.
 */
function chosenLocks(locks: readonly HeldLock[], name: StateName, { force }: StateUnlockOptions): Chosen {
  if (force !== undefined) {
    const named = locks.filter((lock) => lockName(lock) === force);
    // A state can have a lock of each kind from different clients: they lock in different places.
    const remaining = locks.filter((lock) => !named.includes(lock));
    if (named.length > 0 || locks.length === 0) return { locks: named, remaining };
    throw new CrcError(
      `${locks.map(lockText).join('; ')}. No lock of ${stateText(name)} has the ID ${force}, so none was released.`,
      {
        hint: `If that Terraform run is no longer active: ${[...new Set(locks.map(lockName))].map((id) => stateCommand('unlock', name, '--force', id)).join(' or ')}. If it is still running, wait for it to finish.`,
      },
    );
  }
  const young = locks.find((lock) => !(ageOf(lock) >= YOUNG));
  if (young === undefined) return { locks, remaining: [] };
  const age = ageOf(young);
  const subject = isOfTwo(locks) ? `The lock ${lockName(young)}` : 'It';
  const minutes = Math.max(0, Math.floor(age / 60_000));
  const old = Number.isNaN(age)
    ? `The age of ${isOfTwo(locks) ? lockName(young) : 'it'} is unknown`
    : `${subject} is ${minutes === 0 ? 'less than a minute' : counted(minutes, 'minute')} old`;
  throw new CrcError(
    `${locks.map(lockText).join('; ')}. ${old}, so Terraform may still be running. No lock was released.`,
    {
      hint: `Wait for it to finish. If you are sure that it is no longer running: ${stateCommand('unlock', name, '--force', lockName(young))}.`,
    },
  );
}

/** A client that locks in the table and one that locks by file do not see each other. */
function isOfTwo(locks: readonly HeldLock[]): boolean {
  return new Set(locks.map(lockName)).size > 1;
}

/** The id that Terraform shows; a lock whose write was cut off has none, and is identified by its path. */
function lockName({ info, path }: HeldLock): string {
  return info?.id ?? path;
}

/** Milliseconds; NaN if the lock has no creation time. */
function ageOf({ info, stored }: HeldLock): number {
  const created = Date.parse(info?.created ?? '');
  return Date.now() - (Number.isNaN(created) ? (stored ?? Number.NaN) : created);
}

function identityOf(locks: readonly HeldLock[]): string {
  return JSON.stringify(locks.map(({ kind, identity }) => [kind, identity]));
}

function stillHeld(lock: HeldLock): string {
  return `Another lock is still held: ${foreign(lockText(lock))}.`;
}

/** The lock of a first apply has no state next to it; without a lock the key is probably misspelled. */
function unknownText(place: StatePlace, name: StateName): string {
  const { Bucket } = place.bucket;
  return `${foreign(stateText(name))} is not locked, and the bucket ${Bucket} has no state of that name. \`crc state list\` shows all states in it.`;
}

function resultText(name: StateName, locks: readonly HeldLock[], released: readonly HeldLock[]): string {
  if (locks.length === 0) return `${foreign(stateText(name))} is not locked.`;
  if (released.length === 0)
    return 'Nothing was released: the lock was released or taken by another process in the meantime.';
  return `Released the lock of ${foreign(stateText(name))}. Check the state: \`crc state check\`, then \`terraform plan\`.`;
}
