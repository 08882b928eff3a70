import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultRateLimiter } from '@smithy/core/retry';
import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from '@smithy/types';
import { BackOff } from '../engine/back-off.ts';
import { MAX_CONNECTIONS } from './deadlines.ts';
import { isNamed } from './error-names.ts';
import type { Service } from './service.ts';

/** How often a call is tried, and the pauses in milliseconds: random, from 0 up to a limit that doubles each time. */
interface Patience {
  readonly attempts: number;
  readonly firstPause: number;
  readonly longestPause: number;
}

/** One call and at most four retries, regardless of AWS_MAX_ATTEMPTS: crc's guarantees must not depend on the shell. */
const AFTER_FAULT: Patience = { attempts: 5, firstPause: 100, longestPause: 2_000 };

/**
 * Throttling, and a conflict with another write, always pass eventually, so they get more attempts, and do not use up the quota
 * for real failures. A conflict can take longer than a fault: "Wait a few minutes and submit your request again"
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html).
 */
const UNTIL_PASSED: Patience = { attempts: 10, firstPause: 500, longestPause: 5_000 };

/**
 * The number of retries after faults per client; each success returns one to the quota. Enough for all connections to
 * break at once, but low enough to stop soon if nothing responds. The SDK's own quota is exhausted when 35 connections
 * break at once.
 */
const RETRY_QUOTA = 4 * MAX_CONNECTIONS;

/**
 * The minimum number of calls per second while throttled. The SDK's own minimum, one in two seconds, is too low for
 * crc.
 */
const LEAST_RATE = 20;

/**
 * Decides which errors of a service are retried, including those that the SDK misclassifies, and how often. Uses the
 * rate limiter of the SDK's adaptive mode, so throttling slows down all calls of the client as much as needed.
 */
export class RetryStrategy implements RetryStrategyV2 {
  readonly #service: Pick<Service, 'passing' | 'final'>;
  readonly #signal: AbortSignal | undefined;
  readonly #limiter = new DefaultRateLimiter({ minFillRate: LEAST_RATE, minCapacity: LEAST_RATE });
  #quota = RETRY_QUOTA;

  /** Once `signal` is aborted, nothing is retried: the call ends with its last error. */
  constructor(service: Pick<Service, 'passing' | 'final'>, signal?: AbortSignal) {
    this.#service = service;
    this.#signal = signal;
  }

  async acquireInitialRetryToken(): Promise<RetryToken> {
    await this.#limiter.getSendToken();
    return tokenOf(0);
  }

  /**
   * Waits, and returns the token of the next attempt. Throws if there is none: the SDK then throws the call's error.
   */
  async refreshRetryTokenForRetry(token: RetryToken, info: RetryErrorInfo): Promise<RetryToken> {
    const { error, errorType } = info;
    if (this.#signal?.aborted || isNamed(error, this.#service.final ?? [])) throw error;
    this.#limiter.updateClientSendingRate(info);
    const throttled = errorType === 'THROTTLING';
    const passes = throttled || isNamed(error, this.#service.passing ?? []);
    if (!passes && errorType !== 'TRANSIENT') throw error;

    const { attempts, firstPause, longestPause } = passes ? UNTIL_PASSED : AFTER_FAULT;
    const retries = token.getRetryCount() + 1;
    if (retries >= attempts || (!passes && this.#quota === 0)) throw error;
    if (!passes) this.#quota -= 1;
    const limit = Math.min(firstPause * 2 ** (retries - 1), longestPause);
    await sleep(Math.random() * limit, undefined, this.#signal && { signal: this.#signal });
    if (throttled) await this.#limiter.getSendToken();
    return tokenOf(retries);
  }

  recordSuccess(): void {
    this.#limiter.updateClientSendingRate({});
    this.#quota = Math.min(RETRY_QUOTA, this.#quota + 1);
  }
}

/** The strategy has already waited, so the SDK must not. */
function tokenOf(retries: number): RetryToken {
  return { getRetryCount: () => retries, getRetryDelay: () => 0 };
}

export interface RetryWhileOptions {
  /** Milliseconds after which the last error is thrown. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

/** Repeats the call, after pauses that grow from 0.1 to 2 seconds, while it fails with a temporary error. */
export async function retryWhile<T>(
  passes: (error: unknown) => boolean,
  run: () => Promise<T>,
  { deadline, signal }: RetryWhileOptions,
): Promise<T> {
  const backOff = new BackOff({ first: 100, longest: 2_000, signal });
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!passes(error) || backOff.elapsed + backOff.next > deadline || signal?.aborted) throw error;
      // When stopped, the pause ends immediately, and the call fails with its last error.
      await backOff.pause().catch(() => {
        throw error;
      });
    }
  }
}
