import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { type LooseConfig, project } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, type WireProxy, withoutRetries } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { countRounds } from '../helpers/rounds.ts';

/**
 * Number of calls and of sequential round trips: the cost of a run on any network. Change these figures only
 * deliberately.
 */
describeWith('moto', 'the calls of', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  beforeEach(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterEach(async () => {
    await proxy.stop();
  });

  async function crc(cwd: string, ...args: readonly string[]) {
    const env = { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint };
    const { code, stdout, stderr } = await runCli([...args, '--json'], { cwd, env });
    expect(code, stderr + stdout).toBe(0);
    return JSON.parse(stdout).apiCalls as { read: number; write: number };
  }

  async function measured(cwd: string, ...args: readonly string[]) {
    proxy.calls.length = 0;
    let apiCalls: Awaited<ReturnType<typeof crc>> | undefined;
    const { rounds, connections } = await countRounds(proxy, async () => {
      apiCalls = await crc(cwd, ...args);
    });
    // crc's own count matches the number of requests.
    const calls = withoutRetries(proxy.calls).length;
    expect((apiCalls?.read ?? 0) + (apiCalls?.write ?? 0)).toBe(calls);
    // A socket is opened only if the request cannot wait, and is then reused, unless it broke.
    const broken = proxy.calls.length - calls;
    expect(connections).toBeLessThanOrEqual(Math.max(...rounds.map(({ length }) => length)) + broken);
    return { ...apiCalls, rounds: rounds.length };
  }

  const withoutAccount = (config: LooseConfig) => {
    delete config.accountId;
  };

  it('a fresh bootstrap: 13 rounds; the longest chain is the sequential writes to the function', async () => {
    expect(await measured(project(), 'bootstrap')).toEqual({ read: 72, write: 21, rounds: 13 });
  }, 60_000);

  it('a fresh bootstrap without functions: 9 rounds; the longest chain is the sequential writes to the bucket', async () => {
    const cwd = project((config) => {
      delete config.functions;
    });
    expect(await measured(cwd, 'bootstrap')).toEqual({ read: 43, write: 10, rounds: 9 });
  }, 60_000);

  it.each([
    ['an account in the config', undefined, 1],
    ['no account in the config', withoutAccount, 2],
  ] as const)(
    'an account in sync, with %s',
    async (_, change, rounds) => {
      const cwd = project(change);
      await crc(cwd, 'bootstrap');
      expect(await measured(cwd, 'verify')).toEqual({ read: 33, write: 0, rounds });
      expect(await measured(cwd, 'bootstrap')).toEqual({ read: 31, write: 0, rounds });
      expect(await measured(cwd, 'deploy-function')).toEqual({ read: 15, write: 0, rounds });
    },
    60_000,
  );

  it('a request that is sent again on a new connection is one call, in the same rounds', async () => {
    const cwd = project();
    await crc(cwd, 'bootstrap');
    await proxy.stop();
    const broken = await startProxy(moto().endpoint);
    let breaks = 1;
    broken.intercept = async () => (breaks-- > 0 ? 'drop answer' : 'pass');
    proxy = await startProxy(broken.endpoint);
    expect(await measured(cwd, 'verify', '--only', 'lock-table')).toEqual({ read: 3, write: 0, rounds: 1 });
    expect(proxy.calls).toHaveLength(4);
    await broken.stop();
  }, 60_000);

  it('an account in sync: no call twice, and with --only only those of that resource', async () => {
    const cwd = project();
    await crc(cwd, 'bootstrap');
    await measured(cwd, 'verify');
    const addresses = withoutRetries(proxy.calls).map(
      ({ method, path, name, body }) => `${method} ${path} ${name} ${body}`,
    );
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(await measured(cwd, 'verify', '--only', 'lock-table')).toEqual({ read: 3, write: 0, rounds: 1 });
    expect(
      withoutRetries(proxy.calls)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['DescribeTable', 'GetCallerIdentity', 'ListTagsOfResource']);
  }, 60_000);
});
