import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll } from 'vitest';
import { startMoto } from '../../src/sandbox/moto.ts';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { type ProcessResult, spawnCli } from '../helpers/cli.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { benchAt, type MotoBench } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { SHORT_DEADLINES } from './build.ts';

/** A separate account with a proxy in front of it, so that cases can run in parallel. */
export interface Bench {
  readonly proxy: WireProxy;
  readonly clients: MotoBench['clients'];
  reset(): Promise<void>;
  /** The account's resources as text, normalised so that two accounts can be compared. */
  state(): Promise<string>;
  /** Runs crc through the proxy. `started` receives the process. */
  crc(cwd: string, args: readonly string[], started?: (child: ChildProcess) => void): Promise<ProcessResult>;
  stop(): Promise<void>;
}

export async function startBench(): Promise<Bench> {
  const moto = await startMoto({ accountId: ACCOUNT });
  const proxy = await startProxy(moto.endpoint);
  const bench = benchAt(moto.endpoint);
  const { clients, env } = bench;
  return {
    proxy,
    clients,
    async reset() {
      await bench.reset();
      proxy.calls.length = 0;
      proxy.intercept = async () => 'pass';
      proxy.answered = () => undefined;
    },
    state: async () => JSON.stringify(await accountSnapshot(clients)),
    crc: (cwd, args, started) =>
      spawnCli([...args, '--json'], {
        cwd,
        env: { ...env, AWS_ENDPOINT_URL: proxy.endpoint },
        script: SHORT_DEADLINES,
        started,
      }),
    async stop() {
      await proxy.stop();
      await moto.stop();
    },
  };
}

/** Benches for parallel cases, shared by all tests of a file. */
export function useBenches(count: number): () => readonly Bench[] {
  let benches: readonly Bench[] = [];
  beforeAll(async () => {
    benches = await Promise.all(Array.from({ length: count }, startBench));
  });
  afterAll(async () => {
    await Promise.all(benches.map((bench) => bench.stop()));
  });
  return () => benches;
}
