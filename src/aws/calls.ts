import type { InitializeMiddleware, MetadataBearer, Pluggable } from '@smithy/types';
import type { Secrets } from '../secrets.ts';
import { asAwsError, keepMessage } from './error-names.ts';

/** One finished API call, including its retries. */
export interface Call {
  readonly service: string;
  /** `HeadBucket` */
  readonly operation: string;
  readonly milliseconds: number;
  readonly requestId: string | undefined;
  readonly attempts: number;
  /** The name of the error it ended with. */
  readonly error: string | undefined;
}

/** The number of calls; a retry does not count as another call. */
export interface CallCount {
  read: number;
  write: number;
}

const failures = new WeakMap<object, FailedCall>();

/** The call that an error comes from. */
export interface FailedCall {
  readonly service: string;
  readonly operation: string;
  /** Where it was sent. */
  readonly region: string | undefined;
  /** Whether `--region` chose that. */
  readonly regionFlag?: boolean | undefined;
}

export function failedCall(error: unknown): FailedCall | undefined {
  return typeof error === 'object' && error !== null ? failures.get(error) : undefined;
}

export interface WatchOptions extends Pick<FailedCall, 'regionFlag'> {
  readonly region?: string;
  /** Removes what must not be shown. All text from AWS, in errors and in answers, enters crc here. */
  readonly secrets?: Pick<Secrets, 'cleanError' | 'cleanAnswer'>;
}

/** Counts and reports each call of a client, and records which call an error came from. */
export function watchCalls(
  service: string,
  count: CallCount,
  report: (call: Call) => void,
  { region, regionFlag, secrets }: WatchOptions = {},
): Pluggable<object, MetadataBearer> {
  const middleware: InitializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    const operation = String(context.commandName).replace(/Command$/, '');
    count[isRead(operation) ? 'read' : 'write'] += 1;
    const elapsed = stopwatch();
    const ended = (metadata: MetadataBearer['$metadata'] | undefined, error: string | undefined) =>
      report({
        service,
        operation,
        milliseconds: elapsed(),
        requestId: metadata?.requestId,
        attempts: metadata?.attempts ?? 1,
        error,
      });
    try {
      const result = await next(args);
      secrets?.cleanAnswer(result.output);
      ended(result.output.$metadata, undefined);
      return result;
    } catch (error) {
      const { name, $metadata } = asAwsError(error);
      if (typeof error === 'object' && error !== null) failures.set(error, { service, operation, region, regionFlag });
      keepMessage(error);
      secrets?.cleanError(error);
      ended($metadata, name ?? 'Error');
      throw error;
    }
  };
  return { applyToStack: (stack) => stack.add(middleware, { step: 'initialize', priority: 'high', name: 'crcCalls' }) };
}

/**
 * Starts a timer; the returned function gives the elapsed time in whole milliseconds. `performance.now()` would load
 * twenty of Node's modules at the start of every run.
 */
export function stopwatch(): () => number {
  const start = process.uptime();
  return () => Math.round((process.uptime() - start) * 1_000);
}

function isRead(operation: string): boolean {
  return /^(Get|Head|List|Describe|Scan)/.test(operation);
}
