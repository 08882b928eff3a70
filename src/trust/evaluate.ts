import { isJsonObject, type Json, type JsonObject } from '../json.ts';
import { toList } from '../policies/canonical.ts';
import { covers, fits, fitsAnyCase, hasWildcard, overlap } from '../policies/glob.ts';
import type { KeyValue, Pattern } from './condition-keys.ts';

/** `unknown`: it depends on something that is only known once the token is presented. */
export type Answer = boolean | 'unknown';

/** A request for sts:AssumeRoleWithWebIdentity, as a trust policy sees it. */
export interface TrustRequest {
  /** ARN of the identity provider that issued the token. */
  readonly provider: string;
  readonly valueOf: (key: string) => KeyValue;
}

/** One key under one operator, and its result. */
export interface ConditionResult {
  readonly operator: string;
  readonly key: string;
  readonly wanted: readonly string[];
  readonly value: KeyValue;
  readonly holds: Answer;
}

export interface StatementResult {
  /** Counted from 1. */
  readonly number: number;
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  readonly principal: boolean;
  readonly action: boolean;
  /** As written. */
  readonly actions: readonly string[];
  readonly conditions: readonly ConditionResult[];
  readonly matches: Answer;
}

export interface Evaluation {
  readonly verdict: 'can' | 'cannot' | 'unknown';
  readonly statements: readonly StatementResult[];
  /** Whether the policy's version supports `${…}` variables. */
  readonly variables: boolean;
  /** The statement that allows or denies; undefined when none allows. */
  readonly decidedBy: StatementResult | undefined;
}

const ACTION = 'sts:AssumeRoleWithWebIdentity';

/**
 * Whether a trust policy lets a token assume the role, decided as IAM does: a matching Deny denies, otherwise a
 * matching Allow allows, otherwise it is denied
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). Evaluates only the
 * policy: the identity provider, service control policies and session policies can still deny.
 */
export function evaluate(policy: Json, request: TrustRequest): Evaluation {
  const document = isJsonObject(policy) ? policy : {};
  const variables = document.Version === '2012-10-17';
  const statements = toList(document.Statement ?? [])
    .filter(isJsonObject)
    .map((statement, index) => evaluateStatement(statement, index + 1, variables, request));
  const of = (effect: 'Allow' | 'Deny', matches: Answer) =>
    statements.find((statement) => statement.effect === effect && statement.matches === matches);
  const read = { statements, variables };
  const denied = of('Deny', true);
  if (denied !== undefined) return { ...read, verdict: 'cannot', decidedBy: denied };
  const allowed = of('Allow', true);
  const doubt = of('Deny', 'unknown') ?? (allowed === undefined ? of('Allow', 'unknown') : undefined);
  if (allowed !== undefined && doubt === undefined) return { ...read, verdict: 'can', decidedBy: allowed };
  const possible = allowed !== undefined || of('Allow', 'unknown') !== undefined;
  if (doubt !== undefined && possible) return { ...read, verdict: 'unknown', decidedBy: doubt };
  return { ...read, verdict: 'cannot', decidedBy: undefined };
}

function evaluateStatement(
  statement: JsonObject,
  number: number,
  variables: boolean,
  request: TrustRequest,
): StatementResult {
  const principal = matchesPrincipal(statement, request.provider);
  const action = matchesAction(statement);
  const conditions = conditionsOf(statement).map(({ operator, key, wanted }) => {
    const value = request.valueOf(key);
    return { operator, key, wanted, value, holds: evaluateCondition(operator, wanted, value, variables, request) };
  });
  return {
    number,
    sid: typeof statement.Sid === 'string' ? statement.Sid : undefined,
    effect: statement.Effect === 'Deny' ? 'Deny' : 'Allow',
    principal,
    action,
    actions: texts(statement.Action ?? []),
    conditions,
    matches: principal && action ? all(conditions.map(({ holds }) => holds)) : false,
  };
}

