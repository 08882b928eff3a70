import { bucketArn } from '../../aws/arns.ts';
import {
  type Block,
  Encoded,
  Expression,
  PREVENT_DESTROY,
  type TerraformExport,
  type TerraformResource,
} from '../../engine/terraform.ts';
import { withTlsOnly } from '../../policies/bucket.ts';
import type { Context } from '../context.ts';
import type { Tags } from '../tags.ts';
import { type Encryption, EXPIRY_RULE_ID, type NoncurrentVersions, type ObjectLock } from './facts.ts';

interface BucketInTerraform {
  readonly name: string;
  readonly objectLock: ObjectLock | null;
  readonly encryption: Encryption;
  readonly noncurrentVersions: NoncurrentVersions | null;
}

/** The bucket as Terraform code. */
export function bucketInTerraform(
  bucket: BucketInTerraform,
  { place, tags }: Pick<Context, 'place' | 'tags'>,
): TerraformExport {
  const arn = bucketArn(place, bucket.name);
  return { name: 'state', region: place.region, resources: (label) => blocksOf(bucket, label, { arn, tags }) };
}

/** The bucket and its settings, which are separate resources in Terraform. */
function blocksOf(
  { name, objectLock, encryption, noncurrentVersions }: BucketInTerraform,
  label: string,
  { arn, tags }: { readonly arn: string; readonly tags: Tags },
): readonly TerraformResource[] {
  const bucket = new Expression(`aws_s3_bucket.${label}.id`);
  const setting = (kind: string, body: Pick<TerraformResource, 'arguments' | 'blocks'>): TerraformResource => ({
    type: `aws_s3_bucket_${kind}`,
    label,
    importId: name,
    arguments: { bucket, ...body.arguments },
    blocks: body.blocks ?? [],
  });
  return [
    {
      type: 'aws_s3_bucket',
      label,
      importId: name,
      arguments: { bucket: name, object_lock_enabled: objectLock === null ? undefined : true, tags },
      blocks: [PREVENT_DESTROY],
    },
    setting('versioning', { blocks: [{ type: 'versioning_configuration', arguments: { status: 'Enabled' } }] }),
    ...(objectLock === null ? [] : [setting('object_lock_configuration', { blocks: [retentionRule(objectLock)] })]),
    setting('server_side_encryption_configuration', { blocks: [encryptionBlock(encryption)] }),
    setting('public_access_block', {
      arguments: {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
      },
    }),
    setting('ownership_controls', {
      blocks: [{ type: 'rule', arguments: { object_ownership: 'BucketOwnerEnforced' } }],
    }),
    setting('policy', { arguments: { policy: new Encoded(withTlsOnly(undefined, arn)) } }),
    ...(noncurrentVersions === null
      ? []
      : [setting('lifecycle_configuration', { blocks: [expiryRule(noncurrentVersions)] })]),
  ];
}

function retentionRule({ mode, days }: ObjectLock): Block {
  return { type: 'rule', blocks: [{ type: 'default_retention', arguments: { mode, days } }] };
}

function encryptionBlock({ algorithm, keyArn, bucketKey }: Encryption): Block {
  const byDefault: Block = {
    type: 'apply_server_side_encryption_by_default',
    arguments: { sse_algorithm: algorithm ?? undefined, kms_master_key_id: keyArn ?? undefined },
  };
  return { type: 'rule', arguments: { bucket_key_enabled: bucketKey }, blocks: [byDefault] };
}

function expiryRule({ expireAfterDays, keep }: NoncurrentVersions): Block {
  const expiration: Block = {
    type: 'noncurrent_version_expiration',
    arguments: { noncurrent_days: expireAfterDays, newer_noncurrent_versions: keep ?? undefined },
  };
  return {
    type: 'rule',
    arguments: { id: EXPIRY_RULE_ID, status: 'Enabled' },
    blocks: [{ type: 'filter', arguments: { prefix: '' } }, expiration],
  };
}
