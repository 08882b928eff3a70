import { BOOTSTRAP_ROLE, PLAN_ADOPTION, PLAN_ROLE } from './causes/cause.ts';
import { causeOf, type FoundCause } from './causes/index.ts';
import { claimText } from './condition-keys.ts';
import { type Decision, type Diagnosis, diagnose } from './diagnose.ts';
import type { Evaluation } from './evaluate.ts';
import type { Presentation, Target } from './login.ts';
import { listed } from './results.ts';
import type { SubjectForm } from './subject.ts';

export type Verdict = 'can' | 'cannot' | 'unknown';

/** What a login presents to a role: one subject, or all possible ones if it is not known before the run. */
export interface LoginRequest {
  /** The possible presentations; exactly one if it is known. */
  readonly parts: readonly {
    readonly presentation: Presentation;
    /** An example of what matches, if it is a pattern. */
    readonly example?: Presentation | undefined;
  }[];
  /** For display, with placeholders for unknown parts. */
  readonly subject: string;
  readonly form: SubjectForm;
  /** The repository's subjects may have a different form. */
  readonly formDoubt: boolean;
  readonly job?: string | undefined;
  readonly event?: string | undefined;
  /** The workflow of the job. */
  readonly file?: string | undefined;
  /** Whether it should be accepted. If not, it is shown but does not cause a failure. */
  readonly expected: boolean;
  /** The run can also be on these refs, whether or not the job is meant for them. */
  readonly aside?: boolean | undefined;
  /** Why the subject is unknown. */
  readonly unknown?: 'environment' | 'ref' | 'caller' | 'template' | undefined;
  /** Entries with the same name are one login, which presents only one of them. */
  readonly oneOf?: string | undefined;
  /** What cannot be known before the run. */
  readonly doubt?: string | undefined;
  /** The doubt is not only about the subject, so the login can still be denied. */
  readonly uncertain?: boolean | undefined;
  /** The subject may be a different one: it may come from a template that crc could not read. */
  readonly templateUnread?: boolean | undefined;
}

/** The verdict on one subject. */
export interface SubjectVerdict extends Omit<LoginRequest, 'parts'> {
  readonly verdict: Verdict;
  readonly decision: Decision | undefined;
  readonly causes: readonly FoundCause[];
  readonly evaluation: Evaluation | undefined;
  /** Denied by the trust policy, and by nothing before it. */
  readonly byPolicy: boolean;
}

/**
 * Whether a role accepts what is requested. If the presentation is not fully known, the verdict holds for all possible
 * ones, or is `unknown` if it depends on the value. A cause never names an example, since following its advice would
 * mean trusting the example.
 */
export function verdictOn({ parts, ...request }: LoginRequest, target: Target): SubjectVerdict {
  const results = parts.map(({ presentation, example }): Result => {
    const diagnosis = diagnose(presentation, target);
    if (diagnosis.verdict !== 'unknown' || example === undefined) return { diagnosis, verdict: diagnosis.verdict };
    const verdict = diagnose(example, target).verdict;
    if (request.aside === true) return { diagnosis, verdict };
    if (request.unknown !== 'ref' || verdict !== 'can') return { diagnosis, verdict: diagnosis.verdict };
    return { diagnosis, verdict, example: claimText(example.claims, 'sub') };
  });
  const [first] = results;
  if (first === undefined) throw new Error('nothing is requested');
  const agreed = results.every(({ verdict }) => verdict === first.verdict) ? first.verdict : 'unknown';
  const mayFit = agreed === 'cannot' && request.templateUnread === true && parts.some(deniedBySubject(target));
  const verdict = mayFit || (request.uncertain === true && agreed === 'can') ? 'unknown' : agreed;
  const tried =
    verdict === 'can' && first.example !== undefined ? `for example ${contextOf(first.example)}` : undefined;
  return {
    ...request,
    doubt: request.doubt ?? tried,
    verdict,
    byPolicy: first.diagnosis.before.length === 0,
    decision: first.diagnosis.decision,
    causes: mayFit
      ? [causeOf('template-unread', subjectDetails(request.subject, first.diagnosis.evaluation))]
      : verdict === 'can'
        ? []
        : causesOf(first.diagnosis, { parts, ...request }, target).map((cause) => ofForeignRole(cause, target)),
    evaluation: first.diagnosis.evaluation,
  };
}

/** Whether the role might accept the login with a different subject. */
function deniedBySubject(target: Target): (part: LoginRequest['parts'][number]) => boolean {
  return ({ presentation }) => {
    const claims = new Map([...presentation.claims].filter(([name]) => name !== 'sub'));
    return diagnose({ ...presentation, claims }, target).verdict !== 'cannot';
  };
}

