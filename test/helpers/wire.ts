import type { IncomingHttpHeaders } from 'node:http';
import { dynamoChecks } from './wire-dynamodb.ts';
import { serviceChecks } from './wire-services.ts';

/** An authorization check: an IAM action on a resource, with the request's context keys. */
export interface Check {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | string[]>>;
  /** The id of the resource whose tags belong to the context. With `association`, the type of the end that is meant. */
  readonly tagsOf?: string;
  /** The id of a route table association. The request names neither of its ends. */
  readonly association?: string;
}

export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const ACCOUNT = '123456789012';

/** Access key, region and service in the request's signature. */
export function signatureOf({ headers }: WireRequest): {
  readonly key: string;
  readonly region: string;
  readonly service: string;
} {
  const match = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(String(headers.authorization ?? ''));
  const [, key = '', region = '', service = ''] = match ?? [];
  return { key, region, service };
}

/**
 * What AWS authorises for a request, according to the Service Authorization Reference. Throws for unknown requests.
 * `paths` contains paths of roles, policies and instance profiles from earlier requests.
 */
export function checksOf(request: WireRequest, paths: ReadonlyMap<string, string> = new Map()): readonly Check[] {
  const { service, region } = signatureOf(request);
  if (service === 's3') return s3Checks(request);
  if (service === 'dynamodb')
    return dynamoChecks(targetOf(request), request.body, `arn:aws:dynamodb:${region}:${ACCOUNT}`);
  if (service === 'logs') return logsChecks(request);
  if (service === 'lambda') return lambdaChecks(request);
  if (service === 'iam') return iamChecks(request, paths);
  if (service === 'kms') return keyChecks(request);
  if (service === 'sts') return [];
  if (service === 'tagging') return [{ action: `tag:${targetOf(request)}`, resource: '*' }];
  return serviceChecks(service, request, { account: ACCOUNT, region });
}

const S3_BUCKET: Readonly<Record<string, string>> = {
  'GET versioning': 's3:GetBucketVersioning',
  'PUT versioning': 's3:PutBucketVersioning',
  'GET object-lock': 's3:GetBucketObjectLockConfiguration',
  'PUT object-lock': 's3:PutBucketObjectLockConfiguration',
  'GET encryption': 's3:GetEncryptionConfiguration',
  'PUT encryption': 's3:PutEncryptionConfiguration',
  'GET publicAccessBlock': 's3:GetBucketPublicAccessBlock',
  'PUT publicAccessBlock': 's3:PutBucketPublicAccessBlock',
  'GET ownershipControls': 's3:GetBucketOwnershipControls',
  'PUT ownershipControls': 's3:PutBucketOwnershipControls',
  'GET policy': 's3:GetBucketPolicy',
  'PUT policy': 's3:PutBucketPolicy',
  'DELETE policy': 's3:DeleteBucketPolicy',
  'GET tagging': 's3:GetBucketTagging',
  'PUT tagging': 's3:PutBucketTagging',
  'GET lifecycle': 's3:GetLifecycleConfiguration',
  'PUT lifecycle': 's3:PutLifecycleConfiguration',
  'DELETE lifecycle': 's3:PutLifecycleConfiguration',
  'DELETE publicAccessBlock': 's3:PutBucketPublicAccessBlock',
  'DELETE tagging': 's3:PutBucketTagging',
  'GET accelerate': 's3:GetAccelerateConfiguration',
  'GET acl': 's3:GetBucketAcl',
  'GET cors': 's3:GetBucketCORS',
  'GET logging': 's3:GetBucketLogging',
  'GET replication': 's3:GetReplicationConfiguration',
  'GET requestPayment': 's3:GetBucketRequestPayment',
  'GET website': 's3:GetBucketWebsite',
  'GET versions': 's3:ListBucketVersions',
  'GET uploads': 's3:ListBucketMultipartUploads',
  'GET list-type': 's3:ListBucket',
  'GET ': 's3:ListBucket',
  'HEAD ': 's3:ListBucket',
  'DELETE ': 's3:DeleteBucket',
};
const S3_OBJECT: Readonly<Record<string, string>> = {
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
  DELETE: 's3:DeleteObject',
};
/** By method and query parameter. More specific than the method alone. */
const S3_VERSION: Readonly<Record<string, string>> = {
  'GET tagging': 's3:GetObjectTagging',
  'PUT tagging': 's3:PutObjectTagging',
  'DELETE tagging': 's3:DeleteObjectTagging',
  'GET retention': 's3:GetObjectRetention',
  'GET legal-hold': 's3:GetObjectLegalHold',
  'DELETE uploadId': 's3:AbortMultipartUpload',
  'GET versionId': 's3:GetObjectVersion',
  'HEAD versionId': 's3:GetObjectVersion',
  'DELETE versionId': 's3:DeleteObjectVersion',
};

