import { causeOf, type FoundCause } from './causes/index.ts';
import { claimText } from './condition-keys.ts';
import { type Decision, type Diagnosis, diagnose } from './diagnose.ts';
import type { Evaluation } from './evaluate.ts';
import type { Presentation, Target } from './login.ts';
import { listed } from './results.ts';
import type { SubjectForm } from './subject.ts';

export type Verdict = 'can' | 'cannot' | 'unknown';

/** What is asked of a role: one subject, or all that it can be where that is not known before the run. */
export interface Asked {
  /** What it can be; one, where it is known. */
  readonly parts: readonly {
    readonly presentation: Presentation;
    /** One of those that a pattern takes in. */
    readonly example?: Presentation | undefined;
  }[];
  /** As it is shown: with words in place of what nobody knows. */
  readonly subject: string;
  readonly form: SubjectForm;
  /** The repository may have subjects of another form. */
  readonly formDoubt: boolean;
  readonly job?: string | undefined;
  readonly event?: string | undefined;
  /** The workflow of the job. */
  readonly file?: string | undefined;
  /** It is meant to get in; what is not is shown, and fails nothing. */
  readonly expected: boolean;
  /** The run can be on these refs too, whether the job is meant to or not. */
  readonly aside?: boolean | undefined;
  /** Why it is not known what it is. */
  readonly unknown?: 'environment' | 'ref' | 'caller' | 'template' | undefined;
  /** Those with the same name are one login, which is only one of them. */
  readonly oneOf?: string | undefined;
  /** What of it cannot be known before the run. */
  readonly doubt?: string | undefined;
  /** The doubt is about more than the subject, so that it can still be denied. */
  readonly uncertain?: boolean | undefined;
}

/** The verdict on one subject. */
export interface SubjectVerdict extends Omit<Asked, 'parts'> {
  readonly verdict: Verdict;
  readonly decision: Decision | undefined;
  readonly causes: readonly FoundCause[];
  readonly evaluation: Evaluation | undefined;
  /** The trust policy denies it, and nothing before. */
  readonly byPolicy: boolean;
}

/**
 * Whether a role lets in what is asked. Where it is not known what is presented, a verdict holds for all that it can be, and
 * `unknown` says that it depends. A cause never names an example: following its advice would mean trusting the example.
 */
export function verdictOn({ parts, ...asked }: Asked, target: Target): SubjectVerdict {
  const results = parts.map(({ presentation, example }): Result => {
    const diagnosis = diagnose(presentation, target);
    if (diagnosis.verdict !== 'unknown' || example === undefined) return { diagnosis, verdict: diagnosis.verdict };
    const verdict = diagnose(example, target).verdict;
    if (asked.aside === true) return { diagnosis, verdict: verdict };
    if (asked.unknown !== 'ref' || verdict !== 'can') return { diagnosis, verdict: diagnosis.verdict };
    return { diagnosis, verdict: verdict, example: claimText(example.claims, 'sub') };
  });
  const [first] = results;
  if (first === undefined) throw new Error('nothing is asked');
  const agreed = results.every(({ verdict }) => verdict === first.verdict) ? first.verdict : 'unknown';
  const verdict = asked.uncertain === true && agreed === 'can' ? 'unknown' : agreed;
  const tried =
    verdict === 'can' && first.example !== undefined ? `for example ${contextOf(first.example)}` : undefined;
  return {
    ...asked,
    doubt: asked.doubt ?? tried,
    verdict,
    byPolicy: first.diagnosis.before.length === 0,
    decision: first.diagnosis.decision,
    causes: verdict === 'can' ? [] : causesOf(first.diagnosis, { parts, ...asked }, target),
    evaluation: first.diagnosis.evaluation,
  };
}

interface Result {
  readonly diagnosis: Diagnosis;
  readonly verdict: Verdict;
  /** The subject that was tried in place of all. */
  readonly example?: string | undefined;
}

/** Why it is refused, without naming an example. */
function causesOf(
  { before, causes, evaluation, verdict }: Diagnosis,
  asked: Asked,
  target: Target,
): readonly FoundCause[] {
  const { parts, unknown, aside, doubt, subject } = asked;
  if (unknown === 'template' && verdict === 'unknown' && before.length === 0) {
    return [causeOf('template-unknown', { value: subject, wanted: listed(trustedSubjects(evaluation)) })];
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

/** What follows the repository in a subject. */
export function contextOf(subject: string): string {
  return subject.replace(/^repo:[^:]*:/, '');
}

function trustedSubjects(evaluation: Evaluation | undefined): readonly string[] {
  const conditions = (evaluation?.statements ?? []).flatMap((statement) =>
    statement.effect === 'Allow' && statement.principal ? statement.conditions : [],
  );
  const subjects = conditions.filter(({ key }) => key.toLowerCase().endsWith(':sub')).flatMap(({ wanted }) => wanted);
  return [...new Set(subjects.map(contextOf))];
}

/** Every subject that should get in must get in; if none should, one that does is enough. */
export function together(subjects: readonly SubjectVerdict[]): Verdict {
  const expected = subjects.filter((subject) => subject.expected);
  if (expected.length === 0) return subjects.some(({ verdict }) => verdict === 'can') ? 'can' : 'cannot';
  const logins = new Map<string, Verdict[]>();
  for (const [index, { oneOf, verdict }] of expected.entries()) {
    const key = oneOf ?? String(index);
    logins.set(key, [...(logins.get(key) ?? []), verdict]);
  }
  const verdicts = [...logins.values()].map((all) => (new Set(all).size === 1 ? all[0] : 'unknown'));
  if (verdicts.includes('cannot')) return 'cannot';
  return verdicts.includes('unknown') || isShutOutByForm(subjects) ? 'unknown' : 'can';
}

/** Subjects may come in a form that the role denies, and GitHub did not say whether they do. */
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
