import { describe, expect, it } from 'vitest';
import type { Json } from '../../../src/json.ts';
import { ACCOUNT, call, granted } from './calls.ts';

const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-2:${ACCOUNT}:${resource}`;
const RECORDED = 'arn:aws:elasticloadbalancing:eu-west-2:123456789012';

const json = (service: string, operation: string, body: Json) => call(service, operation, { request: { body } });
const balancing = (operation: string, body: Json) => json('Elastic Load Balancing v2', operation, body);

describe('a load balancer', () => {
  const LOAD_BALANCER = `${RECORDED}:loadbalancer/app/web/0123456789abcdef`;
  const LISTENER = `${RECORDED}:listener/app/web/0123456789abcdef/fedcba9876543210`;

  it.each([
    ['ModifyLoadBalancerAttributes', { LoadBalancerArn: LOAD_BALANCER }, 'loadbalancer/app/web/*'],
    ['DeleteLoadBalancer', { LoadBalancerArn: LOAD_BALANCER }, 'loadbalancer/app/web/*'],
    ['SetSubnets', { LoadBalancerArn: LOAD_BALANCER }, 'loadbalancer/app/web/*'],
    ['CreateListener', { LoadBalancerArn: LOAD_BALANCER }, 'loadbalancer/app/web/*'],
    ['CreateRule', { ListenerArn: LISTENER }, 'listener/app/web/*/*'],
    ['DeleteListener', { ListenerArn: LISTENER }, 'listener/app/web/*/*'],
    ['DeleteRule', { RuleArn: `${LISTENER.replace('listener', 'listener-rule')}/a` }, 'listener-rule/app/web/*/*/*'],
  ])('is named without the id that AWS assigns: %s', (operation, body, resource) => {
    expect(granted([balancing(operation, body)])[`elasticloadbalancing:${operation}`]).toEqual([
      arn('elasticloadbalancing', resource),
    ]);
  });

  it('may be changed later, and so may its listeners and their rules', () => {
    const grants = granted([
      balancing('CreateLoadBalancer', { Name: 'web', Type: 'network' }),
      balancing('CreateListener', { LoadBalancerArn: LOAD_BALANCER }),
      balancing('CreateRule', { ListenerArn: LISTENER }),
    ]);
    for (const [action, resource] of [
      ['SetSubnets', 'loadbalancer/net/web/*'],
      ['ModifyLoadBalancerAttributes', 'loadbalancer/net/web/*'],
      ['ModifyListener', 'listener/app/web/*/*'],
      ['ModifyRule', 'listener-rule/app/web/*/*/*'],
    ] as const) {
      expect(grants[`elasticloadbalancing:${action}`]).toEqual([arn('elasticloadbalancing', resource)]);
    }
  });

  it('may be one of the first generation', () => {
    const remove = json('Elastic Load Balancing', 'DeleteLoadBalancer', { LoadBalancerName: 'web' });
    expect(granted([remove])['elasticloadbalancing:DeleteLoadBalancer']).toEqual([
      arn('elasticloadbalancing', 'loadbalancer/web'),
    ]);
  });

  it('has tags of its own, and so have a listener and a rule', () => {
    const tags = { 'Tags.member.1.Key': 'a' };
    expect(
      granted([
        balancing('CreateLoadBalancer', { Name: 'web', ...tags }),
        balancing('CreateListener', { LoadBalancerArn: LOAD_BALANCER, ...tags }),
        balancing('CreateRule', { ListenerArn: LISTENER, ...tags }),
        balancing('CreateTargetGroup', { Name: 'web', ...tags }),
      ])['elasticloadbalancing:AddTags'],
    ).toEqual(
      ['listener-rule/app/web/*/*/*', 'listener/app/web/*/*', 'loadbalancer/app/web/*', 'targetgroup/web/*'].map(
        (resource) => arn('elasticloadbalancing', resource),
      ),
    );
  });
});

describe('a web ACL', () => {
  it.each([
    ['REGIONAL', 'regional'],
    ['CLOUDFRONT', 'global'],
  ])('is in the scope %s as its ARN spells it', (Scope, spelling) => {
    const calls = [
      json('WAFV2', 'CreateWebACL', { Name: 'site', Scope }),
      json('WAFV2', 'GetWebACL', { Name: 'site', Scope, Id: '11111111-2222-3333-4444-555555555555' }),
      json('WAFV2', 'UpdateWebACL', { Name: 'site', Scope, Id: '11111111-2222-3333-4444-555555555555' }),
      json('WAFV2', 'CreateIPSet', { Name: 'office', Scope }),
    ];
    expect(granted(calls)).toEqual({
      'wafv2:CreateWebACL': [arn('wafv2', `${spelling}/webacl/site/*`)],
      'wafv2:UpdateWebACL': [arn('wafv2', `${spelling}/webacl/site/*`)],
      'wafv2:GetWebACL': [arn('wafv2', `${spelling}/webacl/site/*`)],
      'wafv2:CreateIPSet': [arn('wafv2', `${spelling}/ipset/office/*`)],
      'wafv2:UpdateIPSet': [arn('wafv2', `${spelling}/ipset/office/*`)],
    });
  });
});

describe('an alias of a key', () => {
  it('has one prefix in its ARN', () => {
    const create = json('KMS', 'CreateAlias', { AliasName: 'alias/site', TargetKeyId: '1' });
    expect(granted([create])['kms:CreateAlias']).toEqual([arn('kms', 'alias/site'), arn('kms', 'key/*')]);
  });
});

describe('a role that a service creates', () => {
  it('has a name that only AWS knows', () => {
    const path = 'role/aws-service-role/es.amazonaws.com';
    const role = {
      address: 'aws_iam_service_linked_role.es',
      type: 'aws_iam_service_linked_role',
      attributes: { arn: `arn:aws:iam::123456789012:${path}/AWSServiceRoleFores` },
    };
    const get = json('IAM', 'GetRole', { RoleName: 'AWSServiceRoleFores' });
    expect(granted([get], { state: [role] })['iam:GetRole']).toEqual([`arn:aws:iam::${ACCOUNT}:${path}/*`]);
  });

  it('is only that of the service', () => {
    const create = json('IAM', 'CreateServiceLinkedRole', { AWSServiceName: 'es.amazonaws.com' });
    expect(granted([create])).toEqual({
      'iam:CreateServiceLinkedRole': [`arn:aws:iam::${ACCOUNT}:role/aws-service-role/es.amazonaws.com/*`],
      'iam:UpdateRoleDescription': [`arn:aws:iam::${ACCOUNT}:role/aws-service-role/es.amazonaws.com/*`],
    });
  });
});

describe('tags', () => {
  it('of a document in Systems Manager are not those of a parameter with the same name', () => {
    const list = (ResourceType: string, resourceType: string) =>
      call('SSM', 'ListTagsForResource', {
        phase: 'plan',
        resourceType,
        request: { body: { ResourceType, ResourceId: 'size' } },
      });
    expect(granted([list('Document', 'aws_ssm_document')])['ssm:ListTagsForResource']).toEqual([
      arn('ssm', 'document/size'),
    ]);
    expect(granted([list('Parameter', 'aws_ssm_parameter')])['ssm:ListTagsForResource']).toEqual([
      arn('ssm', 'parameter/size'),
    ]);
  });

  it('of what a call creates in something else are its own', () => {
    const create = call('EKS', 'CreateNodegroup', {
      request: { path: '/clusters/main/node-groups', body: { nodegroupName: 'n', tags: { a: 'b' } } },
    });
    expect(granted([create])['eks:TagResource']).toEqual([arn('eks', 'nodegroup/main/n/*')]);
  });

  it('of an event source mapping of Lambda are not those of a function', () => {
    const mapping = 'event-source-mapping:d87a688d-bea3-4e44-9b7e-ce8434f0ec7e';
    const list = call('Lambda', 'ListTags', {
      phase: 'plan',
      request: { method: 'GET', path: `/2017-03-31/tags/arn:aws:lambda:eu-west-2:123456789012:${mapping}` },
    });
    expect(granted([list])).toEqual({ 'lambda:ListTags': [arn('lambda', 'event-source-mapping:*')] });
  });

  it('of a certificate for IAM are granted', () => {
    const upload = json('IAM', 'UploadServerCertificate', { ServerCertificateName: 'site', 'Tags.member.1.Key': 'a' });
    expect(granted([upload])['iam:TagServerCertificate']).toEqual([`arn:aws:iam::${ACCOUNT}:server-certificate/site`]);
  });
});

describe('a name', () => {
  it('of a connection or destination of EventBridge is followed by an id in ARNs', () => {
    const body = {
      Name: 'hook',
      ConnectionArn: 'arn:aws:events:eu-west-2:123456789012:connection/key/d87a688d-bea3-4e44-9b7e-ce8434f0ec7e',
    };
    expect(granted([json('EventBridge', 'CreateApiDestination', body)])['events:CreateApiDestination']).toEqual(
      ['api-destination/hook', 'api-destination/hook/*', 'connection/key', 'connection/key/*'].map((resource) =>
        arn('events', resource),
      ),
    );
  });

  it('of a broker is not its id', () => {
    const describe = call('mq', 'DescribeBroker', { request: { method: 'GET', path: '/v1/brokers/b-1' } });
    expect(granted([describe])['mq:DescribeBroker']).toEqual([arn('mq', 'broker:*:*')]);
  });

  it('of a pipeline is in its structure', () => {
    const create = json('CodePipeline', 'CreatePipeline', {
      pipeline: { name: 'deploy', stages: [{ name: 'Source' }] },
    });
    expect(granted([create])['codepipeline:UpdatePipeline']).toEqual([arn('codepipeline', 'deploy')]);
  });

  it('has * for an id that AWS or Terraform generated', () => {
    const head = call('S3', 'HeadBucket', {
      request: { method: 'HEAD', path: '/site-d87a688d-bea3-4e44-9b7e-ce8434f0ec7e' },
    });
    expect(granted([head])['s3:ListBucket']).toEqual(['arn:aws:s3:::site-*']);
  });
});
