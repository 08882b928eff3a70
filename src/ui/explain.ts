import pc from 'picocolors';
import { jsonText } from '../json.ts';
import type { FoundCause } from '../trust/causes/index.ts';
import { shownValue } from '../trust/condition-keys.ts';
import type { Decision } from '../trust/diagnose.ts';
import type { RoleVerdict } from '../trust/role-verdict.ts';
import type { SubjectVerdict, Verdict } from '../trust/verdict.ts';
import { asideTexts, type DeniedGroup, deniedGroups, jobsText, rowsOf, type SubjectRow } from './explain-rows.ts';
import { shown } from './foreign.ts';
import { costOf, headOf } from './json.ts';
import { headText } from './text.ts';
import type { RunView } from './view.ts';

const WORDS: Readonly<Record<Verdict, string>> = { can: 'allowed', cannot: 'denied', unknown: 'not sure' };

/** How rows are written. `withFiles`: includes the workflow of a job. */
interface Style {
  readonly colors: ReturnType<typeof pc.createColors>;
  readonly withFiles: boolean;
  /** What was already shown, and is not repeated. */
  readonly alreadyShown: Set<string>;
}

/**
 * The verdict, then each role with each subject and its jobs; a cause is shown once, below all subjects that it denies.
 */
export function explainText(
  run: RunView,
  givenRoles: readonly RoleVerdict[],
  givenNotes: readonly string[],
  color: boolean,
): string {
  const [roles, notes] = [shown(givenRoles), shown(givenNotes)];
  const colors = pc.createColors(color);
  const files = new Set(roles.flatMap(({ subjects }) => subjects.flatMap(({ file }) => file ?? [])));
  const style: Style = { colors, withFiles: files.size > 1, alreadyShown: new Set() };
  const blocks = roles.map((role) => roleLines(role, style).join('\n'));
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

function roleLines(role: RoleVerdict, style: Style): readonly string[] {
  const { bold, dim, yellow } = style.colors;
  const rows = rowsOf(role.subjects);
  const allowed = rows.filter(({ verdict }) => verdict === 'can');
  // A subject that is not in the config is denied as intended: there is nothing to fix.
  const unmeant = rows.filter(({ verdict, expected }) => verdict !== 'can' && !expected);
  const denied = rows.filter(({ verdict, expected }) => verdict !== 'can' && expected);
  return [
    role.arn === '' ? bold(role.name) : `${bold(`role/${role.name}`)}  ${dim(role.arn)}`,
    ...allowed.flatMap((row) => rowLines(row, style)),
    ...deniedGroups(denied).flatMap((group) => groupLines(group, style)),
    ...unmeant.filter((row) => !isAside(row)).flatMap((row) => rowLines(row, style)),
    ...asideTexts(unmeant.filter(isAside)).map((text) => dim(`  · ${WORDS.cannot.padEnd(8)} ${text}`)),
    ...role.warnings.map((warning) => yellow(`  ! ${warning}`)),
  ];
}

/** Whether a run may also present this subject, and is then denied. */
function isAside({ aside, verdict }: SubjectRow): boolean {
  return aside && verdict === 'cannot';
}

const INDENT = ' '.repeat(6);

function rowLines(row: SubjectRow, style: Style): readonly string[] {
  const { dim, green, red, yellow } = style.colors;
  const marks = { can: green('✓'), cannot: red('✗'), unknown: yellow('?') };
  const mark = row.expected || row.verdict === 'can' ? marks[row.verdict] : dim('·');
  const line = `  ${mark} ${WORDS[row.verdict].padEnd(8)} ${row.subject}${dim(about(row))}`;
  const jobs = jobsText(row.jobs, style.withFiles).map((text) => `${INDENT}${dim(text)}`);
  const decision = row.verdict === 'can' && jobs.length === 0 ? [`${INDENT}${dim(decisionText(row.decision))}`] : [];
  return [line, ...jobs, ...decision];
}

function groupLines({ rows, causes }: DeniedGroup, style: Style): readonly string[] {
  const { dim, red } = style.colors;
  const [first] = rows;
  const decision =
    first?.decision === undefined || !first.byPolicy ? [] : [`${INDENT}${dim(decisionText(first.decision))}`];
  return [
    ...rows.flatMap((row) => rowLines(row, style)),
    ...decision,
    ...causes.flatMap(({ cause, fix, command, message }) => [
      `${INDENT}${red(cause)}`,
      `${INDENT}${fix}`,
      // A command for a placeholder file adds nothing to the advice.
      ...(fix.includes(`\`${command}\``) || command.includes('FILE')
        ? []
        : once(`${dim('run:')} \`${command}\``, style)),
      ...once(dim(`GitHub log: ${message}`), style),
    ]),
  ];
}

function once(line: string, { alreadyShown }: Style): readonly string[] {
  if (alreadyShown.has(line)) return [];
  alreadyShown.add(line);
  return [`${INDENT}${line}`];
}

function about({ subject, form, verdict, doubt, expected, aside, events }: SubjectRow): string {
  const isPlain = !expected && doubt === undefined && !aside;
  const parts = [
    ...(form === 'custom' ? ['custom template'] : []),
    // The subject contains expressions that are only known during the run as written, so the doubt is obvious.
    ...(doubt === undefined || subject.includes('${{') ? [] : [doubt]),
    ...(aside && events.length > 0 ? [`on ${events.join(', ')}`] : []),
    ...(isPlain && verdict === 'cannot' ? ['as intended'] : []),
    ...(isPlain && verdict === 'can' ? ['not intended'] : []),
  ];
  return parts.length === 0 ? '' : `  (${parts.join('; ')})`;
}

function decisionText(decision: Decision | undefined): string {
  if (decision === undefined) return 'no statement matches';
  const { statement, condition } = decision;
  if (condition === undefined) return `statement ${statement}, without a condition`;
  return `statement ${statement}: ${condition.operator} on ${condition.key.split(':').at(-1)}`;
}

function summary(roles: readonly RoleVerdict[]): string {
  if (roles.length === 0) return 'Not sure: crc cannot see whether a job logs in to AWS.';
  const names = (verdict: Verdict) => roles.filter((role) => role.verdict === verdict).map(({ name }) => name);
  const unsure = roles.filter(({ verdict }) => verdict === 'unknown');
  // Each row then says "allowed" for the form that is shown.
  const isByFormAlone = unsure.every(
    ({ subjects }) => subjects.length > 0 && subjects.every(({ verdict }) => verdict !== 'unknown'),
  );
  const reason = isByFormAlone ? ': it depends on the form of the subjects (see the note)' : '';
  const [can, cannot, unknown] = [names('can'), names('cannot'), names('unknown')];
  return [
    ...(cannot.length > 0 ? [`GitHub cannot assume ${cannot.join(', ')}.`] : []),
    ...(unknown.length > 0 ? [`Not sure whether GitHub can assume ${unknown.join(', ')}${reason}.`] : []),
    ...(can.length > 0 && cannot.length + unknown.length === 0 ? [`GitHub can assume ${can.join(', ')}.`] : []),
  ].join(' ');
}

/** The document of `explain`. */
export function explainDocument(run: RunView, roles: readonly RoleVerdict[], notes: readonly string[]): string {
  const verdicts = roles.map(({ verdict }) => verdict);
  const all = verdicts.length > 0 && verdicts.every((verdict) => verdict === 'can');
  const status = all ? 'can' : verdicts.includes('cannot') ? 'cannot' : 'unknown';
  return jsonText({
    ...headOf(run),
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
    ...costOf(run),
  });
}

function subjectObject(subjectVerdict: SubjectVerdict): object {
  const { subject, form, job, event, expected, doubt, verdict, decision, causes } = subjectVerdict;
  const value = decision?.condition?.value ?? null;
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
            value: value === null ? null : shownValue(value),
          },
    causes: causes.map(causeObject),
  };
}

/** Version 1 of the document also keeps the older name of `fix`. */
function causeObject({ id, message, cause, fix, command }: FoundCause): object {
  return { id, message, cause, fix, mend: fix, command };
}
