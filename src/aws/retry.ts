import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultRateLimiter, StandardRetryStrategy } from '@smithy/core/retry';
import type { RetryErrorInfo, StandardRetryToken } from '@smithy/types';
import { isNamed } from './error-names.ts';

export const SERVICES = ['s3', 'dynamodb', 'iam', 'sts', 'lambda', 'logs'] as const;

export type Service = (typeof SERVICES)[number];

/** One call and at most four retries, whatever AWS_MAX_ATTEMPTS says: crc's own promise, not the user's shell. */
const MAX_ATTEMPTS = 5;

/** Passing conflicts that the SDK takes for final: another write to the same bucket, IAM entity or log group is under way. */
const PASSING: Readonly<Record<Service, readonly string[]>> = {
  s3: ['OperationAborted'],
  dynamodb: [],
  iam: ['ConcurrentModificationException', 'ConcurrentModification'],
  sts: [],
  lambda: [],
  logs: ['OperationAbortedException'],
};

/** What the SDK takes for throttling and is final: the "limit exceeded" of IAM and of CloudWatch Logs is a quota. */
const FINAL: Readonly<Record<Service, readonly string[]>> = {
  s3: [],
  dynamodb: [],
  iam: ['LimitExceededException', 'LimitExceeded'],
  sts: [],
  lambda: [],
  logs: ['LimitExceededException'],
};

/** Throttling passes for sure, only later: it gets more attempts, and costs nothing of what is kept for real failures. */
const MAX_THROTTLED_ATTEMPTS = 10;

/** Milliseconds: pauses after throttling are drawn from 0 to a limit that doubles from the first to the last. */
const FIRST_THROTTLED_PAUSE = 500;
const LAST_THROTTLED_PAUSE = 5_000;

/** Calls a second that are sent even when throttled: the SDK's own least, one in two seconds, is made for other uses. */
const LEAST_RATE = 20;

/**
 * The SDK's standard strategy with what it misjudges put right, service by service, and with the rate limiter of its
 * adaptive mode: throttling slows all calls of the client down, as far as the service asks for.
 */
export class RetryStrategy extends StandardRetryStrategy {
  readonly #service: Service;
  readonly #limiter = new DefaultRateLimiter({ minFillRate: LEAST_RATE, minCapacity: LEAST_RATE });

  readonly #signal: AbortSignal | undefined;

  /** Once `signal` is aborted nothing is tried again: the call ends with the error that it had. */
  constructor(service: Service, signal?: AbortSignal) {
    super(MAX_ATTEMPTS);
    this.#service = service;
    this.#signal = signal;
  }

  override async acquireInitialRetryToken(scope: string): Promise<StandardRetryToken> {
    await this.#limiter.getSendToken();
    return await super.acquireInitialRetryToken(scope);
  }

  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    info: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    if (this.#signal?.aborted || isNamed(info.error, FINAL[this.#service])) throw info.error;
    this.#limiter.updateClientSendingRate(info);
    if (info.errorType === 'THROTTLING') return await this.#afterThrottling(token, info);
    const passing = isNamed(info.error, PASSING[this.#service]);
    return await super.refreshRetryTokenForRetry(token, passing ? { ...info, errorType: 'TRANSIENT' } : info);
  }

  override recordSuccess(token: StandardRetryToken): void {
    this.#limiter.updateClientSendingRate({});
    super.recordSuccess(token);
  }

  async #afterThrottling(token: StandardRetryToken, { error }: RetryErrorInfo): Promise<StandardRetryToken> {
    const retries = token.getRetryCount() + 1;
    if (retries >= MAX_THROTTLED_ATTEMPTS) throw new Error('throttled for too long');
    const limit = Math.min(FIRST_THROTTLED_PAUSE * 2 ** (retries - 1), LAST_THROTTLED_PAUSE);
    await sleep(Math.random() * limit, undefined, this.#signal && { signal: this.#signal }).catch(() => {
      throw error;
    });
    await this.#limiter.getSendToken();
    return { getRetryCount: () => retries, getRetryDelay: () => 0, getRetryCost: () => undefined };
  }
}

export interface RetryWhileOptions {
  /** Milliseconds after which the last error is thrown. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

/** Runs it again, after pauses that grow from 0.1 to 2 seconds, while it fails with an error that passes. */
export async function retryWhile<T>(
  passes: (error: unknown) => boolean,
  run: () => Promise<T>,
  { deadline, signal }: RetryWhileOptions,
): Promise<T> {
  const end = Date.now() + deadline;
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      return await run();
    } catch (error) {
      if (!passes(error) || Date.now() + pause > end || signal?.aborted) throw error;
      await sleep(pause);
      if (signal?.aborted) throw error;
    }
  }
}
