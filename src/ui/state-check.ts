import pc from 'picocolors';
import { jsonText } from '../json.ts';
import { shown } from './foreign.ts';
import { costOf, headOf } from './json.ts';
import { countText } from './state-common.ts';
import type { RunView } from './view.ts';

export interface StateProblemView {
  readonly id: string;
  readonly key: string;
  readonly message: string;
  readonly fix: string;
}

export function stateCheckDocument(
  run: RunView,
  problems: readonly StateProblemView[],
  fixed: readonly string[] | undefined,
): string {
  return jsonText({
    ...headOf(run),
    status: problems.length === 0 ? 'ok' : 'problems',
    problems,
    fixed,
    ...costOf(run),
  });
}

export function stateCheckText(
  given: readonly StateProblemView[],
  fixed: readonly string[],
  states: number,
  color: boolean,
): string {
  const problems = shown(given);
  const set = shown(fixed).map((key) => `Set the digest of ${key}.`);
  const { red, green, dim } = pc.createColors(color);
  if (problems.length === 0) return [...set, `${green('✓')} ${countText(states, 'state')}, no problems.`].join('\n');
  return [
    ...set,
    ...problems.flatMap(({ id, message, fix }) => [`${red('!')} ${message} ${dim(`[${id}]`)}`, `  ${fix}`, '']),
    `${countText(problems.length, 'problem')} in ${countText(states, 'state')}.`,
  ].join('\n');
}
