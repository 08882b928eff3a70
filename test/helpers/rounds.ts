import type { WireCall, WireProxy } from './proxy.ts';

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
 * number of such rounds is the duration of the run in units of network latency. Requests that are sent again are not
 * counted.
 */
export async function countRounds(proxy: WireProxy, run: () => Promise<void>): Promise<Rounds> {
  const rounds: string[][] = [];
  const connectionsBefore = proxy.connections;
  const sent = new Set<string>();
  let pending: { readonly call: WireCall; readonly release: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  proxy.intercept = async (call) => {
    await new Promise<void>((release) => {
      pending.push({ call, release });
      clearTimeout(timer);
      timer = setTimeout(() => {
        const all = pending;
        pending = [];
        const first = all.filter(({ call: { invocation = '' } }) => !sent.has(invocation));
        for (const { call } of first) if (call.invocation !== undefined) sent.add(call.invocation);
        if (first.length > 0) rounds.push(first.map(({ call: { name } }) => name));
        for (const { release } of all) release();
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
