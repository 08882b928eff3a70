import { isJsonObject } from '../../json.ts';
import type { RecordedCall } from './call.ts';
import type { Action } from './reference.ts';
import { targetsOf } from './resources.ts';
import type { Grant, Subject } from './subject.ts';

/**
 * Operations that change a resource later, by the operation that creates it, and by the Terraform type where several
 * types use that operation. Omits `Update…` and `Modify…` operations with the same name. A run from scratch does not
 * call them, but the next `terraform apply` may. From the update functions in
 * https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service.
 */
export const CHANGES: Readonly<Record<string, readonly string[]>> = {
  'autoscaling:CreateAutoScalingGroup': ['UpdateAutoScalingGroup'],
  'cloudfront:CreateCloudFrontOriginAccessIdentity': ['UpdateCloudFrontOriginAccessIdentity'],
  'cloudfront:CreateDistributionWithTags': ['UpdateDistribution'],
  'cloudfront:CreateFunction': ['PublishFunction', 'UpdateFunction'],
  'dynamodb:PutItem': ['UpdateItem'],
  'ec2:AllocateAddress': [],
  'ec2:AssociateRouteTable': ['ReplaceRouteTableAssociation'],
  'ec2:AuthorizeSecurityGroupEgress': ['RevokeSecurityGroupEgress'],
  'ec2:AuthorizeSecurityGroupEgress aws_security_group_rule': ['UpdateSecurityGroupRuleDescriptionsEgress'],
  'ec2:AuthorizeSecurityGroupEgress aws_vpc_security_group_egress_rule': ['ModifySecurityGroupRules'],
  'ec2:AuthorizeSecurityGroupIngress': ['RevokeSecurityGroupIngress'],
  'ec2:AuthorizeSecurityGroupIngress aws_security_group_rule': ['UpdateSecurityGroupRuleDescriptionsIngress'],
  'ec2:AuthorizeSecurityGroupIngress aws_vpc_security_group_ingress_rule': ['ModifySecurityGroupRules'],
  'ec2:CreateLaunchTemplate': ['CreateLaunchTemplateVersion', 'ModifyLaunchTemplate'],
  'ec2:CreateNetworkAclEntry aws_network_acl': ['DeleteNetworkAclEntry'],
  'ec2:CreateNetworkInterface': ['ModifyNetworkInterfaceAttribute'],
  'ec2:CreateRoute': ['ReplaceRoute'],
  'ec2:CreateRoute aws_route_table': ['DeleteRoute', 'ReplaceRoute'],
  'ec2:CreateSubnet': ['ModifySubnetAttribute'],
  'ec2:CreateVolume': ['DescribeVolumesModifications', 'ModifyVolume'],
  'ec2:CreateVpc': ['ModifyVpcAttribute'],
  'ec2:RunInstances': ['ModifyInstanceAttribute', 'StartInstances', 'StopInstances'],
  'ecr:CreateRepository': ['PutImageScanningConfiguration', 'PutImageTagMutability'],
  'ecs:RegisterTaskDefinition': [],
  'eks:CreateAddon': ['DescribeUpdate', 'UpdateAddon'],
  'eks:CreateCluster': ['DescribeUpdate', 'UpdateClusterConfig', 'UpdateClusterVersion'],
  'eks:CreateNodegroup': ['DescribeUpdate', 'UpdateNodegroupConfig', 'UpdateNodegroupVersion'],
  'elasticache:CreateCacheParameterGroup': ['ModifyCacheParameterGroup', 'ResetCacheParameterGroup'],
  'elasticloadbalancing:CreateLoadBalancer': ['ModifyLoadBalancerAttributes', 'SetSecurityGroups', 'SetSubnets'],
  'elasticloadbalancing:CreateRule': ['ModifyRule', 'SetRulePriorities'],
  'elasticloadbalancing:CreateTargetGroup': ['ModifyTargetGroup', 'ModifyTargetGroupAttributes'],
  'es:CreateDomain': ['GetUpgradeStatus', 'UpdateDomainConfig', 'UpgradeDomain'],
  'es:CreateElasticsearchDomain': ['GetUpgradeStatus', 'UpdateElasticsearchDomainConfig', 'UpgradeElasticsearchDomain'],
  'firehose:CreateDeliveryStream': ['UpdateDestination'],
  'iam:CreateOpenIDConnectProvider': [
    'AddClientIDToOpenIDConnectProvider',
    'RemoveClientIDFromOpenIDConnectProvider',
    'UpdateOpenIDConnectProviderThumbprint',
  ],
  'iam:CreatePolicy': ['CreatePolicyVersion', 'DeletePolicyVersion', 'ListPolicyVersions'],
  'iam:CreateRole': ['UpdateAssumeRolePolicy', 'UpdateRole', 'UpdateRoleDescription'],
  'iam:CreateServiceLinkedRole': ['UpdateRoleDescription'],
  'kms:CreateKey': ['PutKeyPolicy', 'UpdateKeyDescription'],
  'lambda:CreateFunction': ['UpdateFunctionCode', 'UpdateFunctionConfiguration'],
  'logs:CreateLogGroup': ['PutRetentionPolicy'],
  'rds:CreateDBClusterParameterGroup': ['ModifyDBClusterParameterGroup', 'ResetDBClusterParameterGroup'],
  'rds:CreateDBParameterGroup': ['ModifyDBParameterGroup', 'ResetDBParameterGroup'],
  'route53:CreateHostedZone': ['UpdateHostedZoneComment'],
  's3:CreateBucket': [],
  's3:CreateBucketMetadataConfiguration': [
    'UpdateBucketMetadataInventoryTableConfiguration',
    'UpdateBucketMetadataJournalTableConfiguration',
  ],
  'secretsmanager:CreateSecret': ['UpdateSecret'],
  'ses:CreateConfigurationSet': [],
  'sns:CreateTopic': ['SetTopicAttributes'],
  'sns:Subscribe': ['SetSubscriptionAttributes'],
  'sqs:CreateQueue': ['SetQueueAttributes'],
};

