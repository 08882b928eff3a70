import { fits } from '../policies/glob.ts';
import { type CauseId, type FoundCause, found } from './causes/index.ts';
import type { ConditionResult, StatementResult } from './evaluate.ts';
import type { Presentation, Target } from './login.ts';
import { inOtherCase, listed, literalWildcard } from './results.ts';
import { contextKind, formOf, parseSubject, type Subject } from './subject.ts';

/** The many ways in which a subject is not the one that is trusted. */
export function subjectCauses(
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

export function contextDetails({ claims }: Presentation, target: Target) {
  const subject = parseSubject(claims.get('sub') ?? '');
  return { context: subject?.context ?? String(claims.get('sub')), where: whereOf(target), role: target.role.name };
}

/** Where the user writes what the role trusts. */
export function whereOf({ wanted, role }: Target): string {
  return wanted === undefined
    ? `the trust policy of ${role.name}`
    : `trust.subjects of the role ${role.name} in crc.config.json`;
}
