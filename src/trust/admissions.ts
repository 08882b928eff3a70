import type { Json } from '../json.ts';
import { covers, fits, hasWildcard } from '../policies/glob.ts';
import { statementsOf } from '../policies/strangers.ts';
import { issuerOf } from '../policies/trust.ts';
import { type ConditionResult, evaluate, partsOf, type StatementResult } from './evaluate.ts';
import type { LiveProvider } from './login.ts';
import { patternOfValue, type TextOperator, textOperator } from './text-operators.ts';

/** The tokens that one statement may accept. */
export interface Admission {
  /** Patterns with `*` and `?` that cover at least every accepted subject. */
  readonly subjects: string;
  /** Undefined: any audience that the identity provider accepts. */
  readonly audiences: readonly string[] | undefined;
  /** For display. */
  readonly shown: string;
}

export interface AdmissionInput {
  readonly policy: Json;
  readonly provider: Pick<LiveProvider, 'arn' | 'url'>;
  readonly meant: MeantTokens;
}

/** The intended tokens. */
export interface MeantTokens {
  /** Whether every subject that matches the pattern is intended. */
  readonly subjects: (pattern: string) => boolean;
  /** Undefined: any. */
  readonly audiences: readonly string[] | undefined;
}

/** The tokens that a config intends: subjects with wildcards, and audiences. */
export function meantBy(config: {
  readonly subjects: readonly string[];
  readonly audiences: readonly string[];
}): MeantTokens {
  return {
    subjects: (pattern) => config.subjects.some((allowed) => covers(allowed, pattern)),
    audiences: config.audiences,
  };
}

/**
 * Tokens that a trust policy may accept besides the intended ones. Conditions that crc cannot evaluate (claims other
 * than `sub` and `aud`, and what only AWS knows) are assumed to hold. So a token that is not listed is not accepted; a
 * listed one might still be denied.
 */
export function admissionsOf({ policy, provider, meant }: AdmissionInput): readonly Admission[] {
  const { statements, variables } = evaluate(policy, { provider: provider.arn, valueOf: () => undefined });
  return statements
    .filter(({ effect, principal, action }) => effect === 'Allow' && principal && action)
    .flatMap((statement) => ofStatement(statement, variables, { policy, provider, meant }));
}

interface Cover {
  readonly pattern: string;
  readonly shown: string;
}

const ANYTHING: readonly Cover[] = [{ pattern: '*', shown: 'any subject' }];

function ofStatement(
  { conditions }: StatementResult,
  variables: boolean,
  { policy, provider, meant }: AdmissionInput,
): readonly Admission[] {
  const issuer = issuerOf(provider.url).toLowerCase();
  const on = (claim: string) => conditions.filter(({ key }) => key.toLowerCase() === `${issuer}:${claim}`);
  const isMeant = ({ pattern }: Cover) => meant.subjects(pattern);
  const audiences = audiencesOf(on('aud'), meant.audiences, variables);
  // All conditions must hold, so each one is an upper bound. Take the tightest.
  const subjects =
    coversOf(on('sub'), variables).sort((a, b) => a.filter(not(isMeant)).length - b.filter(not(isMeant)).length)[0] ??
    ANYTHING;
  const otherConditions = conditions.filter(
    (condition) => !on('sub').includes(condition) && !on('aud').includes(condition),
  );
  const rest = [...on('sub').filter(isNegative), ...otherConditions].map((condition) =>
    conditionText(condition, issuer),
  );
  const admitted = (cover: Cover, shown: string): Admission => ({
    subjects: cover.pattern,
    audiences,
    shown: [shown, ...(rest.length === 0 ? [] : [`if ${rest.join(' and ')}`])].join(', '),
  });
  const getIn = subjects.filter(({ pattern }) => mayGetIn(policy, provider, pattern, audiences));
  const strangers = getIn
    .filter(not(isMeant))
    .map((cover) => admitted(cover, `${cover.shown}${strangersText(cover.pattern)}`));
  if (audiences !== undefined || meant.audiences === undefined) return strangers;
  return [...strangers, ...getIn.map((cover) => admitted(cover, ANY_AUDIENCE))];
}