function s3Checks({ method, url, headers, body }: WireRequest): readonly Check[] {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, bucket = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  const arn = `arn:aws:s3:::${bucket}`;
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  if (key !== '') {
    const parameter = Object.keys(S3_VERSION).find(
      (name) => name.startsWith(`${method} `) && searchParams.has(name.split(' ')[1] ?? ''),
    );
    const action = parameter === undefined ? S3_OBJECT[method] : S3_VERSION[parameter];
    if (action === undefined) throw new Error(`unknown request: ${method} of an object`);
    const tags = method === 'PUT' && headers['x-amz-tagging'] ? ['s3:PutObjectTagging'] : [];
    return [action, ...tags].map((allowed) => ({ action: allowed, resource: `${arn}/${key}` }));
  }
  if (method === 'POST' && searchParams.has('delete')) return deletionChecks(arn, headers, body);
  const known = [...searchParams.keys()].find((name) => `${method} ${name}` in S3_BUCKET) ?? '';
  if (method === 'PUT' && known === '') {
    const additional = [
      ...(body.includes('<Tag>') ? ['s3:TagResource'] : []),
      ...(headers['x-amz-bucket-object-lock-enabled'] === 'true'
        ? ['s3:PutBucketVersioning', 's3:PutBucketObjectLockConfiguration']
        : []),
      ...(headers['x-amz-object-ownership'] === undefined ? [] : ['s3:PutBucketOwnershipControls']),
    ];
    return ['s3:CreateBucket', ...additional].map((action) => ({ action, resource: arn }));
  }
  const action = S3_BUCKET[`${method} ${known}`];
  if (action === undefined) throw new Error(`unknown request: ${method} ${url} of a bucket`);
  return [{ action, resource: arn }];
}

/** A check for each object of DeleteObjects. */
function deletionChecks(arn: string, headers: WireRequest['headers'], body: string): readonly Check[] {
  const objects = [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => object);
  const actions = headers['x-amz-bypass-governance-retention'] === 'true' ? ['s3:BypassGovernanceRetention'] : [];
  return objects.flatMap((object) => {
    const key = /<Key>(.*?)<\/Key>/s.exec(object)?.[1] ?? '';
    const deletes = object.includes('<VersionId>') ? 's3:DeleteObjectVersion' : 's3:DeleteObject';
    return [deletes, ...actions].map((action) => ({ action, resource: `${arn}/${key}` }));
  });
}

