import { shown } from './foreign.ts';
import { outcomeSummary } from './summary.ts';
import { outcomeText } from './text.ts';
import type { OutcomeView } from './view.ts';

/** What the end of a run that writes is about. */
export interface ResultOptions {
  readonly color: boolean;
  /** What to run again. */
  readonly command: string;
  /** What matches when there was nothing to do: `Your account matches crc.config.json.` */
  readonly match: string;
  /** The run was told to stop: what is left was not tried. */
  readonly interrupted: boolean;
  /** ARNs of roles by name: those of created ones are shown. */
  readonly roleArns: Readonly<Record<string, string>>;
}

/** How a run that writes ended: what became of each resource, how many of each, and the addresses of what is new. */
export function resultText(given: readonly OutcomeView[], options: ResultOptions): string {
  const outcomes = shown(given);
  const closing = closingText(given, options);
  return outcomes.every(({ outcome }) => outcome === 'unchanged')
    ? `\n${closing}`
    : `\n${outcomeText(outcomes, options.color)}\n\n${closing}`;
}

/** The end of it alone. */
export function closingText(given: readonly OutcomeView[], options: ResultOptions): string {
  const outcomes = shown(given);
  if (outcomes.every(({ outcome }) => outcome === 'unchanged')) return `No changes. ${options.match}`;
  const isDone = outcomes.every(({ outcome }) => ['created', 'updated', 'unchanged'].includes(outcome));
  const addresses = isDone ? addressLines(outcomes, options) : [];
  return [...outcomeSummary(outcomes, options), ...(addresses.length === 0 ? [] : ['', ...addresses])].join('\n');
}

function addressLines(outcomes: readonly OutcomeView[], { roleArns }: ResultOptions): readonly string[] {
  const lines = outcomes.flatMap(({ id, outcome, address }): readonly (readonly [string, string])[] => {
    const name = id.slice(id.indexOf('/') + 1);
    if (address !== undefined) return [[name, address]];
    const arn = id.startsWith('role/') && outcome === 'created' ? shown(roleArns)[name] : undefined;
    return arn === undefined ? [] : [[name, arn]];
  });
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  return lines.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`);
}
