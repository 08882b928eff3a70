import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/json.ts';
import type { PermissionsPlace, StateResource } from '../../../src/terraform/permissions/call.ts';
import { permissionsOf } from '../../../src/terraform/permissions/permissions.ts';
import { readReference } from '../../../src/terraform/permissions/reference.ts';
import { ACCOUNT, call, granted, place } from './calls.ts';

const REFERENCE = readReference();

const createFunction = (body: object) =>
  call('Lambda', 'CreateFunction', {
    request: { path: '/2015-03-31/functions', body: { FunctionName: 'visits', ...body } },
  });
const FUNCTION = `arn:aws:lambda:eu-west-2:${ACCOUNT}:function:visits`;

describe('a passed role', () => {
  const role = 'arn:aws:iam::123456789012:role/ci/visits';

  it('may be passed only to that service', () => {
    expect(granted([createFunction({ Role: role })])['iam:PassRole']).toEqual([
      `arn:aws:iam::${ACCOUNT}:role/ci/visits if {"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}`,
    ]);
  });

  it.each([
    ['ECS', 'RegisterTaskDefinition', { taskRoleArn: role }, 'ecs-tasks.amazonaws.com'],
    ['SFN', 'CreateStateMachine', { name: 'flow', roleArn: role }, 'states.amazonaws.com'],
    ['EC2', 'CreateFlowLogs', { DeliverLogsPermissionArn: role }, 'vpc-flow-logs.amazonaws.com'],
  ])('of %s %s may be passed to the service that uses it', (service, operation, body, to) => {
    expect(granted([call(service, operation, { request: { body } })])['iam:PassRole']).toEqual([
      expect.stringContaining(`"iam:PassedToService":"${to}"`),
    ]);
  });

  it.each([
    ['Lambda', 'CreateFunction', { FunctionName: 'f', Environment: { Variables: { ROLE_ARN: role } } }],
    ['ECS', 'RegisterTaskDefinition', { containerDefinitions: [{ environment: [{ name: 'ROLE_ARN', value: role }] }] }],
    ['AppRunner', 'CreateService', { ServiceName: 's', X: { RuntimeEnvironmentVariables: { ROLE_ARN: role } } }],
    ['SNS', 'CreateTopic', { Name: 't', 'Tags.member.1.Key': 'role', 'Tags.member.1.Value': role }],
    ['SSM', 'PutParameter', { Name: '/role', Value: role }],
    ['Secrets Manager', 'PutSecretValue', { SecretId: 's', SecretString: role }],
    ['DynamoDB', 'PutItem', { TableName: 'Visits', Item: { role: { S: role } } }],
    ['S3', 'PutObject', { roleArn: role }],
  ])('is not treated as passed if it is only data: %s %s', (service, operation, body) => {
    expect(granted([call(service, operation, { request: { path: '/site/config.json', body } })])).not.toHaveProperty(
      'iam:PassRole',
    );
  });

  it('is passed to S3 for replication, and to Systems Manager for tasks', () => {
    const calls = [
      call('S3', 'PutBucketReplication', { request: { method: 'PUT', path: '/site', body: { Role: role } } }),
      call('SSM', 'RegisterTaskWithMaintenanceWindow', { request: { body: { ServiceRoleArn: role } } }),
    ];
    expect(granted(calls)['iam:PassRole']).toEqual([
      expect.stringContaining('"s3.amazonaws.com"'),
      expect.stringContaining('"ssm.amazonaws.com"'),
    ]);
  });

  it('is not treated as passed if it only appears in a policy or as a principal', () => {
    const policy = JSON.stringify({ Statement: [{ Principal: { AWS: role } }] });
    const calls = [
      call('SQS', 'SetQueueAttributes', {
        request: { body: { QueueUrl: 'http://x/1/q', Attributes: { Policy: policy } } },
      }),
      call('S3', 'PutBucketPolicy', {
        request: { method: 'PUT', path: '/site', query: { policy: '' }, body: JSON.parse(policy) },
      }),
      call('EKS', 'CreateAccessEntry', {
        request: { path: '/clusters/c/access-entries', body: { principalArn: role } },
      }),
    ];
    expect(granted(calls)['iam:PassRole']).toBeUndefined();
  });
});

