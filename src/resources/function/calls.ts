import { isDeepStrictEqual } from 'node:util';
import {
  type FunctionConfiguration,
  GetFunctionCommand,
  type GetFunctionCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { orAbsent } from '../../aws/error-names.ts';
import { BackOff } from '../../engine/back-off.ts';
import {
  brokenFunction,
  changedByOthers,
  failedUpdate,
  isConcurrentWrite,
  isInProgress,
  isRoleNotReady,
  isStale,
  NO_SUCH_FUNCTION,
  notReady,
} from './errors.ts';
import { tagsMayFollow } from './tags.ts';

/** The calls to one function that its resources share, so that each sees the changes of the others. */
export interface FunctionCalls {
  /** $LATEST; undefined when there is no function. Resources that ask at the same time share one call. */
  latest(): Promise<GetFunctionCommandOutput | undefined>;
  /** A version, or what an alias serves; undefined when there is none. */
  version(qualifier: string): Promise<FunctionConfiguration | undefined>;
  /** $LATEST as crc last saw it. */
  seen(): FunctionConfiguration | undefined;
  /** Waits until Lambda is done with the last change. Throws a CrcError with AWS's reason when it failed. */
  settled(qualifier?: string): Promise<FunctionConfiguration>;
  /**
   * Sends a write of any kind: of the function, its alias, URL, policy or tags. Writes to one function go one after the other, and
   * give way to those of others, since Lambda refuses two at once; a new role that cannot be assumed yet is waited for.
   */
  write<T>(send: () => Promise<T>): Promise<T>;
  /**
   * Sends a change of code or settings as `write` does. `send` gets the revision that crc last saw: when others have changed code
   * or settings since, this throws a CrcError, unless the result is what is wanted (`done`); then it answers undefined, or
   * sends again if `again` is given.
   */
  change<T>(send: (revision: string | undefined) => Promise<T>, stale: WhenStale): Promise<T | undefined>;
}

interface WhenStale {
  readonly done: (now: FunctionConfiguration) => boolean;
  readonly again?: boolean;
}

/** How long calls are tried again, in milliseconds. */
export interface Patience {
  readonly firstPause: number;
  /** For Lambda to be done with a change; functions in a VPC take minutes. */
  readonly settle: number;
  /** Until a new role can be assumed: one minute is not always enough (hashicorp/terraform#14291). */
  readonly role: number;
  /** For writes by other processes. */
  readonly conflict: number;
  /** For tags that Lambda could not show at once. */
  readonly tags: number;
}

const PATIENCE: Patience = { firstPause: 200, settle: 300_000, role: 120_000, conflict: 60_000, tags: 5_000 };

const LONGEST_PAUSE = 2_000;

export function functionCalls(
  name: string,
  lambda: LambdaClient,
  signal: AbortSignal,
  given: Partial<Patience> = {},
): FunctionCalls {
  const patience = { ...PATIENCE, ...given };
  let reading: Promise<GetFunctionCommandOutput | undefined> | undefined;
  let seen: FunctionConfiguration | undefined;
  /** The answer that ended a wait: the next read, and no other, has no need to ask again. */
  let settledAnswer: GetFunctionCommandOutput | undefined;
  /** The write before: the next one waits for its end, good or bad. */
  let lastWrite: Promise<unknown> = Promise.resolve();

  const get = (Qualifier?: string) =>
    orAbsent(lambda.send(new GetFunctionCommand({ FunctionName: name, Qualifier })), NO_SUCH_FUNCTION, undefined);

  async function getWithTags() {
    const backOff = startBackOff();
    for (;;) {
      const answer = await get();
      if (answer === undefined || !tagsMayFollow(answer) || backOff.elapsed > patience.tags) return answer;
      await backOff.pause();
    }
  }

  async function latest() {
    if (settledAnswer !== undefined) {
      const answer = settledAnswer;
      settledAnswer = undefined;
      if (!tagsMayFollow(answer)) return answer;
    }
    reading ??= getWithTags().finally(() => {
      reading = undefined;
    });
    const answer = await reading;
    seen = answer?.Configuration;
    return answer;
  }

  /** Polls until no change is in progress, and returns the function's state then, good or bad. */
  async function idle(qualifier?: string): Promise<GetFunctionCommandOutput | undefined> {
    const backOff = startBackOff();
    for (;;) {
      const answer = await get(qualifier);
      if (answer?.Configuration === undefined || !isBusy(answer.Configuration)) return answer;
      if (backOff.elapsed > patience.settle) throw notReady(name, answer.Configuration, patience.settle);
      await backOff.pause();
    }
  }

  async function settled(qualifier?: string): Promise<FunctionConfiguration> {
    const backOff = startBackOff();
    let answer = await idle(qualifier);
    while (answer?.Configuration === undefined) {
      // A new function may not be known everywhere yet.
      if (backOff.elapsed > patience.settle) throw notReady(name, undefined, patience.settle);
      await backOff.pause();
      answer = await idle(qualifier);
    }
    const now = answer.Configuration;
    if (now.State === 'Failed') throw brokenFunction(name, now);
    if (now.LastUpdateStatus === 'Failed') throw failedUpdate(name, now);
    if (qualifier === undefined) {
      seen = now;
      settledAnswer = answer;
    }
    return now;
  }

  /** Sends until AWS takes it. `onStale` answers an outdated revision: with a value to give up with, or undefined to send again. */
  async function sendInTurn<T, S>(
    send: (revision: string | undefined) => Promise<T>,
    onStale?: (error: unknown, waited: number) => Promise<{ readonly answer: S } | undefined>,
  ): Promise<T | S> {
    const backOff = startBackOff();
    for (;;) {
      signal.throwIfAborted();
      try {
        settledAnswer = undefined;
        return await send(seen?.RevisionId);
      } catch (error) {
        const waited = backOff.elapsed;
        if (onStale !== undefined && isStale(error)) {
          const given = await onStale(error, waited);
          if (given !== undefined) return given.answer;
        } else if (isInProgress(error) && waited < patience.settle) await idle();
        else if (!passes(error, waited)) throw error;
      }
      await backOff.pause();
    }
  }

  function passes(error: unknown, waited: number): boolean {
    if (isConcurrentWrite(error)) return waited < patience.conflict;
    return isRoleNotReady(error) && waited < patience.role;
  }

  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = lastWrite.then(run, run);
    lastWrite = turn;
    return turn;
  }

  const startBackOff = () => new BackOff({ first: patience.firstPause, longest: LONGEST_PAUSE, signal });

  return {
    latest,
    settled,
    seen: () => seen,
    version: async (qualifier) => (await get(qualifier))?.Configuration,
    write: (send) => inTurn(() => sendInTurn(send)),
    change: (send, { done, again = false }) =>
      inTurn(() =>
        sendInTurn(send, async (error, waited) => {
          const before = seen;
          const now = await settled();
          // The revision alone changes too: when a change has ended, and with tags.
          const untouched = before !== undefined && isDeepStrictEqual(essence(before), essence(now));
          if ((!untouched && !done(now)) || waited > patience.settle) throw changedByOthers(name, before, now, error);
          return done(now) && !again ? { answer: undefined } : undefined;
        }),
      ),
  };
}

/** What crc compares and writes. */
function essence({
  CodeSha256,
  Runtime,
  Handler,
  Role,
  MemorySize,
  Timeout,
  Architectures,
  Environment,
}: FunctionConfiguration) {
  return { CodeSha256, Runtime, Handler, Role, MemorySize, Timeout, Architectures, Environment };
}

function isBusy({ State, LastUpdateStatus }: FunctionConfiguration): boolean {
  return State === 'Pending' || LastUpdateStatus === 'InProgress';
}
