import type { Io } from '../ui/io.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a command that SIGINT and SIGTERM stop in good order: the first one aborts the signal, so that no more work is
 * started and the calls in flight end; then the command says what was done and the exit code tells the signal. A second
 * one ends the process at once. The listener stays until then: the spinner's own listener would end the process as soon as
 * it is the only one.
 */
export async function withInterruption(io: Io, run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (name: NodeJS.Signals) => {
    if (exitCode !== undefined) {
      forget();
      process.kill(process.pid, name);
      return;
    }
    exitCode = name === 'SIGTERM' ? EXIT_CODES.SIGTERM : EXIT_CODES.SIGINT;
    io.err('\nStopping… waiting for requests in progress. Press Ctrl-C again to quit now.\n');
    controller.abort();
  };
  const forget = () => {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const code = await run(controller.signal);
    if (exitCode === undefined) return code;
    io.err('Stopped. Changes made so far are kept; run the command again to continue.\n');
    return exitCode;
  } catch (error) {
    // The question on the terminal ends with the signal.
    if (exitCode !== undefined && error instanceof Error && error.name === 'AbortError') {
      io.err('Cancelled. No changes were made.\n');
      return exitCode;
    }
    throw error;
  } finally {
    forget();
  }
}
