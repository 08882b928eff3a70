import { oneOrMany } from '../../policies/document.ts';
import { isArn, statementArn } from './arns.ts';
import type { StateResource } from './call.ts';
import { givenProfiles } from './launch-templates.ts';
import type { Companions, Grant, Subject } from './subject.ts';

/**
 * The service principals to which a call passes a role, by IAM prefix and operation, by IAM prefix and lowercase
 * parameter name, or by IAM prefix. Calls without an entry pass it to `PREFIX.amazonaws.com`. Two where AWS does not
 * document which one it checks. From the pages on service roles in each service's user guide, which are linked from
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html.
 */
const PASSED_TO: Readonly<Record<string, readonly string[]>> = {
  'batch.executionrolearn': ['batch.amazonaws.com', 'ecs-tasks.amazonaws.com'],
  'batch.jobrolearn': ['batch.amazonaws.com', 'ecs-tasks.amazonaws.com'],
  'ec2.deliverlogspermissionarn': ['vpc-flow-logs.amazonaws.com'],
  'ecs.executionrolearn': ['ecs-tasks.amazonaws.com'],
  'ecs.taskrolearn': ['ecs-tasks.amazonaws.com'],
  'rds.monitoringrolearn': ['monitoring.rds.amazonaws.com'],
  'eks.podexecutionrolearn': ['eks-fargate-pods.amazonaws.com', 'eks.amazonaws.com'],
  'eks.noderole': ['ec2.amazonaws.com', 'eks.amazonaws.com'],
  'eks:CreatePodIdentityAssociation': ['eks.amazonaws.com', 'pods.eks.amazonaws.com'],
  es: ['es.amazonaws.com', 'opensearchservice.amazonaws.com'],
  airflow: ['airflow-env.amazonaws.com'],
  apprunner: ['tasks.apprunner.amazonaws.com'],
  'apprunner.accessrolearn': ['build.apprunner.amazonaws.com'],
};

/** Keys under which a role is only named: `principalArn`, and `AWS` below the `Principal` of a policy, which is the body of PutBucketPolicy. */
const NAMES_ONLY = /principal|^aws$/i;

/** Services that store what users give them, and the operations and parameters with which they get a role, if any. */
const STORES: Readonly<Record<string, RegExp>> = {
  dynamodb: /^$/,
  kms: /^$/,
  s3: /^(CreateJob|PutBucketReplication)\.Role/i,
  secretsmanager: /^$/,
  sqs: /^$/,
  ssm: /role/i,
};

const ROLE = /^arn:[\w-]+:iam::\d{12}:role\/(?!aws-service-role\/)/;

/**
 * Permissions to pass roles to a service, for each role in the call's parameters.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export function passRoleGrants(subject: Subject, state: readonly StateResource[]): readonly Grant[] {
  const { action, values, names, reference, call } = subject;
  const [prefix = ''] = action.name.split(':');
  if (action.reads || prefix === 'sts') return [];
  if (prefix === 'iam') {
    return call.operation === 'AddRoleToInstanceProfile' ? [profileRole(subject)] : [];
  }
  const isParameter = (key: string) =>
    !NAMES_ONLY.test(key) && (STORES[prefix]?.test(`${call.operation}.${key}`) ?? true);
  const given = values.all.filter(
    ({ key, value, isFree }) => ROLE.test(value) && isArn(value) && isFree !== true && isParameter(key),
  );
  const passed = given.map(({ key, value }) =>
    passRole(statementArn(value, reference, names), servicesOf(prefix, key, call.operation), subject.where),
  );
  return [...passed, ...instanceProfiles(subject, state)];
}

function servicesOf(prefix: string, key = '', operation = ''): readonly string[] {
  const byCall = PASSED_TO[`${prefix}:${operation}`] ?? PASSED_TO[`${prefix}.${key.toLowerCase()}`];
  return byCall ?? PASSED_TO[prefix] ?? [`${prefix}.amazonaws.com`];
}

/**
 * The principals of services in a partition. In China, some have the suffix of the partition, and AWS does not list which:
 * https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function principalsIn(partition: string, services: readonly string[]): readonly string[] {
  return partition === 'aws-cn' ? services.flatMap((service) => [service, `${service}.cn`]) : services;
}

/** All services that a role can be passed to by calls with this IAM prefix. */
export function passedTo(prefix: string, partition: string): readonly string[] {
  const byCall = Object.entries(PASSED_TO).flatMap(([key, services]) =>
    [`${prefix}.`, `${prefix}:`].some((start) => key.startsWith(start)) ? services : [],
  );
  return principalsIn(partition, [...new Set([...servicesOf(prefix), ...byCall])]);
}

