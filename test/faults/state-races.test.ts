import { afterAll, beforeAll, expect, it } from 'vitest';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import type { WireCall } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { KEY, lockInfo, md5, stateBench } from '../helpers/state-bench.ts';
import { secretState } from '../terraform/state/states.ts';
import { type Bench, startBench } from './bench.ts';
import { FULL } from './cases.ts';
import { messagesOf } from './matrix.ts';

/** CRC_FAULTS=full: ten times each. */
const REPETITIONS = FULL ? 10 : 1;

const LOCKS: Readonly<Record<string, (config: LooseConfig) => void>> = {
  table: () => undefined,
  file: (config) => delete config.lockTable,
  both: (config) => {
    config.lockTable.lockFile = true;
  },
};

describeWith('moto', 'concurrent crc state commands', () => {
  let bench: Bench;
  const states = stateBench(() => bench);
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.stop());

  /**
   * Counts concurrent writers of a state, and serialises writes. S3 and DynamoDB evaluate conditions one write at a
   * time, but Moto does not.
   */
  function watchWriters(isOwnLock: (call: WireCall) => boolean, initial = 0): { readonly most: () => number } {
    let [writing, most] = [initial, initial];
    let turn: Promise<void> = Promise.resolve();
    const finish = new Map<WireCall, () => void>();
    bench.proxy.intercept = async (call) => {
      if (!call.write) return 'pass';
      const before = turn;
      turn = new Promise((resolve) => finish.set(call, resolve));
      await before;
      return 'pass';
    };
    bench.proxy.answered = (call, { status }) => {
      if (isOwnLock(call) && status < 300) {
        const isTaken = call.name === 'PutItem' || call.method === 'PUT';
        writing += isTaken ? 1 : -1;
        most = Math.max(most, writing);
      }
      finish.get(call)?.();
    };
    return { most: () => most };
  }

  it.each(Object.entries(LOCKS))('with %s: never two lock holders, and nothing lost', async (kind, change) => {
    const config = backendConfig();
    change(config);
    const cwd = writeConfig(config);
    // Only one process can hold the lock that is taken last.
    const isOwnLock = ({ name, method, path, body }: WireCall) =>
      kind === 'file'
        ? path.includes('.tflock') && method !== 'GET'
        : /^(Put|Delete)Item$/.test(name) && !body.includes('-md5');
    for (let round = 0; round < REPETITIONS; round += 1) {
      await bench.reset();
      await states.setUp();
      for (const serial of [1, 2, 3]) await states.put(secretState(serial));
      const writers = watchWriters(isOwnLock);
      const commands = [
        ['restore', KEY, '~1', '--yes'],
        ['restore', KEY, '~2', '--yes'],
        ['restore', KEY, '1', '--yes'],
        ['check', '--fix', '--yes'],
      ];
      const results = await Promise.all(commands.map((line) => bench.crc(cwd, ['state', ...line])));
      bench.proxy.intercept = async () => 'pass';
      const restored = results.slice(0, 3).filter(({ code }) => code === 0);
      for (const result of results.filter(({ code }) => code === 1)) {
        expect(messagesOf(result).join(' ')).toMatch(/(is|was) locked by|was written to in the meantime/);
      }
      expect(restored.length).toBeGreaterThan(0);
      expect(writers.most()).toBe(1);
      const { versions } = await states.versionsOf();
      expect(versions).toHaveLength(3 + restored.length);
      const serials = restored.map(({ stdout }) => JSON.parse(stdout).restored.serial as number);
      expect([...serials].sort()).toEqual(restored.map((_, index) => 4 + index));
      expect(await states.locks()).toEqual([]);
      if (kind !== 'file') expect(await states.digest()).toBe(md5((await states.current()) ?? ''));
    }
  });

  it('unlock never releases the lock of a new holder', async () => {
    const config = backendConfig();
    config.lockTable.lockFile = true;
    const cwd = writeConfig(config);
    for (let round = 0; round < REPETITIONS; round += 1) {
      await bench.reset();
      await states.setUp();
      for (const serial of [1, 2]) await states.put(secretState(serial));
      await states.lockItem(lockInfo('stuck'));
      await states.lockFile(lockInfo('stuck'));
      const writers = watchWriters(({ name, body }) => /^(Put|Delete)Item$/.test(name) && !body.includes('-md5'), 1);
      const unlock = () => bench.crc(cwd, ['state', 'unlock', KEY, '--force', 'stuck']);
      const restore = () => bench.crc(cwd, ['state', 'restore', KEY, '~1', '--yes']);
      const [first, ...otherResults] = await Promise.all([unlock(), restore(), unlock(), restore()]);
      expect([first?.code, ...otherResults.map(({ code }) => code)]).toContain(0);
      expect(writers.most()).toBe(1);
      // Successful restores release their locks, and no other process may have taken them.
      const released = otherResults.filter(({ stdout }) => stdout.includes('could not be released'));
      expect(released).toEqual([]);
      expect(await states.locks()).toEqual([]);
      expect(await states.digest()).toBe(md5((await states.current()) ?? ''));
      const { versions } = await states.versionsOf();
      const restored = [otherResults[0], otherResults[2]].filter((result) => result?.code === 0).length;
      expect(versions).toHaveLength(2 + restored);
    }
  });
});