/** Operations that change only a part of what a call creates, by the parameter that sets this part. */
export const CHANGES_OF_PART: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'acm:RequestCertificate': { Options: ['UpdateCertificateOptions'] },
  'autoscaling:CreateAutoScalingGroup': {
    TargetGroupARNs: ['AttachLoadBalancerTargetGroups', 'DetachLoadBalancerTargetGroups'],
  },
  'cognito-idp:CreateUserPool': { Schema: ['AddCustomAttributes'] },
  'ec2:RunInstances': {
    BlockDeviceMapping: ['DescribeVolumesModifications', 'ModifyVolume'],
    CreditSpecification: ['ModifyInstanceCreditSpecification'],
    IamInstanceProfile: [
      'AssociateIamInstanceProfile',
      'DescribeIamInstanceProfileAssociations',
      'DisassociateIamInstanceProfile',
      'ReplaceIamInstanceProfileAssociation',
    ],
    MetadataOptions: ['ModifyInstanceMetadataOptions'],
    Monitoring: ['MonitorInstances', 'UnmonitorInstances'],
  },
  'elasticache:CreateReplicationGroup': {
    NumCacheClusters: ['DecreaseReplicaCount', 'IncreaseReplicaCount'],
    NumNodeGroups: ['ModifyReplicationGroupShardConfiguration'],
    ReplicasPerNodeGroup: ['DecreaseReplicaCount', 'IncreaseReplicaCount'],
  },
  'elasticloadbalancing:CreateLoadBalancer': { IpAddressType: ['SetIpAddressType'] },
  'kinesis:CreateStream': { ShardCount: ['UpdateShardCount'], StreamModeDetails: ['UpdateStreamMode'] },
  'lambda:CreateFunction': { Publish: ['PublishVersion'] },
  'route53:CreateHostedZone': { VPC: ['AssociateVPCWithHostedZone', 'DisassociateVPCFromHostedZone'] },
  'secretsmanager:CreateSecret': { AddReplicaRegions: ['RemoveRegionsFromReplication', 'ReplicateSecretToRegions'] },
  'ses:CreateConfigurationSet': {
    DeliveryOptions: ['PutConfigurationSetDeliveryOptions'],
    ReputationOptions: ['PutConfigurationSetReputationOptions'],
    SendingOptions: ['PutConfigurationSetSendingOptions'],
    SuppressionOptions: ['PutConfigurationSetSuppressionOptions'],
    TrackingOptions: ['PutConfigurationSetTrackingOptions'],
    VdmOptions: ['PutConfigurationSetVdmOptions'],
  },
  'ses:CreateEmailIdentity': {
    ConfigurationSetName: ['PutEmailIdentityConfigurationSetAttributes'],
    DkimSigningAttributes: ['PutEmailIdentityDkimSigningAttributes'],
  },
};

/** The actions with which Terraform later changes what a call creates. */
export function changeGrants(subject: Subject): readonly Grant[] {
  const { call, action, reference } = subject;
  const [prefix = ''] = action.name.split(':');
  if (prefix === 'apigateway') {
    // A POST to a collection creates a resource in it, a PUT creates one at its own path; both are changed there.
    const below = { POST: '/*', PUT: '' }[call.request.method];
    return below === undefined || call.request.path.includes('/tags/')
      ? []
      : targetsOf(subject).map(({ arn }) => ({ action: 'apigateway:PATCH', resource: `${arn}${below}`, byRule: true }));
  }
  return [...changesOfAll(prefix, call), ...changesOfParts(prefix, call)].flatMap((name) => {
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

function changesOfAll(prefix: string, { operation, resourceType }: RecordedCall): readonly string[] {
  const [, noun] = /^Create(.+)$/.exec(operation) ?? [];
  const regular = noun === undefined ? [] : [`Update${noun}`, `Modify${noun}`];
  return CHANGES[`${prefix}:${operation} ${resourceType}`] ?? CHANGES[`${prefix}:${operation}`] ?? regular;
}

function changesOfParts(prefix: string, { operation, request: { body } }: RecordedCall): readonly string[] {
  if (!isJsonObject(body)) return [];
  const given = Object.entries(body).filter(([, value]) => value !== false && value !== null);
  return Object.entries(CHANGES_OF_PART[`${prefix}:${operation}`] ?? {}).flatMap(([parameter, changes]) =>
    // In a form, the fields of a parameter have its name before a dot.
    given.some(([name]) => name.split('.')[0] === parameter) ? changes : [],
  );
}

/** A changed resource exists, so conditions can check the tags of EC2 resources, whose ARN contains the type. */
function canAskForTags({ resourceTypes }: Action, arn: string): boolean {
  return resourceTypes.some(({ name, tagged }) => tagged && arn.includes(`:${name}/`));
}
