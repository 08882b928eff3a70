import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketLifecycleCommand,
  type LifecycleRule,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import { isNamed } from '../../aws/error-names.ts';
import { CrcError } from '../../errors.ts';
import { type BucketPolicy, withTlsOnly } from '../../policies/bucket.ts';
import { minified } from '../../policies/document.ts';
import { type Tags, toTagList } from '../tags.ts';
import {
  type Encryption,
  encryptionRule,
  lifecycleRule,
  type NoncurrentVersions,
  type ObjectLock,
  withFilter,
} from './facts.ts';
import type { Lifecycle } from './read.ts';
import { type BucketTarget, untilBucketVisible } from './target.ts';

/** The IAM actions for creating the bucket and changing its settings. */
export const WRITES = [
  'CreateBucket',
  'PutBucketTagging',
  'PutBucketVersioning',
  'PutObjectLockConfiguration',
  'PutBucketEncryption',
  'PutPublicAccessBlock',
  'PutBucketOwnershipControls',
  'PutBucketPolicy',
  'PutBucketLifecycleConfiguration',
];

/**
 * Returns false if this account already owned it, except in us-east-1, where S3 reports the same as for a new one.
 * @throws CrcError if another account has the name.
 */
export async function createBucket(
  { s3, name, place }: BucketTarget,
  { tags, objectLock }: { readonly tags: Tags; readonly objectLock: boolean },
): Promise<boolean> {
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: name,
        ObjectOwnership: 'BucketOwnerEnforced',
        ObjectLockEnabledForBucket: objectLock ? true : undefined,
        ...(name.endsWith('-an') ? { BucketNamespace: 'account-regional' as const } : {}),
        CreateBucketConfiguration: {
          Tags: toTagList(tags),
          // us-east-1 must be omitted.
          LocationConstraint: place.region === 'us-east-1' ? undefined : (place.region as BucketLocationConstraint),
        },
      }),
    );
    return true;
  } catch (error) {
    if (isNamed(error, ['BucketAlreadyExists'])) throw nameTaken(name, place.accountId, error);
    if (!isNamed(error, ['BucketAlreadyOwnedByYou'])) throw error;
    return false;
  }
}

/**
 * S3 replaces all tags. AWS's own (aws:…) must be sent back too: "System tags cannot be removed by requester"
 * (https://github.com/hashicorp/terraform-provider-aws/issues/7323).
 */
export async function replaceTags(target: BucketTarget, tags: Tags): Promise<void> {
  const Tagging = { TagSet: toTagList(tags) };
  await untilBucketVisible(target, () => target.s3.send(new PutBucketTaggingCommand({ ...target.bucket, Tagging })));
}

export async function enableVersioning(target: BucketTarget): Promise<void> {
  const call = new PutBucketVersioningCommand({
    ...target.bucket,
    VersioningConfiguration: { Status: 'Enabled' },
  });
  await untilBucketVisible(target, () => target.s3.send(call));
}

export async function setObjectLock(target: BucketTarget, lock: ObjectLock | null): Promise<void> {
  const retention = lock === null ? {} : { Rule: { DefaultRetention: { Mode: lock.mode, Days: lock.days } } };
  const call = new PutObjectLockConfigurationCommand({
    ...target.bucket,
    ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', ...retention },
  });
  await untilBucketVisible(target, () => target.s3.send(call));
}

export async function setEncryption(
  target: BucketTarget,
  want: Encryption,
  live: ServerSideEncryptionRule | undefined,
): Promise<void> {
  const call = new PutBucketEncryptionCommand({
    ...target.bucket,
    ServerSideEncryptionConfiguration: { Rules: [encryptionRule(want, live)] },
  });
  await untilBucketVisible(target, () => target.s3.send(call));
}

export async function blockPublicAccess(target: BucketTarget): Promise<void> {
  const call = new PutPublicAccessBlockCommand({
    ...target.bucket,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    },
  });
  await untilBucketVisible(target, () => target.s3.send(call));
}

export async function enforceOwner(target: BucketTarget): Promise<void> {
  const call = new PutBucketOwnershipControlsCommand({
    ...target.bucket,
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  });
  await untilBucketVisible(target, () => target.s3.send(call));
}

/** Adds crc's statement to the existing policy. */
export async function requireTls(target: BucketTarget, live: BucketPolicy | undefined): Promise<void> {
  const call = new PutBucketPolicyCommand({ ...target.bucket, Policy: minified(withTlsOnly(live, target.arn)) });
  await untilBucketVisible(target, () => target.s3.send(call));
}

export interface ForeignLifecycle {
  readonly lifecycleRules: readonly LifecycleRule[];
  readonly transitionSize: Lifecycle['TransitionDefaultMinimumObjectSize'];
}

/** Adds or replaces crc's rule and keeps all others. */
export async function setExpiry(
  target: BucketTarget,
  want: NoncurrentVersions | null,
  { lifecycleRules, transitionSize }: ForeignLifecycle,
): Promise<void> {
  const { s3, bucket } = target;
  const Rules = [...lifecycleRules.map(withFilter), ...(want === null ? [] : [lifecycleRule(want)])];
  await untilBucketVisible(target, async () =>
    Rules.length === 0
      ? await s3.send(new DeleteBucketLifecycleCommand(bucket))
      : await s3.send(
          new PutBucketLifecycleConfigurationCommand({
            ...bucket,
            LifecycleConfiguration: { Rules },
            TransitionDefaultMinimumObjectSize: transitionSize,
          }),
        ),
  );
}

function nameTaken(name: string, accountId: string, cause: unknown): CrcError {
  return new CrcError(`The bucket name ${name} is taken by another AWS account.`, {
    hint: `Choose another name in the config: bucket names must be globally unique (${name}-${accountId} is probably free).`,
    cause,
  });
}
