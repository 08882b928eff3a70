import { isNamed } from '../../aws/error-names.ts';
import type { Unread } from './content.ts';

/**
 * Errors of GetObject, see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html and
 * .../kms/latest/developerguide/key-state.html
 */
function whyUnread(error: unknown): Unread['why'] | undefined {
  if (isNamed(error, ['InvalidObjectState'])) return 'archived';
  const hasNoKey = isNamed(error, ['KMS.DisabledException', 'KMS.NotFoundException', 'KMS.KMSInvalidStateException']);
  return hasNoKey ? 'no-key' : undefined;
}

/** The version was deleted since it was listed. */
export const GONE = ['NoSuchVersion', 'NoSuchKey', 'NoSuchBucket'];

/**
 * The result of reading a version, or why S3 does not return it, since one such version must not hide the others: it
 * was deleted, archived, or its key is unavailable. @throws all other errors.
 */
export async function readableOrWhy<T extends object>(read: () => Promise<T>): Promise<T | Unread['why'] | 'gone'> {
  try {
    return await read();
  } catch (error) {
    const why = isNamed(error, GONE) ? 'gone' : whyUnread(error);
    if (why !== undefined) return why;
    throw error;
  }
}
