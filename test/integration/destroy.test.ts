import { UntagResourceCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateRoleCommand,
  GetOpenIDConnectProviderCommand,
  PutRolePolicyCommand,
  UntagOpenIDConnectProviderCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import * as z from 'zod';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { runCli, spawnCli } from '../helpers/cli.ts';
import { type LooseConfig, project } from '../helpers/configs.ts';
import { useMoto } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';

const Bucket = 'abcdef-terraform-state';
const KEY = 'github-oidc/terraform.tfstate';
const PROVIDER = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
const EMPTY = { buckets: [], tables: [], roles: [], providers: [], functions: [], logGroups: [] };

const error = z.strictObject({ message: z.string(), hint: z.string() });
/** The schema of version 1. */
const removalSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('destroy'),
  accountId: z.string(),
  region: z.string(),
  status: z.enum(['in-sync', 'changes', 'converged', 'failed']),
  findings: z.array(
    z.strictObject({
      id: z.string(),
      type: z.string(),
      name: z.string(),
      status: z.enum(['goes', 'stays', 'held', 'absent', 'unread']),
      why: z.string().optional(),
      notes: z.array(z.string()),
      error: error.optional(),
    }),
  ),
  outcomes: z.record(z.string(), z.enum(['removed', 'absent', 'kept', 'blocked', 'failed', 'not-started'])).optional(),
  apiCalls: z.strictObject({ read: z.int(), write: z.int() }),
  durationMs: z.int(),
});

/** Retention that can be bypassed. In COMPLIANCE mode the objects could not be deleted. */
const bypassable = ({ stateBucket }: LooseConfig) => {
  stateBucket.objectLock = { mode: 'GOVERNANCE', days: 1 };
};