function targetOf({ headers }: WireRequest): string {
  return (
    String(headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? ''
  );
}

/** An alias resolves to some key of the account. */
function keyChecks(request: WireRequest): readonly Check[] {
  const { KeyId } = JSON.parse(request.body);
  const key = String(KeyId).includes('alias/') ? 'of-an-alias' : String(KeyId).split('/').at(-1);
  const { region } = signatureOf(request);
  return [{ action: `kms:${targetOf(request)}`, resource: `arn:aws:kms:${region}:${ACCOUNT}:key/${key}` }];
}

function logsChecks(request: WireRequest): readonly Check[] {
  const operation = targetOf(request);
  const input = JSON.parse(request.body);
  const prefix = `arn:aws:logs:${signatureOf(request).region}:${ACCOUNT}:log-group:`;
  const group = `${prefix}${input.logGroupName}`;
  // Requests for a stream are checked against the stream, so the policy needs `log-group:NAME:*`.
  const target = input.logStreamName === undefined ? group : `${group}:log-stream:${input.logStreamName}`;
  const resource = operation === 'DescribeLogGroups' ? '*' : (input.resourceArn ?? target);
  return [
    { action: `logs:${operation}`, resource },
    ...(operation === 'CreateLogGroup' && input.tags ? [{ action: 'logs:TagResource', resource }] : []),
  ];
}

/** Method and path after the API version, with `{}` for names. */
const LAMBDA: Readonly<Record<string, string>> = {
  'GET functions': 'ListFunctions',
  'POST functions': 'CreateFunction',
  'GET functions/{}': 'GetFunction',
  'PUT functions/{}/configuration': 'UpdateFunctionConfiguration',
  'PUT functions/{}/code': 'UpdateFunctionCode',
  'POST functions/{}/versions': 'PublishVersion',
  'GET functions/{}/versions': 'ListVersionsByFunction',
  'GET functions/{}/aliases': 'ListAliases',
  'POST functions/{}/aliases': 'CreateAlias',
  'GET functions/{}/aliases/{}': 'GetAlias',
  'PUT functions/{}/aliases/{}': 'UpdateAlias',
  'GET functions/{}/url': 'GetFunctionUrlConfig',
  'POST functions/{}/url': 'CreateFunctionUrlConfig',
  'PUT functions/{}/url': 'UpdateFunctionUrlConfig',
  'GET functions/{}/policy': 'GetPolicy',
  'POST functions/{}/policy': 'AddPermission',
  'DELETE functions/{}/policy/{}': 'RemovePermission',
  'DELETE functions/{}': 'DeleteFunction',
  'DELETE functions/{}/aliases/{}': 'DeleteAlias',
  'DELETE functions/{}/url': 'DeleteFunctionUrlConfig',
  'GET tags/{}': 'ListTags',
  'POST tags/{}': 'TagResource',
  'DELETE tags/{}': 'UntagResource',
  'GET functions/{}/code-signing-config': 'GetFunctionCodeSigningConfig',
  'GET functions/{}/configuration': 'GetFunctionConfiguration',
  'PUT functions/{}/concurrency': 'PutFunctionConcurrency',
  'POST functions/{}/invocations': 'InvokeFunction',
};

/** Sources disagree whether IAM checks these on the function's ARN or on that of the alias. The gate requires both. */
const ON_EITHER_ARN = /FunctionUrlConfig$|Permission$|^GetPolicy$/;

function lambdaChecks(request: WireRequest): readonly Check[] {
  const { method, url, body } = request;
  const { pathname, searchParams } = new URL(url, 'http://lambda');
  const [, , kind = '', name, sub, last] = pathname.split('/').map(decodeURIComponent);
  const path = [kind, name === undefined || name === '' ? undefined : '{}', sub, last === undefined ? undefined : '{}'];
  const operation = LAMBDA[`${method} ${path.filter((part) => part !== undefined && part !== '').join('/')}`];
  if (operation === undefined) throw new Error(`unknown request: lambda ${method} ${pathname}`);
  if (operation === 'ListFunctions') return [{ action: 'lambda:ListFunctions', resource: '*' }];
  const input = body === '' ? {} : JSON.parse(body);
  const functionName = kind === 'tags' ? String(name).split(':').at(6) : name || input.FunctionName;
  const qualifier = searchParams.get('Qualifier');
  const arn = `arn:aws:lambda:${signatureOf(request).region}:${ACCOUNT}:function:${functionName}`;
  const resource = qualifier === null || qualifier === '$LATEST' ? arn : `${arn}:${qualifier}`;
  return [
    { action: `lambda:${operation}`, resource },
    ...(resource !== arn && ON_EITHER_ARN.test(operation) ? [{ action: `lambda:${operation}`, resource: arn }] : []),
    ...(operation === 'CreateFunction' && input.Tags ? [{ action: 'lambda:TagResource', resource }] : []),
    ...(input.Role === undefined
      ? []
      : [{ action: 'iam:PassRole', resource: input.Role, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } }]),
  ];
}

