import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CliResult } from '../helpers/cli.ts';
import { backendConfig } from '../helpers/configs.ts';
import { oldWords } from '../helpers/language.ts';
import type { WireCall } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo, TABLE } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import type { CallName } from '../recorded/index.ts';
import { answering, type Scripted } from '../recorded/script.ts';
import { secretState } from '../terraform/state/states.ts';

const READS: readonly CallName[] = ['s3:ListObjectVersions', 's3:GetObject'];
const LOCKS: readonly CallName[] = [
  's3:PutObject',
  's3:DeleteObject',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:DeleteItem',
];

/** The state commands, and the calls that each of them makes. */
const COMMANDS: readonly (readonly [line: string, calls: readonly CallName[]])[] = [
  ['list', [...READS, 'dynamodb:Scan']],
  ['history', READS],
  ['diff', READS],
  ['check', [...READS, 'dynamodb:Scan', 's3:GetBucketLifecycleConfiguration']],
  ['check --fix --yes', [...READS, 'dynamodb:Scan', 's3:GetBucketLifecycleConfiguration', ...LOCKS]],
  [`restore ${KEY} ~1 --yes`, [...READS, ...LOCKS]],
  [`unlock ${KEY} --force stuck`, ['s3:GetObject', 'dynamodb:GetItem', 's3:DeleteObject', 'dynamodb:DeleteItem']],
];

const CASES = COMMANDS.flatMap(([line, calls]) => calls.map((call) => [line, call] as const));

/** Situations that are temporary. */
const temporarySituations = (call: CallName): readonly string[] =>
  call.startsWith('s3:')
    ? ['throttled', 'too-many-requests', 'internal-error', 'unavailable']
    : ['throttled', 'internal-error'];

