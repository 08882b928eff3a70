import type { Reference } from './reference.ts';
import type { Group } from './subject.ts';

/** Common names of services whose IAM prefix differs. */
const NAMES: Readonly<Record<string, string>> = {
  acm: 'Acm',
  apigateway: 'ApiGateway',
  cloudfront: 'CloudFront',
  cloudwatch: 'CloudWatch',
  'cognito-idp': 'Cognito',
  dynamodb: 'DynamoDb',
  elasticfilesystem: 'Efs',
  elasticloadbalancing: 'LoadBalancing',
  es: 'OpenSearch',
  events: 'EventBridge',
  route53: 'Route53',
  secretsmanager: 'Secrets',
  states: 'StepFunctions',
};

/** Adds unique, sorted Sids that describe each group: `ReadS3Bucket`, `PassRoleToLambda`, `ReadEc2NoResourceLevel`. */
export function nameStatements(
  groups: readonly Group[],
  reference: Reference,
): readonly { readonly sid: string; readonly group: Group }[] {
  const named = groups
    .map((group) => ({ base: baseName(group, reference), group }))
    .sort((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  const counts = new Map<string, number>();
  return named.map(({ base, group }) => {
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    return { sid: count === 1 ? base : `${base}${count}`, group };
  });
}

function textOf({ base, group }: { readonly base: string; readonly group: Group }): string {
  return `${base} ${group.resources.join()} ${group.actions.join()} ${JSON.stringify(group.condition ?? {})}`;
}

function baseName({ actions, resources, condition }: Group, reference: Reference): string {
  const to = Object.values(condition?.StringEquals ?? {}).flat()[0] ?? '';
  const [only, ...more] = actions;
  if (only === 'iam:PassRole' && more.length === 0) return `PassRoleTo${camel(to.replace(/\.amazonaws\.com$/, ''))}`;
  if (only === 'iam:CreateServiceLinkedRole') return `CreateRoleOf${camel(to.replace(/\.amazonaws\.com$/, ''))}`;
  const [via] = [condition?.StringEquals?.['kms:ViaService'] ?? []].flat();
  if (via !== undefined) {
    const [service = ''] = via.split('.');
    return `UseKmsKeyThrough${NAMES[service] ?? camel(service)}`;
  }
  const prefixes = [...new Set(actions.map((action) => action.split(':')[0] ?? ''))];
  const reads = actions.every((action) => {
    const [prefix = '', name = ''] = action.split(':');
    return reference.action(prefix, name)?.reads ?? false;
  });
  const tagsOnly = actions.every((action) => /:(Create|Add|Tag|Untag)\w*Tags?|:Tag\w+|:Untag\w+/.test(action));
  const verb = reads ? 'Read' : tagsOnly ? 'Tag' : 'Manage';
  const services = prefixes.map((prefix) => NAMES[prefix] ?? camel(prefix)).join('');
  // With many services, the actions show them.
  if (resources[0] === '*') return `${verb}${prefixes.length > 2 ? '' : services}NoResourceLevel`;
  const kinds = [...new Set(resources.map(kindOf))];
  return `${verb}${services}${kinds.length === 1 ? kinds[0] : ''}`;
}

/** `Table`, `Bucket`, `Role`: the kind of resource in an ARN, as far as the ARN shows it. */
function kindOf(arn: string): string {
  const [, , service = '', , , first = '', second] = arn.split(':');
  if (service === 's3') return first.includes('/') ? 'Objects' : 'Bucket';
  if (service === 'sns') return 'Topic';
  if (service === 'sqs') return 'Queue';
  if (service === 'apigateway') return '';
  const kind = second === undefined || first.includes('/') ? first.split('/')[0] : first;
  return kind === undefined || /[*?$]/.test(kind) ? '' : camel(kind);
}

/** `route-table` → `RouteTable`; Sids may only contain letters and digits. */
function camel(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join('');
}
