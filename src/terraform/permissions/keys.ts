import { isJsonObject, type Json } from '../../json.ts';
import { isArn, statementArn } from './arns.ts';
import type { StateResource } from './call.ts';
import { bucketAndKey } from './own-rules.ts';
import { copySource } from './s3-companions.ts';
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

/** How calls use the key of what they read or write, whose name they do not contain: only the state has it. */
interface StoredKey {
  readonly uses: readonly string[];
  /** Types of the resources in the state that have the key. */
  readonly types: readonly string[];
}

const OF_BUCKET = ['aws_s3_bucket', 'aws_s3_bucket_server_side_encryption_configuration'];

/** An object may have a key of its own. */
const OBJECTS = ['aws_s3_object', 'aws_s3_bucket_object', 'aws_s3_object_copy'];

const READ_OBJECT: StoredKey = { uses: ['Decrypt'], types: [...OF_BUCKET, ...OBJECTS] };

/** By operation. Sources: see `KEY_USES`. */
const STORED_KEYS: Readonly<Record<string, StoredKey>> = {
  'dynamodb:GetItem': { uses: ['Decrypt'], types: ['aws_dynamodb_table'] },
  'lambda:GetFunction': { uses: ['Decrypt'], types: ['aws_lambda_function'] },
  'lambda:GetFunctionConfiguration': { uses: ['Decrypt'], types: ['aws_lambda_function'] },
  's3:CopyObject': { uses: ['Decrypt', 'GenerateDataKey'], types: OF_BUCKET },
  's3:GetObject': READ_OBJECT,
  's3:PutObject': { uses: ['Decrypt', 'GenerateDataKey'], types: OF_BUCKET },
  's3:CreateMultipartUpload': { uses: ['Decrypt', 'GenerateDataKey'], types: OF_BUCKET },
  'secretsmanager:GetSecretValue': { uses: ['Decrypt'], types: ['aws_secretsmanager_secret'] },
  'secretsmanager:PutSecretValue': { uses: ['Decrypt', 'GenerateDataKey'], types: ['aws_secretsmanager_secret'] },
  'ssm:GetParameter': { uses: ['Decrypt'], types: ['aws_ssm_parameter'] },
  'ssm:GetParameters': { uses: ['Decrypt'], types: ['aws_ssm_parameter'] },
  'ssm:GetParametersByPath': { uses: ['Decrypt'], types: ['aws_ssm_parameter'] },
};

/** Permissions on the customer managed keys that a call uses, limited to use through the service (`kms:ViaService`). */
export function keyGrants(subject: Subject, state: readonly StateResource[]): readonly Grant[] {
  const prefix = prefixOf(subject);
  const { request, operation } = subject.call;
  const { uses = [], types = [] } = storedKeyOf(`${prefix}:${operation}`, request.headers) ?? {};
  const given = KEY_USES[prefix] ?? [];
  const usesData = prefix !== 's3' || WITH_DATA.test(operation);
  // S3 does not use the key of the bucket for an object that has its own encryption.
  const isOwn = request.headers['x-amz-server-side-encryption'] !== undefined;
  return [
    ...(usesData ? grantsFor(keysOfCall(subject), given, subject) : []),
    ...grantsFor(isOwn ? [] : storedKeys(usedBy(subject), { types, state, subject }), uses, subject),
    ...grantsFor(
      storedKeys(isOfObject(copySource(request)), { types: READ_OBJECT.types, state, subject }),
      READ_OBJECT.uses,
      subject,
    ),
  ];
}

/** HeadObject only decrypts for a checksum: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function storedKeyOf(call: string, headers: Subject['call']['request']['headers']): StoredKey | undefined {
  if (call === 's3:HeadObject') return headers['x-amz-checksum-mode'] === undefined ? undefined : READ_OBJECT;
  return STORED_KEYS[call];
}

/** The service in IAM's words: `s3`. */
function prefixOf({ action }: Subject): string {
  return action.name.split(':')[0] ?? '';
}

