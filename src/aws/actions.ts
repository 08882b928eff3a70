import type { Grant } from '../engine/types.ts';
import type { Service } from './retry.ts';

/**
 * The IAM actions that an operation is checked against, where they are not just `service:Operation`
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html). With what no request shows:
 * tags and settings that are given in the call that creates something need their own permission.
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  's3:HeadBucket': ['s3:ListBucket'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:ListMultipartUploads': ['s3:ListBucketMultipartUploads'],
  // crc names a version in each call on an object.
  's3:GetObject': ['s3:GetObjectVersion'],
  's3:HeadObject': ['s3:GetObjectVersion'],
  's3:DeleteObjects': ['s3:DeleteObjectVersion'],
  's3:GetBucketEncryption': ['s3:GetEncryptionConfiguration'],
  's3:PutBucketEncryption': ['s3:PutEncryptionConfiguration'],
  's3:GetObjectLockConfiguration': ['s3:GetBucketObjectLockConfiguration'],
  's3:PutObjectLockConfiguration': ['s3:PutBucketObjectLockConfiguration'],
  's3:GetPublicAccessBlock': ['s3:GetBucketPublicAccessBlock'],
  's3:PutPublicAccessBlock': ['s3:PutBucketPublicAccessBlock'],
  's3:GetBucketLifecycleConfiguration': ['s3:GetLifecycleConfiguration'],
  's3:PutBucketLifecycleConfiguration': ['s3:PutLifecycleConfiguration'],
  's3:DeleteBucketLifecycle': ['s3:PutLifecycleConfiguration'],
  's3:CreateBucket': [
    's3:CreateBucket',
    's3:TagResource',
    's3:PutBucketOwnershipControls',
    's3:PutBucketVersioning',
    's3:PutBucketObjectLockConfiguration',
  ],
  'dynamodb:CreateTable': ['dynamodb:CreateTable', 'dynamodb:TagResource'],
  'iam:CreateOpenIDConnectProvider': ['iam:CreateOpenIDConnectProvider', 'iam:TagOpenIDConnectProvider'],
  'lambda:CreateFunction': ['lambda:CreateFunction', 'lambda:TagResource'],
  'lambda:Invoke': ['lambda:InvokeFunction'],
  'logs:CreateLogGroup': ['logs:CreateLogGroup', 'logs:TagResource'],
  // With a permissions boundary it needs iam:PutRolePermissionsBoundary too.
  'iam:CreateRole': ['iam:CreateRole', 'iam:TagRole'],
};

/** The actions that a call needs; the first is the one that names the call. */
export function actionsOf(service: Service, operation: string): readonly [string, ...string[]] {
  const name = `${service}:${operation}`;
  const [first, ...rest] = ACTIONS[name] ?? [name];
  return [first ?? name, ...rest];
}

/** The grant that lets these operations run on these ARNs. */
export function grant(service: Service, operations: readonly string[], ...resources: readonly string[]): Grant {
  return { actions: [...new Set(operations.flatMap((operation) => actionsOf(service, operation)))], resources };
}
