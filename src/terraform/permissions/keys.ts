import { isArn, statementArn } from './arns.ts';
import type { Grant, Subject } from './subject.ts';

/**
 * How each service uses a customer managed key on behalf of its caller. Sources, by service:
 *
 * - dynamodb: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * - ecr: https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
 * - lambda: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 * - rds: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
 * - ec2: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html
 * - s3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * - secretsmanager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 * - ssm: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
 * - elasticfilesystem: https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
 * - eks: https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
 * - elasticache: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
 * - es: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/encryption-at-rest.html
 */
export const KEY_USES: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['CreateGrant', 'Decrypt', 'DescribeKey', 'Encrypt', 'GenerateDataKey', 'ReEncryptFrom', 'ReEncryptTo'],
  ec2: ['CreateGrant', 'Decrypt', 'DescribeKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo'],
  ecr: ['CreateGrant', 'DescribeKey'],
  eks: ['CreateGrant', 'DescribeKey'],
  elasticache: ['CreateGrant', 'DescribeKey'],
  elasticfilesystem: ['CreateGrant', 'DescribeKey', 'GenerateDataKeyWithoutPlaintext'],
  es: ['CreateGrant', 'DescribeKey'],
  lambda: ['CreateGrant', 'Decrypt', 'Encrypt'],
  rds: ['CreateGrant', 'DescribeKey'],
  s3: ['Decrypt', 'GenerateDataKey'],
  secretsmanager: ['Decrypt', 'GenerateDataKey'],
  ssm: ['Decrypt', 'Encrypt'],
};

/** S3 operations that use the key. Operations on a bucket only refer to it. */
const WITH_DATA = /^(Put|Get|Copy)Object$|MultipartUpload$|^UploadPart/;

/** Permissions on a customer managed key in a call, limited to use through the service (`kms:ViaService`). */
export function keyGrants(subject: Subject): readonly Grant[] {
  const { action, call, values, where, reference, names } = subject;
  const [prefix = ''] = action.name.split(':');
  const uses = KEY_USES[prefix];
  if (uses === undefined || (prefix === 's3' && !WITH_DATA.test(call.operation))) return [];
  const keyArn = (id: string) => `arn:${where.partition}:kms:${where.region}:${where.accountId}:key/${id}`;
  const header = call.request.headers['x-amz-server-side-encryption-aws-kms-key-id'];
  const given = values.all
    .filter(({ key, isFree }) => isFree !== true && /kms|^key(id|arn)$/i.test(key))
    .map(({ value }) => value);
  const keys = [...given, ...(header === undefined ? [] : [header])].flatMap((key) => {
    // IAM checks the key behind an alias, whose id only AWS knows. Keys of AWS's own need no permission.
    const [, alias] = /(?:^|:)alias\/(.+)$/.exec(key) ?? [];
    if (alias?.startsWith('aws/')) return [];
    if (isArn(key)) return key.split(':')[2] === 'kms' ? [key.replace(/:alias\/.+$/, ':key/*')] : [];
    if (alias !== undefined) return [keyArn('*')];
    return /^[0-9a-f]{8}-[0-9a-f-]{27}$|^mrk-/.test(key) ? [keyArn(key)] : [];
  });
  const suffix = where.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const condition = { StringEquals: { 'kms:ViaService': `${prefix}.${where.region}.${suffix}` } };
  return [...new Set(keys.map((key) => statementArn(key, reference, names)))].flatMap((resource) =>
    uses.map((use) => ({ action: `kms:${use}`, resource, condition, byRule: true })),
  );
}