/** Whether a trust policy may accept tokens of the provider, whatever its conditions. A malformed policy may. */
export function admitsProvider(policy: Json, provider: string): boolean {
  if (!isJsonObject(policy) || policy.Statement === undefined) return true;
  return toList(policy.Statement).some(
    (statement) =>
      !isJsonObject(statement) ||
      (statement.Effect !== 'Deny' && matchesPrincipal(statement, provider) && matchesAction(statement)),
  );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function matchesPrincipal({ Principal, NotPrincipal }: JsonObject, provider: string): boolean {
  const names = (principal: Json) =>
    principal === '*' ||
    (isJsonObject(principal) && texts(principal.Federated ?? []).some((text) => text === provider));
  if (NotPrincipal !== undefined) return !names(NotPrincipal);
  return Principal !== undefined && (names(Principal) || (isJsonObject(Principal) && isAnyone(Principal)));
}

/** `{ "AWS": "*" }` is everyone, as `"*"` is; `{ "Federated": "*" }` is everyone from any identity provider. */
function isAnyone({ AWS = [], Federated = [] }: JsonObject): boolean {
  return [...texts(AWS), ...texts(Federated)].includes('*');
}

function matchesAction({ Action, NotAction }: JsonObject): boolean {
  const includes = (patterns: Json) => texts(patterns).some((pattern) => fitsAnyCase(pattern, ACTION));
  return NotAction !== undefined ? !includes(NotAction) : Action !== undefined && includes(Action);
}

function conditionsOf({ Condition }: JsonObject) {
  if (Condition === undefined || !isJsonObject(Condition)) return [];
  return Object.entries(Condition).flatMap(([operator, keys]) =>
    isJsonObject(keys) ? Object.entries(keys).map(([key, wanted]) => ({ operator, key, wanted: texts(wanted) })) : [],
  );
}

/** How a value compares with a wanted one; `negated`: it must match none of the wanted values. */
interface Comparison {
  readonly negated: boolean;
  readonly compare: (wanted: string, value: string | Pattern) => Answer;
}

const equals: Comparison['compare'] = (wanted, value) => {
  if (typeof value === 'string') return wanted === value;
  return canBe(value, wanted) ? 'unknown' : false;
};
const equalsIgnoreCase: Comparison['compare'] = (wanted, value) =>
  equals(wanted.toLowerCase(), typeof value === 'string' ? value.toLowerCase() : lowerCase(value));
const like: Comparison['compare'] = (wanted, value) => {
  if (typeof value === 'string') return fits(wanted, value);
  if (covers(wanted, value.pattern)) return true;
  const mayFit = hasWildcard(wanted) ? overlap(wanted, value.pattern) : canBe(value, wanted);
  return mayFit ? 'unknown' : false;
};

function canBe({ pattern, except = [] }: Pattern, wanted: string): boolean {
  return fits(pattern, wanted) && !except.includes(wanted);
}

function lowerCase({ pattern, except }: Pattern): Pattern {
  return { pattern: pattern.toLowerCase(), except: except?.map((text) => text.toLowerCase()) };
}

const arnLike: Comparison['compare'] = (wanted, value) => {
  if (typeof value !== 'string') return 'unknown';
  // Each of the six parts is compared separately.
  return value.startsWith('arn:') && fitsParts(wanted.split(':'), value.split(':'));
};
const isUnknown: Comparison['compare'] = () => 'unknown';

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  stringequals: { negated: false, compare: equals },
  stringnotequals: { negated: true, compare: equals },
  stringequalsignorecase: { negated: false, compare: equalsIgnoreCase },
  stringnotequalsignorecase: { negated: true, compare: equalsIgnoreCase },
  stringlike: { negated: false, compare: like },
  stringnotlike: { negated: true, compare: like },
  bool: { negated: false, compare: equalsIgnoreCase },
  arnequals: { negated: false, compare: arnLike },
  arnlike: { negated: false, compare: arnLike },
  arnnotequals: { negated: true, compare: arnLike },
  arnnotlike: { negated: true, compare: arnLike },
};

/** Of the operators whose values crc does not compare, those that are true when the key is absent. */
const NEGATED_OTHERS = ['numericnotequals', 'datenotequals', 'notipaddress'];

