import type { Json } from '../policies/canonical.ts';
import { fits, hasWildcard } from '../policies/glob.ts';
import { type CauseId, type FoundCause, found } from './causes.ts';
import { keysOf, neverThere } from './condition-keys.ts';
import { type ConditionResult, type Evaluation, evaluate, partsOf, type StatementResult } from './evaluate.ts';
import { contextKind, formOf, parseSubject, type Subject } from './subject.ts';

/** What a job shows to AWS, and what it asks for. */
export interface Presentation {
  readonly audience: string;
  /** What is known of the token's claims, `sub` among them; null = the token does not have it. */
  readonly claims: ReadonlyMap<string, string | null>;
  /** The job of a workflow. */
  readonly job?: string;
  /** The ARN that the job asks for, when it is written out. */
  readonly roleArn?: string;
  readonly sessionSeconds?: number;
  /** What keeps the job from having a token at all. */
  readonly blocked?: readonly FoundCause[];
}

/** The identity provider as it is in the account. */
export interface LiveProvider {
  readonly arn: string;
  /** With `https://` */
  readonly url: string;
  /** Undefined: it is not there. */
  readonly audiences: readonly string[] | undefined;
  /** ARNs of all providers of the account, where this one is not there. */
  readonly others: readonly string[];
}

/** The role as it is in the account. */
export interface LiveRole {
  readonly name: string;
  readonly arn: string;
  /** Undefined: it is not there. */
  readonly trust: Json | undefined;
  readonly maxSessionSeconds: number;
}

export interface Target {
  readonly accountId: string;
  readonly provider: LiveProvider;
  readonly role: LiveRole;
  /** The trust policy that the config means; undefined for a role that it does not have. */
  readonly wanted: Json | undefined;
}

export interface Diagnosis {
  readonly verdict: 'can' | 'cannot' | 'unknown';
  /** What stands in the way, the first first. */
  readonly causes: readonly FoundCause[];
  /** Of the trust policy, when there is one. */
  readonly evaluation: Evaluation | undefined;
  readonly decision: Decision | undefined;
}

/** The statement that decided, and the condition in it that did. */
export interface Decision {
  readonly statement: string;
  readonly condition: Pick<ConditionResult, 'operator' | 'key' | 'wanted' | 'value'> | undefined;
}

/** Whether a job gets the role, and if not, everything that stands in its way. */
export function diagnose(presentation: Presentation, target: Target): Diagnosis {
  const { provider, role } = target;
  const request = requestOf(presentation, provider);
  const evaluation = role.trust === undefined ? undefined : evaluate(role.trust, request);
  const before = [
    ...(presentation.blocked ?? []),
    ...providerCauses(presentation, target),
    ...roleCauses(presentation, target),
  ];
  const trust = evaluation === undefined ? [] : trustCauses(evaluation, presentation, target);
  const causes = [...before, ...trust];
  const verdict = before.length > 0 ? 'cannot' : (evaluation?.verdict ?? 'cannot');
  return { verdict, causes, evaluation, decision: evaluation === undefined ? undefined : decisionOf(evaluation) };
}

function decisionOf(evaluation: Evaluation): Decision | undefined {
  const statement = evaluation.decidedBy ?? closestOf(evaluation);
  if (statement === undefined) return undefined;
  const { conditions } = statement;
  const decisive =
    statement.matches === true
      ? conditions.find(({ key }) => key.toLowerCase().endsWith(':sub'))
      : failing(statement)[0];
  return { statement: nameOf(statement), condition: decisive ?? conditions[0] };
}

/** Of the statements that are for a job of GitHub, the one that fails by the fewest conditions. */
function closestOf({ statements }: Evaluation): StatementResult | undefined {
  const candidates = statements.filter(({ effect, principal, action }) => effect === 'Allow' && principal && action);
  return [...candidates].sort((a, b) => failing(a).length - failing(b).length)[0];
}

/** Whether a trust policy by itself lets a job in. */
export function trusts(policy: Json, presentation: Presentation, provider: Pick<LiveProvider, 'arn' | 'url'>): boolean {
  return evaluate(policy, requestOf(presentation, provider)).verdict === 'can';
}

function requestOf({ claims, audience }: Presentation, { arn, url }: Pick<LiveProvider, 'arn' | 'url'>) {
  const all = new Map(claims).set('aud', audience);
  return { provider: arn, valueOf: keysOf(issuerOf(url), arn, all) };
}

