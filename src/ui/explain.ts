import pc from 'picocolors';
import { jsonText } from '../json.ts';
import type { FoundCause } from '../trust/causes/index.ts';
import type { Decision } from '../trust/diagnose.ts';
import { shown } from './foreign.ts';
import { headText } from './text.ts';
import type { RunView } from './view.ts';

export type Verdict = 'can' | 'cannot' | 'unknown';

/** What became of one subject. */
export interface SubjectVerdict {
  readonly subject: string;
  readonly form: 'legacy' | 'immutable' | 'custom';
  readonly job: string | undefined;
  readonly event: string | undefined;
  /** It is meant to get in. */
  readonly expected: boolean;
  readonly doubt: string | undefined;
  readonly verdict: Verdict;
  readonly decision: Decision | undefined;
  readonly causes: readonly FoundCause[];
}

export interface RoleVerdict {
  readonly name: string;
  readonly arn: string;
  readonly inConfig: boolean;
  readonly exists: boolean;
  readonly verdict: Verdict;
  readonly subjects: readonly SubjectVerdict[];
  readonly warnings: readonly string[];
  /** What is not visible from here. */
  readonly hidden: string;
}

const WORDS: Readonly<Record<Verdict, string>> = { can: 'allowed', cannot: 'denied', unknown: 'not sure' };

/** The verdict, then each role with each subject; a cause is shown once, below the first subject that it denies. */
export function explainText(
  run: RunView,
  givenRoles: readonly RoleVerdict[],
  givenNotes: readonly string[],
  color: boolean,
): string {
  const [roles, notes] = [shown(givenRoles), shown(givenNotes)];
  const colors = pc.createColors(color);
  const blocks = roles.map((role) => roleLines(role, colors).join('\n'));
  const hidden = [...new Set(roles.map((role) => role.hidden))];
  return [
    headText(run, color),
    '',
    colors.bold(summary(roles)),
    ...blocks.map((block) => `\n${block}`),
    '',
    ...[...notes, ...hidden].map((note) => colors.dim(`note: ${note}`)),
  ].join('\n');
}

function roleLines(role: RoleVerdict, colors: ReturnType<typeof pc.createColors>): readonly string[] {
  const { bold, dim, green, red, yellow } = colors;
  const marks = { can: green('✓'), cannot: red('✗'), unknown: yellow('?') };
  const shown = role.subjects.flatMap((one, index) => {
    const asWell = role.subjects.findIndex((other) => causeText(other) === causeText(one) && causeText(one) !== '');
    const mark = one.expected || one.verdict === 'can' ? marks[one.verdict] : dim('·');
    const line = `  ${mark} ${WORDS[one.verdict].padEnd(8)} ${one.subject}${dim(about(one))}`;
    if (one.verdict === 'can') return [line, `      ${dim(decisionText(one.decision))}`];
    // A subject that the config does not name is denied as intended: there is nothing to fix.
    if (!one.expected) return [line];
    if (asWell < index && asWell >= 0) return [line, `      ${dim('as above')}`];
    return [
      line,
      ...(one.decision === undefined ? [] : [`      ${dim(decisionText(one.decision))}`]),
      ...one.causes.flatMap((cause) => causeLines(cause, colors)),
    ];
  });
  return [
    `${bold(`role/${role.name}`)}  ${dim(role.arn)}`,
    ...shown,
    ...role.warnings.map((warning) => yellow(`  ! ${warning}`)),
  ];
}

function about({ job, event, form, doubt, expected }: SubjectVerdict): string {
  const parts = [
    ...(job === undefined ? [] : [`job ${job}${event === undefined ? '' : ` on ${event}`}`]),
    ...(form === 'custom' ? ['custom template'] : []),
    ...(doubt === undefined ? [] : [doubt]),
    ...(expected || doubt !== undefined ? [] : ['as intended']),
  ];
  return parts.length === 0 ? '' : `  (${parts.join('; ')})`;
}

function decisionText(decision: Decision | undefined): string {
  if (decision === undefined) return 'no statement matches';
  const { statement, condition } = decision;
  if (condition === undefined) return `statement ${statement}, without a condition`;
  return `statement ${statement}: ${condition.operator} ${condition.key} ${condition.wanted.join(' or ')}`;
}

function causeLines(
  { message, cause, mend, command }: FoundCause,
  { red, dim }: ReturnType<typeof pc.createColors>,
): readonly string[] {
  return [
    `      ${red(cause)}`,
    `      ${mend}`,
    `      ${dim('run:')} \`${command}\``,
    `      ${dim(`GitHub log: ${message}`)}`,
  ];
}

function causeText({ causes }: SubjectVerdict): string {
  return causes.map(({ cause }) => cause).join('\n');
}

function summary(roles: readonly RoleVerdict[]): string {
  const bad = roles.filter(({ verdict }) => verdict !== 'can').map(({ name }) => name);
  if (bad.length === 0) return `GitHub can assume ${roles.map(({ name }) => name).join(', ')}.`;
  const unsure = roles.every(({ verdict }) => verdict !== 'cannot');
  return `GitHub ${unsure ? 'may not be able to' : 'cannot'} assume ${bad.join(', ')}.`;
}

/** The document of `explain`. */
export function explainDocument(run: RunView, roles: readonly RoleVerdict[], notes: readonly string[]): string {
  const verdicts = roles.map(({ verdict }) => verdict);
  const status = verdicts.every((one) => one === 'can') ? 'can' : verdicts.includes('cannot') ? 'cannot' : 'unknown';
  const { command, accountId, region, apiCalls, durationMs } = run;
  return jsonText({
    version: 1,
    command,
    accountId,
    region,
    status,
    roles: roles.map(({ name, arn, verdict, subjects, warnings, hidden }) => ({
      name,
      arn,
      verdict,
      subjects: subjects.map(subjectObject),
      warnings,
      notVisible: hidden,
    })),
    notes,
    apiCalls,
    durationMs,
  });
}

function subjectObject({
  subject,
  form,
  job,
  event,
  expected,
  doubt,
  verdict,
  decision,
  causes,
}: SubjectVerdict): object {
  return {
    subject,
    form,
    job: job ?? null,
    event: event ?? null,
    expected,
    doubt: doubt ?? null,
    verdict,
    decidedBy:
      decision === undefined
        ? null
        : {
            statement: decision.statement,
            operator: decision.condition?.operator ?? null,
            key: decision.condition?.key ?? null,
            wanted: decision.condition?.wanted ?? [],
            value: decision.condition?.value ?? null,
          },
    causes,
  };
}
