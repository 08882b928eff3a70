import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { REGION } from '../helpers/context.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, stateBench } from '../helpers/state-bench.ts';
import { terraformProject } from '../helpers/state-terraform.ts';

const APPLIES = 10;

describeWith(['moto', 'terraform'], 'crc state with real Terraform', () => {
  describe.each([
    ['the table', (_: LooseConfig) => undefined],
    ['the lock file', (config: LooseConfig) => delete config.lockTable],
    [
      'both locks',
      (config: LooseConfig) => {
        config.lockTable.lockFile = true;
      },
    ],
  ])('and %s', (kind, change) => {
    const moto = useMotoForAll();
    const { current, lockItem, locks, putDigest, putObject, remove } = stateBench(moto);
    const config = backendConfig();
    change(config);
    const cwd = writeConfig(config);
    let proxy: WireProxy;
    // Through a proxy, because Moto closes every connection. If Terraform thereby loses a response, it retries and
    // fails on its own lock.
    const env = () => ({ crc: moto().env, terraform: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint } });
    const { apply, crc, folder, expectInSync: expectInSyncWith, terraform: tf } = terraformProject(cwd, env);
    const expectInSync = (count = APPLIES) => expectInSyncWith(count);

    afterAll(async () => {
      await proxy.stop();
    });
    beforeAll(async () => {
      proxy = await startProxy(moto().endpoint);
      expect((await crc('bootstrap', '--json')).code).toBe(0);
      // Moto denies all object calls if the bucket policy contains a conditional Deny.
      await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
      writeFileSync(join(folder, 'backend.tf'), (await crc('backend')).stdout);
      expect((await tf('init', '-input=false', '-no-color')).code).toBe(0);
      for (let count = 1; count <= APPLIES; count += 1) expect((await apply(count)).code).toBe(0);
    });

    it('shows the ten applies', async () => {
      const { stdout } = await crc('state', 'history', '--json');
      const { versions } = JSON.parse(stdout);
      expect(versions.map(({ resources }: { resources: number }) => resources)).toEqual([
        10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
      ]);
      // The bucket's default retention is five days.
      for (const { modified, retainedUntil } of versions) {
        expect((Date.parse(retainedUntil) - Date.parse(modified)) / 86_400_000).toBeCloseTo(5, 2);
      }
      await expectInSync();
    });

    it('restores an older apply', async () => {
      expect((await crc('state', 'restore', KEY, '~4', '--yes')).code).toBe(0);
      await expectInSync(6);
      expect((await crc('state', 'restore', KEY, '~1', '--yes')).code).toBe(0);
      await expectInSync();
    });

    it('restores a deleted state', async () => {
      await remove();
      expect((await crc('state', 'check')).code).toBe(2);
      expect((await crc('state', 'restore', KEY, '~0', '--yes')).code).toBe(0);
      await expectInSync();
    });

    it('restores the state after another project wrote to the key', async () => {
      const localProject = terraformProject(cwd, env);
      expect((await localProject.terraform('init', '-input=false', '-no-color')).code).toBe(0);
      for (const count of [2, 1]) expect((await localProject.apply(count)).code).toBe(0);
      // The backend block was copied, and "Do you want to copy existing state to the new backend?" was answered with
      // yes.
      writeFileSync(join(localProject.folder, 'backend.tf'), readFileSync(join(folder, 'backend.tf')));
      const moved = await localProject.terraform('init', '-migrate-state', '-force-copy', '-no-color');
      expect(moved.code === 0 ? '' : moved.output).toBe('');
      expect((await localProject.apply(3)).code).toBe(0);
      expect((await tf('plan', '-detailed-exitcode', '-no-color', `-var=count_of=${APPLIES}`)).code).toBe(2);
      const { problems } = JSON.parse((await crc('state', 'check', '--json')).stdout);
      expect(problems).toMatchObject([{ id: 'other-lineage', key: KEY }]);
      const [, back = ''] = / '(~\d+)' --other-lineage/.exec(problems[0].fix) ?? [];
      const refused = await crc('state', 'restore', KEY, back, '--yes');
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--other-lineage')]);
      expect((await crc('state', 'restore', KEY, back, '--yes', '--other-lineage')).code).toBe(0);
      await expectInSync();
    });

    it('restores a truncated state', async () => {
      const truncated = ((await current()) ?? '').slice(0, 400);
      await putObject(truncated);
      expect((await tf('plan', '-no-color')).code).toBe(1);
      expect((await crc('state', 'check')).stdout).toContain('state-truncated');
      expect((await crc('state', 'restore', KEY, '~1', '--yes')).code).toBe(0);
      await expectInSync();
    });

    // Digests exist only in the lock table.
    if (kind !== 'the lock file') {
      it('sets a mismatched digest', async () => {
        await putDigest('0'.repeat(32));
        expect((await tf('plan', '-no-color')).output).toContain('does not have the expected content');
        expect((await crc('state', 'check', '--fix', '--yes')).code).toBe(0);
        await expectInSync();
      });
    }

    it('holds a lock that Terraform shows and, if crc was killed, can release', async () => {
      const { stdout } = await crc('state', 'history', '--json');
      const versions = JSON.parse(stdout).versions as readonly { versionId: string; resources: number }[];
      const versionWithSeven = versions.find(({ resources }) => resources === 7)?.versionId ?? '';
      const proxy = await startProxy(moto().endpoint);
      let kill: () => void = () => undefined;
      proxy.intercept = async ({ method, path }) => {
        if (method !== 'PUT' || !path.startsWith(`/${BUCKET}/${KEY}?`)) return 'pass';
        kill();
        return 'drop answer';
      };
      await spawnCli(['state', 'restore', KEY, versionWithSeven, '--yes'], {
        cwd,
        env: { ...env().crc, AWS_ENDPOINT_URL: proxy.endpoint },
        started: (child) => {
          kill = () => child.kill('SIGKILL');
        },
      });
      await proxy.stop();
      const { code, output } = await tf('plan', '-no-color', `-var=count_of=${APPLIES}`);
      expect([code, output]).toEqual([1, expect.stringMatching(/Operation: +crc state restore/)]);
      expect(output).toMatch(/Version: +crc \d/);
      const id = /ID: +([\w-]+)/.exec(output)?.[1] ?? '';
      const released = await tf('force-unlock', '-force', '-no-color', id);
      expect(released.code === 0 ? '' : released.output).toBe('');
      // The state was written, but not its digest.
      if (kind !== 'the lock file') expect((await crc('state', 'check', '--fix', '--yes')).code).toBe(0);
      await expectInSync(7);
      expect((await crc('state', 'restore', KEY, '~1', '--yes')).code).toBe(0);
      await expectInSync();
    });

    it('is refused during an apply, which loses nothing', async () => {
      const wait = join(folder, 'wait');
      writeFileSync(wait, '');
      const running = tf('apply', '-auto-approve', '-no-color', `-var=count_of=${APPLIES}`, `-var=wait=${wait}`);
      await isLocked();
      const before = await current();
      const refused = await crc('state', 'restore', KEY, '3', '--yes');
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is locked by')]);
      expect(refused.stderr).toContain('No changes were made.');
      expect(await current()).toBe(before);
      await rm(wait);
      const { code, output } = await running;
      expect(code === 0 ? '' : output).toBe('');
      expect(await locks()).toEqual([]);
      expect((await apply(APPLIES)).code).toBe(0);
      await expectInSync();
    });

    it('releases the lock of an apply that was killed', async () => {
      const wait = join(folder, 'wait');
      writeFileSync(wait, '');
      const args = ['apply', '-auto-approve', '-no-color', `-var=count_of=${APPLIES}`, `-var=wait=${wait}`];
      const child = spawn('terraform', args, {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, CHECKPOINT_DISABLE: '1', AWS_REGION: REGION, ...env().terraform },
        stdio: 'ignore',
      });
      await isLocked();
      child.kill('SIGKILL');
      await once(child, 'close');
      await rm(wait);
      expect((await tf('plan', '-no-color')).output).toContain('Error acquiring the state lock');
      const recent = await crc('state', 'unlock', KEY, '--json');
      expect([recent.code, recent.stdout]).toEqual([1, expect.stringContaining('Terraform may still be running')]);
      const id = /--force ([\w-]+)/.exec(recent.stdout)?.[1] ?? '';
      expect((await crc('state', 'unlock', KEY, '--force', id)).code).toBe(0);
      expect(await locks()).toEqual([]);
      expect((await apply(APPLIES)).code).toBe(0);
      await expectInSync();
    });

    /** Waits until the apply holds its lock and is running. */
    async function isLocked(): Promise<void> {
      const heldFile = join(folder, 'wait.held');
      await expect.poll(() => existsSync(heldFile), { timeout: 120_000 }).toBe(true);
      await rm(heldFile);
      const { states } = JSON.parse((await crc('state', 'list', '--json')).stdout);
      expect(states).toMatchObject([{ lock: { operation: 'OperationTypeApply' } }]);
    }

    // Terraform with a lock table and Terraform with a lock file do not see each other's locks.
    if (kind === 'both locks') {
      it('names the owners of both locks', async () => {
        const info = (ID: string) => JSON.stringify({ ID, Operation: 'OperationTypeApply', Who: `${ID}@laptop` });
        await lockItem(info('in-table'));
        await putObject(info('in-file'), `${KEY}.tflock`);
        for (const args of [
          ['list'],
          ['restore', KEY, '~1', '--yes'],
          ['unlock', KEY],
          ['unlock', KEY, '--force', 'in-file'],
        ]) {
          const { stdout, stderr } = await crc('state', ...args);
          for (const owner of ['in-table@laptop', 'in-file@laptop']) expect(stdout + stderr).toContain(owner);
        }
        expect((await crc('state', 'unlock', KEY, '--force', 'in-table')).code).toBe(0);
        await expectInSync();
      });
    }
  });
});
