import type { Environment } from '../environment.ts';

/** The exit code of a run stopped by a signal: 128 plus the number of the signal, as in shells. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof EXIT_CODES;

/** In milliseconds, between a signal and npm's copy of it. Nobody decides in that time to press Ctrl-C again. */
const MAX_COPY_DELAY = 300;

/** The script that npm ran, if it starts crc: `'crc'` for `npx crc`, or a script of package.json. */
const STARTS_CRC = /^["']?crc(-bootstrap)?["']?(\s|$)/;

/**
 * Calls `onFirst` with the first SIGINT or SIGTERM, which then does not end the process. A second one does, immediately.
 * Returns a function that restores their default effect.
 *
 * A terminal sends Ctrl-C to every process in the foreground, and npm sends its own to the program it started, so one
 * Ctrl-C reaches `npx crc` twice (https://github.com/npm/cli/issues/8164). The copy is not a second one.
 */
export function onStopSignal(onFirst: (name: StopSignal) => void, env: Environment): () => void {
  const isCopied = STARTS_CRC.test(env.npm_lifecycle_script ?? '');
  let first: { readonly name: NodeJS.Signals; readonly at: number } | undefined;
  const listen = (name: NodeJS.Signals) => {
    const at = performance.now();
    if (first === undefined) {
      first = { name, at };
      onFirst(name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT');
      return;
    }
    if (isCopied && name === first.name && at - first.at < MAX_COPY_DELAY) return;
    forget();
    process.kill(process.pid, name);
  };
  const forget = () => {
    process.removeListener('SIGINT', listen);
    process.removeListener('SIGTERM', listen);
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return forget;
}

/** SIGINT and SIGTERM during work that must be stopped and cleaned up. */
export interface StopSignals {
  /** Fires with the first signal. */
  readonly signal: AbortSignal;
  /** The exit code if one of them came: 130 or 143. */
  readonly exitCode: () => 130 | 143 | undefined;
  /** Resolves with the exit code once one of them comes. */
  readonly came: Promise<130 | 143>;
  /** Runs a program that gets the signals itself. Meanwhile, they have no other effect. */
  leftTo<T>(run: () => Promise<T>): Promise<T>;
  /** Restores their default effect. */
  forget(): void;
}

/** Handles the first SIGINT or SIGTERM from now on, so that it does not end the process. A second one does. */
export function stopSignals(env: Environment): StopSignals {
  const controller = new AbortController();
  let exitCode: 130 | 143 | undefined;
  let resolve: (code: 130 | 143) => void;
  const came = new Promise<130 | 143>((resolved) => {
    resolve = resolved;
  });
  const listen = () =>
    onStopSignal((name) => {
      exitCode = EXIT_CODES[name];
      resolve(exitCode);
      controller.abort();
    }, env);
  let forget = listen();
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    came,
    async leftTo(run) {
      forget();
      forget = ignoreStopSignals();
      try {
        return await run();
      } finally {
        forget();
        forget = listen();
      }
    },
    forget: () => forget(),
  };
}

/** Without a listener, a signal would end the process. */
function ignoreStopSignals(): () => void {
  const ignore = () => undefined;
  process.on('SIGINT', ignore);
  process.on('SIGTERM', ignore);
  return () => {
    process.removeListener('SIGINT', ignore);
    process.removeListener('SIGTERM', ignore);
  };
}