describe('a service-linked role', () => {
  it.each([
    ['CreateNodegroup', 'eks-nodegroup.amazonaws.com'],
    ['CreateFargateProfile', 'eks-fargate.amazonaws.com'],
  ])('may be created for EKS by %s: %s', (operation, service) => {
    const create = call('EKS', operation, { request: { path: '/clusters/main/x', body: {} } });
    expect(granted([create])['iam:CreateServiceLinkedRole']).toEqual([
      expect.stringContaining(`role/aws-service-role/${service}/*`),
    ]);
  });

  it('may be created for the service that needs it', () => {
    const create = call('Elastic Load Balancing v2', 'CreateLoadBalancer', {
      request: { body: { Name: 'web', Type: 'network' } },
    });
    const grants = granted([create]);
    expect(grants['iam:CreateServiceLinkedRole']).toEqual([
      `arn:aws:iam::${ACCOUNT}:role/aws-service-role/elasticloadbalancing.amazonaws.com/* if {"StringEquals":{"iam:AWSServiceName":"elasticloadbalancing.amazonaws.com"}}`,
    ]);
    expect(grants['elasticloadbalancing:CreateLoadBalancer']).toEqual([
      `arn:aws:elasticloadbalancing:eu-west-2:${ACCOUNT}:loadbalancer/net/web/*`,
    ]);
  });
});

describe('a customer managed key', () => {
  it('may be used through the service, and its id is never * if it is unknown', () => {
    const key = 'arn:aws:kms:eu-west-2:123456789012:key/11111111-2222-3333-4444-555555555555';
    const body = { TableName: 'Visits', SSESpecification: { KMSMasterKeyId: key } };
    expect(granted([call('DynamoDB', 'CreateTable', { request: { body } })])['kms:CreateGrant']).toEqual([
      `arn:aws:kms:eu-west-2:${ACCOUNT}:key/* if {"StringEquals":{"kms:ViaService":"dynamodb.eu-west-2.amazonaws.com"}}`,
    ]);
  });
});

describe('tags in the creating call', () => {
  it.each([
    [
      'Lambda',
      'CreateFunction',
      { FunctionName: 'visits', Tags: { a: 'b' } },
      ['lambda:TagResource', 'lambda:UntagResource'],
      FUNCTION,
    ],
    [
      'SQS',
      'CreateQueue',
      { QueueName: 'q', tags: { a: 'b' } },
      ['sqs:TagQueue', 'sqs:UntagQueue'],
      `arn:aws:sqs:eu-west-2:${ACCOUNT}:q`,
    ],
    [
      'IAM',
      'CreateRole',
      { RoleName: 'r', 'Tags.member.1.Key': 'a' },
      ['iam:TagRole', 'iam:UntagRole'],
      `arn:aws:iam::${ACCOUNT}:role/r`,
    ],
    [
      'ACM',
      'RequestCertificate',
      { Tags: [{ Key: 'a' }] },
      ['acm:AddTagsToCertificate'],
      `arn:aws:acm:eu-west-2:${ACCOUNT}:certificate/*`,
    ],
    [
      'OpenSearch',
      'CreateDomain',
      { DomainName: 'logs', TagList: [{ Key: 'a' }] },
      ['es:AddTags', 'es:RemoveTags'],
      `arn:aws:es:eu-west-2:${ACCOUNT}:domain/logs`,
    ],
    [
      'Auto Scaling',
      'CreateAutoScalingGroup',
      { AutoScalingGroupName: 'web', 'Tags.member.1.Key': 'a' },
      ['autoscaling:CreateOrUpdateTags', 'autoscaling:DeleteTags'],
      `arn:aws:autoscaling:eu-west-2:${ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/web`,
    ],
    [
      'Backup',
      'CreateBackupVault',
      { BackupVaultName: 'daily', BackupVaultTags: { a: 'b' } },
      ['backup:TagResource', 'backup:UntagResource'],
      `arn:aws:backup:eu-west-2:${ACCOUNT}:backup-vault:daily`,
    ],
  ])('of %s %s need its own action', (service, operation, body, actions, resource) => {
    const grants = granted([call(service, operation, { request: { body } })]);
    for (const action of actions) expect(grants[action]).toEqual([resource]);
  });

  it('are not required without tags', () => {
    expect(Object.keys(granted([createFunction({ Tags: {} })]))).not.toContain('lambda:TagResource');
    const create = call('ECS', 'CreateService', {
      request: { body: { serviceName: 'web', propagateTags: 'SERVICE' } },
    });
    expect(Object.keys(granted([create]))).not.toContain('ecs:TagResource');
  });
});

