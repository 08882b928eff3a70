import type { Key } from 'node:readline';
import type { Writable } from 'node:stream';
import { autocomplete, S_BAR, select, text, updateSettings } from '@clack/prompts';
import { Cancelled } from '../errors.ts';
import { foreign } from './foreign.ts';
import { DEFAULT_COLUMNS } from './io.ts';
import { questionOutput } from './uncoloured.ts';
import { wrap } from './wrap.ts';

/** A question with a line of text as its answer. */
export interface TextQuestion {
  readonly message: string;
  /** The default answer. */
  readonly initial?: string;
  /** A placeholder, shown while nothing is typed. */
  readonly placeholder?: string;
  /** What is wrong with an answer, as a sentence; undefined if it is valid. */
  readonly check?: (value: string) => string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One of several answers. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

export interface ChoiceQuestion<T extends string> {
  readonly message: string;
  readonly choices: readonly Choice<T>[];
  /** The option that is selected initially. */
  readonly initial?: T;
  readonly signal?: AbortSignal | undefined;
}

/**
 * How many options of a long list are shown at once: with the question and its help they fit a terminal of 24 lines.
 */
const SHOWN_CHOICES = 8;

/**
 * Asks for a line of text. Throws Cancelled when the user cancels, like the others, and an AbortError when the signal
 * fires.
 */
export async function askText({ message, initial, placeholder, check, signal }: TextQuestion): Promise<string> {
  const answer = await answerTo(
    (terminal) =>
      text({
        ...terminal,
        message: fitted(message),
        initialValue: initial ?? '',
        placeholder: placeholder ?? '',
        validate: (value) => check?.((value ?? '').trim()),
      }),
    signal,
  );
  return answer.trim();
}

/** Asks to choose one of a few options. */
export async function askChoice<T extends string>(question: ChoiceQuestion<T>): Promise<T> {
  return await chosen(question, (terminal) => select<string>({ ...terminal, ...listOf(question) }));
}

/** Asks to choose one of many options, which typing filters. */
export async function askFromList<T extends string>(question: ChoiceQuestion<T>): Promise<T> {
  return await chosen(question, (terminal) =>
    autocomplete<string>({
      ...terminal,
      ...listOf(question),
      maxItems: SHOWN_CHOICES,
      validate: (value) =>
        value === undefined ? 'Nothing matches. Delete some characters, then choose one.' : undefined,
    }),
  );
}

function listOf({ message, choices, initial }: ChoiceQuestion<string>) {
  const start = initial === undefined ? {} : { initialValue: initial };
  return { message: fitted(message), options: [...choices], ...start };
}

/** Columns of the symbol before a question. */
const MARK = 3;

/** A question longer than a line continues below, next to the bar of its answer. */
function fitted(message: string): string {
  const columns = process.stderr.columns || DEFAULT_COLUMNS;
  return wrap(foreign(message), columns - MARK).replaceAll('\n', `\n${S_BAR.padEnd(MARK)}`);
}

async function chosen<T extends string>(
  { choices, signal }: ChoiceQuestion<T>,
  ask: (terminal: Terminal) => Promise<string | symbol>,
): Promise<T> {
  const answer = await answerTo(ask, signal);
  const choice = choices.find(({ value }) => value === answer);
  if (choice === undefined) throw new Error(`no such choice: ${answer}`);
  return choice.value;
}

/** Questions go to stderr: stdout is for results. */
interface Terminal {
  readonly output: Writable;
  readonly signal?: AbortSignal | undefined;
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

async function answerTo(ask: (terminal: Terminal) => Promise<string | symbol>, signal?: AbortSignal): Promise<string> {
  // clack would ignore it, while readline closes: the process would end during the prompt.
  updateSettings({ aliases: { [CTRL_D]: 'cancel' } });
  let last: string | undefined;
  const onKey = (_: unknown, key: Key) => {
    // A line feed ends a line too: programs that type send it, and Ctrl-J. clack would only know the carriage return.
    if (key.sequence === '\n' && last !== '\r') key.name = 'return';
    last = key.sequence;
  };
  const output = questionOutput(process.argv, process.env);
  process.stdin.on('keypress', onKey);
  try {
    const answer = await ask({ output, signal });
    if (typeof answer === 'string') return answer;
    signal?.throwIfAborted();
    throw new Cancelled(last === CTRL_C ? 130 : 1);
  } finally {
    process.stdin.off('keypress', onKey);
    if (output !== process.stderr) output.destroy();
  }
}
