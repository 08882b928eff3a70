import { isJsonObject } from '../../json.ts';
import { isArn, statementArn } from './arns.ts';
import type { StateResource } from './call.ts';
import { bucketAndKey } from './own-rules.ts';
import type { Grant, Subject } from './subject.ts';

type Rule = (subject: Subject, arn: string) => readonly (readonly [action: string, resource: string])[];

/** Actions that AWS checks in addition to the call's own, by IAM prefix and operation. `arn` is the first target's. */
const COMPANIONS: Readonly<Record<string, Rule>> = {
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
    const source = decodeURIComponent(subject.call.request.headers['x-amz-copy-source'] ?? '').replace(/^\//, '');
    const [bucket = '', ...key] = (source.split('?')[0] ?? '').split('/');
    const from = `arn:${subject.where.partition}:s3:::${subject.names.stable(bucket)}/${subject.names.stable(key.join('/'))}`;
    const read = source.includes('?versionId=') ? 's3:GetObjectVersion' : 's3:GetObject';
    return [[read, from], ...objectCompanions(subject, arn)];
  },
  's3:DeleteObject': retentionCompanions,
  's3:DeleteObjects': retentionCompanions,
  // Without this permission, the response omits the tags:
  // https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
  'lambda:GetFunction': (_, arn) => [['lambda:ListTags', arn]],
  'lambda:CreateFunction': functionCompanions,
  'lambda:UpdateFunctionCode': functionCompanions,
  'lambda:UpdateFunctionConfiguration': functionCompanions,
  // https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html and those of the other two
  'elasticfilesystem:CreateMountTarget': ({ where }) => [
    ...['network-interface', 'security-group', 'subnet'].map(
      (type) => ['ec2:CreateNetworkInterface', anyOf(where, type)] as const,
    ),
    ['ec2:DescribeNetworkInterfaces', '*'],
    ['ec2:DescribeSubnets', '*'],
  ],
  'elasticfilesystem:DeleteMountTarget': ({ where }) => [
    ['ec2:DeleteNetworkInterface', anyOf(where, 'network-interface')],
  ],
  'elasticfilesystem:ModifyMountTargetSecurityGroups': ({ where }) =>
    ['network-interface', 'security-group'].map(
      (type) => ['ec2:ModifyNetworkInterfaceAttribute', anyOf(where, type)] as const,
    ),
  'rds:CreateDBCluster': passwordCompanions,
  'rds:CreateDBInstance': passwordCompanions,
  'rds:ModifyDBCluster': passwordCompanions,
  'rds:ModifyDBInstance': passwordCompanions,
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
  'apigateway:CreateStage': stageCompanions,
  'apigateway:UpdateStage': stageCompanions,
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html: a private zone belongs to a VPC
  'route53:CreateHostedZone': ({ values }) =>
    values.all.some(({ key }) => key === 'VPCId') ? [['ec2:DescribeVpcs', '*']] : [],
  'route53:AssociateVPCWithHostedZone': () => [['ec2:DescribeVpcs', '*']],
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
  'cloudfront:CreateDistribution': distributionCompanions,
  'cloudfront:CreateDistributionWithTags': distributionCompanions,
  'cloudfront:UpdateDistribution': distributionCompanions,
  // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
  'ec2:CreateFlowLogs': () => [
    ['logs:CreateLogDelivery', '*'],
    ['logs:DeleteLogDelivery', '*'],
  ],
};

export function companionGrants(subject: Subject, arn: string, state: readonly StateResource[]): readonly Grant[] {
  const [prefix = ''] = subject.action.name.split(':');
  const rule = COMPANIONS[`${prefix}:${subject.call.operation}`];
  return [...(rule?.(subject, arn) ?? []), ...emptying(subject, arn, state)].map(([action, resource]) => ({
    action,
    resource,
    byRule: true,
  }));
}

/** With `force_destroy`, Terraform empties the bucket first. In an emulator, the bucket has no objects. */
function emptying(
  { call, action }: Subject,
  arn: string,
  state: readonly StateResource[],
): readonly [string, string][] {
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
    ...(isLocked ? [['s3:BypassGovernanceRetention', `${arn}/*`] as [string, string]] : []),
  ];
}

/** Required with this header: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
function retentionCompanions({ call }: Subject, arn: string): readonly (readonly [string, string])[] {
  if (call.request.headers['x-amz-bypass-governance-retention'] !== 'true') return [];
  const objects = call.operation === 'DeleteObjects' ? arn.replace(/\/.*$/s, '/*') : arn;
  return [['s3:BypassGovernanceRetention', objects]];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html ("Permissions") */
