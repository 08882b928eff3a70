import { filled, isArn, statementArn, valuesByPattern } from './arns.ts';
import { plainName } from './services.ts';
import type { Subject } from './subject.ts';

/**
 * Rules for services whose requests do not identify resources by the names in the reference. They return the ARNs, or
 * undefined to fall back on the reference.
 */
export const OWN_RULES: Readonly<Record<string, (subject: Subject) => readonly string[] | undefined>> = {
  apigateway: apiGateway,
  elasticloadbalancing: loadBalancing,
  events,
  iam,
  lambda,
  logs,
  s3,
  scheduler,
  secretsmanager,
  sns,
  sqs,
  ssm,
};

/**
 * Bucket and key in a request: in the host, or at the start of the path.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function bucketAndKey({ host = '', path }: Subject['call']['request']): { bucket: string; key: string } {
  const inHost = /^(.+)\.s3[.-]/.exec(host)?.[1];
  const segments = path.replace(/^\//, '').split('/');
  const [bucket = '', ...rest] = inHost === undefined ? segments : [inHost, ...segments];
  return { bucket, key: rest.join('/') };
}

function s3({ call, action, values, where, names, reference }: Subject): readonly string[] | undefined {
  // Access points, jobs and account-level settings:
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_AWS_S3_Control.html
  if (plainName(call.service) === 's3control') {
    const arns = values.all
      .filter(({ value }) => isArn(value))
      .map(({ value }) => statementArn(value, reference, names));
    return arns.length > 0 ? arns : undefined;
  }
  const { bucket, key } = bucketAndKey(call.request);
  const isObject = action.resourceTypes.some(({ name }) => name === 'object');
  const arn = `arn:${where.partition}:s3:::${names.stable(bucket)}`;
  if (!isObject) return [arn];
  const keys = key === '' ? bodyKeys(values.all) : [key];
  return keys.length === 0 ? [`${arn}/*`] : keys.map((key) => `${arn}/${names.stable(key)}`);
}

/** The keys in a DeleteObjects request. */
function bodyKeys(all: Subject['values']['all']): readonly string[] {
  return all.filter(({ key }) => key === 'Key').map(({ value }) => value);
}

/**
 * The path identifies the resource:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
 */
function apiGateway({ call, where, names, reference }: Subject): readonly string[] {
  const path = call.request.path.replace(/^\/v2(?=\/)/, '').replace(/\/$/, '');
  const prefix = `arn:${where.partition}:apigateway:${where.region}::`;
  // The rest of the path is an encoded ARN, which contains ids.
  if (path.startsWith('/tags/')) return [`${prefix}/tags/*`];
  const pattern = reference
    .allArns('apigateway')
    .filter((known) => valuesByPattern(`${prefix}${path}`, known) !== undefined && segments(known) === segments(path))
    // `/apis/${ApiId}/cors` is more specific than a pattern with a variable as its last segment.
    .sort((a, b) => a.split('${').length - b.split('${').length)[0];
  if (pattern === undefined) return [`${prefix}${withoutIds(path)}`];
  const values = valuesByPattern(`${prefix}${path}`, pattern);
  return [filled(pattern, where, (variable) => names.value(variable, values?.get(variable) ?? ''))];
}

function segments(text: string): number {
  return text.split('/').length;
}

/** A segment after a plural is an id: `/apis/a1b2c3/integrations/d4e5` → `/apis/ANY/integrations/ANY`. */
function withoutIds(path: string): string {
  return path
    .split('/')
    .map((segment, index, all) => (/s$/.test(all[index - 1] ?? '') ? '*' : segment))
    .join('/');
}

/** Parameters that contain a name without its path; the path is in the state or in the creating call. */
const IAM_NAMES: Readonly<Record<string, string>> = {
  role: 'RoleName',
  user: 'UserName',
  group: 'GroupName',
  policy: 'PolicyName',
  'instance-profile': 'InstanceProfileName',
  'server-certificate': 'ServerCertificateName',
};

function iam({ action, values, where, names, reference }: Subject): readonly string[] | undefined {
  const ofAccount = (path: string) => `arn:${where.partition}:iam::${where.accountId}:${path}`;
  const arns = action.resourceTypes.flatMap(({ name: type }) => {
    const [url] = type === 'oidc-provider' ? values.named('Url') : [];
    if (url !== undefined) return [ofAccount(`oidc-provider/${names.stable(url.replace('https://', ''))}`)];
    const [name] = values.named(IAM_NAMES[type] ?? '');
    if (name !== undefined) {
      const path = names.pathOf(type, name) ?? values.named('Path')[0] ?? '/';
      return [ofAccount(`${type}${path}${names.stable(name)}`)];
    }
    const ofType = values.all.filter(({ value }) => isArn(value) && value.includes(`:${type}/`));
    return ofType.map(({ value }) => statementArn(value, reference, names));
  });
  return arns.length > 0 ? arns : undefined;
}

/** With a version or alias, both ARNs: which one IAM checks depends on the operation. */
function lambda({ action, values, where, names }: Subject): readonly string[] | undefined {
  if (!action.resourceTypes.some(({ name }) => name === 'function' || name === 'function alias')) return undefined;
  const [given = ''] = [...values.named('function'), ...values.named('FunctionName'), ...values.named('arn')];
  const name = given.includes(':function:') ? given.split(':function:')[1] : given;
  const [plain = '', inName] = (name ?? '').split('/')[0]?.split(':') ?? [];
  if (plain === '') return undefined;
  const arn = `arn:${where.partition}:lambda:${where.region}:${where.accountId}:function:${names.stable(plain)}`;
  const [inQuery] = values.named('Qualifier');
  const qualifier = inQuery ?? inName;
  if (qualifier === undefined || qualifier === '$LATEST') return [arn];
  return [arn, `${arn}:${/^\d+$/.test(qualifier) ? '*' : names.stable(qualifier)}`];
}

