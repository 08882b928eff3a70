import type { LoggedCall } from './read.ts';
import { requestOf, signatureScope, type WireRequest } from './request.ts';

/**
 * A request that a proxy saw as the call of an SDK; undefined for one that is not signed, and so not AWS's. What is called follows
 * from the protocol of the service (https://smithy.io/2.0/aws/protocols/); where crc does not know it, the operation is the method
 * and the path, which no permission is known for.
 */
export function callOnTheWire(wire: WireRequest): LoggedCall | undefined {
  const { key, region, service } = signatureScope(wire.headers.authorization ?? '');
  if (service === '') return undefined;
  const request = requestOf(wire);
  return {
    service,
    signingName: service,
    region,
    request,
    signer: key,
    operation: operationOf(service, wire, request) ?? `${request.method} ${request.path}`,
  };
}

type Request = LoggedCall['request'];

function operationOf(service: string, { headers }: WireRequest, request: Request): string | undefined {
  const { path, query, body } = request;
  const [, target] = /\.(\w+)$/.exec(headers['x-amz-target'] ?? '') ?? [];
  const [, rpc] = /\/service\/\w+\/operation\/(\w+)$/.exec(path) ?? [];
  const form = typeof body === 'object' && body !== null && 'Action' in body ? body.Action : undefined;
  const named = target ?? rpc ?? (typeof form === 'string' ? form : undefined) ?? query['x-id'];
  if (named !== undefined) return named;
  if (service === 's3') return s3Operation(request);
  return service === 'lambda' ? lambdaOperation(request) : undefined;
}

/** Sub-resources of buckets and objects by the name that the operations have for them. */
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
  // The bucket is in the host, or the first part of the path.
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

/** https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html: the calls that deploy and run functions. */
const LAMBDA: readonly (readonly [method: string, path: RegExp, operation: string])[] = [
  ['POST', /^\/functions$/, 'CreateFunction'],
  ['GET', /^\/functions$/, 'ListFunctions'],
  ['GET', /^\/functions\/[^/]+$/, 'GetFunction'],
  ['DELETE', /^\/functions\/[^/]+$/, 'DeleteFunction'],
  ['GET', /^\/functions\/[^/]+\/configuration$/, 'GetFunctionConfiguration'],
  ['PUT', /^\/functions\/[^/]+\/configuration$/, 'UpdateFunctionConfiguration'],
  ['PUT', /^\/functions\/[^/]+\/code$/, 'UpdateFunctionCode'],
  ['POST', /^\/functions\/[^/]+\/versions$/, 'PublishVersion'],
  ['GET', /^\/functions\/[^/]+\/versions$/, 'ListVersionsByFunction'],
  ['POST', /^\/functions\/[^/]+\/invocations$/, 'Invoke'],
  ['GET', /^\/functions\/[^/]+\/policy$/, 'GetPolicy'],
  ['POST', /^\/functions\/[^/]+\/policy$/, 'AddPermission'],
  ['DELETE', /^\/functions\/[^/]+\/policy\/[^/]+$/, 'RemovePermission'],
  ['POST', /^\/functions\/[^/]+\/aliases$/, 'CreateAlias'],
  ['GET', /^\/functions\/[^/]+\/aliases\/[^/]+$/, 'GetAlias'],
  ['PUT', /^\/functions\/[^/]+\/aliases\/[^/]+$/, 'UpdateAlias'],
  ['DELETE', /^\/functions\/[^/]+\/aliases\/[^/]+$/, 'DeleteAlias'],
  ['POST', /^\/functions\/[^/]+\/url$/, 'CreateFunctionUrlConfig'],
  ['GET', /^\/functions\/[^/]+\/url$/, 'GetFunctionUrlConfig'],
  ['PUT', /^\/functions\/[^/]+\/url$/, 'UpdateFunctionUrlConfig'],
  ['DELETE', /^\/functions\/[^/]+\/url$/, 'DeleteFunctionUrlConfig'],
];

function lambdaOperation({ method, path }: Request): string | undefined {
  const plain = path.replace(/^\/\d{4}-\d\d-\d\d/, '').replace(/\/$/, '');
  return LAMBDA.find(([verb, pattern]) => verb === method && pattern.test(plain))?.[2];
}
