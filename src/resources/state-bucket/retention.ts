import {
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isNamed, orAbsent, statusOf } from '../../aws/error-names.ts';
import { GONE } from '../../terraform/state/readable.ts';
import type { OwnedBucket, Version } from './contents.ts';

/** What prevents the deletion of one version. */
export interface VersionLock {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE' | undefined;
  /** Milliseconds since 1970; 0 without retention. */
  readonly until: number;
  readonly legalHold: boolean;
}

/** The error for a version that never had retention or a legal hold. */
const NONE = ['NoSuchObjectLockConfiguration'];

/**
 * Retention and legal hold of one version in a bucket with object lock; undefined if it no longer exists. Only the
 * version's own settings count, whatever the bucket's current default. HEAD returns both in one call, but omits each if
 * the permission to read it is missing. So whatever is missing is requested separately, which fails if not permitted
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html). @throws the errors from AWS.
 */
export async function versionLock(
  s3: S3Client,
  bucket: OwnedBucket,
  { key, versionId }: Version,
): Promise<VersionLock | undefined> {
  const version = { ...bucket, Key: key, VersionId: versionId };
  try {
    const head = await s3.send(new HeadObjectCommand(version));
    const shown = { Mode: head.ObjectLockMode, RetainUntilDate: head.ObjectLockRetainUntilDate };
    const [retention, hold] = await Promise.all([
      shown.Mode !== undefined && shown.RetainUntilDate !== undefined ? shown : retentionOf(version),
      head.ObjectLockLegalHoldStatus ?? legalHoldOf(version),
    ]);
    const { Mode: mode, RetainUntilDate } = retention;
    return { mode, until: RetainUntilDate?.getTime() ?? 0, legalHold: hold === 'ON' };
  } catch (error) {
    // A HEAD response has no body, so its errors have no name.
    if (statusOf(error) === 404 || isNamed(error, GONE)) return undefined;
    throw error;
  }

  async function retentionOf(input: typeof version) {
    const answer = await orAbsent(s3.send(new GetObjectRetentionCommand(input)), NONE, undefined);
    return { Mode: answer?.Retention?.Mode, RetainUntilDate: answer?.Retention?.RetainUntilDate };
  }

  async function legalHoldOf(input: typeof version) {
    const answer = await orAbsent(s3.send(new GetObjectLegalHoldCommand(input)), NONE, undefined);
    return answer?.LegalHold?.Status;
  }
}
