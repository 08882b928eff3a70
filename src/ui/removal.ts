import pc from 'picocolors';
import type { RemovalOutcome } from '../engine/outcome.ts';
import type { CrcError } from '../errors.ts';
import { shown } from './foreign.ts';
import { blocksText, grouped, rowsOf } from './rows.ts';
import { errorLines, reasonLines } from './text.ts';

/** What a removal would do to one resource. */
export interface RemovalView {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** As in the --json document. */
  readonly what: 'goes' | 'stays' | 'held' | 'absent' | 'unread';
  readonly why?: string;
  readonly notes: readonly string[];
  readonly error?: CrcError;
}

/** The outcome for one resource. */
export interface RemovalOutcomeView {
  readonly id: string;
  readonly outcome: RemovalOutcome;
  readonly error?: CrcError;
  /** It only waits for others, and needs no attention itself. */
  readonly waits?: boolean;
}

const WORDS: Readonly<Record<RemovalView['what'], string>> = {
  goes: 'will be deleted',
  stays: 'kept',
  held: 'blocked',
  absent: 'not found',
  unread: 'could not be read',
};

const OUTCOMES: Readonly<Record<RemovalOutcome, string>> = {
  removed: 'deleted',
  absent: 'not found',
  kept: 'kept',
  blocked: 'blocked',
  failed: 'failed',
  'not-started': 'not started',
};

/** Outcomes after which a resource is in the wanted state. */
const DONE: readonly RemovalOutcome[] = ['removed', 'absent', 'kept'];

const HEADINGS: readonly (readonly [RemovalView['what'], string])[] = [
  ['goes', 'Will be deleted'],
  ['stays', 'Kept'],
  ['held', 'Blocked'],
  ['unread', 'Could not be read'],
  ['absent', 'Not found'],
];

/**
 * The inventory as text: the totals, then the resources that will be deleted, kept or blocked, and why. The totals are
 * repeated at the end, next to the prompt.
 */
export function removalText(given: readonly RemovalView[], color: boolean): string {
  const views = shown(given);
  const colors = pc.createColors(color);
  const { red, green, yellow, dim, bold } = colors;
  const marks = { goes: red('-'), stays: green('='), held: yellow('!'), absent: dim('·'), unread: red('?') };
  const row = rowsOf(views, colors);
  const groups = HEADINGS.flatMap(([what, heading]) => {
    const members = views.filter((view) => view.what === what);
    const entries = members.map((view) => [
      row(marks[what], view),
      ...(view.why === undefined ? [] : [`    ${view.why}`]),
      ...view.notes.map((note) => dim(`    ${note}`)),
      ...(view.error === undefined ? [] : errorLines(view.error)),
    ]);
    return members.length === 0 ? [] : grouped(bold(heading), entries);
  });
  const total = counts(WORDS, (what) => views.filter((view) => view.what === what).length);
  const headline = [bold(`${total}.`)];
  return blocksText([headline, ...groups, headline]);
}

export interface RemovalTextOptions {
  readonly color: boolean;
  readonly interrupted: boolean;
  /** The command that runs it again: `destroy`. */
  readonly command?: string;
}

/** The outcome of each resource, and the totals. */
export function removalOutcomeText(
  given: readonly RemovalOutcomeView[],
  { color, interrupted, command = 'destroy' }: RemovalTextOptions,
): string {
  const outcomes = shown(given);
  if (outcomes.every(({ outcome }) => outcome === 'absent')) return 'Nothing to delete.';
  const { red, green, yellow, dim } = pc.createColors(color);
  const paint = { removed: green, absent: dim, kept: dim, blocked: yellow, failed: red, 'not-started': yellow };
  const width = Math.max(...outcomes.map(({ outcome }) => OUTCOMES[outcome].length));
  const lines = outcomes.flatMap(({ id, outcome, error }) => [
    `${paint[outcome](OUTCOMES[outcome].padEnd(width))}  ${id}`,
    ...(error === undefined ? [] : reasonLines(outcome, error)),
  ]);
  return [...lines, '', summary(outcomes, interrupted, command)].join('\n');
}

function summary(outcomes: readonly RemovalOutcomeView[], interrupted: boolean, command: string): string {
  const total = counts(OUTCOMES, (word) => outcomes.filter(({ outcome }) => outcome === word).length);
  const isLeft = ({ outcome }: RemovalOutcomeView) => !DONE.includes(outcome);
  const left = outcomes.filter(isLeft).length;
  if (left === 0) return `Done. ${total}.`;
  if (interrupted) return `${total}.`;
  // Resources that wait for others need no attention themselves.
  const broken =
    outcomes.filter((view) => isLeft(view) && view.outcome !== 'not-started' && !view.waits).length || left;
  const need = broken === 1 ? '1 resource needs attention. Fix it' : `${broken} resources need attention. Fix them`;
  return `Incomplete: ${need} and rerun \`crc ${command}\`.\n  ${total}.`;
}

/** `8 deleted, 1 kept` */
function counts<K extends string>(words: Readonly<Record<K, string>>, count: (key: K) => number): string {
  const keys = Object.keys(words) as K[];
  return keys.flatMap((key) => (count(key) === 0 ? [] : [`${count(key)} ${words[key]}`])).join(', ');
}
