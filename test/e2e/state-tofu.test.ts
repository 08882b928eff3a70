import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, stateBench } from '../helpers/state-bench.ts';
import { terraformProject } from '../helpers/state-terraform.ts';

const ENCRYPTION = `
terraform {
  encryption {
    key_provider "pbkdf2" "main" {
      passphrase = "a passphrase of the tests"
    }
    method "aes_gcm" "main" {
      keys = key_provider.pbkdf2.main
    }
    state {
      method   = method.aes_gcm.main
      enforced = true
    }
  }
}
`;

describeWith(['moto', 'tofu'], 'crc state with real OpenTofu, which encrypts its states', () => {
  const moto = useMotoForAll();
  const { remove } = stateBench(moto);
  const cwd = writeConfig(backendConfig());
  let proxy: WireProxy;
  // Through a proxy, because Moto closes every connection. If OpenTofu thereby loses a response, it retries and fails
  // on its own lock.
  const env = () => ({ crc: moto().env, terraform: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint } });
  const { apply, crc, folder, expectInSync, terraform } = terraformProject(cwd, env, 'tofu');

  afterAll(() => proxy.stop());
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
    expect((await crc('bootstrap', '--json')).code).toBe(0);
    // Moto denies all object calls if the bucket policy contains a conditional Deny.
    await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    writeFileSync(join(folder, 'backend.tf'), (await crc('backend')).stdout);
    writeFileSync(join(folder, 'encryption.tf'), ENCRYPTION);
    const { code, output } = await terraform('init', '-input=false', '-no-color');
    expect(code === 0 ? '' : output).toBe('');
    for (const count of [1, 2, 3]) expect((await apply(count)).code).toBe(0);
  });

  it('are shown as encrypted, and restored without being read', async () => {
    const { states } = JSON.parse((await crc('state', 'list', '--json')).stdout);
    expect(states).toMatchObject([{ key: KEY, kind: 'encrypted', resources: null, digest: 'match' }]);
    expect((await crc('state', 'restore', KEY, '~1', '--yes')).code).toBe(0);
    await expectInSync(2);
    await remove();
    expect((await crc('state', 'restore', KEY, '~0', '--yes')).code).toBe(0);
    await expectInSync(2);
    expect((await apply(4)).code).toBe(0);
    await expectInSync(4);
  });
});
