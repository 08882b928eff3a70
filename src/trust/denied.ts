import { fits, fitsAnyCase } from '../policies/glob.ts';
import { roleOf } from '../policies/role-name.ts';
import type { Denial } from './denials.ts';

type Patterns = string | readonly string[] | undefined;

/** A policy statement that allows or denies an action on a resource. */
export interface DeniedStatement {
  readonly Effect: string;
  readonly Action?: Patterns;
  readonly NotAction?: Patterns;
  readonly Resource?: Patterns;
  readonly NotResource?: Patterns;
  readonly Condition?: unknown;
}

/** What the statements of a policy say about one action on one resource. */
export type Grant =
  | { readonly kind: 'not-granted' }
  /**
   * The action is allowed, but not on this resource. `never`: resources of statements that cannot match this kind of
   * resource.
   */
  | { readonly kind: 'other-resources'; readonly resources: readonly string[]; readonly never: readonly string[] }
  | { readonly kind: 'conditional' }
  | { readonly kind: 'denied'; readonly at: number }
  | { readonly kind: 'granted' };

export function grantOf(statements: readonly DeniedStatement[], action: string, resource: string | undefined): Grant {
  const about = statements
    .map((statement, at) => ({ statement, at }))
    .filter(({ statement: { Action, NotAction } }) =>
      isAmong(Action, NotAction, (pattern) => fitsAnyCase(pattern, action)),
    );
  const on = ({ Resource, NotResource }: DeniedStatement) =>
    resource === undefined || isAmong(Resource, NotResource, (pattern) => fits(pattern, resource));
  const denial = about.find(({ statement }) => statement.Effect === 'Deny' && on(statement));
  if (denial !== undefined) return { kind: 'denied', at: denial.at };
  const allowing = about.filter(({ statement }) => statement.Effect === 'Allow');
  if (allowing.length === 0) return { kind: 'not-granted' };
  const onResource = allowing.filter(({ statement }) => on(statement));
  if (onResource.length === 0) {
    const never = allowing.filter(
      ({ statement: { Resource, NotResource } }) =>
        NotResource === undefined && canNeverMatch(list(Resource), resource),
    );
    const resources = (some: typeof allowing) => [...new Set(some.flatMap(({ statement }) => resourcesOf(statement)))];
    return { kind: 'other-resources', resources: resources(allowing), never: resources(never) };
  }
  return { kind: onResource.every(({ statement }) => hasCondition(statement)) ? 'conditional' : 'granted' };
}

/** Whether the call would let a role or a user change its own permissions. */
export function changesItself({
  principal,
  action,
  resource = '*',
}: Pick<Denial, 'principal' | 'action' | 'resource'>): boolean {
  const role = roleOf(principal);
  const user = userOf(principal);
  const changes = /^iam:(?!Get|List|Simulate|Generate|PassRole$)/i.test(action);
  if (!changes || (role === undefined && user === undefined)) return false;
  // The policy may be attached to the role, and the user may be in the group. An ARN does not show that.
  return (
    resource === '*' ||
    (role !== undefined && fits(roleOf(resource) ?? '', role)) ||
    (user !== undefined && (fits(userOf(resource) ?? '', user) || /:group\//.test(resource))) ||
    (/:policy\//.test(resource) && /PolicyVersion|DefaultPolicy/.test(action))
  );
}

function userOf(arn: string): string | undefined {
  return /:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
}

/** Whether none of the patterns can match a resource of this kind: the ARN of a bucket matches no object. */
export function canNeverMatch(patterns: readonly string[], resource: string | undefined): boolean {
  if (resource === undefined) return false;
  const shape = shapeOf(resource);
  return patterns.length > 0 && patterns.every((pattern) => !/^\*+$/.test(pattern) && !couldHaveShape(pattern, shape));
}

/** The service, the resource type (for S3, bucket or object), and whether the ARN has a region and an account. */
interface Shape {
  readonly service: string;
  readonly type: string;
  readonly hasRegion: boolean;
  readonly hasAccount: boolean;
}

function shapeOf(arn: string): Shape {
  const [, , service = '', region = '', account = '', ...rest] = arn.split(':');
  const resource = rest.join(':');
  const type = /^([\w-]+)[/:]/.exec(resource)?.[1] ?? '';
  return {
    service,
    type: service !== 's3' ? type : resource.includes('/') ? 'object' : 'bucket',
    hasRegion: region !== '',
    hasAccount: account !== '',
  };
}

function couldHaveShape(pattern: string, { service, type, hasRegion, hasAccount }: Shape): boolean {
  const parts = pattern.split(':');
  if (parts.length < 6) return /[*?]/.test(pattern);
  const [, , ofService = '', region = '', account = ''] = parts;
  if (!fits(ofService, service)) return false;
  if (hasRegion ? region === '' : !fits(region, '')) return false;
  if (hasAccount ? account === '' : !fits(account, '')) return false;
  const resource = parts.slice(5).join(':');
  if (service === 's3') return resource.includes('*') || (type === 'object') === resource.includes('/');
  return type === '' || fits(resource.split(/[/:]/)[0] ?? '', type) || resource.startsWith('*');
}

function hasCondition({ Condition }: DeniedStatement): boolean {
  return typeof Condition === 'object' && Condition !== null && Object.keys(Condition).length > 0;
}

/** Whether one of the patterns fits; without patterns, whether none of the excepted ones does. */
function isAmong(patterns: Patterns, exceptions: Patterns, matches: (pattern: string) => boolean): boolean {
  return exceptions === undefined ? list(patterns).some(matches) : !list(exceptions).some(matches);
}

function resourcesOf({ Resource, NotResource }: DeniedStatement): readonly string[] {
  return NotResource === undefined ? list(Resource) : [`all but ${list(NotResource).join(' and ')}`];
}

function list(value: Patterns): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
