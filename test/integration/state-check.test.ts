import type { ChildProcess } from 'node:child_process';
import { DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo, md5, TABLE } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { secretState } from '../terraform/state/states.ts';

describeWith('moto', 'crc state check', () => {
  const { cwd, digest, env, json, lockItem, locks, moto, problems, proxy, put, putDigest, putObject, remove, run } =
    useStateProject();

  describe('check', () => {
    it('finds no problems in a healthy bucket', async () => {
      await put(secretState(1));
      const { code, stdout } = await run('state', 'check');
      expect([code, stdout]).toEqual([0, expect.stringContaining('1 state, no problems.')]);
    });

    it('finds that the lock table is missing', async () => {
      await put(secretState(1));
      await moto().clients.dynamodb.send(new DeleteTableCommand({ TableName: TABLE }));
      const { code, stdout } = await run('state', 'check');
      expect([code, stdout]).toEqual([2, expect.stringContaining(`The lock table ${TABLE} does not exist`)]);
      expect(await problems()).toEqual(['no-lock-table']);
    });

    it('finds a mismatched digest, and sets it', async () => {
      await put(secretState(1));
      await putDigest('0'.repeat(32));
      const { code } = await run('state', 'check');
      expect(code).toBe(2);
      expect(await problems()).toEqual(['digest-mismatch']);
      const fixed = await json('check', '--fix', '--yes');
      expect(fixed).toMatchObject({ status: 'ok', problems: [], fixed: [KEY] });
      expect(await digest()).toBe(md5(secretState(1)));
      expect(await locks()).toEqual([]);
    });

    it("does not set the digest of another project's state, which would make Terraform use it", async () => {
      await put(secretState(3));
      const ours = await digest();
      await putObject(secretState(1, 'another'));
      const { problems: left, fixed } = await json('check', '--fix', '--yes');
      expect([left.map(({ id }: { readonly id: string }) => id), fixed]).toEqual([
        ['digest-mismatch', 'other-lineage'],
        [],
      ]);
      expect(await digest()).toBe(ours);
      expect(left[0].fix).toContain(`crc state restore ${KEY} '~0'`);
      expect((await run('state', 'restore', KEY, '~0', '--yes')).code).toBe(0);
      expect(await problems()).toEqual(['other-lineage']);
    });

    it('does not set the digest of an older state, which would make Terraform undo what was applied since', async () => {
      await put(secretState(3));
      const applied = await digest();
      await putObject(secretState(2));
      const { problems: left, fixed } = await json('check', '--fix', '--yes');
      expect([left.map(({ id }: { readonly id: string }) => id), fixed]).toEqual([
        ['digest-mismatch', 'serial-went-back'],
        [],
      ]);
      expect(await digest()).toBe(applied);
      expect(left[0].fix).toContain('It keeps Terraform from using an older state');
      expect(left[1].fix).toContain(`crc state restore ${KEY} '~1'`);
      expect((await run('state', 'restore', KEY, '~1', '--yes')).code).toBe(0);
      expect(await problems()).toEqual([]);
    });

    it('sets no digest while another process holds the lock', async () => {
      await put(secretState(1));
      await putDigest('0'.repeat(32));
      await lockItem(lockInfo('theirs', new Date().toISOString()));
      const { code, stderr } = await run('state', 'check', '--fix', '--yes');
      expect([code, stderr]).toEqual([1, expect.stringContaining('is locked by me@laptop')]);
      expect(await digest()).toBe('0'.repeat(32));
    });

    it('says after Ctrl-C which digests were set', async () => {
      for (const key of [KEY, 'other.tfstate']) {
        await put(secretState(1), key);
        await putDigest('0'.repeat(32), key);
      }
      let child: ChildProcess | undefined;
      let struck = false;
      proxy().intercept = async ({ operation }) => {
        // The lock of the first state is released: its digest is set.
        if (struck || operation !== 'dynamodb:DeleteItem') return 'pass';
        struck = true;
        const stopping = new Promise<void>((resolve) => {
          child?.stderr?.on('data', (chunk) => String(chunk).includes('Stopping…') && resolve());
        });
        child?.kill('SIGINT');
        await stopping;
        return 'pass';
      };
      const { code, stderr } = await spawnCli(['state', 'check', '--fix', '--yes'], {
        cwd: cwd(),
        env: env(),
        started: (process) => {
          child = process;
        },
      });
      const digests = [await digest(KEY), await digest('other.tfstate')];
      const [set, unset] = digests[0] === '0'.repeat(32) ? ['other.tfstate', KEY] : [KEY, 'other.tfstate'];
      expect([code, stderr]).toEqual([
        130,
        expect.stringContaining(`Set before it was stopped: the digest of ${set}.`),
      ]);
      expect(await digest(unset)).toBe('0'.repeat(32));
      expect(await locks()).toEqual([]);
    });

    it('names the newest readable version, even after several broken ones', async () => {
      await put(secretState(1));
      await put('{"version": 4, "ser');
      await put('');
      const restores = async () =>
        (await json('check')).problems
          .map(({ fix }: { readonly fix: string }) => / '(~\d+)'/.exec(fix)?.[1])
          .filter((version: string | undefined) => version !== undefined);
      expect(await restores()).toEqual(['~2']);
      await remove();
      const [back = ''] = await restores();
      expect(back).toBe('~2');
      expect((await run('state', 'restore', KEY, back, '--yes')).code).toBe(0);
      expect(await problems()).toEqual([]);
    });

    it('names no version if none is readable', async () => {
      await put('{"version": 4, "ser');
      const [{ fix }] = (await json('check')).problems;
      expect(fix).toContain('No version of it is a readable state');
    });

    it('finds what is broken, overwritten, deleted, undeclared, and a rule that deletes current states', async () => {
      await put(secretState(1));
      await put(secretState(1, 'another'));
      await put('{"version": 4, "ser', 'broken.tfstate');
      await put(secretState(2), 'gone.tfstate');
      await remove('gone.tfstate');
      await putDigest('1'.repeat(32), 'never.tfstate');
      await moto().clients.s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: BUCKET,
          LifecycleConfiguration: {
            Rules: [{ ID: 'tidy', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } }],
          },
        }),
      );
      expect([...(await problems())].sort()).toEqual([
        'current-versions-expire',
        'digest-without-state',
        'other-lineage',
        'state-deleted',
        'state-truncated',
        'undeclared-state',
      ]);
    });
  });
});
