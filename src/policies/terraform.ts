import { oneOrMany, ownPolicy, type PolicyDocument, type Statement } from './document.ts';

export interface StateAccess {
  readonly key: string;
  /** Terraform stores the state `key` of workspace W in `PREFIX/W/key`; the default prefix is `env:`. */
  readonly workspaceKeyPrefix?: string;
  readonly access: 'read' | 'write';
}

export interface TerraformPolicyInput {
  readonly accountId: string;
  readonly bucket: string;
  readonly bucketArn: string;
  readonly keyArn?: string;
  readonly lockTableArn?: string;
  readonly state: readonly StateAccess[];
  /** The user's own statements, already validated. */
  readonly statements: readonly object[];
}

/** The statements with which a role uses the lock table's items. The config refuses a user's Sid that starts with `Crc`. */
const TABLE_SID = { digest: 'CrcReadDigest', lock: 'CrcLockTable' } as const;

export const TABLE_SIDS: readonly string[] = Object.values(TABLE_SID);

/** Terraform's default `workspace_key_prefix`. */
export const DEFAULT_WORKSPACE_PREFIX = 'env:';

/**
 * The permissions that HashiCorp documents for the S3 backend
 * (https://developer.hashicorp.com/terraform/language/backend/s3), for the declared keys only, plus the user's
 * statements. Covers both kinds of lock, whichever the backend block uses. Undefined when there is nothing to allow,
 * since IAM rejects an empty policy.
 */
export function terraformPolicy(input: TerraformPolicyInput): PolicyDocument | undefined {
  return ownPolicy([
    ...(input.state.length === 0
      ? []
      : [...bucketStatements(input), ...tableStatements(input), ...keyStatements(input)]),
    ...input.statements,
  ]);
}

function bucketStatements({ accountId, bucketArn, state }: TerraformPolicyInput): readonly Statement[] {
  // Terraform cannot require that the bucket belongs to a given account, so the role does: it grants nothing on a
  // bucket in another account.
  const Condition = { StringEquals: { 'aws:ResourceAccount': accountId } };
  const objects = (keys: readonly string[]) => oneOrMany(keys.map((key) => `${bucketArn}/${key}`));
  const written = writtenStates(state);

  // ListBucket without a prefix: a condition on it would turn "no such state yet" (404) into "forbidden" (403).
  const list: Statement = {
    Sid: 'CrcListState',
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: bucketArn,
    Condition,
  };
  const read: Statement = {
    Sid: 'CrcReadState',
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: objects(withWorkspaces(state)),
    Condition,
  };
  if (written.length === 0) return [list, read];
  return [
    list,
    read,
    {
      Sid: 'CrcWriteState',
      Effect: 'Allow',
      // A state larger than 5 MiB is uploaded in parts; Terraform aborts a failed upload.
      Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
      Resource: objects(withWorkspaces(written)),
      Condition,
    },
    // `terraform workspace delete` deletes a workspace's state; the default workspace's is never deleted.
    {
      Sid: 'CrcDeleteWorkspaceState',
      Effect: 'Allow',
      Action: 's3:DeleteObject',
      Resource: objects(written.map(workspacesOf)),
      Condition,
    },
    {
      Sid: 'CrcLockFile',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      Resource: objects(withWorkspaces(written).map((key) => `${key}.tflock`)),
      Condition,
    },
  ];
}

/**
 * While a state is locked, the table holds an item `bucket/key`, and an item `bucket/key-md5` holds its digest. All
 * states share the table, so each role gets access to its own items only, through `dynamodb:LeadingKeys`. The key may
 * have several values in a request, and every granted request has it.
 */
function tableStatements({ bucket, lockTableArn, state }: TerraformPolicyInput): readonly Statement[] {
  if (lockTableArn === undefined) return [];
  const items = (keys: readonly string[]) => ({
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': oneOrMany(keys.map((key) => `${bucket}/${key}`)) },
  });
  const read = withWorkspaces(state).map((key) => `${key}-md5`);
  const written = withWorkspaces(writtenStates(state)).flatMap((key) => [key, `${key}-md5`]);
  const readDigest: Statement = {
    Sid: TABLE_SID.digest,
    Effect: 'Allow',
    Action: 'dynamodb:GetItem',
    Resource: lockTableArn,
    Condition: items(read),
  };
  if (written.length === 0) return [readDigest];
  return [
    ...(state.every(({ access }) => access === 'write') ? [] : [readDigest]),
    { Sid: 'CrcDescribeLockTable', Effect: 'Allow', Action: 'dynamodb:DescribeTable', Resource: lockTableArn },
    {
      Sid: TABLE_SID.lock,
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
      Resource: lockTableArn,
      Condition: items(written),
    },
  ];
}

function keyStatements({ keyArn, state }: TerraformPolicyInput): readonly Statement[] {
  if (keyArn === undefined) return [];
  const writes = writtenStates(state).length > 0;
  return [
    {
      Sid: 'CrcStateKey',
      Effect: 'Allow',
      Action: writes ? ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'] : 'kms:Decrypt',
      Resource: keyArn,
    },
  ];
}

function writtenStates(state: readonly StateAccess[]): readonly StateAccess[] {
  return state.filter(({ access }) => access === 'write');
}

function withWorkspaces(states: readonly StateAccess[]): readonly string[] {
  return states.flatMap((state) => [state.key, workspacesOf(state)]);
}

function workspacesOf({ key, workspaceKeyPrefix = DEFAULT_WORKSPACE_PREFIX }: StateAccess): string {
  return `${workspaceKeyPrefix}/*/${key}`;
}
