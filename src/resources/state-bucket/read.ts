import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type ObjectLockConfiguration,
  type OwnershipControls,
  type PublicAccessBlockConfiguration,
  type ServerSideEncryptionConfiguration,
  type Tag,
} from '@aws-sdk/client-s3';
import type { Place } from '../../aws/arns.ts';
import { asAwsError, orAbsent, statusOf } from '../../aws/error-names.ts';
import { readTogether } from '../../aws/read-together.ts';
import { bucketRegionHint, mustBeEnabled } from '../../aws/regions.ts';
import { CrcError } from '../../errors.ts';
import type { BucketTarget } from './target.ts';

/** The IAM actions for reading the bucket. */
export const READS = [
  'HeadBucket',
  'ListObjectVersions',
  'ListMultipartUploads',
  'GetBucketVersioning',
  'GetObjectLockConfiguration',
  'GetBucketEncryption',
  'GetPublicAccessBlock',
  'GetBucketOwnershipControls',
  'GetBucketPolicy',
  'GetBucketTagging',
  'GetBucketLifecycleConfiguration',
];

/** S3's responses about a bucket. Settings without a default that were never set are omitted. */
export interface BucketAnswers {
  readonly versioning: { readonly Status?: string; readonly MFADelete?: string };
  readonly lock: { readonly ObjectLockConfiguration?: ObjectLockConfiguration };
  readonly encryption: { readonly ServerSideEncryptionConfiguration?: ServerSideEncryptionConfiguration };
  readonly access: { readonly PublicAccessBlockConfiguration?: PublicAccessBlockConfiguration };
  readonly ownership: { readonly OwnershipControls?: OwnershipControls };
  readonly policy: { readonly Policy?: string };
  readonly tagging: { readonly TagSet?: readonly Tag[] };
  readonly lifecycle: Lifecycle;
}

export type Lifecycle = {
  readonly Rules?: LifecycleRule[];
  readonly TransitionDefaultMinimumObjectSize?: 'all_storage_classes_128K' | 'varies_by_storage_class';
};

/**
 * Undefined if the bucket does not exist. @throws CrcError if it belongs to another account or is in another region.
 */
export async function readBucket(target: BucketTarget): Promise<BucketAnswers | undefined> {
  const { s3, bucket } = target;
  const unlessSet = <A extends object>(call: Promise<A>, unset: string): Promise<A | Record<never, never>> =>
    orAbsent(call, [unset], {});
  const live = await readTogether(
    head(target),
    [
      s3.send(new GetBucketVersioningCommand(bucket)),
      unlessSet(s3.send(new GetObjectLockConfigurationCommand(bucket)), 'ObjectLockConfigurationNotFoundError'),
      unlessSet(s3.send(new GetBucketEncryptionCommand(bucket)), 'ServerSideEncryptionConfigurationNotFoundError'),
      unlessSet(s3.send(new GetPublicAccessBlockCommand(bucket)), 'NoSuchPublicAccessBlockConfiguration'),
      unlessSet(s3.send(new GetBucketOwnershipControlsCommand(bucket)), 'OwnershipControlsNotFoundError'),
      unlessSet(s3.send(new GetBucketPolicyCommand(bucket)), 'NoSuchBucketPolicy'),
      unlessSet(s3.send(new GetBucketTaggingCommand(bucket)), 'NoSuchTagSet'),
      unlessSet(s3.send(new GetBucketLifecycleConfigurationCommand(bucket)), 'NoSuchLifecycleConfiguration'),
    ],
    // A missing bucket has only a status code and no error name, so its other reads must confirm it.
    { siblingsProve: true },
  );
  if (live === undefined) return undefined;
  const [, versioning, lock, encryption, access, ownership, policy, tagging, lifecycle] = live;
  return { versioning, lock, encryption, access, ownership, policy, tagging, lifecycle };
}

/** An unfinished upload counts: it may be another user's first object. */
export async function isBucketEmpty({ s3, bucket }: BucketTarget): Promise<boolean> {
  const [{ Versions, DeleteMarkers }, { Uploads }] = await Promise.all([
    s3.send(new ListObjectVersionsCommand({ ...bucket, MaxKeys: 1 })),
    s3.send(new ListMultipartUploadsCommand({ ...bucket, MaxUploads: 1 })),
  ]);
  return [Versions, DeleteMarkers, Uploads].every((list = []) => list.length === 0);
}

/**
 * A HEAD response has no body, so its errors have no name: the status decides, and a header contains the bucket's
 * region.
 */
async function head({ s3, bucket, name, place, regionFlag }: BucketTarget): Promise<true | undefined> {
  const elsewhere = (actual: string, cause?: unknown) =>
    new CrcError(`The bucket ${name} is in ${actual}, not in ${place.region}.`, {
      hint: `Nothing was changed. ${bucketRegionHint(actual, regionFlag)}`,
      cause,
      fatal: true,
    });
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand(bucket));
    if (BucketRegion !== undefined && BucketRegion !== place.region) throw elsewhere(BucketRegion);
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return undefined;
    const region = asAwsError(error).$response?.headers?.['x-amz-bucket-region'];
    if (region !== undefined && region !== place.region) throw elsewhere(region, error);
    if (status === 403) throw notReadable(name, place, error);
    throw error;
  }
}

/** A region that is not enabled has no credentials, for which S3 answers a HEAD as for missing permissions. */
function notReadable(name: string, { accountId, region }: Place, cause: unknown): CrcError {
  const enable = mustBeEnabled(region)
    ? ` If your account has not enabled ${region}, enable it: \`aws account enable-region --region-name ${region}\`.`
    : '';
  return new CrcError(
    `The bucket ${name} cannot be read: it belongs to a different account from ${accountId}, or these credentials lack s3:ListBucket on it.`,
    {
      hint: `Nothing was changed. If the bucket is not yours, choose another name (bucket names must be globally unique; ${name}-${accountId} is probably free). If it is yours, allow s3:ListBucket on it.${enable}`,
      cause,
      fatal: true,
    },
  );
}
