import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateMultipartUploadCommand,
  DeleteBucketPolicyCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { runInTerminal } from '../helpers/terminal.ts';

const Bucket = 'abcdef-terraform-state';
const KEY = 'github-oidc/terraform.tfstate';
const EMPTY = { buckets: [], tables: [], roles: [], providers: [], functions: [], logGroups: [] };
const FULL = `{"version":4,"terraform_version":"1.11.4","serial":2,"lineage":"x","resources":${JSON.stringify(Array(57).fill({}))}}`;
const CLEAN = '{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[]}';

const config = backendConfig();
config.stateBucket.objectLock = { mode: 'GOVERNANCE', days: 1 };
const cwd = writeConfig(config);

describeWith(['moto', 'script'], 'crc destroy during concurrent changes', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  beforeEach(async () => {
    proxy.intercept = async () => 'pass';
    await bootstrap();
    await put(CLEAN);
  });
  afterAll(async () => {
    await proxy.stop();
  });
  const env = () => ({ ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint });
  const bootstrap = async () => {
    const { code, stdout } = await runCli(['bootstrap', '--yes', '--json'], { cwd, env: moto().env });
    expect(code === 0 ? '' : stdout).toBe('');
    // Moto denies all object calls if the bucket policy contains a conditional Deny.
    await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  };
  const put = (Body: string, Key = KEY) => moto().clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const lock = () =>
    moto().clients.dynamodb.send(
      new PutItemCommand({
        TableName: 'abcdef-terraform-locking',
        Item: { LockID: { S: `${Bucket}/${KEY}` }, Info: { S: '{"ID":"4c2d","Who":"alice@laptop"}' } },
      }),
    );
  const bodies = async () => {
    const { Versions = [] } = await moto().clients.s3.send(new ListObjectVersionsCommand({ Bucket }));
    return Versions.map(({ Size }) => Size);
  };
  const snapshot = () => accountSnapshot(moto().clients);
  const destroy = async (...args: string[]) => {
    const all = ['destroy', '--confirm', Bucket, '--delete-state', '--json', ...args];
    const { code, stdout, stderr } = await runCli(all, { cwd, env: env() });
    return { code, stderr, ...JSON.parse(stdout) };
  };
  /** Runs an action directly before the nth call of an operation is forwarded. */
  const before = (operation: string, nth: number, act: () => Promise<unknown>) => {
    let count = 0;
    proxy.intercept = async (call) => {
      if (call.operation !== operation) return 'pass';
      count += 1;
      if (count === nth) await act();
      return 'pass';
    };
  };
  const LOCK = {
    'state-bucket': 'blocked',
    'lock-table': 'blocked',
    'role/GitHubActionsTerraformRole': 'blocked',
    'oidc-provider': 'blocked',
  };

  it('a state that is filled during the prompt is shown, and kept', async () => {
    const { code, shown } = await runInTerminal('crc destroy --delete-state', {
      cwd,
      env: env(),
      typed: [
        [
          /delete all of this:/,
          async () => {
            await put(FULL);
            return `${Bucket}\r`;
          },
        ],
      ],
    });
    expect(shown).toMatch(/4 will be deleted\.[\s\S]*The account has changed since[\s\S]*4 blocked\./);
    expect(shown).toContain(`the state ${KEY} still contains 57 resources`);
    expect([code, await bodies()]).toEqual([1, [FULL.length, CLEAN.length]]);
    expect(Object.values(await snapshot()).filter((kind) => Object.keys(kind as object).length === 0)).toHaveLength(2);
  });

  it.each([
    ['a state', 'ListObjectVersions', () => put(FULL)],
    ['an empty state', 'ListObjectVersions', () => put(CLEAN)],
    [
      'an unfinished upload',
      'ListMultipartUploads',
      () => moto().clients.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big' })),
    ],
    ['a lock file', 'ListObjectVersions', () => put('{"ID":"x"}', `${KEY}.tflock`)],
  ])('%s that is written after the inventory stops it before the first deletion', async (_, operation, act) => {
    const count = (await bodies()).length;
    for (const nth of [2, 3]) {
      before(`s3:${operation}`, nth, act);
      const { code, outcomes } = await destroy();
      expect([nth, code, outcomes]).toEqual([nth, 1, LOCK]);
      expect((await bodies()).length).toBeGreaterThanOrEqual(count);
      proxy.intercept = async () => 'pass';
    }
  });

  it('a lock taken after the inventory stops it before the first deletion', async () => {
    for (const nth of [3, 4]) {
      before('dynamodb:Scan', nth, lock);
      const { code, outcomes, findings } = await destroy();
      expect([nth, code, outcomes]).toEqual([nth, 1, LOCK]);
      expect(JSON.stringify(findings)).toContain('is locked by alice@laptop (lock ID 4c2d)');
      expect(await bodies()).toEqual([CLEAN.length]);
      await moto().reset();
      await bootstrap();
      await put(CLEAN);
    }
  });

  it('a state written during the deletion is kept, and so are its lock table and role', async () => {
    before('s3:DeleteObjects', 1, () => put(FULL));
    const { code, outcomes, findings } = await destroy();
    expect([code, outcomes]).toEqual([1, { ...LOCK, 'state-bucket': 'failed' }]);
    expect(findings[0].error.message).toBe(
      `The bucket was written to during the deletion (${KEY}), so it was kept with the new objects. 1 older version had already been deleted.`,
    );
    expect(await bodies()).toEqual([FULL.length]);
  });

  it('two concurrent runs both succeed, and nothing remains', async () => {
    await put(FULL);
    await put(CLEAN);
    await put('{"ID":"x"}', 'other');
    const { code } = await destroy();
    expect(code).toBe(1);
    for (const key of ['a', 'b', 'c']) await put(CLEAN, key);
    await put('', 'other');
    const results = await Promise.all([destroy(), destroy()]);
    expect(results.map(({ code: each, findings }) => (each === 0 ? '' : JSON.stringify(findings)))).toContain('');
    expect(results.filter(({ stderr }) => /fault in crc/.test(stderr))).toEqual([]);
    expect((await destroy()).code).toBe(0);
    expect(await snapshot()).toEqual(EMPTY);
  });

  it('with a concurrent bootstrap both end with an explanation, and a later run completes it', async () => {
    const [destroyed, bootstrapped] = await Promise.all([
      destroy(),
      runCli(['bootstrap', '--yes', '--json'], { cwd, env: env() }),
    ]);
    expect([0, 1]).toContain(destroyed.code);
    expect([0, 1]).toContain(bootstrapped.code);
    expect(destroyed.stderr + bootstrapped.stdout + bootstrapped.stderr).not.toMatch(/fault in crc|\n {4}at /);
    // Every resource is either complete or deleted.
    await bootstrap();
    const { code, findings } = await destroy();
    expect(code === 0 ? '' : JSON.stringify(findings)).toBe('');
    expect(await snapshot()).toEqual(EMPTY);
  });
});
