import { isJsonList, isJsonObject, type Json } from '../../json.ts';
import { API_COMPANIONS } from './api-companions.ts';
import { isArn, statementArn } from './arns.ts';
import type { StateResource } from './call.ts';
import { bucketAndKey } from './own-rules.ts';
import { linked } from './roles.ts';
import { emptying, S3_COMPANIONS } from './s3-companions.ts';
import { SCALING_COMPANIONS } from './scaling-companions.ts';
import type { Companions, Grant, Subject } from './subject.ts';
import { WEB_ACL_COMPANIONS } from './web-acl-companions.ts';

type Rule = (subject: Subject, arn: string, state: readonly StateResource[]) => Companions;

/** Actions that AWS checks in addition to the call's own, by IAM prefix and operation. `arn` is the first target's. */
const COMPANIONS: Readonly<Record<string, Rule>> = {
  ...S3_COMPANIONS,
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
  ...WEB_ACL_COMPANIONS,
  ...API_COMPANIONS,
  ...SCALING_COMPANIONS,
  // https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html: a private zone belongs to a VPC
  'route53:CreateHostedZone': ({ values }) =>
    values.all.some(({ key }) => key === 'VPCId') ? [['ec2:DescribeVpcs', '*']] : [],
  // With `force_destroy`, Terraform first deletes records that others created, of which an emulator has none.
  'route53:DeleteHostedZone': ({ values }, arn, state) =>
    state.some(
      ({ type, attributes }) =>
        type === 'aws_route53_zone' &&
        attributes.force_destroy === true &&
        values.all.some(({ value }) => value === attributes.zone_id),
    )
      ? [['route53:ChangeResourceRecordSets', arn]]
      : [],
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
  // https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html
  'kms:CreateKey': ({ call: { request }, where }) =>
    isJsonObject(request.body) && request.body.MultiRegion === true ? linked('mrk.kms', where) : [],
  // https://docs.aws.amazon.com/cognito/latest/developerguide/using-service-linked-roles.html
  'cognito-idp:CreateUserPool': poolCompanions,
  'cognito-idp:UpdateUserPool': poolCompanions,
  // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-add-custom-domain.html
  'cognito-idp:CreateUserPoolDomain': poolDomainCompanions,
  'cognito-idp:UpdateUserPoolDomain': poolDomainCompanions,
  'autoscaling:CreateAutoScalingGroup': refreshCompanions,
  'ec2:DeleteSecurityGroup': interfaceCompanions,
  'ec2:DeleteSubnet': interfaceCompanions,
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
  'secretsmanager:CreateSecret': ({ values }, arn) =>
    values.all.some(({ key }) => key === 'Region') ? [['secretsmanager:ReplicateSecretToRegions', arn]] : [],
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
  'secretsmanager:RotateSecret': ({ values, names, reference }) =>
    values
      .named('RotationLambdaARN')
      .filter(isArn)
      .map((arn) => ['lambda:InvokeFunction', statementArn(arn, reference, names)] as const),
  'dynamodb:UpdateTable': replicaCompanions,
  'events:CreateConnection': connectionCompanions,
  'events:UpdateConnection': connectionCompanions,
  'events:DeleteConnection': connectionCompanions,
  // https://docs.aws.amazon.com/dtconsole/latest/userguide/security-iam.html ("PassConnection")
  'codepipeline:CreatePipeline': pipelineCompanions,
  'codepipeline:UpdatePipeline': pipelineCompanions,
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
  'eks:CreateNodegroup': roleCompanions,
  'eks:CreatePodIdentityAssociation': roleCompanions,
};

export function companionGrants(subject: Subject, arn: string, state: readonly StateResource[]): readonly Grant[] {
  const [prefix = ''] = subject.action.name.split(':');
  const rule = COMPANIONS[`${prefix}:${subject.call.operation}`];
  return [...(rule?.(subject, arn, state) ?? []), ...emptying(subject, arn, state)].map(([action, resource]) => ({
    action,
    resource,
    byRule: true,
  }));
}

/**
 * The code's object, layers, image and network, which Lambda reads on behalf of its caller.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
 */
function functionCompanions({ call, values, where, names, reference }: Subject, arn: string): Companions {
  const text = (name: string) => values.all.find(({ key }) => key === name)?.value;
  const layers = values.all.filter(({ key, value }) => key === 'Layers' && isArn(value));
  const bucket = text('S3Bucket');
  const image = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+\/([^:@]+)/.exec(text('ImageUri') ?? '');
  const repository =
    image === null
      ? ''
      : `arn:${where.partition}:ecr:${image[2]}:${names.account(image[1] ?? '')}:repository/${names.stable(image[3] ?? '')}`;
  return [
    // After a change, the provider waits until the version that it published is ready.
    ...(isJsonObject(call.request.body) && call.request.body.Publish === true
      ? [arn, `${arn}:*`].map((resource) => ['lambda:GetFunctionConfiguration', resource] as const)
      : []),
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
function passwordCompanions({ values, where }: Subject): Companions {
  if (!values.named('ManageMasterUserPassword').includes('true')) return [];
  const of = (service: string) => `arn:${where.partition}:${service}:${where.region}:${where.accountId}`;
  const secret = `${of('secretsmanager')}:secret:rds!*`;
  return [
    ['kms:DescribeKey', `${of('kms')}:key/*`],
    ['secretsmanager:CreateSecret', secret],
    ['secretsmanager:TagResource', secret],
  ];
}

/** A web ACL, a bucket for logs, and Lambda@Edge functions. */
function distributionCompanions({ values, where, names, reference }: Subject): Companions {
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
      ['lambda:DisableReplication', 'lambda:EnableReplication', 'lambda:GetFunction'].map(
        (action) => [action, statementArn(value, reference, names)] as const,
      ),
    ),
    ...(atEdge.length === 0 ? [] : ['logger.cloudfront', 'replicator.lambda']).flatMap((service) =>
      linked(service, where),
    ),
  ];
}

