import type { WireProxy } from './proxy.ts';

/** Milliseconds without a new request after which a client is waiting for answers and for nothing else. */
const QUIET = 600;

export interface Rounds {
  /** The names of the calls of each round. */
  readonly rounds: readonly (readonly string[])[];
  /** Connections that were opened. */
  readonly connections: number;
}

/**
 * Counts the round trips of a run that depend on one another: every request is held until the client sends no more, then
 * all are answered at once. The number of such rounds is the time that the run takes, in units of the network's latency.
 */
export async function countRounds(proxy: WireProxy, run: () => Promise<void>): Promise<Rounds> {
  const rounds: string[][] = [];
  const connectionsBefore = proxy.connections;
  let held: { readonly name: string; readonly release: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  proxy.intercept = async ({ name }) => {
    await new Promise<void>((release) => {
      held.push({ name, release });
      clearTimeout(timer);
      timer = setTimeout(() => {
        rounds.push(held.map((call) => call.name));
        const all = held;
        held = [];
        for (const call of all) call.release();
      }, QUIET);
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
