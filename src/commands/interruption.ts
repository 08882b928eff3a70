import { setMaxListeners } from 'node:events';
import { StoppedRequest } from '../aws/attempt.ts';
import { Interrupted } from '../engine/interrupted.ts';
import { Cancelled, CrcError } from '../errors.ts';
import type { Io } from '../ui/io.ts';
import { EXIT_CODES, onStopSignal } from './stop-signals.ts';

const RERUN = 'Run the command again to continue. Anything it changed so far is kept.';

/** Passed to a run that can be stopped. */
export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Waits for the answer to a prompt. Nothing is in progress meanwhile, so a signal takes effect immediately. */
  asking<T>(ask: () => Promise<T>): Promise<T>;
  /** Everything was done when the signal took effect: there is nothing to continue. */
  finished(): void;
}

/**
 * Runs a command that SIGINT and SIGTERM stop cleanly. The first signal aborts: no more work is started, and requests
 * in progress end soon. Then the command reports what was done, and the exit code is the signal's. A second signal ends
 * the process immediately. The listener stays until then, because a spinner's own listener would end the process if it
 * were the only one.
 */
export async function withInterruption(io: Io, run: (interruption: Interruption) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  // Every request in progress and every pause between attempts listens, and stops listening when it ends.
  setMaxListeners(0, controller.signal);
  let exitCode: 130 | 143 | undefined;
  let questions = 0;
  let isFinished = false;
  const forget = onStopSignal((name) => {
    exitCode = EXIT_CODES[name];
    const again = name === 'SIGTERM' ? 'Send SIGTERM again' : 'Press Ctrl-C again';
    io.err(questions > 0 ? '\n' : `\nStopping… waiting for requests in progress. ${again} to quit now.\n`);
    controller.abort();
  }, io.env);
  try {
    const code = await run({
      signal: controller.signal,
      async asking(ask) {
        questions += 1;
        try {
          return await ask();
        } finally {
          questions -= 1;
        }
      },
      finished() {
        isFinished = true;
      },
    });
    if (exitCode === undefined) return code;
    io.err(isFinished ? 'It was done before it could be stopped.\n' : `Stopped. ${RERUN}\n`);
    return exitCode;
  } catch (error) {
    if (exitCode === undefined) throw error;
    // The prompt ends with the signal.
    if (error instanceof Cancelled || (isAbort(error) && !(error instanceof StoppedRequest))) {
      throw new Cancelled(exitCode);
    }
    throw stoppedBy(error, exitCode);
  } finally {
    forget();
  }
}

/** How a command failed after the signal: it was stopped, or something else went wrong. */
function stoppedBy(error: unknown, exitCode: number): CrcError {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isAbort(cause) || cause instanceof Interrupted) {
      return new CrcError('Stopped before it was done.', { hint: RERUN, cause: error, exitCode });
    }
  }
  if (error instanceof CrcError) return new CrcError(error.message, { ...error, cause: error, exitCode });
  return new CrcError(String(error), { hint: RERUN, cause: error, exitCode });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
