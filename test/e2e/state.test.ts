import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteBucketPolicyCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { REGION } from '../helpers/context.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { terraform } from '../helpers/terraform.ts';

const Bucket = 'abcdef-terraform-state';
const TableName = 'abcdef-terraform-locking';
const Key = 'github-oidc/terraform.tfstate';
const APPLIES = 10;

const MAIN = `
variable "count_of" { default = 1 }
resource "terraform_data" "x" {
  count = var.count_of
  input = "secret-\${var.count_of}"
}
variable "wait" { default = "" }
resource "terraform_data" "wait" {
  count = var.wait == "" ? 0 : 1
  provisioner "local-exec" { command = "touch \${var.wait}.held; while [ -e \${var.wait} ]; do sleep 0.1; done" }
}
`;

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
    const config = backendConfig();
    change(config);
    const cwd = writeConfig(config);
    let proxy: WireProxy;
    const folder = mkdtempSync(join(tmpdir(), 'crc-tf-'));
    const env = () => ({ ...moto().env, AWS_REGION: REGION });
    const crc = (...args: string[]) => spawnCli(args, { cwd, env: env() });
    // Moto closes each connection: where that costs Terraform an answer, it sends the call again and meets its own lock.
    const tf = (...args: string[]) => terraform(args, folder, { ...env(), AWS_ENDPOINT_URL: proxy.endpoint });
    const apply = (count: number) => tf('apply', '-auto-approve', '-no-color', `-var=count_of=${count}`);

    /** What Terraform says of the state of the last apply: nothing to change. */
    async function isWhole(count = APPLIES): Promise<void> {
      const { code, output } = await tf('plan', '-detailed-exitcode', '-no-color', `-var=count_of=${count}`);
      expect(code === 0 ? '' : output).toBe('');
      const check = await crc('state', 'check');
      expect([check.code, check.code === 0 ? '' : check.stdout]).toEqual([0, '']);
    }

    afterAll(async () => {
      await proxy.stop();
    });
    beforeAll(async () => {
      proxy = await startProxy(moto().endpoint);
      expect((await crc('bootstrap', '--json')).code).toBe(0);
      // Moto denies every object call under a conditional Deny.
      await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
      const { stdout } = await crc('backend');
      writeFileSync(join(folder, 'backend.tf'), stdout);
      writeFileSync(join(folder, 'main.tf'), MAIN);
      expect((await tf('init', '-input=false', '-no-color')).code).toBe(0);
      for (let count = 1; count <= APPLIES; count += 1) expect((await apply(count)).code).toBe(0);
    });

    it('shows the ten applies', async () => {
      const { stdout } = await crc('state', 'history', '--json');
      const { versions } = JSON.parse(stdout);
      expect(versions.map(({ resources }: { resources: number }) => resources)).toEqual([
        10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
      ]);
      await isWhole();
    });

    it('goes back to an older apply', async () => {
      expect((await crc('state', 'restore', Key, '~4', '--yes')).code).toBe(0);
      await isWhole(6);
      expect((await crc('state', 'restore', Key, '~1', '--yes')).code).toBe(0);
      await isWhole();
    });

    it('brings back a deleted state', async () => {
      await moto().clients.s3.send(new DeleteObjectCommand({ Bucket, Key }));
      expect((await crc('state', 'check')).code).toBe(2);
      expect((await crc('state', 'restore', Key, '~0', '--yes')).code).toBe(0);
      await isWhole();
    });

    it('goes back where another project wrote to the key', async () => {
      const { Body } = await moto().clients.s3.send(new GetObjectCommand({ Bucket, Key }));
      const text = (await Body?.transformToString()) ?? '';
      const theirs = text.replace(/"lineage": "[^"]*"/, '"lineage": "theirs"').replace(/"serial": \d+/, '"serial": 1');
      await moto().clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: theirs }));
      expect((await crc('state', 'check')).stdout).toContain('other-lineage');
      expect((await crc('state', 'restore', Key, '~1', '--yes')).code).toBe(1);
      expect((await crc('state', 'restore', Key, '~1', '--yes', '--other-lineage')).code).toBe(0);
      await isWhole();
    });

    it('goes back where the state was cut short', async () => {
      await moto().clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: '{"version": 4, "terraform_ver' }));
      expect((await tf('plan', '-no-color')).code).toBe(1);
      expect((await crc('state', 'check')).stdout).toContain('state-truncated');
      expect((await crc('state', 'restore', Key, '~1', '--yes')).code).toBe(0);
      await isWhole();
    });

    // Without a table there is no digest.
    if (kind !== 'the lock file') {
      it('sets a digest that is another', async () => {
        const Item = { LockID: { S: `${Bucket}/${Key}-md5` }, Digest: { S: '0'.repeat(32) } };
        await moto().clients.dynamodb.send(new PutItemCommand({ TableName, Item }));
        expect((await tf('plan', '-no-color')).output).toContain('does not have the expected content');
        expect((await crc('state', 'check', '--fix', '--yes')).code).toBe(0);
        await isWhole();
      });
    }

    it('holds a lock that Terraform shows and, when crc was killed, removes', async () => {
      const { stdout } = await crc('state', 'history', '--json');
      const versions = JSON.parse(stdout).versions as readonly { versionId: string; resources: number }[];
      const seven = versions.find(({ resources }) => resources === 7)?.versionId ?? '';
      const proxy = await startProxy(moto().endpoint);
      let kill: () => void = () => undefined;
      proxy.intercept = async ({ method, path }) => {
        if (method !== 'PUT' || !path.startsWith(`/${Bucket}/${Key}?`)) return 'pass';
        kill();
        return 'drop answer';
      };
      await spawnCli(['state', 'restore', Key, seven, '--yes'], {
        cwd,
        env: { ...env(), AWS_ENDPOINT_URL: proxy.endpoint },
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
      // The write went through, and nothing came after it.
      if (kind !== 'the lock file') expect((await crc('state', 'check', '--fix', '--yes')).code).toBe(0);
      await isWhole(7);
      expect((await crc('state', 'restore', Key, '~1', '--yes')).code).toBe(0);
      await isWhole();
    });

    it('is refused while an apply runs, and releases the lock of one that was killed', async () => {
      const wait = join(folder, 'wait');
      writeFileSync(wait, '');
      const running = tf('apply', '-auto-approve', '-no-color', `-var=count_of=${APPLIES}`, `-var=wait=${wait}`);
      await expect
        .poll(async () => (await crc('state', 'list', '--json')).stdout, { timeout: 60_000 })
        .toContain('OperationTypeApply');
      const refused = await crc('state', 'restore', Key, '3', '--yes');
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is locked by')]);
      const young = await crc('state', 'unlock', Key, '--json');
      expect(young.code).toBe(1);
      const id = /--force ([\w-]+)/.exec(young.stdout)?.[1] ?? '';
      // As if it had been killed: its lock is released, and its state is written all the same once it goes on.
      expect((await crc('state', 'unlock', Key, '--force', id)).code).toBe(0);
      expect((await crc('state', 'unlock', Key, '--json')).stdout).toContain('not-locked');
      const { rm } = await import('node:fs/promises');
      await rm(wait);
      await running;
      expect((await apply(APPLIES)).code).toBe(0);
      await isWhole();
    });
  });
});