/**
 * The provider deletes the network interfaces that Lambda keeps for up to 40 minutes after a function is deleted:
 * deleteLingeringENIs in
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ec2/vpc_network_interface.go
 */
function interfaceCompanions({ values, where }: Subject, _: string, state: readonly StateResource[]): Companions {
  const ids = new Set(values.all.map(({ value }) => value));
  const isUsed = state.some(
    ({ type, attributes }) =>
      type === 'aws_lambda_function' && textsOf(attributes.vpc_config ?? null).some((id) => ids.has(id)),
  );
  return isUsed
    ? ['DeleteNetworkInterface', 'DetachNetworkInterface'].map(
        (action) => [`ec2:${action}`, anyOf(where, 'network-interface')] as const,
      )
    : [];
}

/** With `instance_refresh`, the provider replaces the instances after a change, and cancels a replacement in progress. */
function refreshCompanions({ values }: Subject, arn: string, state: readonly StateResource[]): Companions {
  const [name] = values.named('AutoScalingGroupName');
  const isRefreshed = state.some(
    ({ type, attributes }) =>
      type === 'aws_autoscaling_group' &&
      attributes.name === name &&
      isJsonList(attributes.instance_refresh) &&
      attributes.instance_refresh.length > 0,
  );
  return isRefreshed
    ? [
        ['autoscaling:CancelInstanceRefresh', arn],
        ['autoscaling:DescribeInstanceRefreshes', '*'],
        ['autoscaling:StartInstanceRefresh', arn],
      ]
    : [];
}

function textsOf(value: Json): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap((inner) => textsOf(inner)) : [];
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html */
function replicaCompanions({ call, values, where }: Subject, arn: string): Companions {
  const { body } = call.request;
  if (!isJsonObject(body) || body.ReplicaUpdates === undefined) return [];
  const regions = values.all.flatMap(({ key, value }) => (key === 'RegionName' ? [value] : []));
  const onReplicas = regions.flatMap((region) =>
    REPLICA_ACTIONS.map((action) => [`dynamodb:${action}`, arn.replace(`:${where.region}:`, `:${region}:`)] as const),
  );
  return [...onReplicas, ...linked('replication.dynamodb', where)];
}

const REPLICA_ACTIONS = [
  ...['BatchWriteItem', 'CreateTable', 'CreateTableReplica', 'DeleteItem', 'DeleteTable', 'DeleteTableReplica'],
  ...['GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'],
];

/**
 * The secret with the credentials of a connection, whose name follows the prefix.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEventBridgeFullAccess.html
 */
function connectionCompanions({ call, values, where, names }: Subject): Companions {
  const prefix = `arn:${where.partition}:secretsmanager:${where.region}:${where.accountId}:secret:events!connection`;
  const actions =
    call.operation === 'DeleteConnection'
      ? ['DeleteSecret']
      : ['CreateSecret', 'DeleteSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecret'];
  return values
    .named('Name')
    .flatMap((name) =>
      actions.map((action) => [`secretsmanager:${action}`, `${prefix}/${names.stable(name)}/*`] as const),
    );
}

/** A domain of the user's own has a distribution. */
function poolDomainCompanions({ values }: Subject): Companions {
  return values.all.some(({ key }) => key === 'CertificateArn') ? [['cloudfront:UpdateDistribution', '*']] : [];
}

/** A user pool that sends email from an address of the account. */
function poolCompanions({ values, where }: Subject): Companions {
  const isOwn = values.all.some(({ key, value }) => key === 'EmailSendingAccount' && value === 'DEVELOPER');
  return isOwn ? linked('email.cognito-idp', where) : [];
}

function pipelineCompanions({ values, names, reference }: Subject): Companions {
  return values.all
    .filter(({ key, value }) => key === 'ConnectionArn' && isArn(value))
    .map(({ value }) => [`${value.split(':')[2]}:PassConnection`, statementArn(value, reference, names)] as const);
}

/** EKS looks at the role that it gets. */
function roleCompanions({ values, names, reference }: Subject): Companions {
  return [...values.named('nodeRole'), ...values.named('roleArn')]
    .filter(isArn)
    .map((arn) => ['iam:GetRole', statementArn(arn, reference, names)] as const);
}
