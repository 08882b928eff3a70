import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type CliResult, runCli } from './cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from './configs.ts';
import { type MotoBench, useMoto } from './moto.ts';
import { startProxy, type WireProxy } from './proxy.ts';
import { type StateBench, stateBench } from './state-bench.ts';

/** A project with a config, and the account that its states are in. */
export interface StateProject extends StateBench {
  moto(): MotoBench;
  /** Between crc and the account: each test begins with one that passes everything on. */
  proxy(): WireProxy;
  /** The folder of the config. */
  cwd(): string;
  /** What makes a process talk to the account through the proxy. */
  env(): Readonly<Record<string, string>>;
  /** Goes on in a new folder with this config. */
  use(config: LooseConfig): void;
  /** Runs crc in the folder, through the proxy. */
  run(...args: readonly string[]): Promise<CliResult>;
  /** The document of a command on states, as docs/json.md has it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what the command printed; test/helpers/documents holds its shape.
  json(...args: readonly string[]): Promise<any>;
  /** The ids of what `crc state check` finds. */
  problems(): Promise<readonly string[]>;
}

/** Before each test: an empty bucket and lock table, and a folder with the config of their names. */
export function useStateProject(): StateProject {
  const moto = useMoto();
  const bench = stateBench(moto);
  let proxy: WireProxy;
  let cwd: string;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterAll(() => proxy.stop());
  beforeEach(async () => {
    cwd = writeConfig(backendConfig());
    proxy.intercept = async () => 'pass';
    proxy.calls.length = 0;
    await bench.setUp();
  });
  const project: StateProject = {
    ...bench,
    moto,
    proxy: () => proxy,
    cwd: () => cwd,
    env: () => ({ ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint }),
    use(config) {
      cwd = writeConfig(config);
    },
    run: (...args) => runCli([...args], { cwd, env: project.env() }),
    json: async (...args) => JSON.parse((await project.run('state', ...args, '--json')).stdout),
    problems: async () => (await project.json('check')).problems.map(({ id }: { readonly id: string }) => id),
  };
  return project;
}