describeWith('moto', "AWS's responses to crc state", () => {
  const project = useStateProject();
  const { current, digest, lockFile, lockItem, locks, proxy, put, putDigest, use } = project;
  beforeEach(async () => {
    // Avoids waits between attempts: the SDK chooses random pauses between 0 and a maximum.
    const random = vi.spyOn(Math, 'random').mockReturnValue(0);
    const config = backendConfig();
    config.lockTable.lockFile = true;
    use(config);
    for (const serial of [1, 2]) await put(secretState(serial));
    return () => random.mockRestore();
  });

  const run = (line: string) => project.run('state', ...line.split(' '));
  const textOf = ({ stderr }: CliResult) => stderr.replaceAll(/\s+/g, ' ');
  async function prepare(line: string): Promise<void> {
    if (line.includes('--fix')) await putDigest('0'.repeat(32));
    if (!line.startsWith('unlock')) return;
    await lockFile(lockInfo('stuck'));
    await lockItem(lockInfo('stuck'));
  }
  /** The resource of a call, which the message must name. */
  const subjectOf = (call: CallName) => (call.startsWith('s3:') ? BUCKET : TABLE);

  it.each(CASES)('`%s` recovers from a temporary error: %s', async (line, call) => {
    await prepare(line);
    const scripts = temporarySituations(call).map((situation): Scripted => ({ call, situation, times: 1 }));
    proxy().intercept = answering(...scripts);
    const { code, stderr } = await run(line);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    expect(await locks()).toEqual([]);
  });

  it.each(CASES)('`%s` reports the failure, its cause and a fix: %s', async (line, call) => {
    for (const [situation, message] of [
      ['denied', `Access denied: ${call.replace('Versions', '').replace('Configuration', '')}`],
      ['internal-error', `${call} for ${subjectOf(call)} failed: AWS returned an internal error (500, `],
      ['throttled', `${call} for ${subjectOf(call)} failed: AWS is throttling`],
    ] as const) {
      await prepare(line);
      // The suggested next step succeeds.
      proxy().intercept = answering({ call, situation });
      const result = await run(line);
      proxy().intercept = async () => 'pass';
      const output = textOf(result);
      expect([situation, result.code, output]).toEqual([situation, 1, expect.stringContaining(startOf(message))]);
      expect(output).toMatch(/Allow |Wait a minute|Run the command again|Release it: |crc state check --fix/);
      expect(oldWords(output)).toEqual([]);
      const remainingLocks = await locks();
      for (const id of remainingLocks.map((lock) => JSON.parse(lock).ID as string)) {
        if (id !== 'stuck') expect(output).toContain(`--force ${id}`);
        expect((await run(`unlock ${KEY} --force ${id}`)).code).toBe(0);
      }
      expect((await run('check --fix --yes')).code).toBe(0);
    }
  });

  /** For `Access denied` the message contains AWS's action, which may differ from the name of the call. */
  const startOf = (message: string) => message.replace(/^(Access denied: ).*/, '$1');

  describe('to a conditional request', () => {
    const isState = ({ path }: WireCall) => !path.includes('.tflock');
    const isLock = (call: WireCall) => !isState(call);

    it.each([
      ['s3:PutObject', isState, `restore ${KEY} ~1 --yes`],
      ['s3:PutObject', isLock, `restore ${KEY} ~1 --yes`],
      ['s3:DeleteObject', isLock, `unlock ${KEY} --force stuck`],
    ] as const)('409 is tried again: %s', async (call, when, line) => {
      await prepare(line);
      proxy().intercept = answering({ call, situation: 'at-once', times: 2, when });
      const { code, stderr } = await run(line);
      expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
      expect(await locks()).toEqual([]);
    });

    it('a persistent 409 is mistaken neither for another lock holder nor for another write', async () => {
      for (const when of [isState, isLock]) {
        proxy().intercept = answering({ call: 's3:PutObject', situation: 'at-once', when });
        const output = textOf(await run(`restore ${KEY} ~1 --yes`));
        expect(output).toContain('ConditionalRequestConflict');
        expect(output).toContain('No changes were made.');
        expect(output).not.toMatch(/locked by|written to in the meantime/);
      }
      expect(await locks()).toEqual([]);
      await prepare('unlock');
      proxy().intercept = answering({ call: 's3:DeleteObject', situation: 'at-once' });
      const unlocked = textOf(await run(`unlock ${KEY} --force stuck`));
      expect(unlocked).toContain('ConditionalRequestConflict');
      expect(unlocked).not.toContain('meanwhile');
    });

    it.each(['condition-failed', 'no-key'])(
      '%s: the state was written in the meantime, or deleted',
      async (situation) => {
        proxy().intercept = answering({ call: 's3:PutObject', situation, when: isState });
        const output = textOf(await run(`restore ${KEY} ~1 --yes`));
        expect(output).toContain(`${KEY} was written to in the meantime. No changes were made.`);
        expect(await current()).toBe(secretState(2));
        expect(await locks()).toEqual([]);
      },
    );

    it.each(['condition-failed', 'absent'])('%s: the lock is a different one, or was released', async (situation) => {
      await prepare('unlock');
      proxy().intercept = answering({ call: 's3:DeleteObject', situation });
      const { code, stdout } = await run(`unlock ${KEY} --force stuck`);
      // The lock in the table is still released.
      expect([code, stdout]).toEqual([0, expect.stringContaining('Released the lock')]);
      expect(await locks()).toHaveLength(1);
    });
  });

  it('reports which lock was released before the failure', async () => {
    await prepare('unlock');
    proxy().intercept = answering({ call: 's3:DeleteObject', situation: 'denied' });
    const result = await run(`unlock ${KEY} --force stuck`);
    expect(result.code).toBe(1);
    expect(textOf(result)).toContain(`${KEY}.tflock is still locked. Released before it: ${BUCKET}/${KEY}.`);
    expect(textOf(result)).toContain(`crc state unlock ${KEY}`);
  });

  it('treats a removal whose answer was lost as a release', async () => {
    await prepare('unlock');
    const lostCalls = new Set<string>();
    proxy().intercept = async ({ name, method, path, write }) => {
      if (!write || lostCalls.has(`${name} ${method} ${path}`)) return 'pass';
      lostCalls.add(`${name} ${method} ${path}`);
      return 'drop answer';
    };
    const { code, stdout } = await run(`unlock ${KEY} --force stuck`);
    expect([lostCalls.size, code, stdout]).toEqual([2, 0, expect.stringContaining('Released the lock')]);
    expect(await locks()).toEqual([]);
  });

  it.each([
    ['s3:ListObjectVersions', 'absent', `The bucket ${BUCKET} was not found.`, 'list'],
    ['s3:ListObjectVersions', 'absent', `The bucket ${BUCKET} was not found.`, `restore ${KEY} ~1 --yes`],
    ['dynamodb:PutItem', 'absent', `The lock table ${TABLE} was not found.`, `restore ${KEY} ~1 --yes`],
    ['dynamodb:GetItem', 'absent', `The lock table ${TABLE} was not found.`, `unlock ${KEY}`],
  ] as const)('%s, %s: %s', async (call, situation, message, line) => {
    proxy().intercept = answering({ call, situation });
    const result = await run(line);
    expect([result.code, textOf(result)]).toEqual([1, expect.stringContaining(message)]);
    expect(textOf(result)).toContain('crc bootstrap');
    expect(await digest()).toBeDefined();
  });
});
