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
 * Functions whose code or role is new since this run, and which were not tested yet. `disabled`: those that Lambda does
 * not call; an emulator may not run code, so that all are called on this machine there.
 */
export function notCalledText(
  given: readonly OutcomeView[],
  disabled: ReadonlySet<string>,
  isEmulator: boolean,
): string {
  const outcomes = new Map(shown(given).map(({ id, outcome }) => [id, outcome]));
  const flag = isEmulator ? ' --local' : '';
  const lines = [...outcomes].flatMap(([id, code]) => {
    const name = /^function-code\/(.+)$/.exec(id)?.[1];
    if (name === undefined) return [];
    const isNew = code === 'created' || code === 'updated';
    // What its previous role of that name was granted, such as a KMS key, the new one may lack.
    const hasNewRole = code === 'unchanged' && outcomes.get(`execution-role/${name}`) === 'created';
    if (!(isNew || hasNewRole) || (disabled.has(name) && !isEmulator)) return [];
    return [
      `Not tested: ${name}${isNew ? '' : ', which has a new role'}. \`crc invoke ${shellWord(name)}${flag}\` calls it.\n`,
    ];
  });
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
