import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { beforeEach, expect, it } from 'vitest';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { actionsOf, type PrintedPolicy, useGatedAccount, withoutAction } from '../helpers/printed-policies.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo, stateBench } from '../helpers/state-bench.ts';
import { resourceOf, stateOf } from '../terraform/state/states.ts';

const state = (serial: number) =>
  JSON.stringify(stateOf({ serial, resources: [resourceOf(`aws_sqs_queue.q${serial}`, { id: `${serial}` })] }));

/**
 * Permissions that only affect S3's response: whether a missing object is reported as absent, and whether retention is
 * included.
 */
const WITHOUT_ERROR = ['s3:ListBucket', 's3:GetObjectRetention'];

describeWith('moto', 'crc state with the printed permissions', () => {
  const moto = useMotoForAll();
  const { gate, crc: runAs, setPolicy } = useGatedAccount(moto);
  const { put, putDigest, lockFile, lockItem } = stateBench(moto);
  let cwd: string;

  const crc = (args: readonly string[], key?: string) => runAs(args, { cwd, key });
  const printed = async (command: string): Promise<PrintedPolicy> =>
    JSON.parse((await crc(['permissions', command])).stdout) as PrintedPolicy;

  /** Leaves a lock of each kind behind. */
  async function leaveLocks(): Promise<void> {
    await lockFile(lockInfo('stuck'));
    await lockItem(lockInfo('stuck'));
  }

  async function setUp(): Promise<void> {
    await moto().reset();
    const config = backendConfig();
    config.lockTable.lockFile = true;
    cwd = writeConfig(config);
    const { code, stdout, stderr } = await crc(['bootstrap', '--yes'], 'testing');
    expect(code, stdout + stderr).toBe(0);
    await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    for (const serial of [1, 2, 3]) await put(state(serial));
    gate().checked.length = 0;
  }
  beforeEach(setUp);

  /** Runs every state command until one fails. Returns their exit codes. */
  async function runEveryCommand(): Promise<readonly (number | null)[]> {
    const codes: (number | null)[] = [];
    const run = async (...args: string[]) => {
      if (!codes.some((code) => code !== 0)) codes.push((await crc(['state', ...args])).code);
    };
    await run('list');
    await run('history', KEY);
    await run('diff', KEY);
    await run('check');
    await run('restore', KEY, '~1', '--yes');
    await leaveLocks();
    await run('unlock', KEY, '--force', 'stuck');
    await putDigest('0'.repeat(32));
    await run('check', '--fix', '--yes');
    return codes;
  }

  it('runs every command, and has no unused permissions', async () => {
    const policy = await printed('state');
    setPolicy(policy);
    expect(await runEveryCommand()).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(gate().checked.filter(({ allowed }) => !allowed)).toEqual([]);
    const used = gate().checked.map(({ action }) => action);
    expect(actionsOf(policy).filter((action) => !used.includes(action) && !WITHOUT_ERROR.includes(action))).toEqual([]);
  });

  it('fails without any one of the actions', async () => {
    const policy = await printed('state');
    for (const action of actionsOf(policy).filter((name) => !WITHOUT_ERROR.includes(name))) {
      await setUp();
      setPolicy(withoutAction(policy, action));
      expect((await runEveryCommand()).at(-1), `without ${action}`).toBe(1);
    }
  }, 600_000);

  it('lets a read-only role check states, but not change them', async () => {
    const policy = await printed('state-check');
    setPolicy(policy);
    expect((await crc(['state', 'check'])).code).toBe(0);
    await leaveLocks();
    expect((await crc(['state', 'check'])).code).toBe(2);
    expect(gate().checked.filter(({ allowed }) => !allowed)).toEqual([]);
    const used = gate().checked.map(({ action }) => action);
    expect(actionsOf(policy).filter((action) => !used.includes(action) && !WITHOUT_ERROR.includes(action))).toEqual([]);
    expect((await crc(['state', 'unlock', KEY, '--force', 'stuck'])).code).toBe(1);
    expect((await crc(['state', 'restore', KEY, '~1', '--yes'])).code).toBe(1);
    for (const action of actionsOf(policy).filter((name) => !WITHOUT_ERROR.includes(name))) {
      setPolicy(withoutAction(policy, action));
      expect((await crc(['state', 'check'])).code, `without ${action}`).toBe(1);
    }
  }, 300_000);
});
