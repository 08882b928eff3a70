import { CrcError } from '../../errors.ts';
import { shellWord } from '../../shell.ts';
import { type HeldLock, locksOn, removeLock } from '../../terraform/state/lock-calls.ts';
import { lockText } from '../../terraform/state/locks.ts';
import {
  DEFAULT_WORKSPACE,
  objectKeyOf,
  type StateName,
  type StatePlace,
  stateText,
} from '../../terraform/state/place.ts';
import { foreign } from '../../ui/foreign.ts';
import type { Io } from '../../ui/io.ts';
import { printErr, printOut } from '../../ui/print.ts';
import { restoredDocument } from '../../ui/states.ts';
import type { Connection } from '../connection.ts';
import { agree, askYes, needsNoConsent } from '../consent.ts';
import type { StateUnlockOptions } from '../definitions/state-unlock.ts';
import { workspaceOf } from './place.ts';
import { lockView } from './views.ts';
import { withStates } from './with-states.ts';

/** Milliseconds for which a lock is taken for one that is in use. */
const YOUNG = 60 * 60 * 1000;

/** Shows who holds the lock of a state, and releases it. 0 released, or not locked; 1 otherwise. */
export async function stateUnlock(options: StateUnlockOptions, io: Io): Promise<number> {
  checkLockId(options.force);
  const name = { key: options.key, workspace: workspaceOf(options.workspace) };
  return await withStates({ command: 'state unlock', options, io }, async (connection, place) => {
    await connection.identity();
    const { locks, remaining } = await agreedLocks(connection, place, name, options, io);
    const removed = await connection.uninterrupted(() => Promise.all(locks.map((lock) => removeLock(place, lock))));
    const released = locks.filter((_, index) => removed[index]);
    const status = locks.length === 0 ? 'not-locked' : released.length === 0 ? 'changed' : 'released';
    return {
      exitCode: status === 'changed' ? 1 : 0,
      document: (run) => restoredDocument(run, { status, ...name, locks: locks.map(({ info }) => lockView(info)) }),
      text: () => `${[resultText(name, locks, released), ...remaining.map(stillHeld)].join('\n')}\n`,
      cost: true,
    };
  });
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

/** The locks that the user agreed to release. */
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
      async show({ locks }, { again, asked }) {
        if (again) connection.progress.line('The lock has changed since. This is who holds it now:');
        const lines = locks.map((lock) => `${foreign(lockText(lock))}\n`).join('');
        if (!options.json) await printOut(io, lines);
        if (asked && io.outColumns === undefined) await printErr(io, lines);
      },
      ask: () =>
        connection.asking(() =>
          askYes(
            'Release it? A Terraform that still runs would lose its lock, and could write beside another.',
            connection.signal,
          ),
        ),
      isAnswered: async () => options.force !== undefined || (await needsNoConsent(connection.config, options, io)),
      hint: 'Pass --force LOCK_ID to release it without a prompt.',
    },
    io,
    options,
  );
}

/** The locks that may be released now. Throws a CrcError for a recent lock, and for one other than the one named. */
function chosenLocks(locks: readonly HeldLock[], name: StateName, { force }: StateUnlockOptions): Chosen {
  if (force !== undefined) {
    const named = locks.filter((lock) => lockName(lock) === force);
    // A state can have a lock of each kind, and of two holders: clients that lock in different places.
    const remaining = locks.filter((lock) => !named.includes(lock));
    if (named.length > 0 || locks.length === 0) return { locks: named, remaining };
    throw new CrcError(`The lock of ${stateText(name)} is not ${force}: ${locks.map(lockText).join('; ')}.`, {
      hint: 'Nothing was released: another process holds it by now. Look at it again before you name that one.',
    });
  }
  const young = locks.find((lock) => !(ageOf(lock) >= YOUNG));
  if (young === undefined) return { locks, remaining: [] };
  const age = ageOf(young);
  throw new CrcError(
    `${lockText(young)}. ${Number.isNaN(age) ? 'Its age is not known' : `It is ${Math.max(0, Math.floor(age / 60_000))} minutes old`}, so Terraform may still be running; it was not released.`,
    {
      hint: `Wait for it. If you are sure that it died: \`crc state unlock ${commandWords(name)} --force ${shellWord(lockName(young))}\`.`,
    },
  );
}

function commandWords({ key, workspace }: StateName): string {
  return workspace === DEFAULT_WORKSPACE ? shellWord(key) : `${shellWord(key)} --workspace ${shellWord(workspace)}`;
}

/** The id that Terraform shows; a lock whose write was cut off has none, so its place identifies it. */
function lockName({ info, path }: HeldLock): string {
  return info?.id ?? path;
}

/** Milliseconds; NaN where nothing says when it was taken. */
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

function resultText(name: StateName, locks: readonly HeldLock[], released: readonly HeldLock[]): string {
  if (locks.length === 0) return `${foreign(stateText(name))} is not locked.`;
  if (released.length === 0)
    return 'Nothing was released: the lock was given back, or taken by another process, meanwhile.';
  return `Released the lock of ${foreign(stateText(name))}. Check the state: \`crc state check\`, then \`terraform plan\`.`;
}
