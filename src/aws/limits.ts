import { asAwsError, isNamed } from './error-names.ts';

const LIMIT_EXCEEDED = ['LimitExceededException', 'LimitExceeded'];

/** DynamoDB has one name for what passes in seconds and for quotas; these messages are of what passes. */
const PASSING_LIMIT = /simultaneously|being updated|Subscriber limit exceeded$/i;

export function isLimit(error: unknown): boolean {
  return isNamed(error, LIMIT_EXCEEDED);
}

/** Whether a LimitExceededException of DynamoDB is about changes in progress, of which it takes so many at a time. */
export function isPassingLimit(error: unknown): boolean {
  return isLimit(error) && PASSING_LIMIT.test(asAwsError(error).message ?? '');
}

/** A quota of DynamoDB, which the SDK takes for throttling. */
export function isFinalLimit(error: unknown): boolean {
  return isLimit(error) && !isPassingLimit(error);
}
