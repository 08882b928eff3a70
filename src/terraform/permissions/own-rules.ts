import { isJsonObject } from '../../json.ts';
import { filled, isArn, statementArn, valuesByPattern } from './arns.ts';
import { plainName } from './services.ts';
import type { Subject } from './subject.ts';

/**
 * Rules for services whose requests do not identify resources by the names in the reference. They return the ARNs, or
 * undefined to fall back on the reference.
 */
export const OWN_RULES: Readonly<Record<string, (subject: Subject) => readonly string[] | undefined>> = {
  apigateway: apiGateway,
  codepipeline,
  elasticloadbalancing: loadBalancing,
  events,
  iam,
  kms,
  lambda,
  logs,
  s3,
  scheduler,
  secretsmanager,
  sns,
  sqs,
  ssm,
  wafv2,
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

// A segment after a plural is an id: `/apis/a1b2c3/integrations/d4e5` → `/apis/*/integrations/*`.
function withoutIds(path: string): string {
  return path
    .split('/')
    .map((segment, index, all) => (/s$/.test(all[index - 1] ?? '') ? '*' : segment))
    .join('/');
}

/** The creating and changing calls have the name in the pipeline's structure. */
function codepipeline({ call, where, names }: Subject): readonly string[] | undefined {
  const { body } = call.request;
  const pipeline = isJsonObject(body) ? (body.pipeline ?? null) : null;
  const name = isJsonObject(pipeline) ? pipeline.name : undefined;
  return typeof name === 'string'
    ? [`arn:${where.partition}:codepipeline:${where.region}:${where.accountId}:${names.stable(name)}`]
    : undefined;
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
  // Its path contains the service: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
  const [linked] = values.named('AWSServiceName');
  if (linked !== undefined) return [ofAccount(`role/aws-service-role/${names.stable(linked)}/*`)];
  const arns = action.resourceTypes.flatMap(({ name: type }) => {
    const [url] = type === 'oidc-provider' ? values.named('Url') : [];
    if (url !== undefined) return [ofAccount(`oidc-provider/${names.stable(url.replace('https://', ''))}`)];
    const [name] = values.named(IAM_NAMES[type] ?? '');
    if (name !== undefined) {
      const path = names.pathOf(type, name) ?? values.named('Path')[0] ?? '/';
      // AWS chooses the name of a role that a service creates, and an emulator chooses another.
      const isLinked = path.startsWith('/aws-service-role/');
      return [ofAccount(`${type}${path}${isLinked ? '*' : names.stable(name)}`)];
    }
    const ofType = values.all.filter(({ value }) => isArn(value) && value.includes(`:${type}/`));
    return ofType.map(({ value }) => statementArn(value, reference, names));
  });
  return arns.length > 0 ? arns : undefined;
}

/** The name of an alias starts with `alias/`, which is not doubled in its ARN. */
function kms({ action, values, where, names }: Subject): readonly string[] | undefined {
  const [alias] = values.named('AliasName');
  if (alias === undefined) return undefined;
  const prefix = `arn:${where.partition}:kms:${where.region}:${where.accountId}`;
  return action.resourceTypes.map(({ name }) => `${prefix}:${name === 'alias' ? names.stable(alias) : `${name}/*`}`);
}

/** With a version or alias, both ARNs: which one IAM checks depends on the operation. */
function lambda({ action, values, where, names }: Subject): readonly string[] | undefined {
  if (!action.resourceTypes.some(({ name }) => name === 'function' || name === 'function alias')) return undefined;
  const [given = ''] = [...values.named('function'), ...values.named('FunctionName'), ...values.named('arn')];
  // Tags may also be those of an event source mapping.
  if (isArn(given) && !given.includes(':function:')) return undefined;
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

/** AWS appends an id to the names of these in their ARNs, but not when they are created. */
const WITH_ID: Readonly<Record<string, string>> = { ApiDestination: 'api-destination', Connection: 'connection' };

/** A rule of the default bus has no bus in its ARN. */
function events({ action, values, where, names, reference }: Subject): readonly string[] | undefined {
  const named = Object.entries(WITH_ID).find(([noun]) => action.name.endsWith(noun))?.[1];
  if (named !== undefined) {
    const own = values.named('Name').map((name) => `${named}/${names.stable(name)}`);
    const connections = values.all.flatMap(({ value }) => {
      const [, name] = /:connection\/([^/]+)/.exec(value) ?? [];
      return name === undefined ? [] : [`connection/${names.stable(name)}`];
    });
    const prefix = `arn:${where.partition}:events:${where.region}:${where.accountId}`;
    return [...own, ...connections].flatMap((resource) => [`${prefix}:${resource}`, `${prefix}:${resource}/*`]);
  }
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
  const prefix = `arn:${where.partition}:ssm:${where.region}:${where.accountId}`;
  // Tags may also be those of a document, or of something with an id.
  const [type = 'Parameter'] = values.named('ResourceType');
  if (type !== 'Parameter') {
    const [document = ''] = type === 'Document' ? values.named('ResourceId') : ['*'];
    return [`${prefix}:${type.toLowerCase()}/${document === '*' ? '*' : names.stable(document)}`];
  }
  const given = ['Name', 'Names', 'ResourceId'].flatMap((name) => values.named(name)).filter((name) => !isArn(name));
  return given.map((name) => `${prefix}:parameter/${names.stable(name.replace(/^\//, ''))}`);
}

/** Kinds of load balancers in ARNs, by `Type` in a request. */
const BALANCERS: Readonly<Record<string, string>> = { network: 'net', gateway: 'gwy' };

/** The number of ids that AWS assigns in an ARN, by its type. */
const IDS: Readonly<Record<string, number>> = { loadbalancer: 1, listener: 2, 'listener-rule': 3 };

/** What a call creates, whose tags it sets. */
const TAGGED: Readonly<Record<string, string>> = { CreateListener: 'listener', CreateRule: 'listener-rule' };

const OF_BALANCER =
  /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:(loadbalancer|listener|listener-rule)\/(app|net|gwy)\/([^/]+)\//;

/**
 * The ARNs of a second-generation load balancer, its listeners and their rules contain its kind and name, which the
 * creating call has in separate parameters. For actions of both generations, the reference only has the ARN of the
 * first. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
 */
function loadBalancing({ call, action, values, where, names, reference }: Subject): readonly string[] | undefined {
  // Only the first generation has this parameter.
  if (values.named('LoadBalancerName').length > 0) return undefined;
  const prefix = `arn:${where.partition}:elasticloadbalancing:${where.region}:${where.accountId}`;
  const arn = (type: string, kind: string, name: string) =>
    `${prefix}:${type}/${kind}/${names.stable(name)}${'/*'.repeat(IDS[type] ?? 0)}`;
  const [name] = values.named('Name');
  if (call.operation === 'CreateLoadBalancer' && name !== undefined) {
    return [arn('loadbalancer', BALANCERS[values.named('Type')[0] ?? ''] ?? 'app', name)];
  }
  if (action.tags && call.operation === 'CreateTargetGroup' && name !== undefined) {
    return [`${prefix}:targetgroup/${names.stable(name)}/*`];
  }
  const [type = '', ...otherTypes] = new Set(action.resourceTypes.map((known) => known.name.split('/')[0]));
  const concerned = action.tags ? TAGGED[call.operation] : otherTypes.length === 0 ? type : undefined;
  if (concerned !== undefined && !(concerned in IDS)) return undefined;
  return values.all.flatMap(({ value }) => {
    const [, own, kind, of] = OF_BALANCER.exec(value) ?? [];
    if (own !== undefined && kind !== undefined && of !== undefined) return [arn(concerned ?? own, kind, of)];
    return action.tags && concerned === undefined && isArn(value) ? [statementArn(value, reference, names)] : [];
  });
}

/**
 * AWS does not check a disassociation on the web ACL:
 * https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html#security_iam_action-DisassociateWebACL
 */
function wafv2({ action }: Subject): readonly string[] | undefined {
  return action.name === 'wafv2:DisassociateWebACL' ? ['*'] : undefined;
}
