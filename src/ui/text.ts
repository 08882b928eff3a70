import pc from 'picocolors';
import type { Change, Outcome, Status } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';
import { documentLines, inline, isDocument } from './values.ts';
import type { OutcomeView, ResourceView, RunView } from './view.ts';

type Colors = ReturnType<typeof pc.createColors>;

export interface TextOptions {
  readonly color: boolean;
  /** Extras go: they are shown as removals and not as a question. */
  readonly prune?: boolean;
}

const STATUS: Readonly<Record<Status, string>> = {
  'in-sync': 'in sync',
  absent: 'does not exist',
  drifted: 'differs',
  conflict: 'conflict',
  unread: 'could not be read',
};

/** The plan as a person reads it: grouped by resource, `+` create, `~` change, `-` remove, `!` conflict, `?` unread. */
export function planText(views: readonly ResourceView[], options: TextOptions): string {
  const colors = pc.createColors(options.color);
  const blocks = views.map((view) => resourceText(view, options, colors));
  return [...blocks, ...warningText(views, colors), summaryText(views, colors)].join('\n');
}

function resourceText(view: ResourceView, { prune = false }: TextOptions, colors: Colors): string {
  const { finding, want, error, notes } = view;
  const { bold, dim, red } = colors;
  const head = `${mark(finding.status, colors)} ${bold(finding.id)}  ${finding.name}  ${dim(STATUS[finding.status])}`;
  const width = Math.max(0, ...finding.changes.map((change) => ('path' in change ? change.path.length : 0)));
  const lines =
    finding.status === 'absent'
      ? createLines(want, colors)
      : finding.changes.flatMap((change) => changeLines(change, width, prune, colors));
  return [
    head,
    ...lines,
    ...(error === undefined ? [] : errorLines(error).map((line) => red(line))),
    ...notes.map((note) => dim(`    note: ${note}`)),
    '',
  ].join('\n');
}

function mark(status: Status, { green, yellow, red }: Colors): string {
  const marks = {
    'in-sync': green('✓'),
    absent: green('+'),
    drifted: yellow('~'),
    conflict: red('!'),
    unread: red('?'),
  };
  return marks[status];
}

function createLines(want: ResourceView['want'], { green }: Colors): readonly string[] {
  const shown = want.filter(({ value }) => value !== null && !(Array.isArray(value) && value.length === 0));
  const width = Math.max(0, ...shown.map(({ path }) => path.length));
  return shown.flatMap(({ path, value }) =>
    isDocument(value)
      ? [`  ${green('+')} ${path}`, ...documentLines(value).map((line) => `      ${line}`)]
      : [`  ${green('+')} ${path.padEnd(width)}  ${inline(value)}`],
  );
}

function changeLines(change: Change, width: number, prune: boolean, colors: Colors): readonly string[] {
  const { green, yellow, red, dim } = colors;
  if (change.kind === 'create') return [];
  const path = change.path.padEnd(width);
  if (change.kind === 'remove') {
    const how = prune ? '' : dim('  (not in the config; bootstrap --prune takes it away)');
    return [`  ${red('-')} ${path}  ${inline(change.live)}${how}`];
  }
  const sign = change.kind === 'conflict' ? red('!') : yellow('~');
  const why = change.kind === 'conflict' ? [`      ${red(change.why)}`] : [];
  if (!isDocument(change.live) && !isDocument(change.want)) {
    return [`  ${sign} ${path}  ${inline(change.live)} ${dim('→')} ${inline(change.want)}`, ...why];
  }
  const live = documentLines(change.live);
  const want = documentLines(change.want);
  const gone = live.filter((line) => !want.includes(line)).map((line) => `      ${red('-')} ${line}`);
  const added = want.filter((line) => !live.includes(line)).map((line) => `      ${green('+')} ${line}`);
  // Statements that read alike may still differ in their names (Sid) or the version of the language.
  const inWords =
    gone.length + added.length === 0 ? [dim('      (the statements mean the same and are written otherwise)')] : [];
  return [`  ${sign} ${path}`, ...gone, ...added, ...inWords, ...why];
}

function warningText(views: readonly ResourceView[], { yellow, bold }: Colors): readonly string[] {
  const warnings = views.flatMap(({ irreversible }) => irreversible);
  return warnings.length === 0 ? [] : [yellow(bold('Cannot be undone')), ...warnings.map((one) => `  ${one}`), ''];
}

function summaryText(views: readonly ResourceView[], { bold }: Colors): string {
  const count = (status: Status) => views.filter(({ finding }) => finding.status === status).length;
  const parts = [
    [count('absent'), 'to create'],
    [count('drifted'), 'to change'],
    [count('conflict'), 'in conflict'],
    [count('unread'), 'could not be read'],
    [count('in-sync'), 'in sync'],
  ] as const;
  return bold(`${parts.flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`])).join(', ')}.`);
}

/** `Account 123456789012, eu-west-2` */
export function headText({ accountId, region }: Pick<RunView, 'accountId' | 'region'>, color: boolean): string {
  return pc.createColors(color).dim(`Account ${accountId}, ${region}`);
}

/** What was done, a line a resource, and why something was not. */
export function outcomeText(outcomes: readonly OutcomeView[], color: boolean): string {
  const { green, red, yellow, dim } = pc.createColors(color);
  const paint: Readonly<Record<Outcome, (text: string) => string>> = {
    unchanged: dim,
    created: green,
    updated: green,
    failed: red,
    blocked: yellow,
  };
  return outcomes
    .flatMap(({ id, outcome, error }) => [
      `${paint[outcome](outcome.padEnd('unchanged'.length))}  ${id}`,
      ...(error === undefined ? [] : errorLines(error)),
    ])
    .join('\n');
}

/** `12 reads, 3 writes, 1.2 s` */
export function costText({ apiCalls, durationMs }: Pick<RunView, 'apiCalls' | 'durationMs'>): string {
  const many = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${many(apiCalls.read, 'read')}, ${many(apiCalls.write, 'write')}, ${(durationMs / 1_000).toFixed(1)} s`;
}

function errorLines(error: CrcError): readonly string[] {
  return [`    ${error.message}`, ...(error.hint === undefined ? [] : [`    ${error.hint}`])];
}

/** An error that ends a command: what failed and why, each problem on its line, what to do now. */
export function errorText(error: CrcError, color: boolean): string {
  const { red, bold } = pc.createColors(color);
  const issues = (error.issues ?? []).map(({ path, message }) => `  ${path === '' ? '' : `${bold(path)}: `}${message}`);
  return [`${red('error:')} ${error.message}`, ...issues, ...(error.hint === undefined ? [] : [error.hint])].join('\n');
}
