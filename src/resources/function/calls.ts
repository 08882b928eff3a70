import { isDeepStrictEqual } from 'node:util';
import {
  DeleteFunctionCommand,
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
  ready(qualifier?: string): Promise<FunctionConfiguration>;
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
  readonly ready: number;
  /** Until a new role can be assumed: one minute is not always enough (hashicorp/terraform#14291). */
  readonly role: number;
  /** For writes by other processes. */
  readonly conflict: number;
  /** For tags that Lambda could not show at once. */
  readonly tags: number;
}

const PATIENCE: Patience = { firstPause: 200, ready: 300_000, role: 120_000, conflict: 60_000, tags: 5_000 };

const LONGEST_PAUSE = 2_000;

/** Deletes a function; one that does not exist any more is no error. */
export async function deleteFunction(name: string, lambda: LambdaClient, calls: FunctionCalls): Promise<void> {
  const call = calls.write(() => lambda.send(new DeleteFunctionCommand({ FunctionName: name })));
  await orAbsent(call, NO_SUCH_FUNCTION, undefined);
}

export function functionCalls(
  name: string,
  lambda: LambdaClient,
  signal: AbortSignal,
  patience: Partial<Patience> = {},
): FunctionCalls {
  return new Calls(name, lambda, signal, { ...PATIENCE, ...patience });
}

class Calls implements FunctionCalls {
  readonly #name: string;
  readonly #lambda: LambdaClient;
  readonly #signal: AbortSignal;
  readonly #patience: Patience;
  #reading: Promise<GetFunctionCommandOutput | undefined> | undefined;
  #seen: FunctionConfiguration | undefined;
  /** The answer that ended a wait: the next read, and no other, has no need to ask again. */
  #readyAnswer: GetFunctionCommandOutput | undefined;
  /** The write before: the next one waits for its end, good or bad. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(name: string, lambda: LambdaClient, signal: AbortSignal, patience: Patience) {
    this.#name = name;
    this.#lambda = lambda;
    this.#signal = signal;
    this.#patience = patience;
  }

  async latest(): Promise<GetFunctionCommandOutput | undefined> {
    const readyAnswer = this.#readyAnswer;
    this.#readyAnswer = undefined;
    if (readyAnswer !== undefined && !tagsMayFollow(readyAnswer)) return readyAnswer;
    this.#reading ??= this.#getWithTags().finally(() => {
      this.#reading = undefined;
    });
    const answer = await this.#reading;
    this.#seen = answer?.Configuration;
    return answer;
  }

  async version(qualifier: string): Promise<FunctionConfiguration | undefined> {
    return (await this.#get(qualifier))?.Configuration;
  }

  seen(): FunctionConfiguration | undefined {
    return this.#seen;
  }

  async ready(qualifier?: string): Promise<FunctionConfiguration> {
    const backOff = this.#startBackOff();
    let answer = await this.#idle(qualifier);
    while (answer?.Configuration === undefined) {
      // A new function may not be known everywhere yet.
      if (backOff.elapsed > this.#patience.ready) throw notReady(this.#name, undefined, this.#patience.ready);
      await backOff.pause();
      answer = await this.#idle(qualifier);
    }
    const now = answer.Configuration;
    if (now.State === 'Failed') throw brokenFunction(this.#name, now);
    if (now.LastUpdateStatus === 'Failed') throw failedUpdate(this.#name, now);
    if (qualifier === undefined) {
      this.#seen = now;
      this.#readyAnswer = answer;
    }
    return now;
  }

  async write<T>(send: () => Promise<T>): Promise<T> {
    return await this.#inTurn(() => this.#sendInTurn(send));
  }

  async change<T>(
    send: (revision: string | undefined) => Promise<T>,
    { done, again = false }: WhenStale,
  ): Promise<T | undefined> {
    return await this.#inTurn(() =>
      this.#sendInTurn(send, async (error, waited) => {
        const before = this.#seen;
        const now = await this.ready();
        // The revision alone changes too: when a change has ended, and with tags.
        const untouched = before !== undefined && isDeepStrictEqual(essence(before), essence(now));
        if ((!untouched && !done(now)) || waited > this.#patience.ready) {
          throw changedByOthers(this.#name, before, now, error);
        }
        return done(now) && !again ? { answer: undefined } : undefined;
      }),
    );
  }

  async #get(Qualifier?: string): Promise<GetFunctionCommandOutput | undefined> {
    const call = this.#lambda.send(new GetFunctionCommand({ FunctionName: this.#name, Qualifier }));
    return await orAbsent(call, NO_SUCH_FUNCTION, undefined);
  }

  async #getWithTags(): Promise<GetFunctionCommandOutput | undefined> {
    const backOff = this.#startBackOff();
    for (;;) {
      const answer = await this.#get();
      if (answer === undefined || !tagsMayFollow(answer) || backOff.elapsed > this.#patience.tags) return answer;
      await backOff.pause();
    }
  }

  /** Polls until no change is in progress, and returns the function's state then, good or bad. */
  async #idle(qualifier?: string): Promise<GetFunctionCommandOutput | undefined> {
    const backOff = this.#startBackOff();
    for (;;) {
      const answer = await this.#get(qualifier);
      if (answer?.Configuration === undefined || !isBusy(answer.Configuration)) return answer;
      if (backOff.elapsed > this.#patience.ready) {
        throw notReady(this.#name, answer.Configuration, this.#patience.ready);
      }
      await backOff.pause();
    }
  }

  /** Sends until AWS takes it. `onStale` answers an outdated revision: with a value to give up with, or undefined to send again. */
  async #sendInTurn<T, S>(
    send: (revision: string | undefined) => Promise<T>,
    onStale?: (error: unknown, waited: number) => Promise<{ readonly answer: S } | undefined>,
  ): Promise<T | S> {
    const backOff = this.#startBackOff();
    for (;;) {
      this.#signal.throwIfAborted();
      try {
        this.#readyAnswer = undefined;
        return await send(this.#seen?.RevisionId);
      } catch (error) {
        const waited = backOff.elapsed;
        if (onStale !== undefined && isStale(error)) {
          const given = await onStale(error, waited);
          if (given !== undefined) return given.answer;
        } else if (isInProgress(error) && waited < this.#patience.ready) await this.#idle();
        else if (!this.#passes(error, waited)) throw error;
      }
      await backOff.pause();
    }
  }

  #passes(error: unknown, waited: number): boolean {
    if (isConcurrentWrite(error)) return waited < this.#patience.conflict;
    return isRoleNotReady(error) && waited < this.#patience.role;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(run, run);
    this.#lastWrite = turn;
    return turn;
  }

  #startBackOff(): BackOff {
    return new BackOff({ first: this.#patience.firstPause, longest: LONGEST_PAUSE, signal: this.#signal });
  }
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
