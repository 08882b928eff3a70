import type { RoleDocuments } from '../config/role-documents.ts';
import type { Config, RoleConfig } from '../config/schema.ts';
import { type Block, type Body, block, Expression, type Value, valueText } from './hcl.ts';

export interface ExportInput {
  readonly config: Config;
  readonly accountId: string;
  /** The config's tags and crc's own. */
  readonly tags: Readonly<Record<string, string>>;
  readonly bucketPolicy: object;
  readonly providerArn: string;
  /** The documents of a role as they are in AWS. */
  readonly documents: (role: RoleConfig) => RoleDocuments;
  /** An emulator: buckets are then addressed by path. */
  readonly pathStyle: boolean;
}

interface Exported {
  readonly type: string;
  readonly label: string;
  /** What `terraform import` takes. */
  readonly importId: string;
  readonly arguments?: { readonly [name: string]: Value | undefined };
  readonly blocks?: readonly Block[];
}

/**
 * Bucket, lock table, provider and roles as Terraform code with `import` blocks: `terraform plan` then shows imports and no
 * change. Functions are left out: the AWS provider cannot express the condition of a URL's second permission, and without
 * it anyone could invoke the function.
 */
export function exportHcl(input: ExportInput): string {
  const { config, accountId, pathStyle } = input;
  const resources = [
    ...bucketResources(input),
    ...tableResources(input),
    providerResource(input),
    ...roleResources(input),
  ];
  const head = [
    block({
      type: 'terraform',
      arguments: { required_version: '>= 1.5' },
      blocks: [
        {
          type: 'required_providers',
          arguments: { aws: { source: 'hashicorp/aws', version: '>= 5.31' } },
        },
      ],
    }),
    block({
      type: 'provider',
      labels: ['aws'],
      arguments: {
        region: config.region,
        allowed_account_ids: [accountId],
        s3_use_path_style: pathStyle ? true : undefined,
      },
    }),
  ];
  return `${[...head, ...resources.flatMap(withImport)].join('\n\n')}\n`;
}

function withImport({ type, label, importId, ...body }: Exported): readonly string[] {
  return [
    block({ type: 'import', arguments: { to: new Expression(`${type}.${label}`), id: importId } }),
    block({ type: 'resource', labels: [type, label], ...body }),
  ];
}

const STATE_BUCKET = new Expression('aws_s3_bucket.state.id');

function bucketResources({ config, tags, bucketPolicy }: ExportInput): readonly Exported[] {
  const { name, objectLock, encryption, noncurrentVersions } = config.stateBucket;
  const of = (kind: string, body: Pick<Exported, 'arguments' | 'blocks'>): Exported => ({
    type: `aws_s3_bucket${kind}`,
    label: 'state',
    importId: name,
    arguments: { bucket: STATE_BUCKET, ...body.arguments },
    blocks: body.blocks ?? [],
  });
  const kms = encryption.algorithm === 'aws:kms';
  return [
    {
      type: 'aws_s3_bucket',
      label: 'state',
      importId: name,
      arguments: { bucket: name, object_lock_enabled: objectLock === false ? undefined : true, tags },
      blocks: [PREVENT_DESTROY],
    },
    of('_versioning', { blocks: [{ type: 'versioning_configuration', arguments: { status: 'Enabled' } }] }),
    ...(objectLock === false
      ? []
      : [
          of('_object_lock_configuration', {
            blocks: [
              {
                type: 'rule',
                blocks: [{ type: 'default_retention', arguments: { mode: objectLock.mode, days: objectLock.days } }],
              },
            ],
          }),
        ]),
    of('_server_side_encryption_configuration', {
      blocks: [
        {
          type: 'rule',
          arguments: { bucket_key_enabled: kms },
          blocks: [
            {
              type: 'apply_server_side_encryption_by_default',
              arguments: {
                sse_algorithm: encryption.algorithm,
                kms_master_key_id: kms ? encryption.keyArn : undefined,
              },
            },
          ],
        },
      ],
    }),
    of('_public_access_block', {
      arguments: {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
      },
    }),
    of('_ownership_controls', {
      blocks: [{ type: 'rule', arguments: { object_ownership: 'BucketOwnerEnforced' } }],
    }),
    of('_policy', { arguments: { policy: json(bucketPolicy) } }),
    ...(noncurrentVersions === undefined ? [] : [of('_lifecycle_configuration', expiry(noncurrentVersions))]),
  ];
}

