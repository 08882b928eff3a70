import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, stateBench } from '../helpers/state-bench.ts';
import { terraformProject } from '../helpers/state-terraform.ts';

const WORKSPACE = ['--workspace', 'dev'];

describeWith(['moto', 'terraform'], 'crc state with workspaces of real Terraform', () => {
  describe.each([
    ['env:', undefined],
    ['teams/blue', 'teams/blue'],
  ])('below %s', (prefix, workspaceKeyPrefix) => {
    const moto = useMotoForAll();
    const { digest, itemInfo, lockItem, putDigest, putObject, remove } = stateBench(moto);
    let proxy: WireProxy;
    const config: LooseConfig = backendConfig();
    if (workspaceKeyPrefix !== undefined) config.roles[0].state[0].workspaceKeyPrefix = workspaceKeyPrefix;
    const cwd = writeConfig(config);
    // Through a proxy, because Moto closes every connection. If Terraform thereby loses a response, it retries and
    // fails on its own lock.
    const env = () => ({ crc: moto().env, terraform: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint } });
    const { apply, crc, folder, expectInSync, terraform } = terraformProject(cwd, env);
    const objectKey = `${prefix}/dev/${KEY}`;

    afterAll(() => proxy.stop());
    beforeAll(async () => {
      proxy = await startProxy(moto().endpoint);
      expect((await crc('bootstrap', '--json')).code).toBe(0);
      // Moto denies all object calls if the bucket policy contains a conditional Deny.
      await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
      writeFileSync(join(folder, 'backend.tf'), (await crc('backend')).stdout);
      for (const args of [
        ['init', '-input=false', '-no-color'],
        ['workspace', 'new', 'dev'],
      ]) {
        const { code, output } = await terraform(...args);
        expect(code === 0 ? '' : output).toBe('');
      }
      for (const count of [1, 2, 3]) expect((await apply(count)).code).toBe(0);
    });

    it('are listed by key and workspace, as Terraform names them', async () => {
      const { states } = JSON.parse((await crc('state', 'list', '--json')).stdout);
      expect(states).toMatchObject([{ key: KEY, workspace: 'dev', resources: 3, declared: true, digest: 'match' }]);
      const { versions } = JSON.parse((await crc('state', 'history', ...WORKSPACE, '--json')).stdout);
      // `workspace new` writes an empty state.
      expect(versions.map(({ resources }: { readonly resources: number }) => resources)).toEqual([3, 2, 1, 0]);
      const { added } = JSON.parse((await crc('state', 'diff', KEY, ...WORKSPACE, '--json')).stdout);
      expect(added).toEqual(['terraform_data.x[2]']);
      expect((await crc('state', 'history', KEY)).code).toBe(1);
      await expectInSync(3);
    });

    it('are restored to an older apply', async () => {
      expect((await crc('state', 'restore', KEY, '~1', ...WORKSPACE, '--yes')).code).toBe(0);
      await expectInSync(2);
      expect((await crc('state', 'restore', KEY, '~1', ...WORKSPACE, '--yes')).code).toBe(0);
      await expectInSync(3);
    });

    it('are restored after they were deleted or truncated', async () => {
      await remove(objectKey);
      await restoredBy('state-deleted');
      await putObject('{"version": 4, "terraform_ver', objectKey);
      await restoredBy('state-truncated');
    });

    /** Runs the command that `crc state check` suggests. */
    async function restoredBy(id: string): Promise<void> {
      const { problems } = JSON.parse((await crc('state', 'check', '--json')).stdout);
      const problem = problems.find((candidate: { readonly id: string }) => candidate.id === id);
      const [, line = ''] = /`crc ([^`]+)`/.exec(problem.fix) ?? [];
      const args = line.split(' ').map((word) => word.replaceAll("'", ''));
      expect(args).toContain('dev');
      expect((await crc(...args, '--yes')).code).toBe(0);
      await expectInSync(3);
    }

    it('get their digest fixed, and a leftover lock released', async () => {
      await putDigest('0'.repeat(32), objectKey);
      expect((await terraform('plan', '-no-color')).output).toContain('does not have the expected content');
      expect((await crc('state', 'check', '--fix', '--yes')).code).toBe(0);
      expect(await digest(objectKey)).not.toBe('0'.repeat(32));
      await expectInSync(3);
      await lockItem('{"ID":"left","Operation":"OperationTypeApply","Created":"2026-11-20T10:00:00Z"}', objectKey);
      expect((await terraform('plan', '-no-color')).output).toContain('Error acquiring the state lock');
      expect((await crc('state', 'unlock', KEY, ...WORKSPACE)).code).toBe(0);
      expect(await itemInfo(objectKey)).toBeUndefined();
      await expectInSync(3);
    });
  });
});
