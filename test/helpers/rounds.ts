import type { WireProxy } from './proxy.ts';

/** Milliseconds without a new request after which the client must be waiting for responses. */
const QUIET_MS = 600;

export interface Rounds {
  /** The names of the calls in each round. */
  readonly rounds: readonly (readonly string[])[];
  /** Number of opened connections. */
  readonly connections: number;
}

/**
 * Counts sequential round trips: holds all requests until the client sends no more, then answers them at once. The
 * number of such rounds is the duration of the run in units of network latency.
 */
export async function countRounds(proxy: WireProxy, run: () => Promise<void>): Promise<Rounds> {
  const rounds: string[][] = [];
  const connectionsBefore = proxy.connections;
  let pending: { readonly name: string; readonly release: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  proxy.intercept = async ({ name }) => {
    await new Promise<void>((release) => {
      pending.push({ name, release });
      clearTimeout(timer);
      timer = setTimeout(() => {
        rounds.push(pending.map((call) => call.name));
        const all = pending;
        pending = [];
        for (const call of all) call.release();
      }, QUIET_MS);
    });
    return 'pass';
  };
  try {
    await run();
  } finally {
    proxy.intercept = async () => 'pass';
  }
  return { rounds, connections: proxy.connections - connectionsBefore };
}
