import type { Io } from '../../ui/io.ts';
import { type Connection, connect } from '../connection.ts';
import { withInterruption } from '../interruption.ts';
import type { GlobalOptions } from '../options.ts';
import { type DeferredSignal, deferred } from './critical.ts';

/** What a command on states works with. */
export interface StatesRun extends Pick<DeferredSignal, 'whole'> {
  readonly connection: Connection;
  /** Aborted at once, for reads and questions. */
  readonly interruption: AbortSignal;
}

/** Runs a command on the states of the config's bucket. */
export async function withStates(
  command: string,
  options: GlobalOptions,
  io: Io,
  run: (states: StatesRun) => Promise<number>,
): Promise<number> {
  return await withInterruption(io, async (interruption) => {
    const { signal, whole } = deferred(interruption);
    const connection = await connect({ command, options, io, signal });
    try {
      return await run({ connection, interruption, whole });
    } finally {
      connection.progress.stop();
    }
  });
}
