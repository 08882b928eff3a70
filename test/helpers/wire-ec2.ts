import type { Check, WireRequest } from './wire.ts';
import type { WirePlace } from './wire-services.ts';

/**
 * Resource types of each operation, according to
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html. For a type in brackets AWS
 * assigns the id, because the call creates the resource. Other ids are part of the request, directly or through an
 * association.
 */
const EC2: Readonly<Record<string, readonly string[]>> = {
  AssociateRouteTable: ['route-table', 'subnet'],
  AttachInternetGateway: ['internet-gateway', 'vpc'],
  AuthorizeSecurityGroupEgress: ['security-group'],
  AuthorizeSecurityGroupIngress: ['security-group'],
  CreateInternetGateway: ['(internet-gateway)'],
  CreateRoute: ['route-table'],
  CreateRouteTable: ['(route-table)', 'vpc'],
  CreateSecurityGroup: ['(security-group)', 'vpc'],
  CreateSubnet: ['(subnet)', 'vpc'],
  CreateVpc: ['(vpc)'],
  DeleteInternetGateway: ['internet-gateway'],
  DeleteRoute: ['route-table'],
  DeleteRouteTable: ['route-table'],
  DeleteSecurityGroup: ['security-group'],
  DeleteSubnet: ['subnet'],
  DeleteVpc: ['vpc'],
  DescribeVpcAttribute: ['vpc'],
  DetachInternetGateway: ['internet-gateway', 'vpc'],
  ModifySubnetAttribute: ['subnet'],
  ModifyVpcAttribute: ['vpc'],
  ReplaceRoute: ['route-table'],
  ReplaceRouteTableAssociation: ['route-table'],
  RevokeSecurityGroupEgress: ['security-group'],
  RevokeSecurityGroupIngress: ['security-group'],
};

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  'internet-gateway': ['InternetGatewayId'],
  'route-table': ['RouteTableId'],
  'security-group': ['GroupId'],
  subnet: ['SubnetId'],
  vpc: ['VpcId'],
};

const ID_PREFIXES: Readonly<Record<string, string>> = {
  igw: 'internet-gateway',
  rtb: 'route-table',
  sg: 'security-group',
  subnet: 'subnet',
  vpc: 'vpc',
};

/** The checks of an EC2 request, with the ids of resources whose tags the emulator knows. */
export function ec2Checks({ body }: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const input = new URLSearchParams(body);
  const operation = input.get('Action') ?? '';
  const arn = (type: string, id: string) => `arn:aws:ec2:${region}:${account}:${type}/${id}`;
  const context = { 'ec2:Region': region };
  if (/^Describe/.test(operation) && EC2[operation] === undefined) {
    return [{ action: `ec2:${operation}`, resource: '*', context }];
  }
  if (operation === 'CreateTags' || operation === 'DeleteTags') {
    const ids = [...input].filter(([name]) => name.startsWith('ResourceId.')).map(([, id]) => id);
    return ids.map((id) => ({
      action: `ec2:${operation}`,
      resource: arn(ID_PREFIXES[id.split('-')[0] ?? ''] ?? 'unknown', id),
      context,
      tagsOf: id,
    }));
  }
  if (operation === 'DisassociateRouteTable') {
    const id = input.get('AssociationId') ?? '';
    return ['route-table', 'subnet'].map((type) => ({
      action: 'ec2:DisassociateRouteTable',
      resource: arn(type, 'of-association'),
      context,
      association: id,
      tagsOf: type,
    }));
  }
  const types = EC2[operation] ?? [];
  const checks = types.map((type) => {
    if (type.startsWith('(')) return { action: `ec2:${operation}`, resource: arn(type.slice(1, -1), 'new'), context };
    const id =
      (FIELDS[type] ?? []).map((field) => input.get(field)).find((candidate) => candidate !== null) ?? 'unknown';
    return { action: `ec2:${operation}`, resource: arn(type, id), context, tagsOf: id };
  });
  return [...checks, ...tagChecks(operation, input, arn)];
}

/**
 * Additional checks for tags in a call that creates resources:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
function tagChecks(
  operation: string,
  input: URLSearchParams,
  arn: (type: string, id: string) => string,
): readonly Check[] {
  const types = [...input]
    .filter(([name]) => /^TagSpecification\.\d+\.ResourceType$/.test(name))
    .map(([, type]) => type);
  return types.map((type) => ({
    action: 'ec2:CreateTags',
    resource: arn(type, 'new'),
    context: { 'ec2:CreateAction': operation },
  }));
}
