import { harmless, type Io } from './io.ts';

/**
 * The process's own streams and terminal. Each is looked at when it is first needed: Node makes a stream of it then, which
 * takes longer than all that `crc --version` does (stdin most of all).
 */
export function processIo(argv: readonly string[]): Io {
  const { env } = process;
  let out: NodeJS.WriteStream | undefined;
  const stdout = () => {
    out ??= process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that has seen enough (`| head`) is no error.
      if (error.code !== 'EPIPE') throw error;
    });
    return out;
  };
  return {
    out: (text) => {
      stdout().write(harmless(text));
    },
    err: (text) => {
      process.stderr.write(harmless(text));
    },
    get color() {
      return !argv.includes('--no-color') && !env.NO_COLOR && (stdout().isTTY || Boolean(env.FORCE_COLOR));
    },
    // A terminal that does not know its width (some containers) makes a spinner clear lines without end.
    get live() {
      return process.stderr.isTTY && process.stderr.columns > 0 && !env.CI;
    },
    get interactive() {
      return process.stdin.isTTY && process.stderr.isTTY;
    },
    get outIsTerminal() {
      return stdout().isTTY;
    },
    cwd: process.cwd(),
    env,
  };
}
