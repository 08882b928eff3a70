/** What a run that a signal stopped ends with: 128 and the number of the signal, as shells have it. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** SIGINT and SIGTERM while something runs that has to be stopped and cleaned up, whatever happens. */
export interface StopSignals {
  /** Fires with the first of them. */
  readonly signal: AbortSignal;
  /** What the run ends with when one of them came: 130 or 143. */
  readonly exitCode: () => 130 | 143 | undefined;
  /** Resolves with the exit code once one of them comes. */
  readonly came: Promise<130 | 143>;
  /** Gives them back their usual effect. */
  forget(): void;
}

/** Listens to SIGINT and SIGTERM from now on, which no longer end the process. */
export function stopSignals(): StopSignals {
  const controller = new AbortController();
  let exitCode: 130 | 143 | undefined;
  let resolve: (code: 130 | 143) => void;
  const came = new Promise<130 | 143>((resolved) => {
    resolve = resolved;
  });
  const listen = (name: NodeJS.Signals) => {
    exitCode ??= name === 'SIGTERM' ? EXIT_CODES.SIGTERM : EXIT_CODES.SIGINT;
    resolve(exitCode);
    controller.abort();
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    came,
    forget() {
      process.removeListener('SIGINT', listen);
      process.removeListener('SIGTERM', listen);
    },
  };
}
