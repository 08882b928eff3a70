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
  brokenVersion,
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

/** The calls to one function, shared by its resources so that each sees the others' changes. */
export interface FunctionCalls {
  /** $LATEST; undefined if the function does not exist. Concurrent callers share one request. */
  latest(): Promise<GetFunctionCommandOutput | undefined>;
  /** A version, or the version that an alias serves; undefined if it does not exist. */
  version(qualifier: string): Promise<FunctionConfiguration | undefined>;
  /** $LATEST as crc last saw it. */
  seen(): FunctionConfiguration | undefined;
  /** Waits until Lambda has finished the last change. @throws CrcError with AWS's reason if the change failed. */
  ready(qualifier?: string): Promise<FunctionConfiguration>;
  /**
   * Sends any write: to the function, its alias, URL, policy or tags. Writes to one function are sent one at a time and
   * retried when another process is writing, since Lambda rejects concurrent ones. Also waits for a new role that
   * cannot be assumed yet.
   */
  write<T>(send: () => Promise<T>): Promise<T>;
  /**
   * Sends a change of code or settings, as `write` does. `send` gets the revision that crc last saw. If code or
   * settings were changed outside crc since, this throws a CrcError, unless the result is already what is wanted
   * (`done`): then it returns undefined, or sends again if `again` is given.
   */
  change<T>(send: (revision: string | undefined) => Promise<T>, stale: WhenStale): Promise<T | undefined>;
}

interface WhenStale {
  readonly done: (now: FunctionConfiguration) => boolean;
  readonly again?: boolean;
}

/** How long calls are retried, in milliseconds. */
export interface Patience {
  readonly firstPause: number;
  /** Until Lambda has finished a change; functions in a VPC take minutes. */
  readonly ready: number;
  /** Until a new role can be assumed: one minute is not always enough (hashicorp/terraform#14291). */
  readonly role: number;
  /** While other processes write. */
  readonly conflict: number;
  /** Until Lambda returns tags that it could not return at first. */
  readonly tags: number;
}

const PATIENCE: Patience = { firstPause: 200, ready: 300_000, role: 120_000, conflict: 60_000, tags: 5_000 };

const LONGEST_PAUSE = 2_000;

/** Deletes a function; not an error if it no longer exists. */
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
  /** The response that ended a wait, so that only the next read can use it instead of a request. */
  #readyAnswer: GetFunctionCommandOutput | undefined;
  /** The previous write; the next one waits until it has finished, whether it succeeded or failed. */
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
      // A new function may not be visible everywhere yet.
      if (backOff.elapsed > this.#patience.ready) throw notReady(this.#name, undefined, this.#patience.ready);
      await backOff.pause();
      answer = await this.#idle(qualifier);
    }
    const now = answer.Configuration;
    if (now.State === 'Failed') {
      throw qualifier === undefined ? brokenFunction(this.#name, now) : brokenVersion(this.#name, qualifier, now);
    }
    if (now.LastUpdateStatus === 'Failed') throw failedUpdate(this.#name, now);
    if (qualifier === undefined) {
      this.#seen = now;
      this.#readyAnswer = answer;
    }
    return now;
  }

  async write<T>(send: () => Promise<T>): Promise<T> {
    return await this.#inTurn(() => this.#sendUntilAccepted(send));
  }

  async change<T>(
    send: (revision: string | undefined) => Promise<T>,
    { done, again = false }: WhenStale,
  ): Promise<T | undefined> {
    return await this.#inTurn(() =>
      this.#sendUntilAccepted(send, async (error, waited) => {
        const before = this.#seen;
        const now = await this.ready();
        // The revision also changes without a change of content: when a change completes, and with tags.
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

  /** Polls until no change is in progress; returns the function's state, whether the change succeeded or not. */
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

  /**
   * Retries until AWS accepts it. `onStale` handles an outdated revision: it returns a value to stop with, or undefined
   * to send again.
   */
  async #sendUntilAccepted<T, S>(
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

/** The parts that crc compares and writes. */
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