const ANY_AUDIENCE = 'tokens for any audience that the identity provider accepts';

function not(of: (cover: Cover) => boolean): (cover: Cover) => boolean {
  return (cover) => !of(cover);
}

/** The audiences of a statement; undefined if it accepts more than intended. */
function audiencesOf(
  conditions: readonly ConditionResult[],
  meant: readonly string[] | undefined,
  variables: boolean,
): readonly string[] | undefined {
  const covered = coversOf(conditions, variables).find((all) =>
    all.every(({ pattern }) => meant === undefined || meant.includes(pattern)),
  );
  return covered?.map(({ pattern }) => pattern);
}

/** Whether some of them may be accepted; a Deny or another condition may exclude all of them. */
function mayGetIn(
  policy: Json,
  { arn, url }: Pick<LiveProvider, 'arn' | 'url'>,
  pattern: string,
  audiences: readonly string[] | undefined,
): boolean {
  const issuer = issuerOf(url).toLowerCase();
  const sub = hasWildcard(pattern) ? { pattern } : pattern;
  return (audiences ?? [{ pattern: '*' }]).some((audience) => {
    const keyValue = (key: string) => {
      const name = key.toLowerCase();
      if (name === `${issuer}:sub`) return sub;
      return name === `${issuer}:aud` ? audience : undefined;
    };
    return evaluate(policy, { provider: arn, valueOf: keyValue }).verdict !== 'cannot';
  });
}

function isNegative({ operator }: ConditionResult): boolean {
  return /not/i.test(operator);
}

/** For each condition that requires one of its values: those values as patterns that match at least the same texts. */
function coversOf(conditions: readonly ConditionResult[], variables: boolean): Cover[][] {
  return conditions.flatMap(({ operator, wanted }) => {
    const known = textOperator(partsOf(operator).operator);
    return known === undefined || known.negated ? [] : [wanted.map((written) => coverOf(written, known, variables))];
  });
}

function coverOf(written: string, operator: TextOperator, variables: boolean): Cover {
  const pattern = patternOfValue(written, operator, { variables, literal: () => '?' });
  if (!operator.ignoresCase) return { pattern, shown: written };
  return { pattern: pattern.replace(/\p{L}/gu, '?'), shown: `${written} in uppercase or lowercase` };
}

const STRANGER = 'repo:some-stranger/some-repository:ref:refs/heads/main';

/** `demo` of `repo:*\/demo:*`, which anyone can register. */
function nameForAnyOwner(pattern: string): string | undefined {
  return /^repo:[^/]*\*[^/]*\/([^:]+):/.exec(pattern)?.[1];
}

function strangersText(pattern: string): string {
  if (fits(pattern, STRANGER)) return ' (any repository on GitHub)';
  const name = nameForAnyOwner(pattern);
  if (name !== undefined) return ` (any repository on GitHub that is called ${name})`;
  return /^repo:[^/]*[*?]/.test(pattern) ? ' (any owner with a name that fits)' : '';
}

function conditionText({ operator, key, wanted }: ConditionResult, issuer: string): string {
  const lower = key.toLowerCase();
  const name = lower.startsWith(`${issuer}:`) ? lower.slice(issuer.length + 1) : key;
  return `${name} ${operator} ${wanted.join(' or ')}`;
}

/** Users, roles, services and other identity providers that statements name. */
export function otherPrincipals(policy: Json, provider: string): readonly string[] {
  return statementsOf(policy).flatMap(({ Effect, Principal, NotPrincipal }) => {
    if (Effect !== 'Allow') return [];
    if (NotPrincipal !== undefined) return [`everyone but ${namesOf(NotPrincipal).join(', ')} (NotPrincipal)`];
    return namesOf(Principal)
      .filter((name) => name !== provider)
      .map(principalText);
  });
}

function namesOf(principal: Json | undefined): readonly string[] {
  if (principal === undefined || principal === null) return [];
  return (typeof principal === 'object' ? Object.values(principal).flat() : [principal]).map(String);
}

/** An account as it is written, or as IAM stores it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
function principalText(name: string): string {
  const account = /^(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1];
  if (account !== undefined) return `the AWS account ${account}`;
  return name === '*' ? 'everyone (*)' : name;
}