/** The check that decides whether GetFunction returns tags. If it is denied, the call still succeeds, without tags. */
export function tagsCheckOf(request: WireRequest): Check | undefined {
  if (signatureOf(request).service !== 'lambda') return undefined;
  const [check] = lambdaChecks(request);
  if (check?.action !== 'lambda:GetFunction') return undefined;
  return { action: 'lambda:ListTags', resource: check.resource.split(':').slice(0, 7).join(':') };
}

/** Resource types by the field that names them. The type that the request is about comes first. */
const IAM_KINDS = [
  ['InstanceProfileName', 'instance-profile'],
  ['RoleName', 'role'],
  ['UserName', 'user'],
] as const;

function iamChecks({ body }: WireRequest, paths: ReadonlyMap<string, string>): readonly Check[] {
  const input = new URLSearchParams(body);
  const operation = input.get('Action') ?? '';
  const url = input.get('Url')?.replace('https://', '');
  const ofAccount = (path: string) => `arn:aws:iam::${ACCOUNT}:${path}`;
  const arnOf = (kind: string, name: string) =>
    ofAccount(`${kind}${input.get('Path') ?? paths.get(`${kind} ${name}`) ?? '/'}${name}`);
  const [subject] = IAM_KINDS.flatMap(([field, kind]) => {
    const name = input.get(field);
    return name === null ? [] : [arnOf(kind, name)];
  });
  const resource =
    input.get('OpenIDConnectProviderArn') ??
    (url !== undefined ? ofAccount(`oidc-provider/${url}`) : undefined) ??
    subject ??
    input.get('PolicyArn') ??
    arnOf('policy', input.get('PolicyName') ?? '');
  if (/^(ListRoles|GetAccountAuthorizationDetails|ListOpenIDConnectProviders)$/.test(operation)) {
    return [{ action: `iam:${operation}`, resource: '*' }];
  }
  const tagged = [...input.keys()].some((name) => name.startsWith('Tags.'));
  const kind = /^Create(Role|Policy|InstanceProfile|OpenIDConnectProvider)$/.exec(operation)?.[1];
  const policy = input.get('PolicyArn');
  const context: Check['context'] = policy === null ? {} : { 'iam:PolicyARN': policy };
  const passed = operation === 'AddRoleToInstanceProfile' ? arnOf('role', input.get('RoleName') ?? '') : undefined;
  return [
    { action: `iam:${operation}`, resource, context },
    ...(kind !== undefined && tagged ? [{ action: `iam:Tag${kind}`, resource }] : []),
    ...(operation === 'CreateRole' && input.has('PermissionsBoundary')
      ? [{ action: 'iam:PutRolePermissionsBoundary', resource }]
      : []),
    ...(passed === undefined
      ? []
      : [{ action: 'iam:PassRole', resource: passed, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }]),
  ];
}

/** The path that a create request assigns, which later requests do not repeat: `role NAME` and `/ci/`. */
export function iamPathOf(request: WireRequest): readonly [string, string] | undefined {
  const input = new URLSearchParams(request.body);
  const path = input.get('Path');
  const [kind, field] =
    {
      CreateRole: ['role', 'RoleName'],
      CreatePolicy: ['policy', 'PolicyName'],
      CreateInstanceProfile: ['instance-profile', 'InstanceProfileName'],
    }[input.get('Action') ?? ''] ?? [];
  const name = field === undefined ? null : input.get(field);
  return path === null || name === null ? undefined : [`${kind} ${name}`, path];
}