interface Result {
  readonly diagnosis: Diagnosis;
  readonly verdict: Verdict;
  /** The subject that was tried as an example. */
  readonly example?: string | undefined;
}

/** Why it is denied, without naming an example. */
function causesOf(
  { before, causes, evaluation, verdict }: Diagnosis,
  request: LoginRequest,
  target: Target,
): readonly FoundCause[] {
  const { parts, unknown, aside, doubt, subject } = request;
  if (unknown === 'template' && verdict === 'unknown' && before.length === 0) {
    return [causeOf('template-unknown', subjectDetails(subject, evaluation))];
  }
  const isExact = parts.every(({ example }) => example === undefined);
  if (isExact || (unknown === 'ref' && verdict === 'cannot')) return causes;
  if (before.length > 0) return before;
  const wanted = listed(trustedSubjects(evaluation));
  const { role } = target;
  if (unknown === 'environment')
    return [causeOf('environment-unknown', { written: doubt?.replace(/ is only known.*$/s, '') ?? subject, wanted })];
  if (unknown === 'caller') return [causeOf('caller-unknown')];
  const context = contextOf(subject);
  return aside === true || unknown === 'ref' ? [causeOf('ref-unknown', { context, wanted, role: role.name })] : causes;
}

/** `crc bootstrap` does not change a role that crc did not create for this project: a plan shows what that takes. */
function ofForeignRole(cause: FoundCause, { role: { name, foreign } }: Target): FoundCause {
  const ofRole = (command: string) => command.replace('{role}', name);
  if (foreign === undefined || cause.command !== ofRole(BOOTSTRAP_ROLE)) return cause;
  const isFree = foreign === 'nobody';
  const why = isFree
    ? 'crc did not create the role for this project, and changes it only with --adopt; the plan shows how.'
    : 'The role belongs to another project, so choose another name for it in the config.';
  return { ...cause, fix: `${cause.fix} ${why}`, command: ofRole(isFree ? PLAN_ADOPTION : PLAN_ROLE) };
}

/** The part of a subject after the repository. */
export function contextOf(subject: string): string {
  return subject.replace(/^repo:[^:]*:/, '');
}

function subjectDetails(value: string, evaluation: Evaluation | undefined) {
  return { value, wanted: listed(trustedSubjects(evaluation)) };
}

function trustedSubjects(evaluation: Evaluation | undefined): readonly string[] {
  const conditions = (evaluation?.statements ?? []).flatMap((statement) =>
    statement.effect === 'Allow' && statement.principal ? statement.conditions : [],
  );
  const subjects = conditions.filter(({ key }) => key.toLowerCase().endsWith(':sub')).flatMap(({ wanted }) => wanted);
  return [...new Set(subjects.map(contextOf))];
}

/** Every subject that should be accepted must be accepted; if none should, one that is accepted is enough. */
export function together(subjects: readonly SubjectVerdict[]): Verdict {
  const expected = subjects.filter((subject) => subject.expected);
  if (expected.length === 0) {
    const best = (['can', 'unknown'] as const).find((some) => subjects.some(({ verdict }) => verdict === some));
    return best ?? 'cannot';
  }
  const logins = new Map<string, Verdict[]>();
  for (const [index, { oneOf, verdict }] of expected.entries()) {
    const key = oneOf ?? String(index);
    logins.set(key, [...(logins.get(key) ?? []), verdict]);
  }
  const verdicts = [...logins.values()].map((all) => (new Set(all).size === 1 ? all[0] : 'unknown'));
  if (verdicts.includes('cannot')) return 'cannot';
  return verdicts.includes('unknown') || isShutOutByForm(subjects) ? 'unknown' : 'can';
}

/** Subjects may come in a form that the role denies, and GitHub did not provide the form. */
export function isShutOutByForm(subjects: readonly SubjectVerdict[]): boolean {
  return subjects.some(
    (subject) => subject.formDoubt && subject.verdict !== 'can' && hasTwinThatMay(subject, subjects),
  );
}

function hasTwinThatMay(subject: SubjectVerdict, subjects: readonly SubjectVerdict[]): boolean {
  return subjects.some(
    (other) =>
      !other.formDoubt &&
      other.expected &&
      other.verdict === 'can' &&
      other.job === subject.job &&
      other.event === subject.event &&
      contextOf(other.subject) === contextOf(subject.subject),
  );
}
