import type { Check, WireRequest } from './wire.ts';
import { ec2Checks } from './wire-ec2.ts';

/**
 * What AWS authorises for Terraform's requests, according to the Service Authorization Reference. Written independently
 * of crc's own data, so that the two can disagree. Throws for unknown requests.
 */
export function serviceChecks(service: string, request: WireRequest, place: WirePlace): readonly Check[] {
  const checks = SERVICES[service]?.(request, place);
  if (checks === undefined || checks.length === 0) {
    throw new Error(
      `the gate does not know ${service}: ${request.method} ${request.url} ${request.body.slice(0, 200)}`,
    );
  }
  return checks;
}

/** Account and region of a request. */
export interface WirePlace {
  readonly account: string;
  readonly region: string;
}

type Mapping = (request: WireRequest, place: WirePlace) => readonly Check[];

const SERVICES: Readonly<Record<string, Mapping>> = {
  acm: acmChecks,
  apigateway: apiGatewayChecks,
  cloudfront: cloudFrontChecks,
  ec2: ec2Checks,
  ecr: ecrChecks,
  events: eventChecks,
  monitoring: alarmChecks,
  route53: route53Checks,
  sns: topicChecks,
  sqs: queueChecks,
  ssm: parameterChecks,
};

/** Operation and input of a JSON request. */
function jsonInput({ headers, body }: WireRequest): {
  readonly operation: string;
  readonly input: Record<string, unknown>;
} {
  const operation =
    String(headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? '';
  return { operation, input: body === '' ? {} : JSON.parse(body) };
}

/** Operation and fields of a form-encoded request. */
function formInput({ body }: WireRequest): { readonly operation: string; readonly input: URLSearchParams } {
  const input = new URLSearchParams(body);
  return { operation: input.get('Action') ?? '', input };
}

/** The check for an action that creates a resource, and for tagging it if the request contains tags. */
function withTags(action: string, resource: string, tags: string | undefined): readonly Check[] {
  return [{ action, resource }, ...(tags === undefined ? [] : [{ action: tags, resource }])];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html */
function queueChecks(request: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const { operation, input } = jsonInput(request);
  const name = String(input.QueueUrl ?? input.QueueName ?? '')
    .split('/')
    .at(-1);
  const tagged = operation === 'CreateQueue' && Object.keys(input.tags ?? {}).length > 0;
  return withTags(`sqs:${operation}`, `arn:aws:sqs:${region}:${account}:${name}`, tagged ? 'sqs:TagQueue' : undefined);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
function topicChecks(request: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const { operation, input } = formInput(request);
  const subscription = input.get('SubscriptionArn');
  const topic =
    input.get('TopicArn') ??
    input.get('ResourceArn') ??
    subscription?.split(':').slice(0, 6).join(':') ??
    `arn:aws:sns:${region}:${account}:${input.get('Name')}`;
  const tagged = operation === 'CreateTopic' && input.has('Tags.member.1.Key');
  return withTags(`sns:${operation}`, topic, tagged ? 'sns:TagResource' : undefined);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
function eventChecks(request: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const { operation, input } = jsonInput(request);
  const resource = String(
    input.ResourceARN ?? `arn:aws:events:${region}:${account}:rule/${input.Rule ?? input.Name ?? 'unknown'}`,
  );
  const tagged = operation === 'PutRule' && Array.isArray(input.Tags) && input.Tags.length > 0;
  return withTags(`events:${operation}`, resource, tagged ? 'events:TagResource' : undefined);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
function alarmChecks(request: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const { operation, input } = formInput(request);
  const name = input.get('AlarmName') ?? input.get('AlarmNames.member.1');
  const resource = input.get('ResourceARN') ?? `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
  const tagged = operation === 'PutMetricAlarm' && input.has('Tags.member.1.Key');
  return withTags(`cloudwatch:${operation}`, resource, tagged ? 'cloudwatch:TagResource' : undefined);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html */
function ecrChecks(request: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const { operation, input } = jsonInput(request);
  const [first] = Array.isArray(input.repositoryNames) ? input.repositoryNames : [];
  const resource = String(
    input.resourceArn ?? `arn:aws:ecr:${region}:${account}:repository/${input.repositoryName ?? first}`,
  );
  const tagged = operation === 'CreateRepository' && Array.isArray(input.tags) && input.tags.length > 0;
  return withTags(`ecr:${operation}`, resource, tagged ? 'ecr:TagResource' : undefined);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
function parameterChecks(request: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const { operation, input } = jsonInput(request);
  if (operation === 'DescribeParameters') return [{ action: 'ssm:DescribeParameters', resource: '*' }];
  const [first] = Array.isArray(input.Names) ? input.Names : [];
  const name = String(input.Name ?? input.ResourceId ?? first).replace(/^\//, '');
  const tagged = operation === 'PutParameter' && Array.isArray(input.Tags) && input.Tags.length > 0;
  return withTags(
    `ssm:${operation}`,
    `arn:aws:ssm:${region}:${account}:parameter/${name}`,
    tagged ? 'ssm:AddTagsToResource' : undefined,
  );
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html */
function acmChecks(request: WireRequest, { account, region }: WirePlace): readonly Check[] {
  const { operation, input } = jsonInput(request);
  if (operation === 'ListCertificates') return [{ action: 'acm:ListCertificates', resource: '*' }];
  if (operation !== 'RequestCertificate') {
    return [{ action: `acm:${operation}`, resource: String(input.CertificateArn) }];
  }
  const tagged = Array.isArray(input.Tags) && input.Tags.length > 0;
  // The id of a new certificate is unknown when its tags are checked.
  const created = `arn:aws:acm:${region}:${account}:certificate/00000000-0000-0000-0000-000000000000`;
  return [
    { action: 'acm:RequestCertificate', resource: '*' },
    ...(tagged ? [{ action: 'acm:AddTagsToCertificate', resource: created }] : []),
  ];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html */
function route53Checks({ method, url }: WireRequest): readonly Check[] {
  const { pathname } = new URL(url, 'http://route53');
  const [, , kind = '', id = '', sub = ''] = pathname.split('/');
  const zone = `arn:aws:route53:::hostedzone/${kind === 'tags' ? sub : id}`;
  const operations: Readonly<Record<string, Check>> = {
    'POST hostedzone': { action: 'route53:CreateHostedZone', resource: '*' },
    'GET hostedzone': { action: 'route53:ListHostedZones', resource: '*' },
    'GET hostedzone/id': { action: 'route53:GetHostedZone', resource: zone },
    'POST hostedzone/id': { action: 'route53:UpdateHostedZoneComment', resource: zone },
    'DELETE hostedzone/id': { action: 'route53:DeleteHostedZone', resource: zone },
    'POST hostedzone/id/rrset': { action: 'route53:ChangeResourceRecordSets', resource: zone },
    'GET hostedzone/id/rrset': { action: 'route53:ListResourceRecordSets', resource: zone },
    'GET hostedzone/id/dnssec': { action: 'route53:GetDNSSEC', resource: zone },
    'GET change/id': { action: 'route53:GetChange', resource: `arn:aws:route53:::change/${id}` },
    'GET tags/hostedzone': { action: 'route53:ListTagsForResource', resource: zone },
    'POST tags/hostedzone': { action: 'route53:ChangeTagsForResource', resource: zone },
  };
  const last = sub === '' || kind === 'tags' ? '' : `/${sub}`;
  const shape = kind === 'tags' ? `tags/${id}` : `${kind}${id === '' ? '' : '/id'}${last}`;
  const check = operations[`${method} ${shape}`];
  return check === undefined ? [] : [check];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html */
function cloudFrontChecks({ method, url }: WireRequest, { account }: WirePlace): readonly Check[] {
  const { pathname, searchParams } = new URL(url, 'http://cloudfront');
  const [, , kind = '', id = '', sub = ''] = pathname.split('/');
  const arn = (type: string, name: string) => `arn:aws:cloudfront::${account}:${type}/${name}`;
  if (kind === 'tagging') {
    // Moto's ARN lacks the colon for the empty region.
    const [, type = '', name = ''] = /([a-z-]+)\/([^/]+)$/.exec(searchParams.get('Resource') ?? '') ?? [];
    const resource = arn(type, name);
    const action = { Tag: 'TagResource', Untag: 'UntagResource' }[searchParams.get('Operation') ?? ''];
    return [{ action: `cloudfront:${action ?? 'ListTagsForResource'}`, resource }];
  }
  const operations: Readonly<Record<string, string>> = {
    'GET distribution/id': 'GetDistribution',
    'GET distribution/id/config': 'GetDistributionConfig',
    'PUT distribution/id/config': 'UpdateDistribution',
    'DELETE distribution/id': 'DeleteDistribution',
    'GET origin-access-control/id': 'GetOriginAccessControl',
    'GET origin-access-control/id/config': 'GetOriginAccessControlConfig',
    'PUT origin-access-control/id/config': 'UpdateOriginAccessControl',
    'DELETE origin-access-control/id': 'DeleteOriginAccessControl',
  };
  if (method === 'POST' && kind === 'distribution') {
    const created = arn('distribution', 'E00000000000');
    return [
      { action: 'cloudfront:CreateDistribution', resource: '*' },
      ...(searchParams.has('WithTags') ? [{ action: 'cloudfront:TagResource', resource: created }] : []),
    ];
  }
  if (method === 'POST' && kind === 'origin-access-control') {
    return [{ action: 'cloudfront:CreateOriginAccessControl', resource: '*' }];
  }
  const operation = operations[`${method} ${kind}/id${sub === '' ? '' : `/${sub}`}`];
  return operation === undefined ? [] : [{ action: `cloudfront:${operation}`, resource: arn(kind, id) }];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html and …managementv2.html */
function apiGatewayChecks({ method, url, body }: WireRequest, { region }: WirePlace): readonly Check[] {
  const { pathname } = new URL(url, 'http://apigateway');
  const path = pathname.replace(/^\/v2\//, '/');
  const prefix = `arn:aws:apigateway:${region}::`;
  const input = body.startsWith('{') ? JSON.parse(body) : {};
  const tagged = method === 'POST' && !path.startsWith('/tags') && Object.keys(input.tags ?? {}).length > 0;
  return [
    { action: `apigateway:${method}`, resource: `${prefix}${path}` },
    ...(tagged
      ? [
          {
            action: `apigateway:${pathname.startsWith('/v2/') ? 'POST' : 'PUT'}`,
            resource: `${prefix}/tags/${encodeURIComponent(`${prefix}${path}/new`)}`,
          },
        ]
      : []),
  ];
}
