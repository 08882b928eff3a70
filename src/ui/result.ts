import { shellWord } from '../shell.ts';
import { shown } from './foreign.ts';
import { outcomeSummary } from './summary.ts';
import { outcomeText } from './text.ts';
import type { OutcomeView } from './view.ts';

/** The data for the end of a run that writes. */
export interface ResultOptions {
  readonly color: boolean;
  /** The command to run again. */
  readonly command: string;
  /** The sentence for a run without changes: `Your account matches crc.config.json.` */
  readonly match: string;
  /** The run was stopped: the rest was not tried. */
  readonly interrupted: boolean;
}

/** How a run that writes ended: the outcome of each resource, the totals, and the addresses of new ones. */
export function resultText(given: readonly OutcomeView[], options: ResultOptions): string {
  const outcomes = shown(given);
  const closing = closingText(given, options);
  return outcomes.every(({ outcome }) => outcome === 'unchanged')
    ? `\n${closing}`
    : `\n${outcomeText(outcomes, options.color)}\n\n${closing}`;
}

/**
 * Functions whose code or settings this run changed, and which were not tested yet. `disabled`: those that Lambda does
 * not call; an emulator may not run code, so that all are called on this machine there.
 */
export function notCalledText(
  given: readonly OutcomeView[],
  disabled: ReadonlySet<string>,
  isEmulator: boolean,
): string {
  const names = shown(given).flatMap(({ id, outcome }) =>
    id.startsWith('function-code/') && (outcome === 'created' || outcome === 'updated')
      ? [id.slice(id.indexOf('/') + 1)]
      : [],
  );
  const called = names.filter((name) => isEmulator || !disabled.has(name));
  const flag = isEmulator ? ' --local' : '';
  const lines = called.map((name) => `Not tested: ${name}. \`crc invoke ${shellWord(name)}${flag}\` calls it.\n`);
  return lines.length === 0 ? '' : `\n${lines.join('')}`;
}

/** Only the end of that text: the totals and the addresses. */
export function closingText(given: readonly OutcomeView[], options: ResultOptions): string {
  const outcomes = shown(given);
  if (outcomes.every(({ outcome }) => outcome === 'unchanged')) return `No changes. ${options.match}`;
  const isDone = outcomes.every(({ outcome }) => ['created', 'updated', 'unchanged'].includes(outcome));
  const addresses = isDone ? addressLines(outcomes) : [];
  return [...outcomeSummary(outcomes, options), ...(addresses.length === 0 ? [] : ['', ...addresses])].join('\n');
}

function addressLines(outcomes: readonly OutcomeView[]): readonly string[] {
  const lines = outcomes.flatMap(({ id, outcome, address }) => {
    if (typeof address?.value !== 'string') return [];
    const { announced, value } = address;
    const isShown = announced === 'always' || (announced === 'when created' && outcome === 'created');
    return isShown ? [{ name: id.slice(id.indexOf('/') + 1), value }] : [];
  });
  const width = Math.max(0, ...lines.map(({ name }) => name.length));
  return lines.map(({ name, value }) => `  ${name.padEnd(width)}  ${value}`);
}
