import type {
  LifecycleRule,
  ObjectLockConfiguration,
  PublicAccessBlockConfiguration,
  ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import { isKeyAlias, type Place, partitionOf } from '../../aws/arns.ts';

/** Default retention of new object versions; null for none. */
export type ObjectLock = { readonly mode: 'COMPLIANCE' | 'GOVERNANCE'; readonly days: number };

export type Encryption = {
  /** `AES256`, `aws:kms`, `aws:kms:dsse` */
  readonly algorithm: string | null;
  readonly keyArn: string | null;
  readonly bucketKey: boolean;
};

export type NoncurrentVersions = { readonly expireAfterDays: number; readonly keep: number | null };

/** The object lock with its default retention in days; null without a default retention. S3 uses zero for "not set". */
export function objectLockOf(configuration: ObjectLockConfiguration | undefined): ObjectLock | null {
  const { Mode, Days, Years } = configuration?.Rule?.DefaultRetention ?? {};
  const days = (Days ?? 0) || (Years ?? 0) * 365;
  return Mode === undefined || days === 0 ? null : { mode: Mode, days };
}

/** Retention may only be extended, so that nothing is kept for less time than was promised. */
export function refuseObjectLock(live: ObjectLock | null, want: ObjectLock | null): string | undefined {
  if (live === null) return undefined;
  const kept = `the bucket retains new versions for ${live.days} days (${live.mode})`;
  const remedy = `set at least { "mode": "${live.mode}", "days": ${live.days} } in the config, or reduce it yourself in the S3 console`;
  if (want === null) return `${kept}, and crc never removes a retention; ${remedy}`;
  if (want.days < live.days) return `${kept}, and crc never shortens a retention; ${remedy}`;
  if (live.mode === 'COMPLIANCE' && want.mode !== 'COMPLIANCE')
    return `${kept}, and crc never weakens the mode; ${remedy}`;
  return undefined;
}

export function warnObjectLock(want: ObjectLock | null): string | undefined {
  if (want === null) return undefined;
  const lasting = 'object lock cannot be disabled again, nor versioning suspended.';
  const days = want.days === 1 ? '1 day' : `${want.days} days`;
  if (want.mode === 'GOVERNANCE') {
    return `${lasting} GOVERNANCE retention: for ${days}, a version can only be deleted with s3:BypassGovernanceRetention.`;
  }
  return `${lasting} COMPLIANCE retention: for ${days}, nobody, not even root, can delete a version of a state or lock file (every plan writes one), nor the bucket.`;
}

/** The default encryption. A bucket key saves KMS calls; S3 ignores it with AES256 and aws:kms:dsse. */
export function encryptionOf(rule: ServerSideEncryptionRule | undefined, place: Place): Encryption {
  const { SSEAlgorithm, KMSMasterKeyID } = rule?.ApplyServerSideEncryptionByDefault ?? {};
  return {
    algorithm: SSEAlgorithm ?? null,
    keyArn: KMSMasterKeyID === undefined || isOfAws(KMSMasterKeyID) ? null : keyArnOf(KMSMasterKeyID, place),
    bucketKey: SSEAlgorithm === 'aws:kms' && (rule?.BucketKeyEnabled ?? false),
  };
}

/** The AWS managed key, which is also used if no key is set. */
function isOfAws(key: string): boolean {
  return /(^|:)alias\/aws\/s3$/.test(key);
}

/**
 * The alias through which a bucket uses its key; undefined if it uses the key directly, the AWS managed key, or none.
 */
export function aliasOf(rule: ServerSideEncryptionRule | undefined): string | undefined {
  const key = rule?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID;
  return key !== undefined && isKeyAlias(key) && !isOfAws(key) ? key : undefined;
}

/** S3 returns the key as it was written: a bare id means a key in this account and region. */
function keyArnOf(key: string, { accountId, region }: Place): string {
  const isId = /^(mrk-)?[0-9a-f-]{32,36}$/.test(key);
  return isId ? `arn:${partitionOf(region)}:kms:${region}:${accountId}:key/${key}` : key;
}

/**
 * Encryption may change from S3's own key to KMS, but never back: reading states would no longer require the KMS key.
 */
export function refuseEncryption(live: Encryption, want: Encryption): string | undefined {
  const weaker =
    (live.algorithm?.startsWith('aws:kms') && want.algorithm === 'AES256') ||
    (live.algorithm === 'aws:kms:dsse' && want.algorithm === 'aws:kms') ||
    // A customer managed key controls who can read the states. Everyone who can use S3 in the account can use the AWS
    // managed key.
    (live.keyArn !== null && want.keyArn === null);
  if (!weaker) return undefined;
  return `the bucket is encrypted with ${live.algorithm} (${live.keyArn ?? 'the AWS managed key'}), and crc never weakens encryption; set that key in the config, or change it yourself in the S3 console`;
}

/** The rule for PutBucketEncryption. Which encryption types are blocked is not managed by crc, so it is kept. */
export function encryptionRule(
  { algorithm, keyArn, bucketKey }: Encryption,
  live: ServerSideEncryptionRule | undefined,
): ServerSideEncryptionRule {
  return {
    ApplyServerSideEncryptionByDefault: {
      SSEAlgorithm: algorithm as 'AES256' | 'aws:kms' | 'aws:kms:dsse',
      KMSMasterKeyID: keyArn ?? undefined,
    },
    BucketKeyEnabled: bucketKey,
    BlockedEncryptionTypes: live?.BlockedEncryptionTypes,
  };
}

export const PUBLIC_ACCESS_BLOCKED = {
  blockPublicAcls: true,
  ignorePublicAcls: true,
  blockPublicPolicy: true,
  restrictPublicBuckets: true,
} as const;

export function publicAccessOf(
  configuration: PublicAccessBlockConfiguration | undefined,
): Record<keyof typeof PUBLIC_ACCESS_BLOCKED, boolean> {
  return {
    blockPublicAcls: configuration?.BlockPublicAcls ?? false,
    ignorePublicAcls: configuration?.IgnorePublicAcls ?? false,
    blockPublicPolicy: configuration?.BlockPublicPolicy ?? false,
    restrictPublicBuckets: configuration?.RestrictPublicBuckets ?? false,
  };
}

export const EXPIRY_RULE_ID = 'crc-noncurrent-versions';

export function isExpiryRule({ ID }: LifecycleRule): boolean {
  return ID === EXPIRY_RULE_ID;
}

/**
 * An existing rule of another owner, in the form in which it can be sent back. Rules from the first version of the API
 * have a top-level prefix instead of a filter. S3 rejects mixing both: "Filter element can only be used in Lifecycle
 * V2". The same prefix in a filter is equivalent.
 */
export function withFilter(rule: LifecycleRule): LifecycleRule {
  const { Prefix, ...rest } = rule;
  return Prefix === undefined || rule.Filter !== undefined ? rule : { ...rest, Filter: { Prefix } };
}

export function lifecycleRule({ expireAfterDays, keep }: NoncurrentVersions): LifecycleRule {
  return {
    ID: EXPIRY_RULE_ID,
    Status: 'Enabled',
    Filter: { Prefix: '' },
    NoncurrentVersionExpiration: {
      NoncurrentDays: expireAfterDays,
      NewerNoncurrentVersions: keep ?? undefined,
    },
  };
}

/** The settings of crc's rule. Once disabled, narrowed or extended, it is no longer crc's rule. */
export function expiryOf(rule: LifecycleRule | undefined): NoncurrentVersions | null {
  const { NoncurrentDays, NewerNoncurrentVersions } = rule?.NoncurrentVersionExpiration ?? {};
  if (rule?.Status !== 'Enabled' || NoncurrentDays === undefined || isNarrowed(rule) || doesMore(rule)) return null;
  return { expireAfterDays: NoncurrentDays, keep: NewerNoncurrentVersions ?? null };
}

function isNarrowed({ Filter, Prefix }: LifecycleRule): boolean {
  return Boolean(Prefix) || Object.values(Filter ?? {}).some((value) => value !== undefined && value !== '');
}

function doesMore(rule: LifecycleRule): boolean {
  const { Expiration, Transitions, NoncurrentVersionTransitions } = rule;
  return Expiration !== undefined || Boolean(Transitions?.length) || Boolean(NoncurrentVersionTransitions?.length);
}
