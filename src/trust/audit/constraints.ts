import { fits } from '../../policies/glob.ts';
import { isOfRequest } from '../condition-keys.ts';
import { type ConditionResult, partsOf, type StatementResult } from '../evaluate.ts';
import { patternOfValue, type TextOperator, textOperator } from '../text-operators.ts';
import type { Issuer, Platform } from './issuers.ts';
import { isExact, literalStart } from './scope.ts';

/** What a statement requires of a token. */
export interface Constraints {
  /**
   * By claim: values, with `*` and `?` as wildcards, one of which must match. Claims that are not listed may have any
   * value.
   */
  readonly claims: ReadonlyMap<string, readonly string[]>;
  /** Claims that are compared case-insensitively. */
  readonly ignoringCase: readonly string[];
  /** Those of `ignoringCase` that no condition compares case-sensitively. */
  readonly inAnyCase: readonly string[];
  /** Claims that are only compared by a set operator, which is true when the token lacks the claim. */
  readonly sets: readonly string[];
  /** Keys that do not come from the token, such as the source IP. They may limit access further. */
  readonly otherKeys: readonly string[];
  /** The text of a condition that no token of the issuer can satisfy. */
  readonly never: string | undefined;
}

/** Stands for a literal character in a text that is compared as a pattern. */
const LITERAL_SIGNS: Readonly<Record<string, string>> = { '*': '\ue001', '?': '\ue002' };

interface Limit {
  readonly claim: string;
  readonly values: readonly string[];
  readonly ignoresCase: boolean;
}

/**
 * What an Allow and all Deny statements together require of a token. Conditions that crc cannot evaluate are left out,
 * so the result may be wider than what AWS accepts, but never narrower. `variables`: whether the policy's version
 * supports `${…}`.
 */
export function constraintsOf(
  allow: StatementResult,
  denials: readonly StatementResult[],
  issuer: Issuer,
  variables: boolean,
): Constraints {
  const read = allow.conditions.map((condition) => readCondition(condition, issuer, variables));
  const limits = [
    ...read.flatMap(({ limit }) => limit ?? []),
    ...denials.flatMap((denial) => limitOfDenial(denial, issuer, variables) ?? []),
  ];
  const claims = new Map<string, readonly string[]>();
  for (const { claim, values } of limits) {
    const before = claims.get(claim);
    claims.set(claim, before === undefined ? values : both(before, values));
  }
  const ignoringCase = limits.flatMap(({ claim, ignoresCase }) => (ignoresCase ? [claim] : []));
  const empty = [...claims].find(([, values]) => values.length === 0)?.[0];
  const set = read.flatMap(({ set }) => set ?? []);
  const plain = read.flatMap(({ limit, set: claimOfSet }) =>
    limit === undefined || claimOfSet !== undefined ? [] : [limit.claim],
  );
  return {
    claims,
    ignoringCase,
    inAnyCase: ignoringCase.filter((name) => limits.every(({ claim, ignoresCase }) => ignoresCase || claim !== name)),
    sets: [...new Set(set)].filter((claim) => !plain.includes(claim)),
    otherKeys: read.flatMap(({ other }) => other ?? []),
    never:
      read.flatMap(({ never }) => never ?? [])[0] ?? (empty === undefined ? undefined : `${issuer.prefix}:${empty}`),
  };
}

interface ConditionReading {
  readonly limit?: Limit;
  readonly set?: string;
  readonly other?: string;
  readonly never?: string;
}

function readCondition(condition: ConditionResult, issuer: Issuer, variables: boolean): ConditionReading {
  const { key, wanted } = condition;
  const { set, operator, ifExists } = partsOf(condition.operator);
  const known = textOperator(operator);
  const text = known?.negated === false ? known : undefined;
  const claim = claimOf(key, issuer);
  const written = `${condition.operator} ${key}`;
  if (claim === undefined) {
    if (isOfRequest(key)) return { other: key };
    // Keys of another provider never appear in a request with this one's token.
    return text !== undefined && !ifExists && set !== 'forallvalues' ? { never: written } : {};
  }
  if (operator === 'null') {
    return isAlways(claim, issuer) && wanted.every((value) => value.toLowerCase() === 'true') ? { never: written } : {};
  }
  if (text === undefined) return {};
  const marked = set === 'forallvalues' ? { set: claim } : {};
  const optional = ifExists || set === 'forallvalues';
  if (!isKnown(claim, issuer)) return optional ? marked : { never: written };
  if (optional && !isAlways(claim, issuer)) return marked;
  return { ...marked, limit: limitBy(claim, wanted, text, variables) };
}

