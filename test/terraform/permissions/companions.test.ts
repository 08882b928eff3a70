import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/json.ts';
import type { StateResource } from '../../../src/terraform/permissions/call.ts';
import { permissionsOf } from '../../../src/terraform/permissions/permissions.ts';
import { readReference } from '../../../src/terraform/permissions/reference.ts';
import { passedTo, SERVICE_LINKED } from '../../../src/terraform/permissions/roles.ts';
import { ACCOUNT, call, granted, place } from './calls.ts';

const arn = (service: string, resource: string, region = 'eu-west-2') =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
const recordedArn = (service: string, resource: string) => `arn:aws:${service}:eu-west-2:123456789012:${resource}`;
const send = (service: string, operation: string, body: Json) => call(service, operation, { request: { body } });
const ROLE = 'arn:aws:iam::123456789012:role/r';
const linkedRole = (service: string) => `arn:aws:iam::${ACCOUNT}:role/aws-service-role/${service}.amazonaws.com/*`;

describe('a web ACL', () => {
  const WEB_ACL = recordedArn('wafv2', 'regional/webacl/site/11111111-2222-3333-4444-555555555555');

  it('may have the rule groups and sets that its rules name', () => {
    const Rules: Json = [
      { Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet' } } },
      { Statement: { IPSetReferenceStatement: { ARN: recordedArn('wafv2', 'regional/ipset/office/1') } } },
    ];
    const grants = granted([send('WAFV2', 'CreateWebACL', { Name: 'site', Scope: 'REGIONAL', Rules })]);
    for (const action of ['CreateWebACL', 'UpdateWebACL']) {
      expect(grants[`wafv2:${action}`]).toEqual(
        ['ipset/office', 'managedruleset/*', 'webacl/site'].map((resource) => arn('wafv2', `regional/${resource}/*`)),
      );
    }
  });

  it.each([
    [
      recordedArn('elasticloadbalancing', 'loadbalancer/app/web/0123456789abcdef'),
      ['CreateWebACLAssociation', 'DeleteWebACLAssociation', 'GetLoadBalancerWebACL', 'SetWebAcl'],
      arn('elasticloadbalancing', 'loadbalancer/app/web/*'),
    ],
    [
      'arn:aws:apigateway:eu-west-2::/restapis/a1/stages/live',
      ['SetWebACL'],
      'arn:aws:apigateway:eu-west-2::/restapis/*/stages/live',
    ],
    [
      recordedArn('cognito-idp', 'userpool/eu-west-2_a1'),
      ['AssociateWebACL', 'DisassociateWebACL', 'GetWebACLForResource'],
      arn('cognito-idp', 'userpool/*'),
    ],
  ])('needs rights on what it protects: %s', (ResourceArn, actions, resource) => {
    const grants = granted([
      send('WAFV2', 'AssociateWebACL', { ResourceArn, WebACLArn: WEB_ACL }),
      send('WAFV2', 'GetWebACLForResource', { ResourceArn }),
      send('WAFV2', 'DisassociateWebACL', { ResourceArn }),
    ]);
    const service = ResourceArn.split(':')[2];
    for (const action of actions) expect(grants[`${service}:${action}`]).toEqual([resource]);
    expect(grants['wafv2:DisassociateWebACL']).toEqual(['*']);
  });

  it('may write its log to a log group', () => {
    const put = send('WAFV2', 'PutLoggingConfiguration', {
      LoggingConfiguration: {
        ResourceArn: WEB_ACL,
        LogDestinationConfigs: [recordedArn('logs', 'log-group:aws-waf-logs-site')],
      },
    });
    const grants = granted([put]);
    expect(grants['logs:CreateLogDelivery']).toEqual(['*']);
    expect(grants['iam:CreateServiceLinkedRole']).toEqual([expect.stringContaining(linkedRole('wafv2'))]);
  });
});

describe('the metadata tables of a bucket', () => {
  const request = (operation: string, body: Json = {}) =>
    granted([call('S3', operation, { request: { method: 'POST', path: '/site', body } })]);

  it('have the actions of the first version, and S3 Tables creates them in its own bucket', () => {
    const grants = request('CreateBucketMetadataConfiguration');
    expect(grants['s3:CreateBucketMetadataTableConfiguration']).toEqual(['arn:aws:s3:::site']);
    const bucket = `arn:aws:s3tables:eu-west-2:${ACCOUNT}:bucket/aws-s3`;
    expect(grants['s3tables:CreateTableBucket']).toEqual([bucket]);
    expect(grants['s3tables:GetTable']).toEqual([`${bucket}/table/*`]);
    expect(grants['s3:UpdateBucketMetadataJournalTableConfiguration']).toEqual(['arn:aws:s3:::site']);
    expect(request('UpdateBucketMetadataInventoryTableConfiguration')['s3tables:CreateTableBucket']).toEqual([bucket]);
    const KmsKeyArn = arn('kms', 'key/11111111-2222-3333-4444-555555555555');
    const encrypted = request('CreateBucketMetadataConfiguration', {
      JournalTableConfiguration: { EncryptionConfiguration: { SseAlgorithm: 'aws:kms', KmsKeyArn } },
    });
    expect(encrypted['kms:DescribeKey']).toEqual([arn('kms', 'key/*')]);
    expect(request('GetBucketMetadataConfiguration')).toEqual({
      's3:GetBucketMetadataTableConfiguration': ['arn:aws:s3:::site'],
    });
  });

  it('are in the bucket that the first version names', () => {
    const bucket = `arn:aws:s3tables:eu-west-2:${ACCOUNT}:bucket/tables`;
    const body = { S3TablesDestination: { TableBucketArn: bucket } };
    const grants = request('CreateBucketMetadataTableConfiguration', body);
    expect(grants['s3tables:CreateNamespace']).toEqual([bucket]);
    expect(grants['s3tables:CreateTableBucket']).toBeUndefined();
  });
});

describe('API Gateway', () => {
  const api = (operation: string, method: string, path: string, body: Json) =>
    call('API Gateway', operation, { request: { method, path, body } });

  it('has a right of its own for the resource policy', () => {
    const policy = api('UpdateRestApi', 'PATCH', '/restapis/a1', {
      patchOperations: [{ op: 'replace', path: '/policy', value: '{}' }],
    });
    expect(granted([policy])['apigateway:UpdateRestApiPolicy']).toEqual(['arn:aws:apigateway:eu-west-2::/restapis/*']);
    const created = api('CreateRestApi', 'POST', '/restapis', { name: 'a', policy: '{}' });
    expect(granted([created])['apigateway:UpdateRestApiPolicy']).toEqual([
      'arn:aws:apigateway:eu-west-2::/restapis',
      'arn:aws:apigateway:eu-west-2::/restapis/*',
    ]);
    expect(granted([api('CreateRestApi', 'POST', '/restapis', { name: 'a' })])).not.toHaveProperty(
      'apigateway:UpdateRestApiPolicy',
    );
  });

  it('updates a distribution for an edge-optimized domain', () => {
    const domain = (body: Json) => granted([api('CreateDomainName', 'POST', '/domainnames', body)]);
    expect(
      domain({ certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' })['cloudfront:UpdateDistribution'],
    ).toEqual(['*']);
    expect(domain({ regionalCertificateArn: 'arn:aws:acm:eu-west-2:123456789012:certificate/1' })).not.toHaveProperty(
      'cloudfront:UpdateDistribution',
    );
  });
});

describe('network interfaces that Lambda keeps', () => {
  it.each([
    ['DeleteSecurityGroup', { GroupId: 'sg-0123456789abcdef0' }],
    ['DeleteSubnet', { SubnetId: 'subnet-0123456789abcdef0' }],
  ])('are deleted with what the function used: %s', (operation, body) => {
    const remove = call('EC2', operation, { phase: 'destroy', request: { body } });
    const inVpc = (id: string) => ({
      address: 'aws_lambda_function.f',
      type: 'aws_lambda_function',
      attributes: { vpc_config: [{ security_group_ids: [id], subnet_ids: [id] }] },
    });
    const [id = ''] = Object.values(body);
    const grants = granted([remove], { state: [inVpc(id)] });
    for (const action of ['DeleteNetworkInterface', 'DetachNetworkInterface']) {
      expect(grants[`ec2:${action}`]).toEqual([arn('ec2', 'network-interface/*')]);
    }
    expect(granted([remove], { state: [inVpc('sg-0ffffffffffffffff')] })).not.toHaveProperty(
      'ec2:DetachNetworkInterface',
    );
  });
});

describe('a hosted zone', () => {
  it('is emptied first if Terraform may', () => {
    const remove = call('Route 53', 'DeleteHostedZone', {
      phase: 'destroy',
      request: { method: 'DELETE', path: '/2013-04-01/hostedzone/Z1' },
    });
    const zone = (force: boolean) => ({
      address: 'aws_route53_zone.z',
      type: 'aws_route53_zone',
      attributes: { zone_id: 'Z1', force_destroy: force },
    });
    expect(granted([remove], { state: [zone(true)] })['route53:ChangeResourceRecordSets']).toEqual([
      'arn:aws:route53:::hostedzone/*',
    ]);
    expect(Object.keys(granted([remove], { state: [zone(false)] }))).toEqual(['route53:DeleteHostedZone']);
  });
});

describe('calls of a function', () => {
  it.each([
    ['bedrock-runtime', 'Converse', 'bedrock:InvokeModel'],
    ['ApiGatewayManagementApi', 'PostToConnection', 'execute-api:ManageConnections'],
  ])('to %s %s need %s', (service, operation, action) => {
    expect(Object.keys(granted([send(service, operation, {})]))).toEqual([action]);
  });
});

describe('instances of an Auto Scaling group', () => {
  it('are replaced after a change if the configuration says so', () => {
    const create = send('Auto Scaling', 'CreateAutoScalingGroup', { AutoScalingGroupName: 'web' });
    const group = (refresh: Json) => ({
      address: 'aws_autoscaling_group.web',
      type: 'aws_autoscaling_group',
      attributes: { name: 'web', instance_refresh: refresh },
    });
    expect(
      granted([create], { state: [group([{ strategy: 'Rolling' }])] })['autoscaling:StartInstanceRefresh'],
    ).toEqual([arn('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/web')]);
    expect(granted([create], { state: [group([])] })).not.toHaveProperty('autoscaling:StartInstanceRefresh');
  });
});

describe('an alias of a key', () => {
  it('stands for a key that only AWS knows, and needs nothing if the key is of AWS', () => {
    const secret = (KmsKeyId: string) => granted([send('Secrets Manager', 'CreateSecret', { Name: 's', KmsKeyId })]);
    for (const alias of ['alias/site', recordedArn('kms', 'alias/site')]) {
      expect(secret(alias)['kms:Decrypt']).toEqual([
        expect.stringMatching(`^${arn('kms', 'key/\\*')} if .*ViaService`),
      ]);
    }
    const ofOther = 'arn:aws:kms:eu-west-2:999999999999:alias/site';
    expect(secret(ofOther)['kms:Decrypt']).toEqual([
      expect.stringMatching(/^arn:aws:kms:eu-west-2:999999999999:key\/\* if /),
    ]);
    expect(secret('alias/aws/secretsmanager')).not.toHaveProperty('kms:Decrypt');
  });
});

describe('a key that only the state has', () => {
  const KEY = recordedArn('kms', 'key/11111111-2222-3333-4444-555555555555');
  const secret = recordedArn('secretsmanager', 'secret:db-AbCdEf');
  const of = (type: string, attributes: StateResource['attributes']) => ({ address: `${type}.x`, type, attributes });
  const encryption = (bucket: string, kms_master_key_id: string) =>
    of('aws_s3_bucket_server_side_encryption_configuration', {
      bucket,
      rule: [{ apply_server_side_encryption_by_default: [{ sse_algorithm: 'aws:kms', kms_master_key_id }] }],
    });

  it.each<[string, string, object, StateResource, readonly string[]]>([
    [
      'Secrets Manager',
      'GetSecretValue',
      { body: { SecretId: secret } },
      of('aws_secretsmanager_secret', { arn: secret, name: 'db', kms_key_id: KEY }),
      ['Decrypt'],
    ],
    [
      'SSM',
      'GetParameter',
      { body: { Name: '/db', WithDecryption: true } },
      of('aws_ssm_parameter', { name: '/db', key_id: 'alias/site' }),
      ['Decrypt'],
    ],
    [
      'SSM',
      'GetParametersByPath',
      { body: { Path: '/site', Recursive: true, WithDecryption: true } },
      of('aws_ssm_parameter', { name: '/site/live/db', key_id: KEY }),
      ['Decrypt'],
    ],
    [
      'S3',
      'GetObject',
      { method: 'GET', path: '/site/a/b.txt' },
      of('aws_s3_object', { bucket: 'site', key: 'a/b.txt', kms_key_id: KEY }),
      ['Decrypt'],
    ],
    [
      'S3',
      'HeadObject',
      { method: 'HEAD', path: '/site/a.txt', headers: { 'x-amz-checksum-mode': 'ENABLED' } },
      of('aws_s3_object', { bucket: 'site', key: 'a.txt', kms_key_id: KEY }),
      ['Decrypt'],
    ],
    [
      'Lambda',
      'GetFunction',
      { method: 'GET', path: '/2015-03-31/functions/visits' },
      of('aws_lambda_function', { function_name: 'visits', kms_key_arn: KEY }),
      ['Decrypt'],
    ],
    [
      'DynamoDB',
      'GetItem',
      { body: { TableName: 'Visits', Key: {} } },
      of('aws_dynamodb_table', { name: 'Visits', server_side_encryption: [{ enabled: true, kms_key_arn: KEY }] }),
      ['Decrypt'],
    ],
    ['S3', 'GetObject', { method: 'GET', path: '/site/index.html' }, encryption('site', KEY), ['Decrypt']],
    [
      'S3',
      'PutObject',
      { method: 'PUT', path: '/site/index.html' },
      encryption('site', KEY),
      ['Decrypt', 'GenerateDataKey'],
    ],
  ])('may be used where its data is read or written: %s %s', (service, operation, request, resource, uses) => {
    const grants = granted([call(service, operation, { request, phase: 'plan' })], { state: [resource] });
    const prefix = { 'Secrets Manager': 'secretsmanager' }[service] ?? service.toLowerCase();
    expect(Object.entries(grants).filter(([action]) => action.startsWith('kms:'))).toEqual(
      uses.map((use) => [
        `kms:${use}`,
        [`${arn('kms', 'key/*')} if {"StringEquals":{"kms:ViaService":"${prefix}.eu-west-2.amazonaws.com"}}`],
      ]),
    );
  });

  it.each([
    ['the bucket that it is copied to', 'site', ['Decrypt', 'GenerateDataKey']],
    ['the bucket that it is copied from', 'code', ['Decrypt']],
  ])('may be used where an object is copied: of %s', (_, bucket, uses) => {
    const request = { method: 'PUT', path: '/site/a', headers: { 'x-amz-copy-source': 'code/v1.zip' } };
    const grants = granted([call('S3', 'CopyObject', { request })], { state: [encryption(bucket, KEY)] });
    expect(Object.keys(grants).filter((action) => action.startsWith('kms:'))).toEqual(uses.map((use) => `kms:${use}`));
  });

  it('is not used for an object with its own encryption', () => {
    const headers = { 'x-amz-server-side-encryption': 'AES256' };
    const put = call('S3', 'PutObject', { request: { method: 'PUT', path: '/site/a', headers } });
    expect(granted([put], { state: [encryption('site', KEY)] })['kms:GenerateDataKey']).toBeUndefined();
  });

  it('is named in the Sid with the service through which it is used', () => {
    const get = call('S3', 'GetObject', { request: { method: 'GET', path: '/site/index.html' }, phase: 'plan' });
    const { phases } = permissionsOf([get], place({ state: [encryption('site', KEY)] }));
    expect(phases.plan.map(({ Sid }) => Sid)).toEqual(['ReadS3Objects', 'UseKmsKeyThroughS3']);
  });

  it.each([
    ["AWS's own key", encryption('site', 'alias/aws/s3')],
    ['no key', encryption('site', '')],
    ['the key of a different bucket', encryption('other', KEY)],
    ['a key in a different region', encryption('site', KEY.replace('eu-west-2', 'us-east-1'))],
    ['the key of a different object', of('aws_s3_object', { bucket: 'site', key: 'b.html', kms_key_id: KEY })],
  ])('needs nothing for %s', (_, resource) => {
    const get = call('S3', 'GetObject', { request: { method: 'GET', path: '/site/index.html' } });
    expect(Object.keys(granted([get], { state: [resource] }))).toEqual(['s3:GetObject']);
  });

  it.each<[string, string, string, object, StateResource['attributes']]>([
    [
      'for a parameter beside the path',
      'SSM',
      'GetParametersByPath',
      { body: { Path: '/site' } },
      { name: '/site2/db' },
    ],
    [
      'for a parameter in a deeper path',
      'SSM',
      'GetParametersByPath',
      { body: { Path: '/site' } },
      { name: '/site/live/db' },
    ],
    [
      'for an object without its checksum',
      'S3',
      'HeadObject',
      { method: 'HEAD', path: '/site/a.txt' },
      { bucket: 'site', key: 'a.txt' },
    ],
  ])('needs nothing %s', (_, service, operation, request, attributes) => {
    const type = service === 'S3' ? 'aws_s3_object' : 'aws_ssm_parameter';
    const resource = of(type, { ...attributes, key_id: KEY, kms_key_id: KEY });
    const grants = granted([call(service, operation, { request })], { state: [resource] });
    expect(Object.keys(grants).filter((action) => action.startsWith('kms:'))).toEqual([]);
  });
});

describe('other services', () => {
  it.each([
    [
      'a secret that a function rotates',
      send('Secrets Manager', 'RotateSecret', {
        SecretId: 's',
        RotationLambdaARN: recordedArn('lambda', 'function:rotate'),
      }),
      'lambda:InvokeFunction',
      [arn('lambda', 'function:rotate')],
    ],
    [
      'a replica of a table',
      send('DynamoDB', 'UpdateTable', {
        TableName: 'Visits',
        ReplicaUpdates: [{ Create: { RegionName: 'us-east-1' } }],
      }),
      'dynamodb:CreateTableReplica',
      [arn('dynamodb', 'table/Visits', 'us-east-1')],
    ],
    [
      'a key for several regions',
      send('KMS', 'CreateKey', { MultiRegion: true }),
      'iam:CreateServiceLinkedRole',
      [linkedRole('mrk.kms')],
    ],
    [
      'a connection of EventBridge',
      send('EventBridge', 'CreateConnection', { Name: 'c' }),
      'secretsmanager:CreateSecret',
      [arn('secretsmanager', 'secret:events!connection/c/*')],
    ],
    [
      'a pipeline with a connection',
      send('CodePipeline', 'CreatePipeline', {
        pipeline: {
          name: 'p',
          stages: [{ actions: [{ configuration: { ConnectionArn: recordedArn('codeconnections', 'connection/1') } }] }],
        },
      }),
      'codeconnections:PassConnection',
      [arn('codeconnections', 'connection/*')],
    ],
    [
      'a user pool with a domain of its own',
      send('Cognito Identity Provider', 'CreateUserPoolDomain', {
        Domain: 'login.example.com',
        CustomDomainConfig: { CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' },
      }),
      'cloudfront:UpdateDistribution',
      ['*'],
    ],
    [
      'a table that is scaled',
      send('Application Auto Scaling', 'RegisterScalableTarget', {
        ServiceNamespace: 'dynamodb',
        ResourceId: 'table/Visits/index/ByDay',
      }),
      'dynamodb:UpdateTable',
      [arn('dynamodb', 'table/Visits')],
    ],
    [
      'a scaling policy that tracks a target',
      send('Application Auto Scaling', 'PutScalingPolicy', {
        ServiceNamespace: 'ecs',
        ResourceId: 'service/main/web',
        PolicyType: 'TargetTrackingScaling',
      }),
      'cloudwatch:PutMetricAlarm',
      [arn('cloudwatch', 'alarm:TargetTracking-service/main/web-*')],
    ],
    [
      'a pool that sends email',
      send('Cognito Identity Provider', 'CreateUserPool', {
        PoolName: 'p',
        EmailConfiguration: { EmailSendingAccount: 'DEVELOPER' },
      }),
      'iam:CreateServiceLinkedRole',
      [linkedRole('email.cognito-idp')],
    ],
  ])('check more than the action: %s', (_, request, action, resources) => {
    expect(granted([request])[action]).toEqual(resources);
  });
});

describe('functions at the edge', () => {
  it('are replicated by roles that their services create', () => {
    const create = send('CloudFront', 'CreateDistribution', {
      DistributionConfig: { LambdaFunctionARN: recordedArn('lambda', 'function:f:1') },
    });
    const grants = granted([create]);
    expect(grants['iam:CreateServiceLinkedRole']).toEqual([
      linkedRole('logger.cloudfront'),
      linkedRole('replicator.lambda'),
    ]);
    expect(Object.keys(grants)).toEqual(
      expect.arrayContaining(['lambda:DisableReplication', 'lambda:EnableReplication']),
    );
  });
});

describe('a node group', () => {
  const create = (body: { readonly [name: string]: Json }) =>
    granted([
      call('EKS', 'CreateNodegroup', {
        request: { path: '/clusters/main/node-groups', body: { nodeRole: ROLE, ...body } },
      }),
    ]);

  it('gets a role, at which EKS looks', () => {
    const grants = create({});
    const role = `arn:aws:iam::${ACCOUNT}:role/r`;
    expect(grants['iam:GetRole']).toEqual([role]);
    expect(grants['iam:PassRole']).toEqual([
      `${role} if {"StringEquals":{"iam:PassedToService":["ec2.amazonaws.com","eks.amazonaws.com"]}}`,
    ]);
    expect(grants).not.toHaveProperty('ec2:RunInstances');
  });

  it('with a launch template launches instances and tags them', () => {
    const grants = create({ launchTemplate: { id: 'lt-0123456789abcdef0', version: '1' } });
    expect(grants['ec2:RunInstances']).toContain(arn('ec2', 'instance/*'));
    expect(grants['ec2:CreateTags']).toContain(
      `${arn('ec2', 'instance/*')} if {"StringEquals":{"ec2:CreateAction":"RunInstances"}}`,
    );
  });
});

describe('in China', () => {
  const china = { partition: 'aws-cn' };

  it('a role may be passed under both names of a service, and a key used under the name there', () => {
    const grants = granted(
      [
        send('Lambda', 'CreateFunction', {
          FunctionName: 'f',
          Role: 'arn:aws-cn:iam::123456789012:role/r',
          KMSKeyArn: 'arn:aws-cn:kms:eu-west-2:123456789012:key/11111111-2222-3333-4444-555555555555',
        }),
      ],
      china,
    );
    expect(grants['iam:PassRole']).toEqual([
      expect.stringContaining('["lambda.amazonaws.com","lambda.amazonaws.com.cn"]'),
    ]);
    expect(grants['kms:Decrypt']).toEqual([expect.stringContaining('lambda.eu-west-2.amazonaws.com.cn')]);
  });

  it('a service creates its role under either name', () => {
    const role = 'arn:aws-cn:iam::111122223333:role/aws-service-role';
    const multiRegion = granted([send('KMS', 'CreateKey', { MultiRegion: true })], china);
    expect(multiRegion['iam:CreateServiceLinkedRole']).toEqual([
      `${role}/mrk.kms.amazonaws.com.cn/*`,
      `${role}/mrk.kms.amazonaws.com/*`,
    ]);
    const broker = granted([send('mq', 'CreateBroker', { brokerName: 'b' })], china);
    expect(broker['iam:CreateServiceLinkedRole']).toEqual([
      `${role}/mq.amazonaws.com.cn/* if {"StringEquals":{"iam:AWSServiceName":"mq.amazonaws.com.cn"}}`,
      `${role}/mq.amazonaws.com/* if {"StringEquals":{"iam:AWSServiceName":"mq.amazonaws.com"}}`,
    ]);
  });
});

describe('tables of rules', () => {
  it('have only services and operations that exist', () => {
    const reference = readReference();
    const missing = Object.keys(SERVICE_LINKED).filter((key) => {
      const [prefix = '', operation = ''] = key.split(':');
      // API Gateway's actions are HTTP methods.
      return prefix !== 'apigateway' && reference.action(prefix, operation) === undefined;
    });
    expect(missing).toEqual([]);
    expect(passedTo('eks', 'aws')).toContain('pods.eks.amazonaws.com');
  });
});
