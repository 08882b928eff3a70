import pc from 'picocolors';
import { counted } from '../counted.ts';
import { jsonText } from '../json.ts';
import { shown } from './foreign.ts';
import { costOf, headOf } from './json.ts';
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
  if (problems.length === 0) return [...set, `${green('✓')} ${counted(states, 'state')}, no problems.`].join('\n');
  return [
    ...set,
    ...problems.flatMap(({ id, message, fix }) => [`${red('!')} ${message} ${dim(`[${id}]`)}`, `  ${fix}`, '']),
    `${counted(problems.length, 'problem')} in ${counted(states, 'state')}.`,
  ].join('\n');
}
