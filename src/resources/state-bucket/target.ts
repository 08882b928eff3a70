import type { S3Client } from '@aws-sdk/client-s3';
import type { Place } from '../../aws/arns.ts';
import { isNamed, says } from '../../aws/error-names.ts';
import { Disagreement } from '../../aws/read-together.ts';
import { untilVisible } from '../visibility.ts';
import type { OwnedBucket } from './contents.ts';

/** A bucket and the means to call S3 about it. */
export interface BucketTarget {
  readonly s3: S3Client;
  readonly name: string;
  readonly arn: string;
  /** The bucket and the account that must own it. S3 itself rejects calls to a bucket in another account. */
  readonly bucket: OwnedBucket;
  readonly place: Place;
  /** Whether `--region` chose the region. */
  readonly regionFlag?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** Some of S3's servers may not know a new bucket, or its versioning, yet. */
export async function untilBucketVisible<T>({ signal }: BucketTarget, call: () => Promise<T>): Promise<T> {
  return await untilVisible(isNotVisible, signal, call);
}

/** Some of S3's servers know the bucket and some do not: it was just created, or is being deleted. */
function isNotVisible(error: unknown): boolean {
  return isNamed(error, ['NoSuchBucket']) || error instanceof Disagreement || isVersioningUnknown(error);
}

/**
 * "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration": crc enables versioning immediately before,
 * and that takes time to reach all servers (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html).
 */
function isVersioningUnknown(error: unknown): boolean {
  return isNamed(error, ['InvalidBucketState']) && says(error, /^Versioning must be/);
}
