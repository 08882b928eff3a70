import { type ChildProcess, spawn } from 'node:child_process';
import type { Environment } from '../environment.ts';

/** A program that does not outlive crc. */
export interface Tied {
  readonly child: ChildProcess;
  /** Resolves when it has ended for any reason, including a failed start. */
  readonly ended: Promise<void>;
  /** Sends a signal to it and to everything that it started. */
  kill(signal: NodeJS.Signals): void;
}

export interface TiedOptions {
  readonly cwd?: string;
  readonly env: Environment;
  /** The signal that it gets when crc has ended for any reason. */
  readonly last: 'TERM' | 'KILL';
  readonly stdout: 'ignore' | 'pipe';
}

/**
 * Becomes the command, and leaves a watcher behind that ends the whole process group when descriptor 3 closes, which
 * happens when crc has ended for any reason. A separate descriptor is needed because a shell's background jobs get no
 * standard input.
 */
const script = (last: TiedOptions['last']) => `(cat <&3; kill -s ${last} -- "-$$") >/dev/null 2>&1 & exec "$@" 3<&-`;

/** Starts a program in its own process group, which a terminal's Ctrl-C does not reach. Its stderr is a pipe. */
export function startTied(command: readonly string[], { cwd, env, last, stdout }: TiedOptions): Tied {
  const isWindows = process.platform === 'win32';
  const [file = '', ...args] = isWindows ? command : ['sh', '-c', script(last), 'sh', ...command];
  const child = spawn(file, args, {
    cwd,
    detached: !isWindows,
    env: { ...env },
    stdio: ['ignore', stdout, 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // The pipe breaks if the program ends first.
  for (const stream of child.stdio) stream?.on('error', () => undefined);
  return {
    child,
    ended,
    kill(signal) {
      if (child.pid === undefined) return;
      try {
        if (isWindows) child.kill(signal);
        else process.kill(-child.pid, signal);
      } catch (error) {
        // ESRCH: the whole group has already ended.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    },
  };
}
