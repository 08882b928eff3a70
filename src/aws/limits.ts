import { isNamed, says } from './error-names.ts';

const LIMIT_EXCEEDED = ['LimitExceededException', 'LimitExceeded'];

/**
 * DynamoDB uses one error name for temporary limits and for quotas. "Only 50 tables can be created, updated, or deleted
 * simultaneously" and "Table tags are being updated" are temporary; all others last for an hour, a day, or until the
 * quota is raised.
 */
const PASSING_LIMIT = /simultaneously|being updated|Subscriber limit exceeded$/i;

export function isLimit(error: unknown): boolean {
  return isNamed(error, LIMIT_EXCEEDED);
}

/** Whether a DynamoDB LimitExceededException is about changes in progress: DynamoDB limits how many run at once. */
export function isPassingLimit(error: unknown): boolean {
  return isLimit(error) && says(error, PASSING_LIMIT);
}
