import type { Service } from './retry.ts';

/** Paths in the answer to a call, as the SDK shows it: `Role.RoleName`. */
type Members = readonly string[];

/** What of an answer depends on the rest of it. */
type MembersOf = (output: { readonly Table?: { readonly TableStatus?: string } }) => Members;

const ROLE: Members = ['Role.RoleName', 'Role.Arn', 'Role.AssumeRolePolicyDocument'];
const URL_CONFIG: Members = ['FunctionUrl', 'FunctionArn', 'AuthType'];

/**
 * What AWS sends in every success of a call: what names the resource, and what crc decides on where its lack would read as
 * "there is none". An empty list: the answer has no content, or none that is sure (an object, what a function returned), and
 * is known by its request id alone. Each call that crc makes is here.
 */
export const ALWAYS_SENT: Readonly<Record<`${Service}:${string}`, Members | MembersOf>> = {
  'sts:GetCallerIdentity': ['Account', 'Arn', 'UserId'],

  'iam:GetRole': ROLE,
  'iam:CreateRole': ROLE,
  'iam:GetRolePolicy': ['RoleName', 'PolicyName', 'PolicyDocument'],
  'iam:ListRoles': ['Roles', 'IsTruncated'],
  'iam:ListRolePolicies': ['PolicyNames', 'IsTruncated'],
  'iam:ListAttachedRolePolicies': ['AttachedPolicies', 'IsTruncated'],
  'iam:GetOpenIDConnectProvider': ['Url', 'CreateDate'],
  'iam:CreateOpenIDConnectProvider': ['OpenIDConnectProviderArn'],
  'iam:ListOpenIDConnectProviders': ['OpenIDConnectProviderList'],
  'iam:AddClientIDToOpenIDConnectProvider': [],
  'iam:AttachRolePolicy': [],
  'iam:DeleteOpenIDConnectProvider': [],
  'iam:DeleteRole': [],
  'iam:DeleteRolePolicy': [],
  'iam:DetachRolePolicy': [],
  'iam:PutRolePermissionsBoundary': [],
  'iam:PutRolePolicy': [],
  'iam:TagRole': [],
  'iam:UpdateAssumeRolePolicy': [],
  'iam:UpdateOpenIDConnectProviderThumbprint': [],
  'iam:UpdateRole': [],

  // A table that is being deleted has lost its key.
  'dynamodb:DescribeTable': ({ Table }) => [
    'Table.TableName',
    'Table.TableStatus',
    ...(Table?.TableStatus === 'DELETING' ? [] : ['Table.KeySchema', 'Table.AttributeDefinitions']),
  ],
  'dynamodb:CreateTable': ['TableDescription.TableName', 'TableDescription.TableStatus'],
  'dynamodb:UpdateTable': ['TableDescription.TableName', 'TableDescription.TableStatus'],
  'dynamodb:DeleteTable': ['TableDescription.TableName', 'TableDescription.TableStatus'],
  'dynamodb:ListTagsOfResource': ['Tags'],
  'dynamodb:Scan': ['Items', 'Count'],
  // Where there is no such item it is left out.
  'dynamodb:GetItem': [],
  'dynamodb:PutItem': [],
  'dynamodb:DeleteItem': [],
  'dynamodb:TagResource': [],

  // An image has no runtime and no handler.
  'lambda:GetFunction': [
    'Configuration.FunctionName',
    'Configuration.FunctionArn',
    'Configuration.Role',
    'Configuration.CodeSha256',
  ],
  'lambda:CreateFunction': ['FunctionName'],
  'lambda:UpdateFunctionCode': ['FunctionName'],
  'lambda:UpdateFunctionConfiguration': ['FunctionName'],
  'lambda:PublishVersion': ['FunctionName', 'Version'],
  'lambda:ListVersionsByFunction': ['Versions'],
  'lambda:GetAlias': ['AliasArn', 'Name', 'FunctionVersion'],
  'lambda:CreateAlias': ['AliasArn', 'Name', 'FunctionVersion'],
  'lambda:UpdateAlias': ['AliasArn', 'Name', 'FunctionVersion'],
  'lambda:GetFunctionUrlConfig': URL_CONFIG,
  'lambda:CreateFunctionUrlConfig': URL_CONFIG,
  'lambda:UpdateFunctionUrlConfig': URL_CONFIG,
  'lambda:GetPolicy': ['Policy'],
  'lambda:AddPermission': ['Statement'],
  'lambda:DeleteAlias': [],
  'lambda:DeleteFunction': [],
  'lambda:DeleteFunctionUrlConfig': [],
  'lambda:Invoke': [],
  'lambda:RemovePermission': [],
  'lambda:TagResource': [],

  'logs:DescribeLogGroups': ['logGroups'],
  'logs:ListTagsForResource': ['tags'],
  'logs:CreateLogGroup': [],
  'logs:DeleteLogGroup': [],
  'logs:PutRetentionPolicy': [],
  'logs:TagResource': [],

  's3:HeadBucket': ['BucketRegion'],
  // A bucket that never had versioning has no status.
  's3:GetBucketVersioning': [],
  's3:GetObjectLockConfiguration': ['ObjectLockConfiguration.ObjectLockEnabled'],
  's3:GetBucketEncryption': ['ServerSideEncryptionConfiguration.Rules'],
  's3:GetPublicAccessBlock': ['PublicAccessBlockConfiguration.BlockPublicAcls'],
  's3:GetBucketOwnershipControls': ['OwnershipControls.Rules'],
  's3:GetBucketPolicy': ['Policy'],
  's3:GetBucketTagging': ['TagSet'],
  's3:GetBucketLifecycleConfiguration': ['Rules'],
  's3:ListObjectVersions': ['Name', 'IsTruncated'],
  's3:HeadObject': ['ETag', 'LastModified'],
  's3:GetObject': ['ETag', 'LastModified'],
  // Where none was ever set, emulators return an empty one.
  's3:GetObjectLegalHold': [],
  's3:GetObjectRetention': ['Retention.Mode', 'Retention.RetainUntilDate'],
  's3:ListMultipartUploads': ['Bucket', 'IsTruncated'],
  // Only what went wrong is listed.
  's3:DeleteObjects': [],
  's3:AbortMultipartUpload': [],
  's3:PutObject': ['ETag'],
  's3:DeleteObject': [],
  's3:CreateBucket': [],
  's3:DeleteBucket': [],
  's3:DeleteBucketLifecycle': [],
  's3:PutBucketEncryption': [],
  's3:PutBucketLifecycleConfiguration': [],
  's3:PutBucketOwnershipControls': [],
  's3:PutBucketPolicy': [],
  's3:PutBucketTagging': [],
  's3:PutBucketVersioning': [],
  's3:PutObjectLockConfiguration': [],
  's3:PutPublicAccessBlock': [],
};

/** What an answer lacks of what AWS always sends. */
export function missingOf(service: Service, operation: string, output: object, hasRequestId: boolean): Members {
  const members = ALWAYS_SENT[`${service}:${operation}`] ?? [];
  const expected = typeof members === 'function' ? members(output) : members;
  if (expected.length === 0) return hasRequestId ? [] : ['a request id'];
  return expected.filter((path) => valueAt(output, path.split('.')) === undefined);
}

function valueAt(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value ?? undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return valueAt((value as Readonly<Record<string, unknown>>)[first], rest);
}