function keysOfCall({ call, values }: Subject): readonly string[] {
  const header = call.request.headers['x-amz-server-side-encryption-aws-kms-key-id'];
  const given = values.all
    .filter(({ key, isFree }) => isFree !== true && /kms|^key(id|arn)$/i.test(key))
    .map(({ value }) => value);
  return header === undefined ? given : [...given, header];
}

type IsUsed = (resource: StateResource) => boolean;

/** Resources that the call names, or that are below the path that it names. */
function usedBy({ call, values }: Subject): IsUsed {
  const named = new Set(values.all.map(({ value }) => value));
  const isBelow = call.operation === 'GetParametersByPath' ? belowPath(call.request.body) : () => false;
  const isOfCall = isOfObject(bucketAndKey(call.request));
  return (resource) => {
    const { arn, bucket, function_name: functionName, name } = resource.attributes;
    if (typeof name === 'string' && isBelow(name)) return true;
    if (OBJECTS.includes(resource.type)) return isOfCall(resource);
    return (
      isOfCall(resource) ||
      [arn, bucket, functionName, name].some((value) => typeof value === 'string' && named.has(value))
    );
  };
}

/** Whether GetParametersByPath reads a parameter: what is deeper only if it is recursive. */
function belowPath(body: Json | undefined): (name: string) => boolean {
  const { Path, Recursive } = isJsonObject(body) ? body : {};
  const folder = String(Path).replace(/\/?$/, '/');
  return (name) => name.startsWith(folder) && (Recursive === true || !name.slice(folder.length).includes('/'));
}

/** The object, or the bucket that it is in. */
function isOfObject({ bucket, key }: { readonly bucket: string; readonly key: string }): IsUsed {
  return ({ type, attributes }) =>
    bucket !== '' && attributes.bucket === bucket && (!OBJECTS.includes(type) || attributes.key === key);
}

interface Stored {
  readonly types: readonly string[];
  readonly state: readonly StateResource[];
  readonly subject: Subject;
}

/** The keys of the used resources of these types. */
function storedKeys(isUsed: IsUsed, { types, state, subject: { where } }: Stored): readonly string[] {
  return state
    .filter((resource) => types.includes(resource.type) && isUsed(resource))
    .flatMap(({ attributes }) => keysIn(attributes))
    .filter((key) => !isArn(key) || key.split(':')[3] === where.region);
}

/** The keys in the attributes of a resource, at any depth. */
function keysIn(value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysIn(item));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    typeof inner === 'string' && /^(kms_)?(master_)?key_(id|arn)$/.test(name) ? [inner] : keysIn(inner),
  );
}

function grantsFor(keys: readonly string[], uses: readonly string[], subject: Subject): readonly Grant[] {
  const { where, reference, names } = subject;
  const keyArn = (id: string) => `arn:${where.partition}:kms:${where.region}:${where.accountId}:key/${id}`;
  const arns = keys.flatMap((key) => {
    // IAM checks the key behind an alias, whose id only AWS knows. Keys of AWS's own need no permission.
    const [, alias] = /(?:^|:)alias\/(.+)$/.exec(key) ?? [];
    if (alias?.startsWith('aws/')) return [];
    if (isArn(key)) return key.split(':')[2] === 'kms' ? [key.replace(/:alias\/.+$/, ':key/*')] : [];
    if (alias !== undefined) return [keyArn('*')];
    return /^[0-9a-f]{8}-[0-9a-f-]{27}$|^mrk-/.test(key) ? [keyArn(key)] : [];
  });
  const suffix = where.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const condition = { StringEquals: { 'kms:ViaService': `${prefixOf(subject)}.${where.region}.${suffix}` } };
  return [...new Set(arns.map((key) => statementArn(key, reference, names)))].flatMap((resource) =>
    uses.map((use) => ({ action: `kms:${use}`, resource, condition, byRule: true })),
  );
}
