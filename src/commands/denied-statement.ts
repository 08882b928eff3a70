import { actionNames } from '../terraform/permissions/operations.ts';
import { type Reference, readReference } from '../terraform/permissions/reference.ts';
import { prefixOf } from '../terraform/permissions/services.ts';

let loaded: Reference | undefined;

/** Read once, and only where a message leaves out what it has. */
function reference(): Reference {
  loaded ??= readReference();
  return loaded;
}

/** The action of what an SDK called, `S3 ListObjectsV2`; empty if the service is not known or the call needs several. */
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
  /** Of a policy that is not the role's own. */
  readonly Principal?: { readonly AWS: string };
}

/** The one action on the one resource. */
export function allow(action: string, resource: string | undefined): AllowStatement {
  const resources = resource === undefined ? unnamedResources(action) : [resource];
  const [only, ...more] = resources;
  return { Effect: 'Allow', Action: action, Resource: only === undefined || more.length > 0 ? resources : only };
}

/** ARNs with names to fill in, in capitals, of what the action is on; `*` only where AWS has no resource level for it. */
function unnamedResources(action: string): readonly string[] {
  const [prefix = '', name = ''] = action.split(':');
  const known = reference().action(prefix, name);
  if (known === undefined) return [`arn:aws:${prefix}:REGION:ACCOUNT:RESOURCE`];
  const { resourceTypes } = known;
  if (resourceTypes.length === 0) return ['*'];
  const required = resourceTypes.filter((type) => type.required);
  const arns = (required.length > 0 ? required : resourceTypes).flatMap((type) => type.arns);
  // S3 names an access point where a request goes through one.
  const direct = arns.filter((arn) => !arn.includes(':accesspoint/'));
  return [...new Set(direct.length > 0 ? direct : arns)].map((arn) =>
    arn.replace(/\$\{(\w+)\}/g, (_, word: string) => (word === 'Partition' ? 'aws' : word.toUpperCase())),
  );
}
