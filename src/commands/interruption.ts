import type { Io } from '../ui/io.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs a command that SIGINT and SIGTERM stop in good order: the first one aborts the signal, so that no more work is
 * started and the calls in flight end; then the command says what was done and the exit code tells the signal. A second
 * one finds no listener and ends the process at once.
 */
export async function withInterruption(io: Io, run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (name: NodeJS.Signals) => {
    forget();
    exitCode = name === 'SIGTERM' ? EXIT_CODES.SIGTERM : EXIT_CODES.SIGINT;
    io.err(`\n${name}: waiting for the calls under way; nothing more is started. Again to end at once.\n`);
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
    return exitCode ?? code;
  } catch (error) {
    // The question on the terminal ends with the signal.
    if (exitCode !== undefined && error instanceof Error && error.name === 'AbortError') return exitCode;
    throw error;
  } finally {
    forget();
  }
}
