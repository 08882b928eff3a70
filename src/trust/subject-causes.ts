import { fits, hasWildcard } from '../policies/glob.ts';
import { type CauseId, causeOf, type FoundCause } from './causes/index.ts';
import { claimText } from './condition-keys.ts';
import { type ConditionResult, partsOf, type StatementResult } from './evaluate.ts';
import type { Presentation, Target } from './login.ts';
import { neverSent } from './never-sent.ts';
import { inOtherCase, listed, literalWildcard } from './results.ts';
import { contextKind, formOf, parseSubject, type Subject } from './subject.ts';

/** The ways in which a subject can differ from the trusted one. */
export function subjectCauses(
  value: string,
  condition: ConditionResult,
  statement: StatementResult,
  presentation: Presentation,
  target: Target,
): readonly FoundCause[] {
  const role = target.role.name;
  const where = whereOf(target);
  const onSubject = statement.conditions.filter(
    ({ key, operator }) => key.toLowerCase() === condition.key.toLowerCase() && !/not/i.test(operator),
  );
  if (onSubject.some(({ holds }) => holds === true)) {
    return [
      causeOf('two-operators', { operators: onSubject.map((condition) => condition.operator).join(' and '), role }),
    ];
  }
  const spelling = spellingCause(condition, value, { where, role });
  if (spelling !== undefined) return [spelling];
  const wanted = listed(ofSameForm(condition.wanted, value));
  const mistaken = condition.wanted.flatMap((pattern) => {
    const why = neverSent(pattern);
    return why === undefined ? [] : [{ pattern, why }];
  });
  const [first] = mistaken;
  if (first !== undefined && mistaken.length === condition.wanted.length) {
    return [causeOf('never-sent', { wanted: JSON.stringify(first.pattern), why: first.why, where, role })];
  }
  const subject = parseSubject(value);
  if (subject === undefined || TEMPLATED.test(subject.context)) {
    const repository = claimText(presentation.claims, 'repository') ?? trustedRepository(condition.wanted);
    return [causeOf('custom-template', { value, wanted, repository })];
  }
  const ids = subjectMismatch(subject, value, condition.wanted, presentation);
  const repository = `${subject.owner}/${subject.repository}`;
  const { context } = subject;
  const event = presentation.undocumentedEvent ?? '';
  const branches = context === EVERY_BRANCH ? 'each branch that may log in ("ref:refs/heads/NAME")' : `"${context}"`;
  const tags = hasWildcard(context) ? `"${context}"` : `"${context}", or a pattern like "ref:refs/tags/v*",`;
  return ids.map((id) =>
    causeOf(id, { value, wanted, context, branches, tags, where, role, repository, form: formOf(value), event }),
  );
}

/** The repository that a subject without one is taken to come from: the only one trusted, else a placeholder. */
function trustedRepository(wanted: readonly string[]): string {
  const names = wanted.flatMap((pattern) => {
    const { owner, repository } = parseSubject(pattern) ?? {};
    return owner === undefined || repository === undefined || hasWildcard(owner + repository)
      ? []
      : [`${owner}/${repository}`];
  });
  const [only = PLACEHOLDER] = names;
  return names.every((name) => name === only) ? only : PLACEHOLDER;
}

const PLACEHOLDER = 'OWNER/NAME';

/** A context followed by another claim: a template can begin like the default form, and a colon in a name is %3A. */
const TEMPLATED = /^(?:environment:[^:]*|ref:[^:]*|pull_request):[a-z_]+:/;

/** A role that trusts both forms of a subject lists each twice. Takes those of the presented form, if there are any. */
function ofSameForm(wanted: readonly string[], value: string): readonly string[] {
  const same = wanted.filter((pattern) => formOf(pattern) === formOf(value));
  return same.length > 0 ? same : wanted;
}

/** A wanted value that would match with another spelling: in different case, or under a different operator. */
export function spellingCause(
  condition: ConditionResult,
  value: string,
  { where, role }: { readonly where: string; readonly role: string },
): FoundCause | undefined {
  const { operator } = condition;
  const literal = literalWildcard(condition, value);
  if (literal !== undefined) return causeOf('wildcard-in-string-equals', { operator, wanted: literal, role });
  const other = inOtherCase(condition, value);
  if (other === undefined) return undefined;
  return partsOf(operator).operator.startsWith('stringequalsignorecase')
    ? causeOf('wildcard-in-ignore-case', { operator, wanted: other, role })
    : causeOf('case', { value, wanted: other, where, role });
}

/** What a job on any of many branches presents. As a subject of a role it would let in all branches. */
export const EVERY_BRANCH = 'ref:refs/heads/*';

function subjectMismatch(
  subject: Subject,
  value: string,
  wanted: readonly string[],
  { claims, undocumentedEvent }: Presentation,
): readonly CauseId[] {
  const parsed = wanted.flatMap((pattern) => parseSubject(pattern) ?? []);
  const repository = (trusted: Subject) => `${trusted.owner}/${trusted.repository}`;
  const same = parsed.filter((trusted) => fits(repository(trusted), repository(subject)));
  if (same.length === 0) {
    const called = claimText(claims, 'job_workflow_ref')?.split('/').slice(0, 2).join('/');
    const trustsCalled = called !== repository(subject) && parsed.some((trusted) => repository(trusted) === called);
    return [trustsCalled ? 'reusable-workflow' : 'other-repository'];
  }
  const sameForm = same.some((trusted) => formOf(text(trusted)) === formOf(value));
  const form: readonly CauseId[] = sameForm ? [] : ['subject-form'];
  const context = same.some((trusted) => fits(trusted.context, subject.context))
    ? []
    : [undocumentedEvent === undefined ? contextMismatch(subject, same) : ('event-undocumented' as const)];
  // Each matches separately, but no trusted subject has both.
  return form.length + context.length === 0 ? ['subject-form'] : [...context, ...form];
}

function contextMismatch({ context }: Subject, trusted: readonly Subject[]): CauseId {
  const kinds = trusted.map((trusted) => contextKind(trusted.context));
  const kind = contextKind(context);
  if (kind === 'environment') return kinds.includes('environment') ? 'other-environment' : 'environment-subject';
  if (kinds.every((kind) => kind === 'environment')) return 'environment-missing';
  if (kind === 'pull_request' || context.startsWith('ref:refs/pull/')) return 'pull-request-subject';
  return kind === 'tag' ? 'tag-subject' : 'branch-subject';
}

function text({ owner, ownerId, repository, repositoryId, context }: Subject): string {
  const id = (given: string | undefined) => (given === undefined ? '' : `@${given}`);
  return `repo:${owner}${id(ownerId)}/${repository}${id(repositoryId)}:${context}`;
}

export function contextDetails({ claims }: Presentation, target: Target) {
  const subject = parseSubject(claimText(claims, 'sub') ?? '');
  return {
    context: subject?.context ?? String(claimText(claims, 'sub')),
    where: whereOf(target),
    role: target.role.name,
  };
}

/** Where the user changes what the role trusts. */
export function whereOf({ wanted, role }: Target): string {
  return wanted === undefined
    ? `the trust policy of ${role.name}`
    : `trust.subjects of the role ${role.name} in crc.config.json`;
}