function objectCompanions({ call }: Subject, arn: string): readonly (readonly [string, string])[] {
  const { headers } = call.request;
  return [
    ...((headers['x-amz-tagging'] ?? '') === '' ? [] : ['s3:PutObjectTagging']),
    ...((headers['x-amz-acl'] ?? 'private') === 'private' ? [] : ['s3:PutObjectAcl']),
    ...(headers['x-amz-object-lock-mode'] === undefined ? [] : ['s3:PutObjectRetention']),
    ...(headers['x-amz-object-lock-legal-hold'] === undefined ? [] : ['s3:PutObjectLegalHold']),
  ].map((action) => [action, arn] as const);
}

/**
 * The code's object, layers, image and network, which Lambda reads on behalf of its caller.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
 */
function functionCompanions({ values, where, names, reference }: Subject): readonly (readonly [string, string])[] {
  const text = (name: string) => values.all.find(({ key }) => key === name)?.value;
  const layers = values.all.filter(({ key, value }) => key === 'Layers' && isArn(value));
  const bucket = text('S3Bucket');
  const image = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+\/([^:@]+)/.exec(text('ImageUri') ?? '');
  const repository =
    image === null
      ? ''
      : `arn:${where.partition}:ecr:${image[2]}:${names.account(image[1] ?? '')}:repository/${names.stable(image[3] ?? '')}`;
  return [
    ...layers.map(({ value }) => ['lambda:GetLayerVersion', statementArn(value, reference, names)] as const),
    ...(bucket === undefined
      ? []
      : [
          [
            text('S3ObjectVersion') === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
            `arn:${where.partition}:s3:::${names.stable(bucket)}/${names.stable(text('S3Key') ?? '')}`,
          ] as const,
        ]),
    ...(image === null
      ? []
      : ['BatchGetImage', 'GetDownloadUrlForLayer', 'GetRepositoryPolicy', 'SetRepositoryPolicy'].map(
          (action) => [`ecr:${action}`, repository] as const,
        )),
    ...(text('SubnetIds') === undefined
      ? []
      : ['DescribeSecurityGroups', 'DescribeSubnets', 'DescribeVpcs'].map((action) => [`ec2:${action}`, '*'] as const)),
  ];
}

/** Ids of EC2 are AWS's own, so a statement can only name the type. */
function anyOf({ partition, region, accountId }: Subject['where'], type: string): string {
  return `arn:${partition}:ec2:${region}:${accountId}:${type}/*`;
}

/**
 * The secret in which RDS keeps the password that it manages.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html ("Permissions required")
 */
function passwordCompanions({ values, where }: Subject): readonly (readonly [string, string])[] {
  if (!values.named('ManageMasterUserPassword').includes('true')) return [];
  const of = (service: string) => `arn:${where.partition}:${service}:${where.region}:${where.accountId}`;
  const secret = `${of('secretsmanager')}:secret:rds!*`;
  return [
    ['kms:DescribeKey', `${of('kms')}:key/*`],
    ['secretsmanager:CreateSecret', secret],
    ['secretsmanager:TagResource', secret],
  ];
}

/** Access logs of an HTTP API use log delivery, which has no resource-level permissions. */
function stageCompanions({ call, values }: Subject): readonly (readonly [string, string])[] {
  const logs = values.all.some(({ key, value }) => /^destinationArn$/i.test(key) && value.includes(':logs:'));
  if (!logs || !call.request.path.startsWith('/v2/')) return [];
  return [
    'CreateLogDelivery',
    'DeleteLogDelivery',
    'DescribeLogGroups',
    'DescribeResourcePolicies',
    'GetLogDelivery',
    'ListLogDeliveries',
    'PutResourcePolicy',
    'UpdateLogDelivery',
  ].map((action) => [`logs:${action}`, '*'] as const);
}

/** A web ACL, a bucket for logs, and Lambda@Edge functions. */
function distributionCompanions({ values, where, names, reference }: Subject): readonly (readonly [string, string])[] {
  const acl = values.all.find(({ key, value }) => key === 'WebACLId' && isArn(value));
  const logs = values.all.find(({ key, value }) => key === 'Bucket' && value.includes('.s3'));
  const atEdge = values.all.filter(({ key, value }) => key === 'LambdaFunctionARN' && isArn(value));
  const { bucket } = bucketAndKey({ method: '', host: logs?.value, path: '', query: {}, headers: {}, body: undefined });
  return [
    ...(acl === undefined ? [] : [['wafv2:GetWebACL', statementArn(acl.value, reference, names)] as const]),
    ...(logs === undefined
      ? []
      : ['s3:GetBucketAcl', 's3:PutBucketAcl'].map(
          (action) => [action, `arn:${where.partition}:s3:::${names.stable(bucket)}`] as const,
        )),
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html
    ...atEdge.flatMap(({ value }) =>
      ['lambda:EnableReplication', 'lambda:GetFunction'].map(
        (action) => [action, statementArn(value, reference, names)] as const,
      ),
    ),
  ];
}
