import {
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isNamed, orAbsent, statusOf } from '../../aws/error-names.ts';
import type { OwnedBucket, Version } from './contents.ts';

/** What keeps one version from being deleted. */
export interface VersionLock {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE' | undefined;
  /** Milliseconds since 1970; 0 without retention. */
  readonly until: number;
  readonly legalHold: boolean;
}

/** A version that has never had a retention, or a legal hold. */
const NONE = ['NoSuchObjectLockConfiguration'];

/** It was deleted since it was listed. */
const GONE = ['NoSuchVersion', 'NoSuchKey', 'NoSuchBucket'];

/**
 * Retention and legal hold of one version in a bucket with object lock; undefined when it is gone. The version's own count,
 * whatever the bucket's default is now. HEAD shows both in one call, but hides each without the permission to read it, so what it
 * does not show is asked for by itself, and fails with an error without permission for it
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html). Throws what AWS answers.
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
    // HEAD has no body, so its errors have no name.
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
