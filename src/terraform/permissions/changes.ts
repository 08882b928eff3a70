import type { Action } from './reference.ts';
import { targetsOf } from './resources.ts';
import type { Grant, Subject } from './subject.ts';

/**
 * Operations that change a resource later, by the operation that creates it. Omits `Update…` and `Modify…` operations
 * with the same name. A run from scratch does not call them, but the next `terraform apply` may. From the update
 * functions in https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service.
 */
export const CHANGES: Readonly<Record<string, readonly string[]>> = {
  'autoscaling:CreateAutoScalingGroup': ['UpdateAutoScalingGroup'],
  'cloudfront:CreateCloudFrontOriginAccessIdentity': ['UpdateCloudFrontOriginAccessIdentity'],
  'cloudfront:CreateDistributionWithTags': ['UpdateDistribution'],
  'cloudfront:CreateFunction': ['PublishFunction', 'UpdateFunction'],
  'ec2:AllocateAddress': [],
  'ec2:AssociateRouteTable': ['ReplaceRouteTableAssociation'],
  'ec2:AuthorizeSecurityGroupEgress': ['RevokeSecurityGroupEgress'],
  'ec2:AuthorizeSecurityGroupIngress': ['RevokeSecurityGroupIngress'],
  'ec2:CreateRoute': ['ReplaceRoute'],
  'ec2:CreateSubnet': ['ModifySubnetAttribute'],
  'ec2:CreateVpc': ['ModifyVpcAttribute'],
  'ec2:RunInstances': ['ModifyInstanceAttribute', 'StartInstances', 'StopInstances'],
  'ecr:CreateRepository': ['PutImageScanningConfiguration', 'PutImageTagMutability'],
  'elasticloadbalancing:CreateLoadBalancer': ['ModifyLoadBalancerAttributes', 'SetSecurityGroups', 'SetSubnets'],
  'elasticloadbalancing:CreateTargetGroup': ['ModifyTargetGroup', 'ModifyTargetGroupAttributes'],
  'iam:CreatePolicy': ['CreatePolicyVersion', 'DeletePolicyVersion', 'ListPolicyVersions'],
  'iam:CreateRole': ['UpdateAssumeRolePolicy', 'UpdateRole', 'UpdateRoleDescription'],
  'kms:CreateKey': ['PutKeyPolicy', 'UpdateKeyDescription'],
  'lambda:CreateFunction': ['UpdateFunctionCode', 'UpdateFunctionConfiguration'],
  'logs:CreateLogGroup': ['PutRetentionPolicy'],
  'route53:CreateHostedZone': ['UpdateHostedZoneComment'],
  's3:CreateBucket': [],
  'secretsmanager:CreateSecret': ['UpdateSecret'],
  'sns:CreateTopic': ['SetTopicAttributes'],
  'sns:Subscribe': ['SetSubscriptionAttributes'],
  'sqs:CreateQueue': ['SetQueueAttributes'],
  'ecs:RegisterTaskDefinition': [],
};

/** The actions with which Terraform later changes what a call creates. */
export function changeGrants(subject: Subject): readonly Grant[] {
  const { call, action, reference } = subject;
  const [prefix = ''] = action.name.split(':');
  if (prefix === 'apigateway') {
    // A resource that a POST to a collection creates is changed at its own path.
    return call.request.method === 'POST' && !call.request.path.includes('/tags/')
      ? targetsOf(subject).map(({ arn }) => ({ action: 'apigateway:PATCH', resource: `${arn}/*`, byRule: true }))
      : [];
  }
  const [, noun] = /^Create(.+)$/.exec(call.operation) ?? [];
  const regular = noun === undefined ? [] : [`Update${noun}`, `Modify${noun}`];
  const names = CHANGES[`${prefix}:${call.operation}`] ?? regular;
  return names.flatMap((name) => {
    const change = reference.action(prefix, name);
    if (change === undefined) return [];
    return targetsOf({ ...subject, action: change }).map(({ arn }) => ({
      action: change.name,
      resource: arn,
      tagged: canAskForTags(change, arn),
      byRule: true,
    }));
  });
}

/** A changed resource exists, so conditions can check the tags of EC2 resources, whose ARN contains the type. */
function canAskForTags({ resourceTypes }: Action, arn: string): boolean {
  return resourceTypes.some(({ name, tagged }) => tagged && arn.includes(`:${name}/`));
}
