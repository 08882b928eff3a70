import pc from 'picocolors';
import type { RemovalOutcome } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';
import { outcomeWord } from './text.ts';

/** What a removal means for one resource. */
export interface RemovalView {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly what: 'goes' | 'stays' | 'held' | 'absent' | 'unread';
  readonly why?: string | undefined;
  readonly notes: readonly string[];
  readonly error?: CrcError | undefined;
}

/** The inventory: what goes, what stays and why. */
export function removalText(views: readonly RemovalView[], color: boolean): string {
  const { red, green, yellow, dim, bold } = pc.createColors(color);
  const marks = { goes: red('-'), stays: green('='), held: yellow('!'), absent: dim('·'), unread: red('?') };
  const words = {
    goes: 'goes',
    stays: 'stays',
    held: 'cannot go yet',
    absent: 'is not there',
    unread: 'could not be read',
  };
  return views
    .flatMap(({ id, name, what, why, notes, error }) => [
      `${marks[what]} ${bold(id)}  ${name}  ${dim(words[what])}`,
      ...(why === undefined ? [] : [`    ${why}`]),
      ...(what === 'goes' ? notes.map((note) => dim(`    ${note}`)) : []),
      ...(error === undefined ? [] : [`    ${error.message}`, `    ${error.hint}`]),
    ])
    .join('\n');
}

/** What became of each. */
export function removalOutcomeText(
  outcomes: readonly { readonly id: string; readonly outcome: RemovalOutcome; readonly error?: CrcError | undefined }[],
  color: boolean,
): string {
  const { red, green, yellow, dim } = pc.createColors(color);
  const paint = { removed: green, absent: dim, kept: dim, blocked: yellow, failed: red, 'not-started': yellow };
  return outcomes
    .flatMap(({ id, outcome, error }) => [
      `${paint[outcome](outcomeWord(outcome).padEnd('not started'.length))}  ${id}`,
      ...(error === undefined ? [] : [`    ${error.message}`, `    ${error.hint}`]),
    ])
    .join('\n');
}
