import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { CrcError, systemReason } from '../errors.ts';
import { commandLine, DEFAULT_COLUMNS, harmless, type Io, isCi, knowsUnicode } from './io.ts';
import { type OwnCommand, ownCommand } from './own-command.ts';

const STDOUT = 1;

/**
 * The streams and the terminal of the process. Each is only accessed when needed, since Node then creates a stream,
 * which takes longer than everything else that `crc --version` does. For the same reason, stdout is written directly as
 * long as that works. `out` throws a CrcError if it cannot write.
 */
export function processIo(argv: readonly string[]): Io {
  const { env } = process;
  let stream: NodeJS.WriteStream | undefined;
  let errors: NodeJS.WriteStream | undefined;
  let own: OwnCommand | undefined;
  const actions = env.GITHUB_ACTIONS === 'true';
  const isColored = () => !argv.includes('--no-color') && (wantsColor(env) ?? (outIsTerminal() && env.TERM !== 'dumb'));
  // Windows consoles have no locale in the environment.
  const asciiAlone = process.platform !== 'win32' && !knowsUnicode(env);
  const gate = (text: string, ascii: boolean) =>
    harmless(text, { color: text.includes('\u001b') && isColored(), actions, ascii });
  const toStderr = (text: string) => {
    // If stderr cannot be written, this cannot be reported, but the run itself is not affected.
    errors ??= process.stderr.on('error', () => undefined);
    errors.write(text);
  };
  // `isTTY` is undefined rather than false, and colour libraries check the environment if colours are undefined.
  const outIsTerminal = () => mayBeTerminal(STDOUT) && process.stdout.isTTY === true;
  return {
    out: (text) => {
      const gated = gate(text, asciiAlone && outIsTerminal());
      const rest = stream === undefined ? writeDirectly(STDOUT, gated) : gated;
      if (rest.length === 0) return;
      stream ??= process.stdout.on('error', reportFailure);
      stream.write(rest);
    },
    err: (text) => toStderr(gate(text, asciiAlone && process.stderr.isTTY)),
    command: (line) => toStderr(`${commandLine(line)}\n`),
    get color() {
      return isColored();
    },
    // With a terminal of unknown width (some containers), a spinner would clear lines forever.
    get live() {
      return process.stderr.isTTY && process.stderr.columns > 0 && !isCi(env);
    },
    get interactive() {
      return process.stdin.isTTY && process.stderr.isTTY;
    },
    get outColumns() {
      // Some terminals report no width, or 0.
      return outIsTerminal() ? process.stdout.columns || DEFAULT_COLUMNS : undefined;
    },
    get errColumns() {
      return process.stderr.isTTY ? process.stderr.columns || DEFAULT_COLUMNS : undefined;
    },
    get own() {
      own ??= ownCommand({ argv, cwd: process.cwd(), env });
      return own;
    },
    // The folder may have been deleted; that is reported like any other error.
    get cwd() {
      return process.cwd();
    },
    env,
  };
}

/**
 * Whether the environment requires or forbids colours, whatever the output is: https://no-color.org,
 * https://force-color.org
 */
export function wantsColor({ NO_COLOR, FORCE_COLOR }: Io['env']): boolean | undefined {
  if (NO_COLOR) return false;
  return FORCE_COLOR === undefined || FORCE_COLOR === '' ? undefined : !['0', 'false'].includes(FORCE_COLOR);
}

/** Windows consoles have their own encodings, which Node's streams handle. */
const DIRECT = process.platform !== 'win32';

/**
 * False for what is certainly not a terminal (a file, a pipe, /dev/null), according to the system, without creating a
 * stream.
 */
function mayBeTerminal(descriptor: number): boolean {
  if (!DIRECT) return true;
  const output = fstatSync(descriptor);
  return output.isCharacterDevice() && output.rdev !== statSync(devNull).rdev;
}

/**
 * Writes to a file descriptor and returns what is left for a stream to write: all of it on Windows, and the rest if a
 * non-blocking pipe is full. Node's own streams also write to files and pipes synchronously
 * (https://nodejs.org/api/process.html#a-note-on-process-io). @throws CrcError if writing fails, as on a full disk.
 */
export function writeDirectly(descriptor: number, text: string, write = writeSync): Buffer {
  let rest = Buffer.from(text);
  try {
    while (DIRECT && rest.length > 0) rest = rest.subarray(write(descriptor, rest));
  } catch (error) {
    const problem = error as NodeJS.ErrnoException;
    if (readerIsGone(problem)) return Buffer.alloc(0);
    if (problem.code !== 'EAGAIN') throw cannotWrite(problem);
  }
  return rest;
}

/** A reader that closes early (`| head`) is not an error. */
function readerIsGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE';
}

function cannotWrite(error: NodeJS.ErrnoException): CrcError {
  return new CrcError(`The output cannot be written: ${systemReason(error)}.`, {
    hint: 'Free some space or write it to another place, then run the command again. Changes made so far are kept.',
    cause: error,
  });
}

/** Reports an error of the stdout stream, which occurs after the call that wrote to it. */
function reportFailure(error: NodeJS.ErrnoException): void {
  if (readerIsGone(error)) return;
  process.stderr.write(`error: ${cannotWrite(error).message}\n`);
  process.once('exit', () => {
    process.exitCode = 1;
  });
}
