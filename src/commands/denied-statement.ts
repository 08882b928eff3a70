import { actionNames } from '../terraform/permissions/operations.ts';
import { type Reference, readReference } from '../terraform/permissions/reference.ts';
import { passedTo } from '../terraform/permissions/roles.ts';
import { prefixOf } from '../terraform/permissions/services.ts';
import type { Denial } from '../trust/denials.ts';

let loaded: Reference | undefined;

/** Read once, and only if a message lacks something it has. */
function reference(): Reference {
  loaded ??= readReference();
  return loaded;
}

/** The action of an SDK call, `S3 ListObjectsV2`; empty if the service is unknown or the call needs several. */
export function actionOf(operation = ''): string {
  const [, service = '', name = ''] = /^(.*) (\w+)$/.exec(operation) ?? [];
  const prefix = prefixOf({ service }, reference());
  const [action, ...more] = prefix === undefined ? [] : actionNames(prefix, name, '');
  return prefix === undefined || action === undefined || more.length > 0
    ? ''
    : (reference().action(prefix, action)?.name ?? '');
}

export interface AllowStatement {
  readonly Effect: 'Allow';
  readonly Action: string;
  readonly Resource: string | readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, string>> };
  /** Of a policy other than the role's own. */
  readonly Principal?: { readonly AWS: string };
}

/** The one action on the one resource; a role is passed only to that service. */
export function allow({ principal, action, resource, service }: Denial): AllowStatement {
  const resources = isArn(resource) ? [resource] : unnamedResources(action, partitionIn(principal));
  const [only, ...more] = resources;
  const Resource = only === undefined || more.length > 0 ? resources : only;
  const statement = { Effect: 'Allow', Action: action, Resource } as const;
  if (action !== PASS_ROLE) return statement;
  const [receiver = UNNAMED_SERVICE, ...alternatives] = receiversOf(service, principal);
  const PassedToService = alternatives.length === 0 ? receiver : UNNAMED_SERVICE;
  return { ...statement, Condition: { StringEquals: { 'iam:PassedToService': PassedToService } } };
}

/** Whether a message names the resource: some contain only a name, such as those of Secrets Manager. */
export function isArn(resource: string | undefined): resource is string {
  return resource !== undefined && /^(arn:|\*$)/.test(resource);
}

function partitionIn(arn: string): string {
  return arn.split(':')[1] ?? 'aws';
}

const PASS_ROLE = 'iam:PassRole';
const UNNAMED_SERVICE = 'SERVICE.amazonaws.com';

/** What the user has to fill in to pass a role, as a sentence; undefined if AWS reports everything. */
export function unnamedReceiver({
  action,
  service,
  principal,
}: Pick<Denial, 'action' | 'service' | 'principal'>): string | undefined {
  if (action !== PASS_ROLE) return undefined;
  const receivers = receiversOf(service, principal);
  if (receivers.length === 1) return undefined;
  const choice = receivers.length === 0 ? 'such as lambda.amazonaws.com' : receivers.join(' or ');
  return `AWS does not say which service gets the role: replace ${UNNAMED_SERVICE} with it (${choice}).`;
}

/** Services to which a call of a principal may pass a role, by the SDK's name of the called service. */
function receiversOf(service: string | undefined, principal: string): readonly string[] {
  const prefix = service === undefined ? undefined : prefixOf({ service }, reference());
  return prefix === undefined ? [] : passedTo(prefix, partitionIn(principal));
}

/** ARNs of the action's resources, with names to fill in, in capitals; `*` only if AWS has no resource level for it. */
function unnamedResources(action: string, partition: string): readonly string[] {
  const [prefix = '', name = ''] = action.split(':');
  const known = reference().action(prefix, name);
  if (known === undefined) return [`arn:${partition}:${prefix}:REGION:ACCOUNT:RESOURCE`];
  const { resourceTypes } = known;
  if (resourceTypes.length === 0) return ['*'];
  const required = resourceTypes.filter((type) => type.required);
  const arns = (required.length > 0 ? required : resourceTypes).flatMap((type) => type.arns);
  // S3 names an access point if the request goes through one.
  const direct = arns.filter((arn) => !arn.includes(':accesspoint/'));
  return [...new Set(direct.length > 0 ? direct : arns)].map((arn) =>
    arn.replace(/\$\{(\w+)\}/g, (_, word: string) => (word === 'Partition' ? partition : word.toUpperCase())),
  );
}
