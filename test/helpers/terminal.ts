import { spawn } from 'node:child_process';
import { SCRIPT } from './cli.ts';
import { Emulator, type Screen, type Size } from './screen.ts';

/** Actions while a command runs in the terminal. */
export interface Keyboard {
  /** Sends a signal to crc. To press Ctrl-C, type `\u0003` instead. */
  kill(signal: NodeJS.Signals): void;
}

/** Text to type, or an action that returns it. */
type Answer = string | ((keyboard: Keyboard) => Promise<string>);

/** Answers to type in order, each as soon as its pattern appears. */
export type Typed = readonly (readonly [shown: RegExp, typed: Answer])[];

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly typed?: Typed;
  /** Default: 100x40. */
  readonly size?: Size;
}

export interface TerminalResult {
  readonly code: number | null;
  /** The complete output without escape sequences. */
  readonly shown: string;
  /** The final content of the terminal. */
  readonly screen: Screen;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: matches escape sequences.
const SEQUENCES = /\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007]*\u0007)/g;

/** Quotes a word for a POSIX shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A shell function that runs the built crc and writes its pid to descriptor 3. */
const CRC = `crc() { sh -c 'echo $$ >&3; exec "$@" 3>&-' crc ${quoted(process.execPath)} ${quoted(SCRIPT)} "$@"; }`;

/**
 * Runs a shell command line in a real terminal (a pty), in which `crc` is the built crc, and types the answers in
 * order. Returns the terminal's content and the exit code. Rejects if the command ends before all answers were typed.
 */
export async function runInTerminal(
  line: string,
  { cwd, env, typed = [], size = { columns: 100, rows: 40 } }: TerminalOptions,
): Promise<TerminalResult> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|CRC_|CI$|NO_COLOR|FORCE_COLOR|GITHUB_|npm_)/.test(name)),
  );
  const setSize = `stty cols ${size.columns} rows ${size.rows}`;
  // Ctrl-C must only end crc. If it also ended the shell, crc's exit code would be lost.
  const child = spawn('script', ['-qec', [setSize, 'trap : INT', CRC, line].join('\n'), '/dev/null'], {
    cwd,
    env: { ...clean, SHELL: '/bin/sh', TERM: 'xterm-256color', AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('the pipes are missing');
  const type = (keys: string) => void stdin.write(keys);
  const emulator = new Emulator(size, type);
  let pid = 0;
  child.stdio[3]?.on('data', (chunk) => {
    pid = Number(String(chunk).trim().split('\n').at(-1));
  });
  const keyboard: Keyboard = { kill: (signal) => void process.kill(pid, signal) };

  return await new Promise((resolve, reject) => {
    let output = '';
    let from = 0;
    const remaining = [...typed];
    let typing = Promise.resolve();
    stdin.on('error', () => undefined);
    stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      emulator.write(chunk);
      const text = output.replace(SEQUENCES, '');
      for (const [pattern, answer] of [...remaining]) {
        const match = pattern.exec(text.slice(from));
        if (match === null) break;
        from += match.index + match[0].length;
        remaining.shift();
        typing = typing.then(async () => type(typeof answer === 'string' ? answer : await answer(keyboard)));
        typing.catch(reject);
      }
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const text = output.replaceAll('\r\n', '\n').replace(SEQUENCES, '');
      emulator.screen().then((screen) => {
        emulator.close();
        if (remaining.length === 0) resolve({ code, shown: text, screen });
        else reject(new Error(`never shown: ${remaining.map(([pattern]) => pattern).join(', ')}. Shown was:\n${text}`));
      }, reject);
    });
  });
}