/**
 * Most actions require the ARN with `:*` appended, tagging actions the one without.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
function logs({ action, values, where, names }: Subject): readonly string[] | undefined {
  if (!action.resourceTypes.some(({ name }) => name === 'log-group' || name === 'log-stream')) return undefined;
  const inArn = values.all.flatMap(({ value }) => /:log-group:([^:]+)/.exec(value)?.[1] ?? []);
  const [group] = [...values.named('logGroupName'), ...values.named('logGroupIdentifier'), ...inArn];
  if (group === undefined) return undefined;
  const name = group.includes(':log-group:') ? (inArn[0] ?? group) : group;
  const arn = `arn:${where.partition}:logs:${where.region}:${where.accountId}:log-group:${names.stable(name)}`;
  return /Tag|Untag/.test(action.name) ? [arn] : [arn, `${arn}:*`];
}

/** A rule of the default bus has no bus in its ARN. */
function events({ action, values, where, names, reference }: Subject): readonly string[] | undefined {
  if (!action.resourceTypes.some(({ name }) => name === 'rule-on-default-event-bus')) return undefined;
  const arns = values.named('ResourceARN');
  if (arns.length > 0) return arns.map((arn) => statementArn(arn, reference, names));
  const [rule] = [...values.named('Rule'), ...values.named('Name')];
  if (rule === undefined) return undefined;
  const bus = (values.named('EventBusName')[0] ?? 'default').split('/').at(-1) ?? 'default';
  const path = bus === 'default' ? names.stable(rule) : `${names.stable(bus)}/${names.stable(rule)}`;
  return [`arn:${where.partition}:events:${where.region}:${where.accountId}:rule/${path}`];
}

/** A schedule without a group is in the group `default`. */
function scheduler({ action, values, where, names }: Subject): readonly string[] | undefined {
  if (!action.resourceTypes.some(({ name }) => name === 'schedule')) return undefined;
  const [name] = values.named('schedule');
  const group = values.named('GroupName')[0] ?? 'default';
  if (name === undefined) return undefined;
  return [
    `arn:${where.partition}:scheduler:${where.region}:${where.accountId}:schedule/${names.stable(group)}/${names.stable(name)}`,
  ];
}

/** AWS appends a hyphen and six random characters to a secret's name. */
function secretsmanager({ values, where, names }: Subject): readonly string[] | undefined {
  const [given] = [...values.named('SecretId'), ...values.named('Name')];
  if (given === undefined) return undefined;
  const name = given.includes(':secret:') ? (given.split(':secret:')[1] ?? '').replace(/-\w{6}$/, '') : given;
  const stable = names.stable(name);
  return [
    `arn:${where.partition}:secretsmanager:${where.region}:${where.accountId}:secret:${stable}${stable.endsWith('*') ? '' : '-??????'}`,
  ];
}

/** A subscription's ARN is its topic's with an appended id; AWS does not document which of the two IAM checks. */
function sns({ action, values, reference, names }: Subject): readonly string[] | undefined {
  if (!/Subscription|Unsubscribe/.test(action.name) || action.name === 'sns:ListSubscriptionsByTopic') return undefined;
  const [given] = [...values.named('SubscriptionArn'), ...values.named('TopicArn')];
  if (given === undefined || !isArn(given)) return undefined;
  const topic = statementArn(given.split(':').slice(0, 6).join(':'), reference, names);
  return [topic, `${topic}:*`];
}

function sqs({ values, where, names }: Subject): readonly string[] | undefined {
  const [url] = values.named('QueueUrl');
  const name = url === undefined ? values.named('QueueName')[0] : url.split('/').at(-1);
  if (name === undefined) return undefined;
  return [`arn:${where.partition}:sqs:${where.region}:${where.accountId}:${names.stable(name)}`];
}

/** A parameter's name starts with a slash, which is not doubled in its ARN. */
function ssm({ action, values, where, names }: Subject): readonly string[] | undefined {
  if (!action.resourceTypes.some(({ name }) => name === 'parameter')) return undefined;
  const given = ['Name', 'Names', 'ResourceId'].flatMap((name) => values.named(name)).filter((name) => !isArn(name));
  return given.map(
    (name) =>
      `arn:${where.partition}:ssm:${where.region}:${where.accountId}:parameter/${names.stable(name.replace(/^\//, ''))}`,
  );
}

/**
 * The ARN of a second-generation load balancer contains its type, which the creating call has in a separate parameter.
 */
function loadBalancing({ action, values, where, names }: Subject): readonly string[] | undefined {
  if (action.name !== 'elasticloadbalancing:CreateLoadBalancer') return undefined;
  const [name] = values.named('Name');
  if (name === undefined) return undefined;
  const kind = { network: 'net', gateway: 'gwy' }[values.named('Type')[0] ?? ''] ?? 'app';
  const prefix = `arn:${where.partition}:elasticloadbalancing:${where.region}:${where.accountId}:loadbalancer`;
  return [`${prefix}/${kind}/${names.stable(name)}/*`];
}