describe('EC2', () => {
  const vpc = {
    address: 'aws_vpc.main',
    type: 'aws_vpc',
    attributes: { id: 'vpc-0123456789abcdef0', tags_all: { Project: 'resume' } },
  };
  const remove = call('EC2', 'DeleteVpc', { phase: 'destroy', request: { body: { VpcId: 'vpc-0123456789abcdef0' } } });
  const VPCS = `arn:aws:ec2:eu-west-2:${ACCOUNT}:vpc/*`;

  it('requires the tag that all tagged resources have', () => {
    expect(granted([remove], { state: [vpc] })['ec2:DeleteVpc']).toEqual([
      `${VPCS} if {"StringEquals":{"aws:ResourceTag/Project":"resume"}}`,
    ]);
  });

  it('requires none if the resource, or another one, does not have it', () => {
    const untagged = { ...vpc, attributes: { id: vpc.attributes.id, tags_all: {} } };
    const other = {
      ...vpc,
      address: 'aws_vpc.other',
      attributes: { id: 'vpc-0fffffffffffffff0', tags_all: { Project: 'other' } },
    };
    expect(granted([remove], { state: [untagged] })['ec2:DeleteVpc']).toEqual([VPCS]);
    expect(granted([remove], { state: [vpc, other] })['ec2:DeleteVpc']).toEqual([VPCS]);
  });

  it('requires none if a resource of a module has none, whatever the name of the module', () => {
    const untagged = {
      address: 'module.metadata.aws_vpc.other',
      type: 'aws_vpc',
      attributes: { id: 'vpc-0fffffffffffffff0', tags_all: {} },
    };
    const create = call('EC2', 'CreateVpc', { request: { body: { CidrBlock: '10.0.0.0/16' } } });
    const modify = (state: readonly StateResource[]) => granted([create], { state })['ec2:ModifyVpcAttribute'];
    expect(modify([vpc])).toEqual([`${VPCS} if {"StringEquals":{"aws:ResourceTag/Project":"resume"}}`]);
    expect(modify([vpc, untagged])).toEqual([VPCS]);
  });

  it('requires none of what the call creates', () => {
    const create = call('EC2', 'CreateVpc', { request: { body: { CidrBlock: '10.0.0.0/16' } } });
    expect(granted([create], { state: [vpc] })['ec2:CreateVpc']).toEqual([VPCS]);
  });
});

