import type { Json } from '../json.ts';
import { fits } from './glob.ts';
import { statementsOf } from './strangers.ts';

/** One permission in a policy; both parts are verbatim, with wildcards. */
interface Right {
  readonly action: string;
  readonly resource: string;
}

/** Actions, and resources, that are named in a text. */
const MAX_NAMED = 12;

/**
 * What one policy document allows and another does not, for a person: `dynamodb:GetItem, dynamodb:UpdateItem on ARN`, without the
 * ARN where the action is lost on every resource. Undefined when nothing is lost. Conditions, and what either document denies, are
 * not looked into: what is allowed under a condition counts as allowed.
 */
export function lostRights(before: Json, after: Json): string | undefined {
  const kept = rightsOf(after);
  const lost = rightsOf(before).filter((right) => !kept.some((candidate) => covers(candidate, right)));
  // The action remains for something else, so the resource is what is lost.
  const remains = ({ action }: Right) => kept.some((other) => fits(other.action.toLowerCase(), action.toLowerCase()));
  const gone = actionsText(lost.filter((right) => !remains(right)));
  const narrowed = lost.filter(remains);
  const resources = [...new Set(narrowed.map(({ resource }) => resource))];
  const parts = resources.map((resource) => {
    const actions = actionsText(narrowed.filter((right) => right.resource === resource));
    return `${actions} on ${resource}`;
  });
  return listText([...(gone === undefined ? [] : [gone]), ...parts], '; ');
}

/** The actions that a policy document allows, for a person; undefined when it allows nothing. */
export function allowedText(document: Json): string | undefined {
  return actionsText(rightsOf(document));
}

function actionsText(rights: readonly Right[]): string | undefined {
  return listText([...new Set(rights.map(({ action }) => action))], ', ');
}

function listText(texts: readonly string[], separator: string): string | undefined {
  if (texts.length === 0) return undefined;
  const more = texts.length - MAX_NAMED;
  return [...texts.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(separator);
}

function rightsOf(document: Json): readonly Right[] {
  return statementsOf(document)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, NotAction, Resource, NotResource }) => {
      const actions = Action === undefined ? [`all but ${listOf(NotAction).join(' and ')}`] : listOf(Action);
      const resources = Resource === undefined ? [`all but ${listOf(NotResource).join(' and ')}`] : listOf(Resource);
      return actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
    });
}

/** Actions are not case-sensitive. A pattern is covered by one that fits its text: `dynamodb:*` covers `dynamodb:Get*`. */
function covers(right: Right, other: Right): boolean {
  return fits(right.action.toLowerCase(), other.action.toLowerCase()) && fits(right.resource, other.resource);
}

function listOf(value: Json | undefined): readonly string[] {
  const list: readonly Json[] = Array.isArray(value) ? value : [value ?? '*'];
  return list.map(String);
}
