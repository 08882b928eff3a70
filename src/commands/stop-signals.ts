/** The exit code of a run stopped by a signal: 128 plus the number of the signal, as in shells. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** SIGINT and SIGTERM during work that must always be stopped and cleaned up. */
export interface StopSignals {
  /** Fires with the first signal. */
  readonly signal: AbortSignal;
  /** The exit code if one of them came: 130 or 143. */
  readonly exitCode: () => 130 | 143 | undefined;
  /** Resolves with the exit code once one of them comes. */
  readonly came: Promise<130 | 143>;
  /** Restores their default effect. */
  forget(): void;
}

/** Handles SIGINT and SIGTERM from now on, so that they no longer end the process. */
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
