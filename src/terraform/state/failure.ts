import { failedCall } from '../../aws/calls.ts';
import { asAwsError, isNamed } from '../../aws/error-names.ts';
import { explain } from '../../aws/explain.ts';
import { CrcError } from '../../errors.ts';
import type { StatePlace } from './place.ts';

/**
 * Explains an error from a call on states, their locks or their digests: what failed on which bucket or table, why, and
 * what to do.
 */
export function stateError(
  { bucket, table }: Pick<StatePlace, 'bucket' | 'table'>,
  error: unknown,
  profile?: string,
): CrcError {
  if (error instanceof CrcError) return error;
  const ofTable = failedCall(error)?.service === 'dynamodb';
  if (ofTable && isNamed(error, ['ResourceNotFoundException'])) return absent(`lock table ${table?.name}`, error);
  if (isNamed(error, ['NoSuchBucket'])) return absent(`bucket ${bucket.Bucket}`, error);
  return explain(error, ofTable ? table?.name : bucket.Bucket, profile);
}

const NO_CHANGES = 'No changes were made.';

/** The error, with a note that nothing was written. */
export function unchanged(place: StatePlace, error: unknown): CrcError {
  const { message, hint } = stateError(place, error);
  return new CrcError(message.endsWith(NO_CHANGES) ? message : `${message} ${NO_CHANGES}`, { hint, cause: error });
}

/** Whether a failed write may have been applied: AWS did not reject it, or not on the first attempt. */
export function mayHaveHappened(error: unknown): boolean {
  const { httpStatusCode = 500, attempts = 1 } = asAwsError(error).$metadata ?? {};
  return httpStatusCode >= 500 || attempts > 1;
}

function absent(what: string, cause: unknown): CrcError {
  return new CrcError(`The ${what} was not found.`, {
    hint: 'Check its name and the region in the config. To create it, run `crc bootstrap`.',
    cause,
  });
}