describe('an Auto Scaling group', () => {
  const profile = (name: string): readonly StateResource[] => [
    { address: `aws_iam_instance_profile.${name}`, type: 'aws_iam_instance_profile', attributes: { name, role: name } },
    {
      address: `aws_iam_role.${name}`,
      type: 'aws_iam_role',
      attributes: { name, arn: `arn:aws:iam::123456789012:role/${name}` },
    },
  ];
  const template = {
    address: 'aws_launch_template.web',
    type: 'aws_launch_template',
    attributes: {
      id: 'lt-0123456789abcdef0',
      name: 'web',
      key_name: '',
      iam_instance_profile: [{ arn: '', name: 'web' }],
      tag_specifications: [{ resource_type: 'instance', tags: { Name: 'web' } }],
    },
  };
  const create = call('Auto Scaling', 'CreateAutoScalingGroup', {
    request: {
      body: {
        AutoScalingGroupName: 'web',
        'LaunchTemplate.LaunchTemplateId': template.attributes.id,
        'Tags.member.1.Key': 'Name',
        'Tags.member.1.Value': 'other',
      },
    },
  });
  const role = `arn:aws:iam::${ACCOUNT}:role/web if {"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`;
  const ec2 = (type: string) => `arn:aws:ec2:eu-west-2:${type === 'image' ? '' : ACCOUNT}:${type}/*`;
  const launched = ['image', 'instance', 'launch-template', 'network-interface', 'security-group', 'subnet', 'volume'];

  it('with a launch template may launch its instances, tag them, and give them their role', () => {
    const grants = granted([create], { state: [...profile('web'), ...profile('other'), template] });
    expect(grants['ec2:RunInstances']).toEqual(launched.map(ec2).sort());
    expect(grants['iam:PassRole']).toEqual([role]);
    expect(grants['ec2:CreateTags']).toEqual([
      `${ec2('instance')} if {"StringEquals":{"ec2:CreateAction":"RunInstances"}}`,
    ]);
    for (const action of ['UpdateAutoScalingGroup', 'CreateOrUpdateTags', 'DeleteTags']) {
      expect(grants[`autoscaling:${action}`]).toEqual([
        `arn:aws:autoscaling:eu-west-2:${ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/web`,
      ]);
    }
  });

  it('may use any key pair if its launch template is unknown', () => {
    expect(granted([create])['ec2:RunInstances']).toEqual([...launched, 'key-pair'].map(ec2).sort());
  });

  it('is not the only one that passes a role: an instance does, by name, by ARN and by template', () => {
    const state = [...profile('web'), ...profile('other'), template];
    const passed = [
      ['IamInstanceProfile.Name', 'web'],
      ['IamInstanceProfile.Arn', 'arn:aws:iam::123456789012:instance-profile/ci/web'],
      ['LaunchTemplate.LaunchTemplateName', 'web'],
    ].map(([key = '', value = '']) => {
      const body = { [key]: value, 'TagSpecification.1.Tag.1.Value': 'other' };
      return granted([call('EC2', 'RunInstances', { request: { body } })], { state })['iam:PassRole'];
    });
    expect(passed).toEqual([[role], [role], [role]]);
  });
});