function issuerOf(url: string): string {
  return url.replace(/^https:\/\//, '');
}

function providerCauses({ audience, claims }: Presentation, { accountId, provider }: Target): readonly FoundCause[] {
  const { arn, url, audiences, others } = provider;
  const issuer = claims.get('iss');
  if (typeof issuer === 'string' && issuer !== url) return [found('provider-issuer', { issuer, url })];
  if (audiences === undefined) {
    const similar = others.find((one) => normal(one) === normal(arn));
    return [
      similar === undefined
        ? found('provider-missing', { account: accountId, url })
        : found('provider-trailing-slash', { found: similar, wanted: arn }),
    ];
  }
  return audiences.includes(audience)
    ? []
    : [found('provider-audience', { audience, wanted: audiences.join(', ') || 'none' })];
}

function normal(arn: string): string {
  return arn.toLowerCase().replace(/\/+$/, '');
}

function roleCauses(
  { roleArn, job, sessionSeconds }: Presentation,
  { accountId, role }: Target,
): readonly FoundCause[] {
  const account = roleArn?.split(':')[4];
  if (roleArn !== undefined && account !== undefined && /^\d{12}$/.test(account) && account !== accountId) {
    const details = { job: job ?? '', found: roleArn, otherAccount: account, account: accountId, roleArn: role.arn };
    return [found('role-other-account', details)];
  }
  if (role.trust === undefined) return [found('role-missing', { role: role.name, account: accountId })];
  if (sessionSeconds === undefined || sessionSeconds <= role.maxSessionSeconds) return [];
  const value = String(sessionSeconds);
  return [
    found('session-too-long', { job: job ?? '', value, wanted: String(role.maxSessionSeconds), role: role.name }),
  ];
}

/** Why the trust policy says no, or does not say yes. */
function trustCauses(evaluation: Evaluation, presentation: Presentation, target: Target): readonly FoundCause[] {
  if (evaluation.verdict === 'can') return [];
  const causes = refusal(evaluation, presentation, target);
  const { wanted, role, provider } = target;
  // What is written in the config is not what is to be changed there.
  if (wanted === undefined || !trusts(wanted, presentation, provider)) return causes;
  return causes.map((cause) => ({
    ...cause,
    mend: 'The config already allows it, but the role in AWS has drifted. Restore it.',
    command: `crc bootstrap --only role/${role.name}`,
  }));
}

function refusal(evaluation: Evaluation, presentation: Presentation, target: Target): readonly FoundCause[] {
  const { role, provider } = target;
  const { decidedBy, statements } = evaluation;
  if (decidedBy?.effect === 'Deny' && decidedBy.matches === true) {
    return [found('explicit-deny', { statement: nameOf(decidedBy), role: role.name })];
  }
  if (evaluation.verdict === 'unknown' && decidedBy !== undefined) {
    return failing(decidedBy).map(({ operator, key }) => found('other-condition', { operator, key, role: role.name }));
  }
  const allows = statements.filter(({ effect }) => effect === 'Allow');
  const closest = closestOf(evaluation);
  if (closest !== undefined) {
    const causes = failing(closest).flatMap((condition) => conditionCauses(condition, closest, presentation, target));
    return causes.filter(
      ({ id, cause }, index) => causes.findIndex((one) => one.id === id && one.cause === cause) === index,
    );
  }
  if (allows.some(({ principal }) => principal)) {
    const actions = allows.filter(({ principal }) => principal).flatMap((one) => one.actions);
    return [found('action', { found: actions.join(', ') || 'something else', role: role.name })];
  }
  const principals = federatedOf(role.trust);
  const similar = principals.find((one) => normal(one) === normal(provider.arn));
  if (similar !== undefined) return [found('provider-trailing-slash', { found: similar, wanted: provider.arn })];
  const elsewhere = principals.find((one) => withoutAccount(one) === withoutAccount(provider.arn));
  if (elsewhere !== undefined) {
    return [found('provider-other-account', { found: elsewhere, wanted: provider.arn, role: role.name })];
  }
  const others = principals.join(', ') || 'none';
  return [found('principal', { wanted: provider.arn, found: others, role: role.name })];
}

function failing({ conditions }: StatementResult): readonly ConditionResult[] {
  return conditions.filter(({ holds }) => holds !== true);
}

export function nameOf({ number, sid }: StatementResult): string {
  return sid === undefined ? String(number) : `${number} (${sid})`;
}

function withoutAccount(arn: string): string {
  return arn.replace(/^arn:[^:]+:iam::\d*:/, '').toLowerCase();
}

function federatedOf(policy: Json | undefined): readonly string[] {
  const text = JSON.stringify(policy ?? null);
  return [...text.matchAll(/"(arn:[^"]+:oidc-provider\/[^"]+)"/g)].map(([, arn]) => arn ?? '');
}

function conditionCauses(
  condition: ConditionResult,
  statement: StatementResult,
  presentation: Presentation,
  target: Target,
): readonly FoundCause[] {
  const { key, operator, value, holds } = condition;
  const wanted = listed(condition.wanted);
  const role = target.role.name;
  const issuer = issuerOf(target.provider.url);
  const why = neverThere(issuer, key);
  if (why !== undefined) return [found('unknown-key', { key, why, role })];
  if (/^(aws|sts):/i.test(key) || holds === 'unknown') return [found('other-condition', { operator, key, role })];
  const claim = key.slice(issuer.length + 1).toLowerCase();
  if (typeof value !== 'string' && partsOf(operator).set !== undefined) {
    return [found('set-operator', { operator, key, role })];
  }
  if (claim === 'aud') return [found('audience-condition', { value: String(value), wanted, role })];
  if (claim === 'sub') return subjectCauses(String(value), condition, statement, presentation, target);
  if (claim === 'environment' && typeof value !== 'string') {
    return [found('environment-missing', { ...contextDetails(presentation, target), wanted })];
  }
  const literal = literalWildcard(condition, String(value));
  if (literal !== undefined) return [found('wildcard-in-string-equals', { operator, wanted: literal, role })];
  const other = inOtherCase(condition, String(value));
  const where = whereOf(target);
  if (other !== undefined) return [found('case', { value: String(value), wanted: other, where, role })];
  if (claim === 'job_workflow_ref') {
    return [found('reusable-workflow', { value: presentation.claims.get('sub') ?? '', wanted, where, role })];
  }
  return [found('claim-mismatch', { key, wanted, value: value ?? 'no such claim', role })];
}

/** The many ways in which a subject is not the one that is trusted. */
function subjectCauses(
  value: string,
  condition: ConditionResult,
  statement: StatementResult,
  presentation: Presentation,
  target: Target,
): readonly FoundCause[] {
  const role = target.role.name;
  const where = whereOf(target);
  const { operator } = condition;
  const onSubject = statement.conditions.filter(({ key }) => key.toLowerCase() === condition.key.toLowerCase());
  if (onSubject.some(({ holds }) => holds === true)) {
    return [found('two-operators', { operators: onSubject.map((one) => one.operator).join(' and '), role })];
  }
  const literal = literalWildcard(condition, value);
  if (literal !== undefined) return [found('wildcard-in-string-equals', { operator, wanted: literal, role })];
  const other = inOtherCase(condition, value);
  if (other !== undefined) return [found('case', { value, wanted: other, where, role })];
  const wanted = listed(condition.wanted);
  const subject = parseSubject(value);
  if (subject === undefined) {
    const repository = String(presentation.claims.get('repository') ?? target.role.name);
    return [found('custom-template', { value, wanted, repository })];
  }
  const ids = subjectMismatch(subject, value, condition.wanted, presentation);
  const repository = `${subject.owner}/${subject.repository}`;
  const context = subject.context;
  return ids.map((id) => found(id, { value, wanted, context, where, role, repository, form: formOf(value) }));
}

function subjectMismatch(
  subject: Subject,
  value: string,
  wanted: readonly string[],
  { claims }: Presentation,
): readonly CauseId[] {
  const parsed = wanted.flatMap((one) => parseSubject(one) ?? []);
  const repository = (one: Subject) => `${one.owner}/${one.repository}`;
  const same = parsed.filter((one) => fits(repository(one), repository(subject)));
  if (same.length === 0) {
    const called = claims.get('job_workflow_ref')?.split('/').slice(0, 2).join('/');
    const trustsCalled = called !== repository(subject) && parsed.some((one) => repository(one) === called);
    return [trustsCalled ? 'reusable-workflow' : 'other-repository'];
  }
  const sameForm = same.some((one) => formOf(text(one)) === formOf(value));
  const form: readonly CauseId[] = sameForm ? [] : ['subject-form'];
  const context = same.some((one) => fits(one.context, subject.context)) ? [] : [contextMismatch(subject, same)];
  // Each fits by itself, and no subject has both.
  return form.length + context.length === 0 ? ['subject-form'] : [...context, ...form];
}

function contextMismatch({ context }: Subject, trusted: readonly Subject[]): CauseId {
  const kinds = trusted.map((one) => contextKind(one.context));
  const kind = contextKind(context);
  if (kind === 'environment') return kinds.includes('environment') ? 'other-environment' : 'environment-subject';
  if (kinds.every((one) => one === 'environment')) return 'environment-missing';
  if (kind === 'pull_request') return 'pull-request-subject';
  return kind === 'tag' ? 'tag-subject' : 'branch-subject';
}

function text({ owner, ownerId, repository, repositoryId, context }: Subject): string {
  const id = (given: string | undefined) => (given === undefined ? '' : `@${given}`);
  return `repo:${owner}${id(ownerId)}/${repository}${id(repositoryId)}:${context}`;
}

function contextDetails({ claims }: Presentation, target: Target) {
  const subject = parseSubject(claims.get('sub') ?? '');
  return { context: subject?.context ?? String(claims.get('sub')), where: whereOf(target), role: target.role.name };
}

/** Where the user writes what the role trusts. */
function whereOf({ wanted, role }: Target): string {
  return wanted === undefined
    ? `the trust policy of ${role.name}`
    : `trust.subjects of the role ${role.name} in crc.config.json`;
}

/** A wanted value that would fit if its wildcards were taken for wildcards. */
function literalWildcard({ operator, wanted }: ConditionResult, value: string): string | undefined {
  if (!partsOf(operator).operator.startsWith('stringequals')) return undefined;
  return wanted.find((one) => hasWildcard(one) && fits(one, value));
}

/** A wanted value that would fit without regard to case. */
function inOtherCase({ wanted }: ConditionResult, value: string): string | undefined {
  return wanted.find((one) => fits(one.toLowerCase(), value.toLowerCase()));
}

function listed(values: readonly string[]): string {
  return values.join(' or ') || 'nothing';
}
