import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { WireCall } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo, TABLE } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { secretState } from '../terraform/state/states.ts';

describeWith('moto', 'crc state unlock', () => {
  const { lockFile, lockItem, locks, moto, problems, proxy, put, remove, run } = useStateProject();

  describe('unlock', () => {
    beforeEach(async () => {
      await put(secretState(1));
    });

    it('releases a lock more than an hour old', async () => {
      await lockItem(lockInfo('old'));
      const { code, stdout } = await run('state', 'unlock', KEY);
      expect([code, stdout]).toEqual([0, expect.stringContaining('is locked by me@laptop since 2026-11-20')]);
      expect(await locks()).toEqual([]);
      expect((await run('state', 'unlock', KEY)).stdout).toContain('is not locked');
    });

    it('refuses a recent one without its id', async () => {
      await lockItem(lockInfo('young', new Date().toISOString()));
      const { code, stderr } = await run('state', 'unlock', KEY);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`crc state unlock ${KEY} --force young`)]);
      expect(await locks()).toHaveLength(1);
      const refused = await run('state', 'unlock', KEY, '--force', 'other');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(
        /is locked by me@laptop since .*lock ID young\)\. No lock of .* has the ID other, so none was released\.[\s\S]*If that Terraform run is no longer active: `(?:npx )?crc state unlock github-oidc\/terraform\.tfstate --force young`/,
      );
      expect(await locks()).toHaveLength(1);
      expect((await run('state', 'unlock', KEY, '--force', 'young')).code).toBe(0);
      expect(await locks()).toEqual([]);
    });

    it('releases both locks if both are held', async () => {
      await lockItem(lockInfo('both'));
      await lockFile(lockInfo('both'));
      expect((await run('state', 'unlock', KEY, '--force', 'both')).code).toBe(0);
      expect(await locks()).toEqual([]);
    });

    it('releases the given lock, and reports that another one is still held', async () => {
      await lockItem(lockInfo('in-table'));
      await lockFile(lockInfo('in-file'));
      const { code, stdout } = await run('state', 'unlock', KEY, '--force', 'in-table');
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^Released [\s\S]*Another lock is still held: .*in-file/m),
      ]);
      expect(await locks()).toHaveLength(1);
    });

    it('names both owners, and which lock is recent', async () => {
      await lockItem(lockInfo('in-table', undefined, 'ann@laptop'));
      await lockFile(lockInfo('in-file', new Date().toISOString(), 'bob@laptop'));
      const { code, stderr } = await run('state', 'unlock', KEY);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/by ann@laptop[\s\S]*by bob@laptop/)]);
      expect(stderr).toContain('The lock in-file is less than a minute old');
      expect(await locks()).toHaveLength(2);
      const forced = await run('state', 'unlock', KEY, '--force', 'in-table');
      expect(forced.stdout).toMatch(/by ann@laptop[\s\S]*Another lock is still held: .*by bob@laptop/);
    });

    it('reports a missing state if nothing is locked', async () => {
      const { code, stdout } = await run('state', 'unlock', 'github-oidc/teraform.tfstate');
      expect([code, stdout]).toEqual([0, expect.stringContaining('is not locked, and the bucket')]);
    });

    it('releases a lock without an owner by its path', async () => {
      await lockItem(undefined);
      const { stderr } = await run('state', 'unlock', KEY);
      expect(stderr).toContain(`--force ${BUCKET}/${KEY}`);
      expect((await run('state', 'unlock', KEY, '--force', `${BUCKET}/${KEY}`)).code).toBe(0);
      expect(await problems()).toEqual([]);
    });

    it.each(['item', 'file'] as const)('never releases the lock of a new holder: %s', async (kind) => {
      const putLock = async (info: string) => {
        if (kind === 'item') return await lockItem(info);
        await lockFile(info);
      };
      await putLock(lockInfo('old'));
      const isRemoval = ({ name, method, path }: WireCall) =>
        name === 'DeleteItem' || (method === 'DELETE' && path.includes('.tflock'));
      proxy().intercept = async (call) => {
        if (isRemoval(call)) {
          if (kind === 'item') {
            await moto().clients.dynamodb.send(
              new DeleteItemCommand({ TableName: TABLE, Key: { LockID: { S: `${BUCKET}/${KEY}` } } }),
            );
          } else await remove(`${KEY}.tflock`);
          await putLock(lockInfo('new holder'));
        }
        return 'pass';
      };
      const { code, stdout } = await run('state', 'unlock', KEY, '--force', 'old');
      expect([code, stdout]).toEqual([1, expect.stringContaining('Nothing was released')]);
      expect(await locks()).toEqual([lockInfo('new holder')]);
    });
  });
});