describe('names', () => {
  const bucket = (name: string, state: PermissionsPlace['state'] = []) =>
    granted([call('S3', 'HeadBucket', { request: { method: 'HEAD', path: `/${name}` } })], { state })['s3:ListBucket'];

  it('have * for what Terraform generates', () => {
    expect(bucket('site-20261126032331367500000001')).toEqual(['arn:aws:s3:::site-*']);
  });

  it('have * for random values of the state', () => {
    const random = { address: 'random_id.suffix', type: 'random_id', attributes: { hex: 'a1b2c3d4' } };
    expect(bucket('site-a1b2c3d4-logs', [random])).toEqual(['arn:aws:s3:::site-*-logs']);
    const withAccount = { address: 'random_pet.site', type: 'random_pet', attributes: { id: '123456789012-calm-fox' } };
    expect(bucket('site-123456789012-calm-fox', [withAccount])).toEqual(['arn:aws:s3:::site-*']);
  });

  it("have the statements' account in place of the recorded one, or * if it is unknown", () => {
    const head = call('S3', 'HeadBucket', { request: { method: 'HEAD', path: '/site-123456789012-logs' } });
    expect(granted([head])['s3:ListBucket']).toEqual([`arn:aws:s3:::site-${ACCOUNT}-logs`]);
    expect(granted([head], { accountId: '*' })['s3:ListBucket']).toEqual(['arn:aws:s3:::site-*-logs']);
    const ofLog = { accountId: '*', recordedAccountId: undefined };
    expect(granted([head], ofLog)['s3:ListBucket']).toEqual(['arn:aws:s3:::site-123456789012-logs']);
    const table = call('DynamoDB', 'DescribeTable', {
      request: { body: { TableName: 'arn:aws:dynamodb:eu-west-2:123456789012:table/visits-123456789012' } },
    });
    expect(granted([table], { accountId: '*' })['dynamodb:DescribeTable']).toEqual([
      'arn:aws:dynamodb:eu-west-2:*:table/visits-*',
    ]);
  });

  it("have IAM's own special characters escaped", () => {
    const put = call('S3', 'PutObject', { request: { method: 'PUT', path: '/site/a*b?' + '${aws:x}' } });
    expect(granted([put])['s3:PutObject']).toEqual(['arn:aws:s3:::site/a${*}b${?}${$}{aws:x}']);
  });

  it('are also in the host of a request to S3', () => {
    const get = call('S3', 'GetObject', {
      request: { method: 'GET', host: 'site.s3.eu-west-2.amazonaws.com', path: '/a/b.html' },
    });
    expect(granted([get])['s3:GetObject']).toEqual(['arn:aws:s3:::site/a/b.html']);
  });

  it('of many objects become their folder', () => {
    const put = (key: string) => call('S3', 'PutObject', { request: { method: 'PUT', path: `/site/${key}` } });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    expect(granted(keys.slice(1).map((key) => put(`docs/${key}`)))['s3:PutObject']).toHaveLength(5);
    expect(granted(keys.map((key) => put(`docs/${key}`)))['s3:PutObject']).toEqual(['arn:aws:s3:::site/docs/*']);
    expect(granted([...keys.map((key) => put(`docs/${key}`)), put('x')])['s3:PutObject']).toEqual([
      'arn:aws:s3:::site/*',
    ]);
  });

  it.each([
    [
      'SSM',
      'PutParameter',
      { Name: '/resume/size' },
      'ssm:PutParameter',
      `arn:aws:ssm:eu-west-2:${ACCOUNT}:parameter/resume/size`,
    ],
    [
      'Secrets Manager',
      'CreateSecret',
      { Name: 'token' },
      'secretsmanager:CreateSecret',
      `arn:aws:secretsmanager:eu-west-2:${ACCOUNT}:secret:token-??????`,
    ],
    [
      'Budgets',
      'CreateBudget',
      { AccountId: '1', Budget: { BudgetName: 'month' } },
      'budgets:ModifyBudget',
      `arn:aws:budgets::${ACCOUNT}:budget/month`,
    ],
    [
      'Auto Scaling',
      'CreateAutoScalingGroup',
      { AutoScalingGroupName: 'web' },
      'autoscaling:CreateAutoScalingGroup',
      `arn:aws:autoscaling:eu-west-2:${ACCOUNT}:autoScalingGroup:*:autoScalingGroupName/web`,
    ],
  ])('of %s %s match the reference', (service, operation, body, action, arn) => {
    expect(granted([call(service, operation, { request: { body } })])[action]).toContain(arn);
  });

  it('in IAM have the path from the state', () => {
    const role = {
      address: 'aws_iam_role.r',
      type: 'aws_iam_role',
      attributes: { arn: 'arn:aws:iam::123456789012:role/ci/deploy' },
    };
    const get = call('IAM', 'GetRole', { request: { body: { Action: 'GetRole', RoleName: 'deploy' } } });
    expect(granted([get], { state: [role] })['iam:GetRole']).toEqual([`arn:aws:iam::${ACCOUNT}:role/ci/deploy`]);
    expect(granted([get])['iam:GetRole']).toEqual([`arn:aws:iam::${ACCOUNT}:role/deploy`]);
  });

  it('of other accounts and of AWS are kept: an AWS managed policy, a layer', () => {
    const layer = 'arn:aws:lambda:eu-west-2:017000801446:layer:Powertools:7';
    const grants = granted([createFunction({ Layers: [layer] })]);
    expect(grants['lambda:GetLayerVersion']).toEqual(['arn:aws:lambda:eu-west-2:017000801446:layer:Powertools:*']);
  });

  it('of an alias are printed with the function, since AWS does not document which one it checks', () => {
    const get = call('Lambda', 'GetPolicy', {
      request: { method: 'GET', path: '/2015-03-31/functions/visits/policy', query: { Qualifier: 'live' } },
    });
    expect(granted([get])['lambda:GetPolicy']).toEqual([FUNCTION, `${FUNCTION}:live`]);
  });
});

