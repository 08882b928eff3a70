import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { harmless, type Io } from './io.ts';

const STDOUT = 1;

/**
 * The process's own streams and terminal. Each is looked at when it is first needed: Node makes a stream of it then, which
 * takes longer than all that `crc --version` does. stdout that is a file or a pipe is written to without one.
 */
export function processIo(argv: readonly string[]): Io {
  const { env } = process;
  let out: NodeJS.WriteStream | undefined;
  const stdout = () => {
    out ??= process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (!readerIsGone(error)) throw error;
    });
    return out;
  };
  const outIsTerminal = () => mayBeTerminal(STDOUT) && stdout().isTTY;
  return {
    out: (text) => {
      const rest = out === undefined ? writeDirectly(STDOUT, harmless(text)) : harmless(text);
      if (rest.length > 0) stdout().write(rest);
    },
    err: (text) => {
      process.stderr.write(harmless(text));
    },
    get color() {
      return !argv.includes('--no-color') && !env.NO_COLOR && (outIsTerminal() || Boolean(env.FORCE_COLOR));
    },
    // A terminal that does not know its width (some containers) makes a spinner clear lines without end.
    get live() {
      return process.stderr.isTTY && process.stderr.columns > 0 && !env.CI;
    },
    get interactive() {
      return process.stdin.isTTY && process.stderr.isTTY;
    },
    get outIsTerminal() {
      return outIsTerminal();
    },
    get outColumns() {
      return outIsTerminal() ? stdout().columns : undefined;
    },
    cwd: process.cwd(),
    env,
  };
}

/** Windows' consoles have encodings of their own, which Node's streams know about. */
const DIRECT = process.platform !== 'win32';

/** False for what is certainly none (a file, a pipe, /dev/null), as the system says without a stream. */
function mayBeTerminal(descriptor: number): boolean {
  if (!DIRECT) return true;
  const output = fstatSync(descriptor);
  return output.isCharacterDevice() && output.rdev !== statSync(devNull).rdev;
}

/**
 * Writes to a file descriptor and answers with what could not be written yet, for a stream to write: all of it on Windows, and
 * the rest when a pipe that someone made non-blocking is full. Node's own streams write to files and pipes synchronously too
 * (https://nodejs.org/api/process.html#a-note-on-process-io).
 */
export function writeDirectly(descriptor: number, text: string, write = writeSync): Buffer {
  let rest = Buffer.from(text);
  try {
    while (DIRECT && rest.length > 0) rest = rest.subarray(write(descriptor, rest));
  } catch (error) {
    const problem = error as NodeJS.ErrnoException;
    if (readerIsGone(problem)) return Buffer.alloc(0);
    if (problem.code !== 'EAGAIN') throw problem;
  }
  return rest;
}

/** A reader that has seen enough (`| head`) is no error. */
function readerIsGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE';
}
