import { isArn, statementArn } from './arns.ts';
import type { StateResource } from './call.ts';
import { givenProfiles } from './launch-templates.ts';
import type { Grant, Subject } from './subject.ts';

/**
 * The service principal to which a call passes a role, by IAM prefix, or by IAM prefix and lowercase parameter name.
 * Calls without an entry pass it to `PREFIX.amazonaws.com`. From the pages on service roles in each service's user
 * guide, which are linked from
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html.
 */
const PASSED_TO: Readonly<Record<string, string>> = {
  'ec2.deliverlogspermissionarn': 'vpc-flow-logs.amazonaws.com',
  'ecs.executionrolearn': 'ecs-tasks.amazonaws.com',
  'ecs.taskrolearn': 'ecs-tasks.amazonaws.com',
  'rds.monitoringrolearn': 'monitoring.rds.amazonaws.com',
  'eks.podexecutionrolearn': 'eks-fargate-pods.amazonaws.com',
  'eks.noderole': 'ec2.amazonaws.com',
  airflow: 'airflow-env.amazonaws.com',
  apprunner: 'tasks.apprunner.amazonaws.com',
  'apprunner.accessrolearn': 'build.apprunner.amazonaws.com',
};

/** Keys under which a role is only named: `principalArn`, and `AWS` below the `Principal` of a policy, which is the body of PutBucketPolicy. */
const NAMES_ONLY = /principal|^aws$/i;

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
  const given = values.all.filter(({ key, value }) => ROLE.test(value) && isArn(value) && !NAMES_ONLY.test(key));
  const passed = given.map(({ key, value }) => passRole(statementArn(value, reference, names), serviceOf(prefix, key)));
  return [...passed, ...instanceProfiles(subject, state)];
}

function serviceOf(prefix: string, key: string): string {
  return PASSED_TO[`${prefix}.${key.toLowerCase()}`] ?? PASSED_TO[prefix] ?? `${prefix}.amazonaws.com`;
}

/** All services that a role can be passed to by calls with this IAM prefix. */
export function passedTo(prefix: string): readonly string[] {
  const byParameter = Object.entries(PASSED_TO).flatMap(([key, service]) =>
    key.startsWith(`${prefix}.`) ? [service] : [],
  );
  return [...new Set([serviceOf(prefix, ''), ...byParameter])];
}

function passRole(resource: string, service: string): Grant {
  return {
    action: 'iam:PassRole',
    resource,
    condition: { StringEquals: { 'iam:PassedToService': service } },
    byRule: true,
  };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html requires iam:PassRole. */
function profileRole({ values, where, names }: Subject): Grant {
  const [role = ''] = values.named('RoleName');
  const path = names.pathOf('role', role) ?? '/';
  return passRole(
    `arn:${where.partition}:iam::${where.accountId}:role${path}${names.stable(role)}`,
    'ec2.amazonaws.com',
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
    const arn = role?.attributes.arn;
    return typeof arn === 'string' ? [passRole(statementArn(arn, reference, names), 'ec2.amazonaws.com')] : [];
  });
}

/**
 * Calls for which a service creates its own role in the account if it does not exist yet.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html and the page in each service's guide
 */
export const SERVICE_LINKED: Readonly<Record<string, string>> = {
  'apigateway:CreateDomainName': 'ops.apigateway.amazonaws.com',
  'apigateway:CreateVpcLink': 'ops.apigateway.amazonaws.com',
  'autoscaling:CreateAutoScalingGroup': 'autoscaling.amazonaws.com',
  'elasticache:CreateCacheCluster': 'elasticache.amazonaws.com',
  'elasticache:CreateReplicationGroup': 'elasticache.amazonaws.com',
  'elasticache:CreateServerlessCache': 'elasticache.amazonaws.com',
  'elasticfilesystem:CreateFileSystem': 'elasticfilesystem.amazonaws.com',
  'elasticloadbalancing:CreateLoadBalancer': 'elasticloadbalancing.amazonaws.com',
  'ecs:CreateCluster': 'ecs.amazonaws.com',
  'eks:CreateCluster': 'eks.amazonaws.com',
  'eks:CreateFargateProfile': 'eks-fargate.amazonaws.com',
  'eks:CreateNodegroup': 'eks-nodegroup.amazonaws.com',
  'es:CreateDomain': 'opensearchservice.amazonaws.com',
  'events:CreateApiDestination': 'apidestinations.events.amazonaws.com',
  'events:CreateConnection': 'apidestinations.events.amazonaws.com',
  'guardduty:CreateDetector': 'guardduty.amazonaws.com',
  'rds:CreateDBCluster': 'rds.amazonaws.com',
  'rds:CreateDBInstance': 'rds.amazonaws.com',
  'application-autoscaling:RegisterScalableTarget': 'dynamodb.application-autoscaling.amazonaws.com',
};

export function serviceLinkedRoleGrants({ call, action, values, where }: Subject): readonly Grant[] {
  const [prefix = ''] = action.name.split(':');
  const service = SERVICE_LINKED[`${prefix}:${call.operation}`];
  if (service === undefined) return [];
  const [scaled] = values.named('ServiceNamespace');
  const name = scaled === undefined ? service : `${SCALED[scaled] ?? scaled}.application-autoscaling.amazonaws.com`;
  return [
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: `arn:${where.partition}:iam::${where.accountId}:role/aws-service-role/${name}/*`,
      condition: { StringEquals: { 'iam:AWSServiceName': name } },
      byRule: true,
    },
  ];
}

/** https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html */
const SCALED: Readonly<Record<string, string>> = { elasticmapreduce: 'emr' };
