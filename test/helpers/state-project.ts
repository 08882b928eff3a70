import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type CliResult, runCli } from './cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from './configs.ts';
import { type MotoBench, useMoto } from './moto.ts';
import { startProxy, type WireProxy } from './proxy.ts';
import { type StateBench, stateBench } from './state-bench.ts';

/** A project with a config, and the account that contains its states. */
export interface StateProject extends StateBench {
  moto(): MotoBench;
  /** Between crc and the account. Before each test, its interception is reset. */
  proxy(): WireProxy;
  /** The config's folder. */
  cwd(): string;
  /** Environment variables for processes that should access the account through the proxy. */
  env(): Readonly<Record<string, string>>;
  /** Switches to a new folder with this config. */
  use(config: LooseConfig): void;
  /** Runs crc in the project's folder. */
  run(...args: readonly string[]): Promise<CliResult>;
  /** The JSON document of a `crc state` command. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare the document; test/helpers/documents checks its shape.
  json(...args: readonly string[]): Promise<any>;
  /** The problem ids that `crc state check` reports. */
  problems(): Promise<readonly string[]>;
}

/** Creates an empty bucket, a lock table and a folder with a matching config before each test. */
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