function passRole(resource: string, services: readonly string[], { partition }: Subject['where']): Grant {
  return {
    action: 'iam:PassRole',
    resource,
    condition: { StringEquals: { 'iam:PassedToService': oneOrMany(principalsIn(partition, services)) } },
    byRule: true,
  };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html requires iam:PassRole. */
function profileRole({ values, where, names }: Subject): Grant {
  const [role = ''] = values.named('RoleName');
  const path = names.pathOf('role', role) ?? '/';
  return passRole(
    `arn:${where.partition}:iam::${where.accountId}:role${path}${names.stable(role)}`,
    ['ec2.amazonaws.com'],
    where,
  );
}

/** An instance profile passes its role to the instance. The state contains that role. */
function instanceProfiles(subject: Subject, state: readonly StateResource[]): readonly Grant[] {
  const { reference, names } = subject;
  const given = givenProfiles(subject, state);
  const profiles = state.filter(
    ({ type, attributes: { name } }) =>
      type === 'aws_iam_instance_profile' && typeof name === 'string' && given.includes(name),
  );
  return profiles.flatMap(({ attributes }) => {
    const role = state.find(
      (resource) => resource.type === 'aws_iam_role' && resource.attributes.name === attributes.role,
    );
    // A data source has the ARN itself.
    const arn = role?.attributes.arn ?? attributes.role_arn;
    return typeof arn === 'string'
      ? [passRole(statementArn(arn, reference, names), ['ec2.amazonaws.com'], subject.where)]
      : [];
  });
}

/**
 * Calls for which a service creates its own role in the account if it does not exist yet.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html and the page in each service's guide
 */
export const SERVICE_LINKED: Readonly<Record<string, string>> = {
  'access-analyzer:CreateAnalyzer': 'access-analyzer.amazonaws.com',
  'airflow:CreateEnvironment': 'airflow.amazonaws.com',
  'apigateway:CreateDomainName': 'ops.apigateway.amazonaws.com',
  'apigateway:CreateVpcLink': 'ops.apigateway.amazonaws.com',
  'application-autoscaling:RegisterScalableTarget': 'dynamodb.application-autoscaling.amazonaws.com',
  'apprunner:CreateService': 'apprunner.amazonaws.com',
  'apprunner:CreateVpcConnector': 'networking.apprunner.amazonaws.com',
  'autoscaling:CreateAutoScalingGroup': 'autoscaling.amazonaws.com',
  'batch:CreateComputeEnvironment': 'batch.amazonaws.com',
  'codestar-notifications:CreateNotificationRule': 'codestar-notifications.amazonaws.com',
  'dax:CreateCluster': 'dax.amazonaws.com',
  'dynamodb:EnableKinesisStreamingDestination': 'kinesisreplication.dynamodb.amazonaws.com',
  'dynamodb:UpdateContributorInsights': 'contributorinsights.dynamodb.amazonaws.com',
  'ec2:CreateTransitGateway': 'transitgateway.amazonaws.com',
  'ec2:CreateTransitGatewayVpcAttachment': 'transitgateway.amazonaws.com',
  'ec2:RequestSpotInstances': 'spot.amazonaws.com',
  'ecr:CreatePullThroughCacheRule': 'pullthroughcache.ecr.amazonaws.com',
  'ecr:PutReplicationConfiguration': 'replication.ecr.amazonaws.com',
  'ecs:CreateCluster': 'ecs.amazonaws.com',
  'eks:CreateCluster': 'eks.amazonaws.com',
  'eks:CreateFargateProfile': 'eks-fargate.amazonaws.com',
  'eks:CreateNodegroup': 'eks-nodegroup.amazonaws.com',
  'elasticache:CreateCacheCluster': 'elasticache.amazonaws.com',
  'elasticache:CreateReplicationGroup': 'elasticache.amazonaws.com',
  'elasticache:CreateServerlessCache': 'elasticache.amazonaws.com',
  'elasticbeanstalk:CreateEnvironment': 'elasticbeanstalk.amazonaws.com',
  'elasticfilesystem:CreateFileSystem': 'elasticfilesystem.amazonaws.com',
  'elasticloadbalancing:CreateLoadBalancer': 'elasticloadbalancing.amazonaws.com',
  'es:CreateDomain': 'opensearchservice.amazonaws.com',
  'events:CreateApiDestination': 'apidestinations.events.amazonaws.com',
  'events:CreateConnection': 'apidestinations.events.amazonaws.com',
  'fsx:CreateFileSystem': 'fsx.amazonaws.com',
  'globalaccelerator:CreateAccelerator': 'globalaccelerator.amazonaws.com',
  'guardduty:CreateDetector': 'guardduty.amazonaws.com',
  'inspector2:Enable': 'inspector2.amazonaws.com',
  'kafka:CreateCluster': 'kafka.amazonaws.com',
  'kafka:CreateClusterV2': 'kafka.amazonaws.com',
  'kms:ReplicateKey': 'mrk.kms.amazonaws.com',
  'macie2:EnableMacie': 'macie.amazonaws.com',
  'memorydb:CreateCluster': 'memorydb.amazonaws.com',
  'mq:CreateBroker': 'mq.amazonaws.com',
  'network-firewall:CreateFirewall': 'network-firewall.amazonaws.com',
  'rds:CreateDBCluster': 'rds.amazonaws.com',
  'rds:CreateDBInstance': 'rds.amazonaws.com',
  'redshift:CreateCluster': 'redshift.amazonaws.com',
  'securityhub:EnableSecurityHub': 'securityhub.amazonaws.com',
  'wafv2:PutLoggingConfiguration': 'wafv2.amazonaws.com',
};

export function serviceLinkedRoleGrants({ call, action, values, where }: Subject): readonly Grant[] {
  const [prefix = ''] = action.name.split(':');
  const service = SERVICE_LINKED[`${prefix}:${call.operation}`];
  if (service === undefined) return [];
  const [scaled] = values.named('ServiceNamespace');
  const name = scaled === undefined ? service : `${SCALED[scaled] ?? scaled}.application-autoscaling.amazonaws.com`;
  return principalsIn(where.partition, [name]).map((principal) => ({
    action: 'iam:CreateServiceLinkedRole',
    resource: `arn:${where.partition}:iam::${where.accountId}:role/aws-service-role/${principal}/*`,
    condition: { StringEquals: { 'iam:AWSServiceName': principal } },
    byRule: true,
  }));
}

/** https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html */
const SCALED: Readonly<Record<string, string>> = { elasticmapreduce: 'emr' };

/** The role that a service creates for itself on first use of a feature. */
export function linked(service: string, { partition, accountId }: Subject['where']): Companions {
  return principalsIn(partition, [`${service}.amazonaws.com`]).map(
    (principal) =>
      [
        'iam:CreateServiceLinkedRole',
        `arn:${partition}:iam::${accountId}:role/aws-service-role/${principal}/*`,
      ] as const,
  );
}
