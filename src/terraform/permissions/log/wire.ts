import type { LoggedCall } from './read.ts';
import { requestOf, signatureScope, type WireRequest } from './request.ts';
import { type RoutedOperation, routedOperation } from './routes.ts';

/** The user agents of Terraform, OpenTofu and their provider. */
const OF_TERRAFORM = /(HashiCorp|OpenTofu|terraform-provider-aws)\//;

/**
 * A proxied request as an SDK call; undefined for an unsigned one, which is not for AWS. The operation follows from the
 * service's protocol (https://smithy.io/2.0/aws/protocols/). If crc does not know it, the operation is the method and
 * the path, whose permission is unknown.
 */
export function callOnTheWire(wire: WireRequest): LoggedCall | undefined {
  const { key, region, service } = signatureScope(wire.headers.authorization ?? '');
  if (service === '') return undefined;
  const request = requestOf(wire);
  const named = nameOf(wire, request) ?? (service === 's3' ? s3Operation(request) : undefined);
  const { service: name = service, operation = `${request.method} ${request.path}` } = routed(
    service,
    wire,
    request,
  ) ?? { service, operation: named };
  const ofProgram = !OF_TERRAFORM.test(wire.headers['user-agent'] ?? '');
  return { service: name, signingName: service, region, request, signer: key, operation, ofProgram };
}

type Request = LoggedCall['request'];

/** The operation, if the request names it. */
function nameOf({ headers }: WireRequest, { path, query, body }: Request): string | undefined {
  const [, target] = /\.(\w+)$/.exec(headers['x-amz-target'] ?? '') ?? [];
  const [, rpc] = /\/service\/\w+\/operation\/(\w+)$/.exec(path) ?? [];
  const form = typeof body === 'object' && body !== null && 'Action' in body ? body.Action : undefined;
  return target ?? rpc ?? (typeof form === 'string' ? form : undefined) ?? query['x-id'];
}

/** Determines the operation from the path. S3 Control signs as S3, but has paths that no bucket has. */
function routed(service: string, { url }: WireRequest, { method, path, query }: Request): RoutedOperation | undefined {
  if (service === 's3' && !path.startsWith('/v20180820/')) return undefined;
  return routedOperation(service, { method, path: new URL(url).pathname, query });
}

/** Sub-resources of buckets and objects, and their names in operations. */
const OF_BUCKET: Readonly<Record<string, string>> = {
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};
const OF_OBJECT: Readonly<Record<string, string>> = {
  acl: 'ObjectAcl',
  attributes: 'ObjectAttributes',
  'legal-hold': 'ObjectLegalHold',
  retention: 'ObjectRetention',
  tagging: 'ObjectTagging',
};
const VERBS: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete', HEAD: 'Head' };

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
function s3Operation({ method, host = '', path, query, headers }: Request): string | undefined {
  // The bucket is in the host or is the first part of the path.
  const isHost = /^[^.]+\.s3[.-]/.test(host);
  const [, bucket = '', ...key] = isHost ? `/bucket${path}`.split('/') : path.split('/');
  const verb = VERBS[method];
  if (key.join('/') !== '') {
    if ('uploadId' in query) {
      return { PUT: 'UploadPart', POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload', GET: 'ListParts' }[
        method
      ];
    }
    if (method === 'POST')
      return 'uploads' in query ? 'CreateMultipartUpload' : 'restore' in query ? 'RestoreObject' : undefined;
    const part = Object.keys(OF_OBJECT).find((name) => name in query);
    if (part !== undefined) return verb && `${verb}${OF_OBJECT[part]}`;
    return method === 'PUT' && 'x-amz-copy-source' in headers ? 'CopyObject' : verb && `${verb}Object`;
  }
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : undefined;
  if (method === 'POST') return 'delete' in query ? 'DeleteObjects' : undefined;
  const part = Object.keys(OF_BUCKET).find((name) => name in query);
  if (part === 'lifecycle' && method === 'DELETE') return 'DeleteBucketLifecycle';
  if (part !== undefined) return verb && `${verb}${OF_BUCKET[part]}`;
  if (method === 'GET') {
    if ('versions' in query) return 'ListObjectVersions';
    if ('uploads' in query) return 'ListMultipartUploads';
    return query['list-type'] === '2' ? 'ListObjectsV2' : 'ListObjects';
  }
  return { PUT: 'CreateBucket', HEAD: 'HeadBucket', DELETE: 'DeleteBucket' }[method];
}