function expiry({ expireAfterDays, keep }: { expireAfterDays: number; keep?: number | undefined }) {
  const expiration: Block = {
    type: 'noncurrent_version_expiration',
    arguments: { noncurrent_days: expireAfterDays, newer_noncurrent_versions: keep },
  };
  const rule: Block = {
    type: 'rule',
    arguments: { id: 'crc-noncurrent-versions', status: 'Enabled' },
    blocks: [{ type: 'filter', arguments: { prefix: '' } }, expiration],
  };
  return { blocks: [rule] };
}

/** What holds data outlives a slip of the hand. */
const PREVENT_DESTROY: Block = { type: 'lifecycle', arguments: { prevent_destroy: true } };

function tableResources({ config: { lockTable }, tags }: ExportInput): readonly Exported[] {
  if (lockTable === undefined) return [];
  const { name, capacity } = lockTable;
  return [
    {
      type: 'aws_dynamodb_table',
      label: 'lock',
      importId: name,
      arguments: {
        name,
        hash_key: 'LockID',
        ...throughput(capacity),
        deletion_protection_enabled: true,
        tags,
      },
      blocks: [
        { type: 'attribute', arguments: { name: 'LockID', type: 'S' } },
        ...(capacity === 'unmanaged' ? [IGNORE_CAPACITY] : []),
      ],
    },
  ];
}

/** What decides about the capacity is not crc, and is not Terraform. */
const IGNORE_CAPACITY = ignoreChanges('billing_mode', 'read_capacity', 'write_capacity');

function throughput(capacity: NonNullable<Config['lockTable']>['capacity']): Body['arguments'] {
  if (capacity === 'on-demand') return { billing_mode: 'PAY_PER_REQUEST' };
  // Terraform wants a value, and ignores it afterwards.
  const { read, write } = capacity === 'unmanaged' ? { read: 5, write: 5 } : capacity;
  return { billing_mode: 'PROVISIONED', read_capacity: read, write_capacity: write };
}

function ignoreChanges(...names: readonly string[]): Block {
  return { type: 'lifecycle', arguments: { ignore_changes: names.map((name) => new Expression(name)) } };
}

/** Its tags say who created it for the whole account, which may be another project: they stay as they are. */
const IGNORE_TAGS = ignoreChanges('tags', 'tags_all');

function providerResource({ config: { oidcProvider }, providerArn }: ExportInput): Exported {
  const { url, audiences, thumbprints } = oidcProvider;
  return {
    type: 'aws_iam_openid_connect_provider',
    label: 'github',
    importId: providerArn,
    arguments: {
      url,
      client_id_list: audiences,
      thumbprint_list: thumbprints.length === 0 ? undefined : thumbprints.map((one) => one.toLowerCase()),
    },
    blocks: [IGNORE_TAGS],
  };
}

function roleResources(input: ExportInput): readonly Exported[] {
  const labels = uniqueLabels(input.config.roles.map(({ name }) => name));
  return input.config.roles.flatMap((role, index) => roleWithPolicies(role, labels[index] ?? role.name, input));
}

function roleWithPolicies(role: RoleConfig, label: string, { documents, tags }: ExportInput): readonly Exported[] {
  const { trust, policy } = documents(role);
  const name = new Expression(`aws_iam_role.${label}.name`);
  return [
    {
      type: 'aws_iam_role',
      label,
      importId: role.name,
      arguments: {
        name: role.name,
        description: 'Managed by crc',
        max_session_duration: role.maxSessionSeconds,
        permissions_boundary: role.permissionsBoundary,
        assume_role_policy: json(trust),
        tags,
      },
    },
    ...(policy === undefined
      ? []
      : [
          {
            type: 'aws_iam_role_policy',
            label,
            importId: `${role.name}:${role.policyName}`,
            arguments: { role: name, name: role.policyName, policy: json(policy) },
          },
        ]),
    ...role.managedPolicyArns.map((arn, index) => ({
      type: 'aws_iam_role_policy_attachment',
      label: `${label}_${index + 1}`,
      importId: `${role.name}/${arn}`,
      arguments: { role: name, policy_arn: arn },
    })),
  ];
}

/** Labels of Terraform have letters, digits, `_` and `-`, and IAM's names have more. */
function uniqueLabels(names: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const label = name.replace(/[^A-Za-z0-9_-]/g, '_').replace(/^(?=[^A-Za-z_])/, '_');
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return count === 1 ? label : `${label}_${count}`;
  });
}

/** A policy document as people write it in Terraform. */
function json(document: object): Expression {
  return new Expression(`jsonencode(${valueText(document as Value, '  ')})`);
}
