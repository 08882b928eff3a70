import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/json.ts';
import { CHANGES, CHANGES_OF_PART } from '../../../src/terraform/permissions/changes.ts';
import { readReference } from '../../../src/terraform/permissions/reference.ts';
import { ACCOUNT, call, granted } from './calls.ts';

/** The actions that calls need, without the given prefix. */
const actions = (prefix: string, ...calls: readonly ReturnType<typeof call>[]) =>
  Object.keys(granted(calls)).flatMap((action) =>
    action.startsWith(`${prefix}:`) ? [action.slice(prefix.length + 1)] : [],
  );
const create = (service: string, operation: string, body: Json, resourceType?: string) =>
  call(service, operation, { request: { body }, resourceType });

describe('the next apply', () => {
  it.each([
    ['DynamoDB', 'PutItem', { TableName: 'Visits' }, 'dynamodb', ['UpdateItem']],
    ['EC2', 'CreateLaunchTemplate', { LaunchTemplateName: 'web' }, 'ec2', ['CreateLaunchTemplateVersion']],
    [
      'IAM',
      'CreateOpenIDConnectProvider',
      { Url: 'https://example.com' },
      'iam',
      [
        'AddClientIDToOpenIDConnectProvider',
        'RemoveClientIDFromOpenIDConnectProvider',
        'UpdateOpenIDConnectProviderThumbprint',
      ],
    ],
    [
      'EKS',
      'CreateCluster',
      { name: 'main' },
      'eks',
      ['DescribeUpdate', 'UpdateClusterConfig', 'UpdateClusterVersion'],
    ],
    ['OpenSearch', 'CreateDomain', { DomainName: 'logs' }, 'es', ['UpdateDomainConfig', 'UpgradeDomain']],
    ['Firehose', 'CreateDeliveryStream', { DeliveryStreamName: 'f' }, 'firehose', ['UpdateDestination']],
  ])('may change what %s %s created', (service, operation, body, prefix, changes) => {
    expect(actions(prefix, create(service, operation, body))).toEqual(expect.arrayContaining(changes));
  });

  it.each([
    ['aws_security_group', ['RevokeSecurityGroupIngress']],
    ['aws_security_group_rule', ['UpdateSecurityGroupRuleDescriptionsIngress']],
    ['aws_vpc_security_group_ingress_rule', ['ModifySecurityGroupRules']],
  ])('may change a rule of a security group as %s does', (resourceType, changes) => {
    const authorize = create('EC2', 'AuthorizeSecurityGroupIngress', { GroupId: 'sg-0123456789abcdef0' }, resourceType);
    expect(actions('ec2', authorize)).toEqual(['AuthorizeSecurityGroupIngress', ...changes]);
  });

  it.each([
    ['Lambda', 'CreateFunction', { FunctionName: 'f' }, { Publish: true }, 'lambda:PublishVersion'],
    ['Lambda', 'CreateFunction', { FunctionName: 'f', Publish: false }, { Publish: true }, 'lambda:PublishVersion'],
    ['EC2', 'RunInstances', {}, { 'BlockDeviceMapping.1.Ebs.VolumeSize': '20' }, 'ec2:ModifyVolume'],
    ['EC2', 'RunInstances', {}, { 'MetadataOptions.HttpTokens': 'required' }, 'ec2:ModifyInstanceMetadataOptions'],
    ['SESv2', 'CreateConfigurationSet', {}, { SendingOptions: {} }, 'ses:PutConfigurationSetSendingOptions'],
    [
      'Secrets Manager',
      'CreateSecret',
      { Name: 's' },
      { AddReplicaRegions: [{ Region: 'eu-west-1' }] },
      'secretsmanager:ReplicateSecretToRegions',
    ],
  ])('may change a part only where it is used: %s %s of %j with %j', (service, operation, body, part, action) => {
    expect(Object.keys(granted([create(service, operation, body)]))).not.toContain(action);
    expect(Object.keys(granted([create(service, operation, { ...body, ...part })]))).toContain(action);
  });

  it('may change a method of a REST API at its own path', () => {
    const put = call('API Gateway', 'PutMethod', {
      request: { method: 'PUT', path: '/restapis/a1/resources/b2/methods/GET' },
    });
    expect(granted([put])['apigateway:PATCH']).toEqual([
      'arn:aws:apigateway:eu-west-2::/restapis/*/resources/*/methods/GET',
    ]);
  });

  it('uses actions that exist', () => {
    const reference = readReference();
    const rows = [
      ...Object.entries(CHANGES),
      ...Object.entries(CHANGES_OF_PART).flatMap(([key, parts]) =>
        Object.values(parts).map((of) => [key, of] as const),
      ),
    ];
    const missing = rows.flatMap(([key, names]) => {
      const [prefix = ''] = key.split(':');
      return names.filter((name) => reference.action(prefix, name) === undefined).map((name) => `${prefix}:${name}`);
    });
    expect(missing).toEqual([]);
  });
});

describe('a published version', () => {
  it('is read until it is ready', () => {
    const arn = `arn:aws:lambda:eu-west-2:${ACCOUNT}:function:f`;
    const grants = granted([create('Lambda', 'CreateFunction', { FunctionName: 'f', Publish: true })]);
    expect(grants['lambda:GetFunctionConfiguration']).toEqual([arn, `${arn}:*`]);
  });
});
