import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { listOf } from '../../policies/document.ts';
import { broadActions, escalations, isReadAction, type UserStatement } from '../../policies/escalation.ts';
import { fits } from '../../policies/glob.ts';
import { statementsOf } from '../../policies/strangers.ts';
import type { Power } from './severity.ts';

/** A summary of what a role's policies allow. */
export interface Powers {
  readonly power: Power;
  /**
   * Most powerful first: `administrator`, `change IAM`, `pass roles`, `assume roles`, `change functions`, `write`,
   * `read`. Empty: nothing.
   */
  readonly abilities: readonly Ability[];
}

export type Ability =
  | 'administrator'
  | 'change IAM'
  | 'pass roles'
  | 'assume roles'
  | 'change functions'
  | 'write'
  | 'read';

/** A policy of a role. */
export interface PolicyOfRole {
  /** Undefined if it could not be read. */
  readonly document: Json | undefined;
  /** An AWS managed policy that is read-only by its name; its document is not read. */
  readonly onlyReads?: boolean;
}

/**
 * AWS names its managed policies after what they allow:
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
export function isReadOnlyOfAws(policyArn: string): boolean {
  return /^arn:[^:]+:iam::aws:policy\/(?:.*\/)?(?:\w*ReadOnly(?:Access)?(?:_?[vV]\d+)?|ViewOnlyAccess|SecurityAudit)$/.test(
    policyArn,
  );
}

/**
 * What a role's policies allow within its permissions boundary. A role that can change IAM can grant itself everything,
 * so it counts as administrator.
 */
export function powersOf(policies: readonly PolicyOfRole[], boundary: PolicyOfRole | undefined): Powers {
  const own = powersOfDocuments(policies);
  if (boundary === undefined) return own;
  const limit = powersOfDocuments([boundary]);
  const abilities = own.abilities.filter((ability) => limit.power === 'unknown' || isWithin(ability, limit.abilities));
  return { power: lower(own.power, limit.power), abilities };
}

function isWithin(ability: Ability, limit: readonly Ability[]): boolean {
  return limit.includes('administrator') || limit.includes(ability) || (ability === 'read' && limit.includes('write'));
}

const ORDER: readonly Power[] = ['read', 'write', 'unknown', 'administrator'];

function lower(power: Power, other: Power): Power {
  return ORDER.indexOf(power) <= ORDER.indexOf(other) ? power : other;
}

function powersOfDocuments(policies: readonly PolicyOfRole[]): Powers {
  const all = policies.flatMap(({ document, onlyReads }) =>
    document === undefined || onlyReads
      ? []
      : statementsOf(document).flatMap((statement) => asStatement(statement) ?? []),
  );
  const statements = withoutDenied(all);
  const direct = abilitiesOf(statements);
  const reads = policies.some(({ onlyReads }) => onlyReads) && !direct.includes('read');
  const abilities: readonly Ability[] = reads ? [...direct, 'read'] : direct;
  const isUnread = policies.some(({ document, onlyReads }) => document === undefined && !onlyReads);
  if (abilities.includes('administrator') || abilities.includes('change IAM'))
    return { power: 'administrator', abilities };
  if (isUnread) return { power: 'unknown', abilities };
  return { power: abilities.some((ability) => ability !== 'read') ? 'write' : 'read', abilities };
}

function abilitiesOf(statements: readonly UserStatement[]): readonly Ability[] {
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
  const isEverything = allowed.some((statement) =>
    broadActions(statement).some((action) => /^\*+(:\*+)?$/.test(action)),
  );
  const raising = escalations(statements).flatMap(({ actions }) => actions);
  const changesIam = raising.some((action) => action.startsWith('iam:') && action !== 'iam:PassRole');
  const actions = allowed.flatMap(({ Action, NotAction }) => (NotAction === undefined ? listOf(Action) : ['*']));
  const candidates: readonly (readonly [Ability, boolean])[] = [
    // Everything but IAM, which another statement may deny, is less: a role with it cannot grant itself the rest.
    ['administrator', isEverything && changesIam],
    ['change IAM', changesIam],
    ['pass roles', raising.includes('iam:PassRole')],
    ['assume roles', raising.includes('sts:AssumeRole')],
    ['change functions', raising.includes('lambda:UpdateFunctionCode')],
    ['write', actions.some((action) => !isReadAction(action))],
    ['read', actions.some(isReadAction)],
  ];
  return candidates.flatMap(([ability, is]) => (is ? [ability] : []));
}

/** Removes actions that another statement denies unconditionally on all resources. */
function withoutDenied(statements: readonly UserStatement[]): readonly UserStatement[] {
  const denied = statements.flatMap(({ Effect, Action, Resource, Condition }) =>
    Effect === 'Deny' && Condition === undefined && listOf(Resource).includes('*') ? listOf(Action) : [],
  );
  if (denied.length === 0) return statements;
  const isDenied = (action: string) =>
    denied.some((pattern) => fits(pattern.toLowerCase().replaceAll('?', '\0'), action.toLowerCase()));
  return statements.flatMap((statement) => {
    if (statement.Effect === 'Deny') return [statement];
    if (statement.NotAction !== undefined) return denied.includes('*') ? [] : [statement];
    const left = listOf(statement.Action).filter((action) => !isDenied(action));
    return left.length === 0 ? [] : [{ ...statement, Action: left }];
  });
}

/** A statement as returned by AWS. A malformed one is left out, since it allows nothing. */
function asStatement({
  Effect,
  Action,
  NotAction,
  Resource,
  NotResource,
  Condition,
}: {
  readonly [key: string]: Json;
}): UserStatement | undefined {
  if (Effect !== 'Allow' && Effect !== 'Deny') return undefined;
  return {
    Effect,
    Action: texts(Action),
    NotAction: texts(NotAction),
    Resource: texts(Resource),
    NotResource: texts(NotResource),
    Condition: isConditions(Condition) ? Condition : undefined,
  };
}

function texts(value: Json | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return listOf<Json>(value).filter((entry) => typeof entry === 'string');
}

function isConditions(value: Json | undefined): value is { readonly [key: string]: JsonObject } {
  return isJsonObject(value) && Object.keys(value).length > 0 && Object.values(value).every(isJsonObject);
}