describeWith('moto', 'crc destroy', () => {
  const moto = useMoto();
  let proxy: WireProxy;
  let cwd: string;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  beforeEach(() => {
    cwd = project(bypassable);
    proxy.intercept = async () => 'pass';
  });
  afterAll(async () => {
    await proxy.stop();
  });
  const run = (...args: string[]) => runCli(args, { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint } });
  const bootstrap = async () => {
    const { code, stdout } = await run('bootstrap', '--json');
    expect(code === 0 ? '' : stdout).toBe('');
    // Moto denies all object calls if the bucket policy contains a conditional Deny.
    await moto().clients.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  };
  const destroy = async (...args: string[]) => {
    proxy.calls.length = 0;
    const { code, stdout } = await run('destroy', '--json', ...args);
    const document = removalSchema.parse(JSON.parse(stdout));
    const writes = proxy.calls
      .filter(({ write, name }) => write && name !== 'GetCallerIdentity')
      .map(({ name }) => name);
    return { code, document, writes, whys: Object.fromEntries(document.findings.map(({ id, why }) => [id, why])) };
  };
  const put = (Key: string, Body: string) => moto().clients.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  const snapshot = () => accountSnapshot(moto().clients);

  it('removes everything in reverse order of creation, and a second run has nothing to delete', async () => {
    await bootstrap();
    const { code, document, writes } = await destroy('--confirm', Bucket);
    expect([code, document.status]).toEqual([0, 'converged']);
    expect(new Set(Object.values(document.outcomes ?? {}))).toEqual(new Set(['removed']));
    expect(await snapshot()).toEqual(EMPTY);
    const at = (name: string) => writes.findIndex((write) => write.includes(name));
    expect(at('/url')).toBeLessThan(at('/aliases/live'));
    expect(at('/aliases/live')).toBeLessThan(writes.lastIndexOf('lambda:DELETE functions/IncrementVisits'));
    expect(writes.lastIndexOf('lambda:DELETE functions/IncrementVisits')).toBeLessThan(at('DeleteLogGroup'));
    expect(at('DeleteRole')).toBeLessThan(at('DeleteOpenIDConnectProvider'));
    const secondRun = await destroy('--confirm', Bucket);
    expect([secondRun.code, secondRun.writes, new Set(Object.values(secondRun.document.outcomes ?? {}))]).toEqual([
      0,
      [],
      new Set(['absent']),
    ]);
  });

  it('--dry-run is the inventory, and removes nothing', async () => {
    await bootstrap();
    const before = await snapshot();
    const { code, document, writes } = await destroy('--dry-run');
    expect([code, document.status, document.outcomes, writes]).toEqual([0, 'changes', undefined, []]);
    expect(document.findings.every(({ status }) => status === 'goes')).toBe(true);
    expect(await snapshot()).toEqual(before);
    const { stdout } = await run('destroy', '--dry-run');
    expect(stdout).toMatch(/- table\/IncrementVisits +Visits\n {4}its items will be deleted with it/);
  });

  it.each([
    ['without consent', []],
    ['with the name of another bucket', ['--confirm', 'another']],
  ])('%s nothing is even read', async (_, args) => {
    await bootstrap();
    proxy.calls.length = 0;
    const { code, stderr } = await run('destroy', ...args);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/Nothing was removed[\s\S]*--confirm abcdef-terraform-state/),
    ]);
    expect(proxy.calls.filter(({ write, name }) => write && name !== 'GetCallerIdentity')).toEqual([]);
  });

  it('keeps the states without --delete-state, and deletes all their versions with it', async () => {
    await bootstrap();
    await put(KEY, '{"version":4,"resources":[{"type":"x"}]}');
    await put(KEY, '{"version":4,"resources":[]}');
    const kept = await destroy('--confirm', Bucket);
    expect([kept.code, kept.document.outcomes?.['state-bucket'], kept.whys['state-bucket']]).toEqual([
      0,
      'kept',
      expect.stringContaining(`contains 2 versions of 1 object (${KEY})`),
    ]);
    expect((await moto().clients.s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toHaveLength(2);
    const gone = await destroy('--confirm', Bucket, '--delete-state');
    expect([gone.code, gone.document.outcomes?.['state-bucket']]).toEqual([0, 'removed']);
    expect(await snapshot()).toEqual(EMPTY);
  });

  it.each([
    [
      'a state that still holds resources',
      KEY,
      '{"version":4,"resources":[{},{}]}',
      /the state github-oidc\/terraform\.tfstate still contains 2 resources\. Run `terraform destroy`/,
    ],
    ['a lock', `${KEY}.tflock`, '{"ID":"x"}', /tflock is locked \(lock ID x\)/],
    ['an object that is not a state', 'photo.jpg', 'not json', /photo\.jpg is not a Terraform state/],
  ])('deletes nothing of a bucket with %s', async (_, key, body, why) => {
    await bootstrap();
    await put(key, body);
    const { code, document, whys } = await destroy('--confirm', Bucket, '--delete-state');
    expect([code, document.outcomes?.['state-bucket']]).toEqual([1, 'blocked']);
    expect(whys['state-bucket']).toMatch(why);
    expect((await moto().clients.s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions).toHaveLength(1);
  });

  it('reports what is blocked, until when, and leaves all of it unchanged', async () => {
    cwd = project(({ stateBucket }) => {
      stateBucket.objectLock = { mode: 'COMPLIANCE', days: 5 };
    });
    await bootstrap();
    await moto().clients.s3.send(
      new PutObjectCommand({
        Bucket,
        Key: KEY,
        Body: '{"version":4,"resources":[]}',
        ObjectLockMode: 'COMPLIANCE',
        ObjectLockRetainUntilDate: new Date('2099-01-02T03:04:05Z'),
      }),
    );
    const { code, document, whys } = await destroy('--confirm', Bucket, '--delete-state');
    expect([code, document.outcomes?.['state-bucket'], document.outcomes?.['lock-table']]).toEqual([
      1,
      'blocked',
      'blocked',
    ]);
    expect(whys['state-bucket']).toContain(
      'under COMPLIANCE retention: 1 of 1 versions, the last until 2099-01-02T03:04:05.000Z',
    );
    await moto().clients.s3.send(new HeadBucketCommand({ Bucket }));
  });

  it('keeps the provider while other roles trust it, and one that crc did not create', async () => {
    await bootstrap();
    const { iam } = moto().clients;
    const AssumeRolePolicyDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"${PROVIDER}"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`;
    await iam.send(new CreateRoleCommand({ RoleName: 'SomebodyElse', AssumeRolePolicyDocument }));
    const { code, document, whys } = await destroy('--confirm', Bucket);
    expect([code, document.outcomes?.['oidc-provider'], whys['oidc-provider']]).toEqual([
      0,
      'kept',
      'used by other roles: SomebodyElse',
    ]);
    await iam.send(
      new UntagOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER, TagKeys: ['ManagedBy'] }),
    );
    expect((await destroy('--confirm', Bucket)).whys['oidc-provider']).toBe('not created by crc');
    await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER }));
  });

  it('deletes nothing that crc did not create, not even an empty bucket of that name', async () => {
    await moto().clients.s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-2' } }),
    );
    const bucket = await destroy('--confirm', Bucket, '--delete-state');
    expect([bucket.code, bucket.writes, bucket.whys['state-bucket']]).toEqual([0, [], 'not created by crc']);

    await bootstrap();
    await moto().clients.dynamodb.send(
      new UntagResourceCommand({
        ResourceArn: 'arn:aws:dynamodb:eu-west-2:123456789012:table/Visits',
        TagKeys: ['ManagedBy'],
      }),
    );
    const { document } = await destroy('--confirm', Bucket);
    expect(document.outcomes).toMatchObject({ 'table/IncrementVisits': 'kept', 'lock-table': 'removed' });
  });

  it('is blocked by a role with additional policies, and keeps what that role needs', async () => {
    await bootstrap();
    await moto().clients.iam.send(
      new PutRolePolicyCommand({
        RoleName: 'GitHubActionsTerraformRole',
        PolicyName: 'Mine',
        PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
      }),
    );
    const { code, document, whys } = await destroy('--confirm', Bucket);
    expect([code, document.outcomes]).toEqual([
      1,
      expect.objectContaining({
        'role/GitHubActionsTerraformRole': 'blocked',
        'oidc-provider': 'blocked',
        'state-bucket': 'removed',
      }),
    ]);
    expect(whys['role/GitHubActionsTerraformRole']).toContain('an inline policy that is not in the config: Mine');
  });

  // The first call, one in between and the last one. test/faults tests every call.
  it('continues where a killed run stopped, whichever call it was', async () => {
    await bootstrap();
    const calls = proxy.calls.length;
    await destroy('--confirm', Bucket);
    const total = proxy.calls.length;
    expect([calls, total].every((count) => count > 20)).toBe(true);
    for (let k = total - 22; k <= total; k += 11) {
      await moto().reset();
      await bootstrap();
      let count = 0;
      await spawnCli(['destroy', '--confirm', Bucket, '--json'], {
        cwd,
        env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint },
        started: (child) => {
          proxy.intercept = async () => {
            count += 1;
            if (count === k) child.kill('SIGKILL');
            return 'pass';
          };
        },
      });
      proxy.intercept = async () => 'pass';
      const { code } = await destroy('--confirm', Bucket);
      expect([k, code, await snapshot()]).toEqual([k, 0, EMPTY]);
    }
  });

  it('without a permission names it, and continues with the rest', async () => {
    await bootstrap();
    proxy.intercept = async ({ name }, _, response) => {
      if (name !== 'DeleteLogGroup') return 'pass';
      const body = { __type: 'AccessDeniedException', message: 'not authorized' };
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
      return 'handled';
    };
    const { code, document } = await destroy('--confirm', Bucket);
    expect([code, document.outcomes?.['log-group/IncrementVisits'], document.outcomes?.['state-bucket']]).toEqual([
      1,
      'failed',
      'removed',
    ]);
    expect(document.findings.find(({ id }) => id.startsWith('log-group'))?.error?.message).toContain(
      'logs:DeleteLogGroup',
    );
  });
});
