import { isJsonObject } from '../../json.ts';
import { statementArn } from './arns.ts';
import type { StateResource } from './call.ts';
import { bucketAndKey } from './own-rules.ts';
import type { Companions, Subject } from './subject.ts';

/** What AWS checks in addition to the actions of S3, by operation. */
export const S3_COMPANIONS: Readonly<Record<string, (subject: Subject, arn: string) => Companions>> = {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html ("Permissions")
  's3:CreateBucket': ({ call: { request } }, arn) => {
    const { headers, body } = request;
    return [
      ...(headers['x-amz-bucket-object-lock-enabled'] === 'true'
        ? ['s3:PutBucketObjectLockConfiguration', 's3:PutBucketVersioning']
        : []),
      ...(headers['x-amz-object-ownership'] === undefined ? [] : ['s3:PutBucketOwnershipControls']),
      ...((headers['x-amz-acl'] ?? 'private') === 'private' ? [] : ['s3:PutBucketAcl']),
      ...(isJsonObject(body) && body.Tags !== undefined ? ['s3:TagResource'] : []),
    ].map((action) => [action, arn] as const);
  },
  's3:PutObject': objectCompanions,
  's3:CreateMultipartUpload': objectCompanions,
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html ("Permissions")
  's3:CopyObject': (subject, arn) => {
    const { bucket, key, hasVersion } = copySource(subject.call.request);
    const from = `arn:${subject.where.partition}:s3:::${subject.names.stable(bucket)}/${subject.names.stable(key)}`;
    const read = hasVersion ? 's3:GetObjectVersion' : 's3:GetObject';
    return [[read, from], ...objectCompanions(subject, arn)];
  },
  's3:CreateBucketMetadataConfiguration': managedTables,
  's3:UpdateBucketMetadataInventoryTableConfiguration': managedTables,
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketMetadataTableConfiguration.html: in a bucket of yours.
  's3:CreateBucketMetadataTableConfiguration': ({ values }) =>
    values.all.filter(({ key }) => key === 'TableBucketArn').flatMap(({ value }) => metadataTable(value)),
  's3:DeleteObject': retentionCompanions,
  's3:DeleteObjects': retentionCompanions,
};

/** The object that a call copies; its bucket is empty if the call copies none. */
export function copySource({ headers }: Subject['call']['request']) {
  const source = decodeURIComponent(headers['x-amz-copy-source'] ?? '').replace(/^\//, '');
  const [bucket = '', ...key] = (source.split('?')[0] ?? '').split('/');
  return { bucket, key: key.join('/'), hasVersion: source.includes('?versionId=') };
}

/** In a bucket that S3 manages: https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-permissions.html */
function managedTables({ values, where, reference, names }: Subject): Companions {
  const bucket = `arn:${where.partition}:s3tables:${where.region}:${where.accountId}:bucket/aws-s3`;
  return [
    ['s3tables:CreateTableBucket', bucket],
    ...metadataTable(bucket),
    ['s3tables:PutTableEncryption', `${bucket}/table/*`],
    ...values.all
      .filter(({ key }) => key === 'KmsKeyArn')
      .map(({ value }) => ['kms:DescribeKey', statementArn(value, reference, names)] as const),
  ];
}

function metadataTable(bucket: string): Companions {
  return [
    ...['CreateNamespace', 'CreateTable'].map((name) => [`s3tables:${name}`, bucket] as const),
    ...['CreateTable', 'GetTable', 'PutTablePolicy'].map((name) => [`s3tables:${name}`, `${bucket}/table/*`] as const),
  ];
}

/** With `force_destroy`, Terraform empties the bucket first. In an emulator, the bucket has no objects. */
export function emptying({ call, action }: Subject, arn: string, state: readonly StateResource[]): Companions {
  if (action.name !== 's3:DeleteBucket') return [];
  const { bucket } = bucketAndKey(call.request);
  const forced = state.filter(
    ({ type, attributes }) =>
      type === 'aws_s3_bucket' && attributes.bucket === bucket && attributes.force_destroy === true,
  );
  if (forced.length === 0) return [];
  const isLocked = forced.some(({ attributes }) => attributes.object_lock_enabled === true);
  return [
    ['s3:ListBucketVersions', arn],
    ['s3:DeleteObject', `${arn}/*`],
    ['s3:DeleteObjectVersion', `${arn}/*`],
    ...(isLocked ? [['s3:BypassGovernanceRetention', `${arn}/*`] as const] : []),
  ];
}

/** Required with this header: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
function retentionCompanions({ call }: Subject, arn: string): Companions {
  if (call.request.headers['x-amz-bypass-governance-retention'] !== 'true') return [];
  const objects = call.operation === 'DeleteObjects' ? arn.replace(/\/.*$/s, '/*') : arn;
  return [['s3:BypassGovernanceRetention', objects]];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html ("Permissions") */
function objectCompanions({ call }: Subject, arn: string): Companions {
  const { headers } = call.request;
  return [
    ...((headers['x-amz-tagging'] ?? '') === '' ? [] : ['s3:PutObjectTagging']),
    ...((headers['x-amz-acl'] ?? 'private') === 'private' ? [] : ['s3:PutObjectAcl']),
    ...(headers['x-amz-object-lock-mode'] === undefined ? [] : ['s3:PutObjectRetention']),
    ...(headers['x-amz-object-lock-legal-hold'] === undefined ? [] : ['s3:PutObjectLegalHold']),
  ].map((action) => [action, arn] as const);
}
