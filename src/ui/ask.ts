import { confirm, isCancel, select, text } from '@clack/prompts';
import { Cancelled } from '../errors.ts';

/** One question; `check` says what is wrong with an answer. */
export interface Question {
  readonly message: string;
  readonly initial: string;
  readonly check: (value: string) => string | undefined;
}

/** Questions go to stderr: stdout is for results. */
const TERMINAL = { output: process.stderr };

/** Asks for a line of text. Throws Cancelled when the person leaves, as the others do. */
export async function askText({ message, initial, check }: Question): Promise<string> {
  const answer = await text({ message, initialValue: initial, validate: (value) => check(value ?? ''), ...TERMINAL });
  return typeof answer === 'string' ? answer : leave();
}

export async function askChoice<T extends string>(message: string, choices: readonly T[], initial: T): Promise<T> {
  const options = choices.map((value) => ({ value, label: value as string }));
  const answer = await select({ message, options: options as never, initialValue: initial, ...TERMINAL });
  return isCancel(answer) ? leave() : (answer as T);
}

export async function askYes(message: string): Promise<boolean> {
  const answer = await confirm({ message, initialValue: true, ...TERMINAL });
  return typeof answer === 'boolean' ? answer : leave();
}

function leave(): never {
  throw new Cancelled(130);
}