describe('API Gateway', () => {
  const api = (method: string, path: string) =>
    call(path.startsWith('/v2/') ? 'ApiGatewayV2' : 'API Gateway', 'AnyOperation', { request: { method, path } });

  it('has the verb as the action and the path as the resource, without ids', () => {
    expect(
      granted([api('GET', '/v2/apis/a1b2c3/stages/$default'), api('DELETE', '/restapis/x9/resources/r1/methods/GET')]),
    ).toEqual({
      'apigateway:GET': ['arn:aws:apigateway:eu-west-2::/apis/*/stages/$default'],
      'apigateway:DELETE': ['arn:aws:apigateway:eu-west-2::/restapis/*/resources/*/methods/GET'],
    });
  });

  it('includes later changes of what it creates', () => {
    expect(granted([api('POST', '/v2/apis')])['apigateway:PATCH']).toEqual(['arn:aws:apigateway:eu-west-2::/apis/*']);
  });
});

describe('what AWS checks in addition to the action', () => {
  it.each([
    ['object lock', { 'x-amz-bucket-object-lock-enabled': 'true' }, 's3:PutBucketObjectLockConfiguration'],
    ['ownership', { 'x-amz-object-ownership': 'BucketOwnerEnforced' }, 's3:PutBucketOwnershipControls'],
    ['an ACL', { 'x-amz-acl': 'public-read' }, 's3:PutBucketAcl'],
  ])('includes actions for a bucket with %s', (_, headers, action) => {
    const create = (headers: Record<string, string>) =>
      granted([call('S3', 'CreateBucket', { request: { method: 'PUT', path: '/site', headers } })]);
    expect(create(headers)[action]).toEqual(['arn:aws:s3:::site']);
    expect(create({ 'x-amz-acl': 'private' })[action]).toBeUndefined();
  });

  it('includes emptying a bucket that is destroyed with its contents', () => {
    const remove = call('S3', 'DeleteBucket', { phase: 'destroy', request: { method: 'DELETE', path: '/site' } });
    const bucket = (force: boolean) => ({
      address: 'aws_s3_bucket.site',
      type: 'aws_s3_bucket',
      attributes: { bucket: 'site', force_destroy: force },
    });
    expect(granted([remove], { state: [bucket(true)] })['s3:DeleteObjectVersion']).toEqual(['arn:aws:s3:::site/*']);
    expect(Object.keys(granted([remove], { state: [bucket(false)] }))).toEqual(['s3:DeleteBucket']);
  });

  it('includes a function in a VPC, with code in S3', () => {
    const grants = granted([
      createFunction({ VpcConfig: { SubnetIds: ['subnet-1'] }, Code: { S3Bucket: 'code', S3Key: 'v1.zip' } }),
    ]);
    expect(grants['ec2:DescribeSubnets']).toEqual(['*']);
    expect(grants['s3:GetObject']).toEqual(['arn:aws:s3:::code/v1.zip']);
  });

  it('includes the network interface of a mount target', () => {
    const create = call('EFS', 'CreateMountTarget', {
      request: { path: '/2015-02-01/mount-targets', body: { FileSystemId: 'fs-0123456789abcdef0' } },
    });
    const grants = granted([create]);
    expect(grants['ec2:CreateNetworkInterface']).toHaveLength(3);
    expect(grants['ec2:DescribeSubnets']).toEqual(['*']);
    const remove = call('EFS', 'DeleteMountTarget', {
      phase: 'destroy',
      request: { method: 'DELETE', path: '/2015-02-01/mount-targets/fsmt-1' },
    });
    expect(granted([remove])['ec2:DeleteNetworkInterface']).toEqual([
      `arn:aws:ec2:eu-west-2:${ACCOUNT}:network-interface/*`,
    ]);
  });

  it.each(['CreateDBInstance', 'CreateDBCluster'])(
    'includes the secret of a password that RDS manages: %s',
    (operation) => {
      const create = (more: object) =>
        granted([
          call('RDS', operation, {
            request: { body: { DBInstanceIdentifier: 'd', DBClusterIdentifier: 'd', ...more } },
          }),
        ]);
      expect(create({ ManageMasterUserPassword: 'true' })['secretsmanager:CreateSecret']).toEqual([
        `arn:aws:secretsmanager:eu-west-2:${ACCOUNT}:secret:rds!*`,
      ]);
      expect(create({ MasterUserPassword: 'x' })['secretsmanager:CreateSecret']).toBeUndefined();
    },
  );

  it('includes the access logs of an HTTP API', () => {
    const body = { accessLogSettings: { destinationArn: 'arn:aws:logs:eu-west-2:123456789012:log-group:api' } };
    const stage = call('ApiGatewayV2', 'CreateStage', { request: { path: '/v2/apis/a1/stages', body } });
    expect(granted([stage])['logs:CreateLogDelivery']).toEqual(['*']);
  });
});

