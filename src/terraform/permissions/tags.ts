import { isJsonList, isJsonObject } from '../../json.ts';
import { filled, valuesByPattern } from './arns.ts';
import { requestedOf, targetsOf } from './resources.ts';
import { plainName } from './services.ts';
import type { Grant, Subject, Target } from './subject.ts';

/** The actions that set and remove tags, for services that do not call them `TagResource` and `UntagResource`. */
const TAG_ACTIONS: Readonly<Record<string, readonly [string, string]>> = {
  acm: ['AddTagsToCertificate', 'RemoveTagsFromCertificate'],
  autoscaling: ['CreateOrUpdateTags', 'DeleteTags'],
  cloudtrail: ['AddTags', 'RemoveTags'],
  dms: ['AddTagsToResource', 'RemoveTagsFromResource'],
  ds: ['AddTagsToResource', 'RemoveTagsFromResource'],
  elasticache: ['AddTagsToResource', 'RemoveTagsFromResource'],
  elasticbeanstalk: ['AddTags', 'RemoveTags'],
  elasticloadbalancing: ['AddTags', 'RemoveTags'],
  elasticmapreduce: ['AddTags', 'RemoveTags'],
  es: ['AddTags', 'RemoveTags'],
  firehose: ['TagDeliveryStream', 'UntagDeliveryStream'],
  kinesis: ['AddTagsToStream', 'RemoveTagsFromStream'],
  mq: ['CreateTags', 'DeleteTags'],
  rds: ['AddTagsToResource', 'RemoveTagsFromResource'],
  redshift: ['CreateTags', 'DeleteTags'],
  'resource-groups': ['Tag', 'Untag'],
  sagemaker: ['AddTags', 'DeleteTags'],
  sqs: ['TagQueue', 'UntagQueue'],
  ssm: ['AddTagsToResource', 'RemoveTagsFromResource'],
  storagegateway: ['AddTagsToResource', 'RemoveTagsFromResource'],
  workspaces: ['CreateTags', 'DeleteTags'],
};

/** `TagRole` for a CreateRole: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html */
const IAM_TAGGED =
  /^(?:Create|Upload)(Role|User|Policy|InstanceProfile|OpenIDConnectProvider|SAMLProvider|ServerCertificate)$/;

const CREATES =
  /^(Create|Upload|Run|Request|Put(Rule|MetricAlarm|Parameter|MetricStream|CompositeAlarm)|Import|Register|Allocate|Copy|Publish)/;

/** The additional permissions for setting tags in the creating call and for changing them later. */
export function tagGrants(subject: Subject, targets: readonly Target[]): readonly Grant[] {
  const { call, action } = subject;
  const prefix = action.name.split(':')[0] ?? '';
  if (!CREATES.test(call.operation) || prefix === 's3' || !hasTags(subject)) return [];
  if (prefix === 'ec2') return ec2Grants(subject);
  if (prefix === 'apigateway') return apiGatewayGrants(subject);
  const iam = IAM_TAGGED.exec(call.operation)?.[1];
  const actions =
    prefix === 'iam' ? [`Tag${iam}`, `Untag${iam}`] : (TAG_ACTIONS[prefix] ?? ['TagResource', 'UntagResource']);
  return actions.flatMap((name) => {
    const tags = subject.reference.action(prefix, name);
    if (tags === undefined) return [];
    const resources = taggedArns({ ...subject, action: tags }, targets);
    return resources.map((resource) => ({ action: tags.name, resource, byRule: true }));
  });
}

/** What has the tags: what the call creates, which may be in one of its targets, such as a node group in a cluster. */
function taggedArns(subject: Subject, targets: readonly Target[]): readonly string[] {
  const { call, action } = subject;
  if (action.name.startsWith('elasticloadbalancing:')) return targetsOf(subject).map(({ arn }) => arn);
  // The tags of a log group are on the ARN without `:*`.
  const named = targets.map(({ arn }) => arn).filter((arn) => arn !== '*' && !/:log-group:.*:\*$/.test(arn));
  if (named.length === 0) return createdBy(subject);
  const operation = plainName(call.operation);
  const created = action.resourceTypes.find(({ name }) => operation.endsWith(plainName(name)));
  const isTarget = created?.arns.some((pattern) => named.some((arn) => valuesByPattern(arn, pattern) !== undefined));
  return created === undefined || isTarget ? named : requestedOf(subject, created).map(({ arn }) => arn);
}

/**
 * If the creating action has no resource-level permissions (`CreateDistribution`): the taggable type that the operation
 * names.
 */
function createdBy(subject: Subject): readonly string[] {
  const operation = plainName(subject.call.operation);
  const named = subject.action.resourceTypes.filter(({ name }) => operation.includes(plainName(name)));
  // `CreateConnectionFunction` contains `function` too, so the longest name wins.
  const [type] = named.sort((a, b) => b.name.length - a.name.length);
  if (type === undefined) return targetsOf(subject).map(({ arn }) => arn);
  return type.arns.map((pattern) => filled(pattern, subject.where, () => '*'));
}

/**
 * Tags in the creating call are allowed for that call only; others for their own call.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
function ec2Grants({ call, values, where, reference }: Subject): readonly Grant[] {
  const types = [...new Set(values.all.filter(({ key }) => key === 'ResourceType').map(({ value }) => value))];
  const create = { StringEquals: { 'ec2:CreateAction': call.operation } };
  return types.flatMap((type) =>
    reference.arns('ec2', type).flatMap((pattern) => {
      const resource = filled(pattern, where, () => '*');
      return [
        { action: 'ec2:CreateTags', resource, condition: create, byRule: true },
        { action: 'ec2:CreateTags', resource, tagged: true, byRule: true },
        { action: 'ec2:DeleteTags', resource, tagged: true, byRule: true },
      ];
    }),
  );
}

/** The HTTP verb of TagResource differs between the two APIs. */
function apiGatewayGrants({ call, where }: Subject): readonly Grant[] {
  const isSecond = call.request.path.startsWith('/v2/');
  const resource = `arn:${where.partition}:apigateway:${where.region}::/tags/*`;
  return ['DELETE', isSecond ? 'POST' : 'PUT'].map((verb) => ({
    action: `apigateway:${verb}`,
    resource,
    byRule: true,
  }));
}

function hasTags({ call: { request } }: Subject): boolean {
  const { body, headers } = request;
  if ((headers['x-amz-tagging'] ?? '') !== '') return true;
  if (!isJsonObject(body)) return false;
  return Object.entries(body).some(([key, value]) => {
    // `BackupVaultTags`, but not a setting such as `propagateTags`.
    const isNamed = /Tags$/.test(key) && typeof value === 'object';
    if (!isNamed && !/^tags?(list|set|specifications?)?(\.|$)/i.test(key)) return false;
    if (isJsonObject(value)) return Object.keys(value).length > 0;
    return isJsonList(value) ? value.length > 0 : value !== null && value !== '';
  });
}
