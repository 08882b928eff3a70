import type { FailedCall } from './calls.ts';
import { type AwsError, statusOf } from './error-names.ts';

/** A call that failed, with what is needed to find the cause. */
export interface Failure {
  readonly error: unknown;
  readonly aws: AwsError;
  readonly call: FailedCall | undefined;
  /** The resource of the call. */
  readonly subject: string | undefined;
  readonly profile: string | undefined;
  /** `s3:GetBucketPolicy for b`: the start of the sentence that says what failed. */
  readonly what: string;
}

export interface Words {
  readonly message: string;
  readonly hint: string;
}

/** One cause: returns its message if it applies. */
export type Cause = (failure: Failure) => Words | undefined;

export const RERUN = 'Run the command again: it continues where it stopped.';

export function attempts({ $metadata }: AwsError): string {
  const count = $metadata?.attempts ?? 1;
  return count === 1 ? '1 attempt' : `${count} attempts`;
}

export function text(aws: AwsError): string {
  const { name, message } = aws;
  const status = statusOf(aws);
  const hasMessage = message !== undefined && !['', 'UnknownError', name].includes(message);
  if (isNameless(aws) && status !== undefined) {
    return hasMessage ? `${message} (status ${status})` : `no reason was given (status ${status})`;
  }
  return hasMessage ? `${name}: ${message}` : (name ?? 'unknown error');
}

export function requestHint({ $metadata }: AwsError): string {
  const id = $metadata?.requestId === undefined ? '' : `AWS request id ${$metadata.requestId}; `;
  return `${id}--verbose shows every call.`;
}

/** Whether the error has no name, as for a response without a body, such as that of a HEAD request. */
export function isNameless({ name, message }: AwsError): boolean {
  return name === undefined || name === 'Unknown' || /^\d+$/.test(name) || message === 'UnknownError';
}