describe('a version of an object', () => {
  const KEY_ARN = 'arn:aws:s3:::site/index.html';
  const onVersion = (operation: string, method: string, query: Record<string, string> = { versionId: 'v1' }) =>
    granted([call('S3', operation, { phase: 'destroy', request: { method, path: '/site/index.html', query } })]);

  it.each([
    ['DeleteObject', 'DELETE', 's3:DeleteObjectVersion', 's3:DeleteObject'],
    ['GetObject', 'GET', 's3:GetObjectVersion', 's3:GetObject'],
    ['HeadObject', 'HEAD', 's3:GetObjectVersion', 's3:GetObject'],
    ['GetObjectTagging', 'GET', 's3:GetObjectVersionTagging', 's3:GetObjectTagging'],
    ['PutObjectTagging', 'PUT', 's3:PutObjectVersionTagging', 's3:PutObjectTagging'],
    ['PutObjectAcl', 'PUT', 's3:PutObjectVersionAcl', 's3:PutObjectAcl'],
  ])('has actions of its own: %s', (operation, method, action, ofObject) => {
    expect(onVersion(operation, method)).toEqual({ [action]: [KEY_ARN] });
    expect(onVersion(operation, method, {})).toEqual({ [ofObject]: [KEY_ARN] });
  });

  it('may be among deletions, with or without objects', () => {
    const remove = (objects: Json) =>
      Object.keys(
        granted([
          call('S3', 'DeleteObjects', {
            phase: 'destroy',
            request: { path: '/site', query: { delete: '' }, body: { Object: objects } },
          }),
        ]),
      );
    expect(remove({ Key: 'a' })).toEqual(['s3:DeleteObject']);
    expect(remove({ Key: 'a', VersionId: 'v1' })).toEqual(['s3:DeleteObjectVersion']);
    expect(remove([{ Key: 'a', VersionId: 'v1' }, { Key: 'b' }]).sort()).toEqual([
      's3:DeleteObject',
      's3:DeleteObjectVersion',
    ]);
  });

  it('may be under a retention in governance mode, which a call can bypass', () => {
    const headers = { 'x-amz-bypass-governance-retention': 'true' };
    const remove = (operation: string, request: object) =>
      granted([call('S3', operation, { phase: 'destroy', request: { headers, ...request } })])[
        's3:BypassGovernanceRetention'
      ];
    expect(remove('DeleteObject', { method: 'DELETE', path: '/site/a/b', query: { versionId: 'v' } })).toEqual([
      'arn:aws:s3:::site/a/b',
    ]);
    const body = { Object: [{ Key: 'a/b', VersionId: 'v' }] };
    expect(remove('DeleteObjects', { path: '/site', body })).toEqual(['arn:aws:s3:::site/*']);
    expect(onVersion('DeleteObject', 'DELETE')['s3:BypassGovernanceRetention']).toBeUndefined();
    const bucket = { bucket: 'site', force_destroy: true, object_lock_enabled: true };
    const state = [{ address: 'aws_s3_bucket.site', type: 'aws_s3_bucket', attributes: bucket }];
    const removal = call('S3', 'DeleteBucket', { phase: 'destroy', request: { method: 'DELETE', path: '/site' } });
    expect(granted([removal], { state })['s3:BypassGovernanceRetention']).toEqual(['arn:aws:s3:::site/*']);
  });

  it('may be the source of a copy, or the code of a function', () => {
    const copy = call('S3', 'CopyObject', {
      request: { method: 'PUT', path: '/site/a', headers: { 'x-amz-copy-source': 'code/v1.zip?versionId=v1' } },
    });
    const code = createFunction({ Code: { S3Bucket: 'code', S3Key: 'v1.zip', S3ObjectVersion: 'v1' } });
    for (const read of [copy, code]) {
      const grants = granted([read]);
      expect(grants['s3:GetObjectVersion']).toEqual(['arn:aws:s3:::code/v1.zip']);
      expect(grants['s3:GetObject']).toBeUndefined();
    }
  });
});

