import type { Json } from '../json.ts';
import { fits, fitsAnyCase, covers as isCovered, overlap } from './glob.ts';
import { statementsOf } from './strangers.ts';

/** One permission in a policy; both parts are as written, with wildcards. */
interface Right {
  readonly action: string;
  readonly resource: string;
}

/** What one statement allows: each of the actions on each of the resources. */
interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** The maximum number of actions and of resources in a brief text. */
const MAX_NAMED = 12;

/** Permissions as text for display. */
export interface RightsText {
  readonly all: string;
  /** The first few and the number of the rest; undefined if `all` is as short. */
  readonly brief: string | undefined;
}

/**
 * What one policy document allows and another does not, for display: `dynamodb:GetItem, dynamodb:UpdateItem on ARN`,
 * without the ARN if the action is lost on every resource. Undefined when nothing is lost. Conditions and Deny
 * statements are ignored: what is allowed under a condition counts as allowed.
 */
export function lostRights(before: Json, after: Json): RightsText | undefined {
  const kept = covering(allowedBy(after));
  const lost = rightsOf(before).filter((right) => !kept.right(right));
  // The action is still allowed on something else, so what is lost is the resource.
  const remains = ({ action }: Right) => kept.action(action);
  const fullyLost = lost.filter((right) => !remains(right));
  return rightsText((most) => [
    ...(fullyLost.length === 0 ? [] : [actionsText(fullyLost, most)]),
    ...onResources(lost.filter(remains), most),
  ]);
}

/**
 * What a policy document allows beyond others, for display, each with its ARN: `s3:DeleteObject on
 * arn:aws:s3:::site/*`. Undefined when it allows nothing more. Conditions and Deny statements are ignored as in
 * `lostRights`.
 */
export function surplusRights(document: Json, allowed: readonly Json[]): RightsText | undefined {
  const known = covering(allowed.flatMap(allowedBy));
  const surplus = rightsOf(document).filter((right) => !known.right(right));
  return rightsText((most) => onResources(surplus, most));
}

/** Groups the actions by resource. */
function onResources(rights: readonly Right[], most: number): readonly string[] {
  const resources = [...new Set(rights.map(({ resource }) => resource))];
  return resources.map((resource) => {
    const actions = actionsText(
      rights.filter((right) => right.resource === resource),
      most,
    );
    return `${actions} on ${resource}`;
  });
}

/**
 * Whether a policy document allows an action on a resource, or on some resource that matches a pattern. Conditions and
 * Deny statements are ignored: what is allowed under a condition counts as allowed.
 */
export function allows(document: Json, action: string, resource: string): boolean {
  const isAction = (pattern: string) => fitsAnyCase(pattern, action);
  return statementsOf(document).some(({ Effect, Action, NotAction, Resource, NotResource }) => {
    if (Effect !== 'Allow') return false;
    const onAction = Action === undefined ? !listOf(NotAction).some(isAction) : listOf(Action).some(isAction);
    return (
      onAction &&
      (Resource === undefined
        ? !listOf(NotResource).some((pattern) => isCovered(pattern, resource))
        : listOf(Resource).some((pattern) => overlap(pattern, resource)))
    );
  });
}

/**
 * Undefined if there are no permissions. `texts`: returns the lines, with at most the given number of names in a list.
 */
function rightsText(texts: (most: number) => readonly string[]): RightsText | undefined {
  const all = listText(texts(Infinity), '; ', Infinity);
  const brief = listText(texts(MAX_NAMED), '; ', MAX_NAMED);
  return all === '' ? undefined : { all, brief: brief === all ? undefined : brief };
}

function actionsText(rights: readonly Right[], most: number): string {
  return listText([...new Set(rights.map(({ action }) => action))], ', ', most);
}

function listText(texts: readonly string[], separator: string, most: number): string {
  const more = texts.length - most;
  return [...texts.slice(0, most), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}

function rightsOf(document: Json): readonly Right[] {
  return allowedBy(document).flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => ({ action, resource }))),
  );
}

function allowedBy(document: Json): readonly Allowed[] {
  return statementsOf(document)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, NotAction, Resource, NotResource }) => ({
      actions: Action === undefined ? [`all but ${listOf(NotAction).join(' and ')}`] : listOf(Action),
      resources: Resource === undefined ? [`all but ${listOf(NotResource).join(' and ')}`] : listOf(Resource),
    }));
}

/**
 * Whether a right, or an action on any resource, is covered. Actions are case-insensitive. A pattern is covered by another
 * that matches its text: `dynamodb:*` covers `dynamodb:Get*`. Each action and each resource is compared once, since two
 * lists in one policy make thousands of rights.
 */
function covering(statements: readonly Allowed[]) {
  const onAction = remembered((action) =>
    statements.filter(({ actions }) => actions.some((pattern) => fitsAnyCase(pattern, action))),
  );
  const onResource = remembered(
    (resource) => new Set(statements.filter(({ resources }) => resources.some((pattern) => fits(pattern, resource)))),
  );
  return {
    action: (action: string) => onAction(action).length > 0,
    right: ({ action, resource }: Right) => onAction(action).some((statement) => onResource(resource).has(statement)),
  };
}

function remembered<T>(find: (text: string) => T): (text: string) => T {
  const values = new Map<string, T>();
  return (text) => {
    const value = values.get(text) ?? find(text);
    values.set(text, value);
    return value;
  };
}

function listOf(value: Json | undefined): readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value ?? '*'];
  return list.map(String);
}
