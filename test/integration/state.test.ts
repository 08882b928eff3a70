import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { backendConfig } from '../helpers/configs.ts';
import { stateDocuments } from '../helpers/documents/state.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { secretState } from '../terraform/state/states.ts';

describeWith('moto', 'crc state list, history and diff', () => {
  const { lockFile, lockItem, proxy, put, putObject, remove, run, use } = useStateProject();
  const json = async <C extends keyof typeof stateDocuments>(command: C, ...args: string[]) =>
    stateDocuments[command].parse(JSON.parse((await run(...command.split(' '), ...args, '--json')).stdout)) as z.infer<
      (typeof stateDocuments)[C]
    >;

  describe('list', () => {
    it('shows every state, declared or not, with its contents and the owner of its lock', async () => {
      await put(secretState(3));
      await put(secretState(4), `env:/dev/${KEY}`);
      await put(secretState(1), 'other/project.tfstate');
      await putObject('no state', 'notes.txt');
      await lockItem(lockInfo('lock-1'));
      await put(secretState(2), 'gone/terraform.tfstate');
      await remove('gone/terraform.tfstate');
      const { states, deleted } = await json('state list');
      expect(
        states.map(({ key, workspace, serial, resources, declared }) => [key, workspace, serial, resources, declared]),
      ).toEqual([
        [KEY, 'dev', 4, 5, true],
        [KEY, 'default', 3, 4, true],
        ['other/project.tfstate', 'default', 1, 2, false],
      ]);
      expect(states[1]?.lock).toMatchObject({ id: 'lock-1', who: 'me@laptop', operation: 'OperationTypeApply' });
      expect(states[0]).toMatchObject({ digest: 'match', terraformVersion: '1.11.4', kind: 'state', lock: null });
      expect(deleted).toEqual([{ key: 'gone/terraform.tfstate', workspace: 'default', versions: 1 }]);
    });

    it('also shows a lock file', async () => {
      await put(secretState(3));
      await lockFile(lockInfo('file-1'));
      expect((await json('state list')).states[0]?.lock?.id).toBe('file-1');
      await remove(`${KEY}.tflock`);
      expect((await json('state list')).states[0]?.lock).toBeNull();
    });

    it('shows both owners if the table and the lock file have different locks', async () => {
      await put(secretState(3));
      await lockItem(lockInfo('in-table', undefined, 'ann@laptop'));
      await lockFile(lockInfo('in-file', undefined, 'bob@laptop'));
      const { states } = await json('state list');
      expect(states).toMatchObject([{ lock: { id: 'in-file' }, otherLocks: [{ id: 'in-table', who: 'ann@laptop' }] }]);
      const { stdout } = await run('state', 'list');
      expect(stdout).toMatch(/locked by bob@laptop[\s\S]*also locked by ann@laptop/);
      await lockFile(lockInfo('in-table'));
      expect((await json('state list')).states).toMatchObject([{ lock: { id: 'in-table' }, otherLocks: [] }]);
    });

    it('shows the locks of keys without a state, each holder once', async () => {
      await lockItem(lockInfo('first-apply'));
      await lockFile(lockInfo('first-apply'));
      await put(secretState(2), 'gone/terraform.tfstate');
      await remove('gone/terraform.tfstate');
      await putObject(lockInfo('of-deleted'), 'gone/terraform.tfstate.tflock');
      const { states, locks } = await json('state list');
      expect(states).toEqual([]);
      expect(locks.map(({ key, workspace, id, who }) => [key, workspace, id, who].join(' ')).sort()).toEqual(
        ['gone/terraform.tfstate default of-deleted me@laptop', `${KEY} default first-apply me@laptop`].sort(),
      );
      const { stdout } = await run('state', 'list');
      expect(stdout).toContain('No states.\n\n');
      expect(stdout).toMatch(
        new RegExp(`^${KEY} is locked by me@laptop since .* lock ID first-apply\\); it has no`, 'm'),
      );
    });

    it('reports if the bucket is not found because the credentials are for another account', async () => {
      const config = backendConfig();
      config.accountId = '999999999999';
      config.stateBucket.name = 'bucket-of-another-account';
      use(config);
      const { code, stderr } = await run('state', 'list');
      expect([code, stderr]).toEqual([1, expect.stringContaining('but the config is for account 999999999999.')]);
    });

    it('lists nothing in an empty bucket', async () => {
      expect((await json('state list')).states).toEqual([]);
      expect((await run('state', 'list')).stdout).toContain('No states.');
    });
  });

  describe('history and diff', () => {
    it('shows all versions, the newest first, and delete markers', async () => {
      for (const serial of [1, 2, 3]) await put(secretState(serial));
      await remove();
      const { versions } = await json('state history', KEY);
      expect(versions.map(({ serial, deleted, latest }) => [serial, deleted, latest])).toEqual([
        [null, true, true],
        [3, false, false],
        [2, false, false],
        [1, false, false],
      ]);
      expect((await json('state history', KEY, '--limit', '2')).versions).toHaveLength(2);
    });

    it('compares by serial, version id and relative position', async () => {
      for (const serial of [1, 2, 3]) await put(secretState(serial));
      const { versions } = await json('state history');
      const diff = await json('state diff', KEY, '~1', '~0');
      expect(diff).toMatchObject({
        from: { serial: 2 },
        to: { serial: 3 },
        added: ['aws_sqs_queue.q2'],
        removed: [],
        changed: [
          { address: 'output.url', attributes: ['value'] },
          { address: 'aws_db_instance.main', attributes: ['password', 'tags'] },
          { address: 'aws_sqs_queue.q0', attributes: ['password'] },
          { address: 'aws_sqs_queue.q1', attributes: ['password'] },
        ],
      });
      const { durationMs: _, apiCalls: __, ...rest } = diff;
      for (const args of [['2', '3'], [versions[1]?.versionId ?? '', versions[0]?.versionId ?? ''], []]) {
        expect(await json('state diff', KEY, ...args)).toMatchObject(rest);
      }
    });

    it('compares with the newest readable version if the one before is broken', async () => {
      await put(secretState(1));
      await putObject('{"version": 4, "serial"', KEY);
      await put(secretState(3));
      expect(await json('state diff', KEY)).toMatchObject({ from: { serial: 1 }, to: { serial: 3 } });
      expect((await run('state', 'diff', KEY)).stdout).toContain('between them is not a readable state.');
      expect((await run('state', 'diff', KEY, '~1')).code).toBe(1);
    });

    it('reads each version once to find two serials', async () => {
      for (const serial of [1, 2, 3]) await put(secretState(serial));
      proxy().calls.length = 0;
      expect((await run('state', 'diff', KEY, '1', '2')).code).toBe(0);
      // The two states are then compared in two passes each.
      expect(proxy().calls.filter(({ path }) => path.includes('versionId='))).toHaveLength(3 + 2 * 2);
    });

    it.each([
      [['~7'], 'There is no version ~7: the state has 1 version.'],
      [['99'], 'The state has no version "99".'],
      [['nonsense'], 'The state has no version "nonsense".'],
    ])('refuses %j', async (args, message) => {
      await put(secretState(1));
      const { code, stderr } = await run('state', 'diff', KEY, ...args);
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    });

    it('rejects a state that never existed', async () => {
      const { code, stderr } = await run('state', 'history', 'nothing/here.tfstate');
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`The bucket ${BUCKET} has no state nothing/here.tfstate.`),
      ]);
    });

    it('reports if a state is not found because the credentials are for another account', async () => {
      const config = backendConfig();
      config.accountId = '999999999999';
      use(config);
      const { code, stderr } = await run('state', 'history', 'nothing/here.tfstate');
      expect([code, stderr]).toEqual([1, expect.stringContaining('but the config is for account 999999999999.')]);
    });

    it('lists the version ids if several versions have the serial', async () => {
      await put(secretState(1));
      await put(secretState(1, 'another'));
      const { code, stderr } = await run('state', 'diff', KEY, '1', '~0');
      expect([code, stderr]).toEqual([1, expect.stringContaining('2 different versions have the serial 1.')]);
    });
  });
});