describe("the account's settings in S3", () => {
  it.each([
    ['GetPublicAccessBlock', 's3:GetAccountPublicAccessBlock'],
    ['PutPublicAccessBlock', 's3:PutAccountPublicAccessBlock'],
    ['DeletePublicAccessBlock', 's3:PutAccountPublicAccessBlock'],
  ])('have actions of their own: %s', (operation, action) => {
    const path = '/v20180820/configuration/publicAccessBlock';
    expect(granted([call('S3 Control', operation, { phase: 'destroy', request: { path } })])).toEqual({
      [action]: ['*'],
    });
  });
});

describe('calls that need no permission', () => {
  it('are calls with which the provider identifies its account', () => {
    const identityReads = [
      call('IAM', 'GetUser', { request: { body: { Action: 'GetUser' } } }),
      call('IAM', 'ListRoles'),
    ];
    expect(granted(identityReads)).toEqual({});
    expect(granted([call('IAM', 'ListRoles', { resourceType: 'aws_iam_roles' })])).toEqual({ 'iam:ListRoles': ['*'] });
  });
});

describe('phases', () => {
  it('contain changes and deletions in the right phase', () => {
    const calls = [
      call('DynamoDB', 'DescribeTable', { phase: 'plan', request: { body: { TableName: 'Visits' } } }),
      call('DynamoDB', 'CreateTable', { request: { body: { TableName: 'Visits' } } }),
      call('DynamoDB', 'DeleteTable', { phase: 'destroy', request: { body: { TableName: 'Visits' } } }),
    ];
    const { phases } = permissionsOf(calls, place(), REFERENCE);
    expect(phases.plan).toEqual([
      {
        Sid: 'ReadDynamoDbTable',
        Effect: 'Allow',
        Action: 'dynamodb:DescribeTable',
        Resource: `arn:aws:dynamodb:eu-west-2:${ACCOUNT}:table/Visits`,
      },
    ]);
    expect(phases.apply.map(({ Action }) => Action)).toEqual([
      ['dynamodb:CreateTable', 'dynamodb:DescribeTable', 'dynamodb:UpdateTable'],
    ]);
    expect(phases.destroy.map(({ Action }) => Action)).toEqual([
      ['dynamodb:CreateTable', 'dynamodb:DeleteTable', 'dynamodb:DescribeTable', 'dynamodb:UpdateTable'],
    ]);
  });
});
