import pc from 'picocolors';
import type { Change, Json, Outcome, RemovalOutcome, Status } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';
import { shown } from './foreign.ts';
import { inline, isDocument, statementBlocks } from './values.ts';
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
export function planText(given: readonly ResourceView[], options: TextOptions): string {
  const views = shown(given);
  const colors = pc.createColors(options.color);
  const blocks = views.map((view) => resourceLines(view, options, colors));
  // Blank lines around what has something to read; what is in sync is a list.
  const list = blocks.flatMap((lines, index) => {
    const apart = index > 0 && (lines.length > 1 || (blocks[index - 1]?.length ?? 0) > 1);
    return apart ? ['', ...lines] : lines;
  });
  return [
    ...list,
    '',
    ...irreversibleText(views, colors),
    ...warningCount(views, colors),
    summaryText(views, colors),
  ].join('\n');
}

function resourceLines(view: ResourceView, { prune = false }: TextOptions, colors: Colors): readonly string[] {
  const { finding, want, error, notes } = view;
  const { bold, dim, red, yellow } = colors;
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
    ...finding.warnings.map((warning) => `    ${yellow('warning:')} ${inline(warning)}`),
    ...notes.map((note) => dim(`    note: ${note}`)),
  ];
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
      ? [
          `  ${green('+')} ${path}`,
          ...statementBlocks(value).flatMap((block) => blockLines(block, ' ', (line) => line)),
        ]
      : [`  ${green('+')} ${path.padEnd(width)}  ${inline(value)}`],
  );
}

function changeLines(change: Change, width: number, prune: boolean, colors: Colors): readonly string[] {
  const { yellow, red, dim } = colors;
  if (change.kind === 'create') return [];
  const path = change.path.padEnd(width);
  if (change.kind === 'remove') {
    const how = prune ? '' : dim('  (not in the config; bootstrap --prune takes it away)');
    return [`  ${red('-')} ${path}  ${inline(change.live)}${how}`];
  }
  const sign = change.kind === 'conflict' ? red('!') : yellow('~');
  const why = change.why === undefined ? [] : [`      ${red(change.why)}`];
  if (!isDocument(change.live) && !isDocument(change.want)) {
    return [`  ${sign} ${path}  ${inline(change.live)} ${dim('→')} ${inline(change.want)}`, ...why];
  }
  return [`  ${sign} ${path.trimEnd()}`, ...documentLines(change.live, change.want, colors), ...why];
}

/** What differs between two documents: statements that allow the same are compared line by line. */
function documentLines(live: Json, want: Json, { green, red, dim }: Colors): readonly string[] {
  const text = (block: readonly string[]) => block.join('\n');
  const only = (these: Json, those: Json) => {
    const others = statementBlocks(those).map(text);
    return statementBlocks(these).filter((block) => !others.includes(text(block)));
  };
  const gone = only(live, want);
  const added = only(want, live);
  const pairs = gone.map((block) => [block, added.find(([head]) => head === block[0])] as const);
  const lines = [
    ...pairs.flatMap(([before, after]) => {
      if (after === undefined) return blockLines(before, '-', red);
      return [
        `      ${dim(`  ${after[0]}`)}`,
        ...before.slice(1).flatMap((line) => (after.includes(line) ? [] : [`      ${red('-')}   ${line}`])),
        ...after.slice(1).flatMap((line) => (before.includes(line) ? [] : [`      ${green('+')}   ${line}`])),
      ];
    }),
    ...added
      .filter((block) => !pairs.some(([, after]) => after === block))
      .flatMap((block) => blockLines(block, '+', green)),
  ];
  // Statements that read alike may still differ in their names (Sid) or the version of the language.
  return lines.length > 0 ? lines : [dim('      (the statements mean the same and are written otherwise)')];
}

function blockLines(
  [head = '', ...rest]: readonly string[],
  sign: string,
  paint: (text: string) => string,
): readonly string[] {
  return [`      ${paint(sign)} ${head}`, ...rest.map((line) => `      ${paint(sign)}   ${line}`)];
}

function irreversibleText(views: readonly ResourceView[], { yellow, bold }: Colors): readonly string[] {
  const steps = views.flatMap(({ irreversible }) => irreversible);
  return steps.length === 0 ? [] : [yellow(bold('Cannot be undone')), ...steps.map((one) => `  ${one}`), ''];
}

/** Warnings stand far above in a long plan. */
function warningCount(views: readonly ResourceView[], { yellow }: Colors): readonly string[] {
  const count = views.flatMap(({ finding }) => finding.warnings).length;
  return count === 0 ? [] : [yellow(count === 1 ? '1 warning.' : `${count} warnings.`)];
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

/** `Account 123456789012, eu-west-2`, and `Config ../crc.config.json` when it was found above the working directory. */
export function headText(run: Pick<RunView, 'accountId' | 'region' | 'configFile'>, color: boolean): string {
  const { accountId, region, configFile } = shown(run);
  const config = configFile === undefined ? '' : `\nConfig ${configFile}`;
  return pc.createColors(color).dim(`Account ${accountId}, ${region}${config}`);
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
    'not-started': yellow,
  };
  const width = Math.max('unchanged'.length, ...outcomes.map(({ outcome }) => outcomeWord(outcome).length));
  return shown(outcomes)
    .flatMap(({ id, outcome, error }) => [
      `${paint[outcome](outcomeWord(outcome).padEnd(width))}  ${id}`,
      ...(error === undefined ? [] : errorLines(error)),
    ])
    .join('\n');
}

/** An outcome as a person reads it: `not started`. */
export function outcomeWord(outcome: Outcome | RemovalOutcome): string {
  return outcome.replace('-', ' ');
}

/** `12 reads, 3 writes, 1.2 s` */
export function costText({ apiCalls, durationMs }: Pick<RunView, 'apiCalls' | 'durationMs'>): string {
  const many = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  return `${many(apiCalls.read, 'read')}, ${many(apiCalls.write, 'write')}, ${(durationMs / 1_000).toFixed(1)} s`;
}

/** What failed and why, and what to do now, below the resource that it is about. */
export function errorLines({ message, details, hint }: CrcError): readonly string[] {
  return [`    ${message}`, ...details.map((line) => `    | ${line}`), `    ${hint}`];
}

/** An error that ends a command: what failed and why, each problem on its line, what to do now. */
export function errorText(given: CrcError, color: boolean): string {
  const error = shown(given);
  const { red, bold } = pc.createColors(color);
  const issues = (error.issues ?? []).map(({ path, message }) => `  ${path === '' ? '' : `${bold(path)}: `}${message}`);
  const details = error.details.map((line) => `  | ${line}`);
  return [`${red('error:')} ${error.message}`, ...details, ...issues, error.hint].join('\n');
}
