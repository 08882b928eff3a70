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
    io.err(`\n${name}: nothing more is started; waiting for the calls under way. Again to end at once.\n`);
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
    io.err('Stopped. What was done stays done; run it again to go on from here.\n');
    return exitCode;
  } catch (error) {
    // The question on the terminal ends with the signal.
    if (exitCode !== undefined && error instanceof Error && error.name === 'AbortError') {
      io.err('Nothing was changed.\n');
      return exitCode;
    }
    throw error;
  } finally {
    forget();
  }
}
