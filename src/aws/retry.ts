import { setTimeout as sleep } from 'node:timers/promises';
import { StandardRetryStrategy } from '@smithy/core/retry';
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

/** The SDK's standard strategy with what it misjudges put right, service by service. */
export class RetryStrategy extends StandardRetryStrategy {
  readonly #service: Service;

  constructor(service: Service) {
    super(MAX_ATTEMPTS);
    this.#service = service;
  }

  override async refreshRetryTokenForRetry(
    token: StandardRetryToken,
    info: RetryErrorInfo,
  ): Promise<StandardRetryToken> {
    if (isNamed(info.error, FINAL[this.#service])) throw info.error;
    const passing = isNamed(info.error, PASSING[this.#service]);
    return await super.refreshRetryTokenForRetry(token, passing ? { ...info, errorType: 'TRANSIENT' } : info);
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
