import type { Json } from '../json.ts';
import { fits } from './glob.ts';
import { statementsOf } from './strangers.ts';

/** One permission in a policy; both parts are verbatim, with wildcards. */
interface Right {
  readonly action: string;
  readonly resource: string;
}

/** Actions that are named in a text. */
const MAX_NAMED = 12;

/**
 * What one policy document allows and another does not, for a person: `dynamodb:GetItem, dynamodb:UpdateItem on ARN`. Undefined when
 * nothing is lost. Conditions, and what either document denies, are not looked into: what is allowed under a condition counts as
 * allowed.
 */
export function lostRights(before: Json, after: Json): string | undefined {
  const kept = rightsOf(after);
  const lost = rightsOf(before).filter((right) => !kept.some((candidate) => covers(candidate, right)));
  const texts = lost.map(({ action, resource }) =>
    // The action remains for something else, so the resource is what is lost.
    kept.some((candidate) => fits(candidate.action.toLowerCase(), action.toLowerCase()))
      ? `${action} on ${resource}`
      : action,
  );
  return rightsText([...new Set(texts)]);
}

/** The actions that a policy document allows, for a person; undefined when it allows nothing. */
export function allowedText(document: Json): string | undefined {
  return rightsText([...new Set(rightsOf(document).map(({ action }) => action))]);
}

function rightsText(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined;
  const more = texts.length - MAX_NAMED;
  return [...texts.slice(0, MAX_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
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