/** Whether IAM has the operator; it rejects policies with unknown ones. */
export function isOperator(written: string): boolean {
  const { operator } = partsOf(written);
  return operator === 'null' || operator in COMPARISONS || OTHERS.test(operator);
}

const OTHERS =
  /^(numeric(not)?equals|numeric(less|greater)than(equals)?|date(not)?equals|date(less|greater)than(equals)?|binaryequals|(not)?ipaddress)$/;

/** The operator that was probably meant by a misspelled one: `ForAllValuesStringEquals`. */
export function meantOperator(written: string): string {
  const plain = written.replace(/^For(AllValues|AnyValue):?/i, '');
  return isOperator(plain) ? plain : 'StringLike';
}

function fitsParts(patterns: readonly string[], values: readonly string[]): boolean {
  const merge = (parts: readonly string[]) => [...parts.slice(0, 5), parts.slice(5).join(':')];
  const [wanted, given] = [merge(patterns), merge(values)];
  return wanted.every((pattern, index) => fits(pattern, given[index] ?? ''));
}

function evaluateCondition(
  written: string,
  wanted: readonly string[],
  value: KeyValue,
  variables: boolean,
  request: TrustRequest,
): Answer {
  const { set, operator, ifExists } = partsOf(written);
  if (operator === 'null')
    return value === undefined ? 'unknown' : wanted.some((text) => text.toLowerCase() === String(value === null));
  const known = COMPARISONS[operator];
  const { negated, compare } = known ?? { negated: NEGATED_OTHERS.includes(operator), compare: isUnknown };
  if (value === undefined) return 'unknown';
  if (value === null) {
    // A set operator compares the values present: with none, all of them match and any of them does not. AWS does not
    // document the combination with IfExists.
    if (set === 'foranyvalue' && ifExists) return 'unknown';
    if (ifExists || set === 'forallvalues') return true;
    return set === 'foranyvalue' ? false : negated;
  }
  const any = some(wanted.map((pattern) => compareOne(pattern, value, compare, variables, request)));
  return negated ? not(any) : any;
}

/** The parts of `ForAllValues:StringLikeIfExists`, in lowercase. */
export function partsOf(operator: string): {
  readonly set: 'forallvalues' | 'foranyvalue' | undefined;
  readonly operator: string;
  readonly ifExists: boolean;
} {
  const lower = operator.toLowerCase();
  const set = /^(forallvalues|foranyvalue):/.exec(lower)?.[1] as 'forallvalues' | 'foranyvalue' | undefined;
  const rest = set === undefined ? lower : lower.slice(set.length + 1);
  return { set, operator: rest.replace(/ifexists$/, ''), ifExists: rest.endsWith('ifexists') };
}

/**
 * Compares after filling in variables
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
 */
function compareOne(
  wanted: string,
  value: string | Pattern,
  compare: Comparison['compare'],
  variables: boolean,
  request: TrustRequest,
): Answer {
  if (!variables || !wanted.includes('${')) return compare(wanted, value);
  let answer: Answer | undefined;
  const filled = wanted.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    // These three stand for literal characters, which this comparison could not distinguish from wildcards.
    if (/^[*?$]$/.test(name)) {
      answer = name === '$' ? answer : 'unknown';
      return name;
    }
    // `${key, 'default'}`
    const [key = ''] = name.split(',');
    const byDefault = /,\s*'(.*)'\s*$/s.exec(name)?.[1];
    const value = request.valueOf(key.trim());
    if (typeof value === 'string') return value;
    if (value === null && byDefault !== undefined) return byDefault;
    if (value === null) answer = false;
    else answer ??= 'unknown';
    return '';
  });
  return answer ?? compare(filled, value);
}

function all(answers: readonly Answer[]): Answer {
  if (answers.includes(false)) return false;
  return answers.includes('unknown') ? 'unknown' : true;
}

function some(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes('unknown') ? 'unknown' : false;
}

function not(answer: Answer): Answer {
  return answer === 'unknown' ? answer : !answer;
}

function texts(value: Json): readonly string[] {
  return toList(value).map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item)));
}