/** A Deny with a single condition leaves only requests that do not match it. */
function limitOfDenial(denial: StatementResult, issuer: Issuer, variables: boolean): Limit | undefined {
  const [only, ...rest] = denial.conditions;
  if (only === undefined || rest.length > 0) return undefined;
  const { set, operator } = partsOf(only.operator);
  const text = textOperator(operator);
  const claim = claimOf(only.key, issuer);
  if (text?.negated !== true || set !== undefined || claim === undefined || !isAlways(claim, issuer)) return undefined;
  return limitBy(claim, only.wanted, text, variables);
}

function limitBy(claim: string, wanted: readonly string[], text: TextOperator, variables: boolean): Limit {
  const literal = (sign: string) => LITERAL_SIGNS[sign] ?? sign;
  return {
    claim,
    values: wanted.map((value) => patternOfValue(value, text, { variables, literal })),
    ignoresCase: text.ignoresCase,
  };
}

/** `sub` for `token.actions.githubusercontent.com:sub`; Buildkite's session tags are claims that it signs. */
export function claimOf(key: string, { prefix, platform }: Issuer): string | undefined {
  const lower = key.toLowerCase();
  if (lower.startsWith(`${prefix.toLowerCase()}:`)) return lower.slice(prefix.length + 1);
  const tag = platform.id === 'buildkite' ? /^aws:requesttag\/(.+)$/.exec(lower)?.[1] : undefined;
  return tag !== undefined && isOf(platform, tag) ? tag : undefined;
}

function isKnown(claim: string, { platform }: Issuer): boolean {
  return claim === 'sub' || claim === 'aud' || isOf(platform, claim);
}

function isOf({ claims: { always, sometimes } }: Platform, claim: string): boolean {
  return always.includes(claim) || sometimes.includes(claim);
}

function isAlways(claim: string, { platform }: Issuer): boolean {
  return claim === 'sub' || claim === 'aud' || platform.claims.always.includes(claim);
}

/** A superset of what matches both lists: exact except for overlapping patterns and values that differ only in case. */
function both(patterns: readonly string[], other: readonly string[]): readonly string[] {
  const common = patterns.flatMap((a) =>
    other.flatMap((b) => {
      const [x, y] = [a.toLowerCase(), b.toLowerCase()];
      if (isWithin(x, y)) return [a];
      if (isWithin(y, x)) return [b];
      if (isExact(a) || isExact(b) || areApart(x, y)) return [];
      return [literalStart(a).length >= literalStart(b).length ? a : b];
    }),
  );
  return [...new Set(common)];
}

/**
 * Whether everything that matches the first pattern matches `within`. May be false where the overlap is not recognized.
 */
function isWithin(pattern: string, within: string): boolean {
  return isExact(pattern) ? fits(within, pattern) : fits(within.replaceAll('?', '\0'), pattern);
}

/** Whether no text matches both: they begin with different literals. */
function areApart(pattern: string, other: string): boolean {
  const [a, b] = [literalStart(pattern), literalStart(other)];
  return !a.startsWith(b) && !b.startsWith(a);
}

/** The value of a constraint as written in the policy. */
export function plainValue(value: string): string {
  return value.replace(/[\ue001\ue002]/g, (sign) => (sign === LITERAL_SIGNS['*'] ? '*' : '?'));
}

/**
 * Whether a subject contains a literal `*` or `?` (under an operator without wildcards) where no name can have one.
 * Only environment names may contain any character.
 */
export function hasLiteralSign(subject: string): boolean {
  return /[\ue001\ue002]/.test(subject.replace(/environment:[^:]*/g, ''));
}
