import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Interrupted } from '../engine/interrupted.ts';
import type { Environment } from '../environment.ts';

/** What the guard (runners/guard.mjs) runs. */
export interface Task {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** Passed to the program on file descriptor 3, where other users of this machine cannot see it. */
  readonly input: string;
  /** In seconds, until the program writes its first line to file descriptor 4, when it has loaded its modules. */
  readonly startSeconds: number;
  /** In seconds, from that line to its end. */
  readonly timeoutSeconds: number;
  /** A unique value in `env`, by which everything that the program started is found. */
  readonly mark: string;
}

/** How a task ended. */
export interface Ended {
  /** The end of its stdout and stderr. */
  readonly log: string;
  /** Undefined if it could not be started, null if it was killed. */
  readonly code: number | null | undefined;
  readonly ended: 'itself' | 'start' | 'timeout';
  /** Its second line on file descriptor 4; empty if there was none. */
  readonly message: string;
}

/**
 * Runs a program in a private temporary folder that `prepare` fills. When this returns or throws, and also when crc
 * itself is killed, the program, everything that it started, and the folder are gone. @throws Interrupted when the
 * signal is aborted, and a system error if the folder cannot be created.
 */
export async function runGuarded(
  prepare: (folder: string) => Promise<Task>,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<Ended> {
  const guard = spawn(process.execPath, [runner('guard.mjs'), join(tmpdir(), 'crc-invoke-')], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    // Ctrl-C in the terminal is for crc, which then ends the guard by closing its stdin.
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const ended = once(guard, 'close');
  // After the guard's end a write fails; the missing response shows that it ended.
  guard.stdin.on('error', () => undefined);
  const stop = () => guard.stdin.end();
  signal?.addEventListener('abort', stop, { once: true });
  const lines = linesOf(guard.stdout);
  const read = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (!done) return JSON.parse(value);
    if (signal?.aborted) throw new Interrupted('stopped before the function had answered');
    throw new Error('the process that monitors the function ended');
  };
  try {
    if (signal?.aborted) throw new Interrupted('stopped before the function was called');
    const first = (await read()) as { readonly folder: string } | { readonly error: object };
    if ('error' in first) throw Object.assign(new Error('no temporary folder'), first.error);
    guard.stdin.write(`${JSON.stringify(await prepared(prepare, first.folder, signal))}\n`);
    return (await read()) as Ended;
  } finally {
    signal?.removeEventListener('abort', stop);
    guard.stdin.end();
    await ended;
  }
}

/** The guard removes the folder as soon as the run is to stop, possibly while it is being filled. */
async function prepared(
  prepare: (folder: string) => Promise<Task>,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Task> {
  try {
    const task = await prepare(folder);
    if (!signal?.aborted) return task;
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
  // A pending write may have recreated it.
  await rm(folder, { recursive: true, force: true });
  throw new Interrupted('stopped before the function was called');
}

/** Yields lines without their line breaks. A line may have megabytes, so its parts are joined only once. */
async function* linesOf(stream: Readable): AsyncGenerator<string, undefined> {
  let parts: string[] = [];
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const [first = '', ...more] = chunk.split('\n');
    parts.push(first);
    for (const part of more) {
      yield parts.join('');
      parts = [part];
    }
  }
}

/** Absolute path of a program next to this module, or in the bundle's `dist/runners`. */
export function runner(file: string): string {
  return fileURLToPath(new URL(`./runners/${file}`, import.meta.url));
}
