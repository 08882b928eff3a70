import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { askLine } from '../../src/ui/confirm.ts';
import type { Io } from '../../src/ui/io.ts';
import { project } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { awsError, type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { type FakeDynamoDb, fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { type FakeLambda, fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { type FakeBucket, fakeS3 } from '../helpers/fake-s3.ts';
import { captureIo } from '../helpers/io.ts';

vi.mock('../../src/ui/confirm.ts', () => ({ askLine: vi.fn(), confirm: vi.fn() }));
const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

const BUCKET = 'abcdef-terraform-state';
const LOCKED = {
  LockID: { S: `${BUCKET}/a.tfstate` },
  Info: { S: '{"Who":"alice","Operation":"OperationTypeApply"}' },
};
const DIGEST = { LockID: { S: `${BUCKET}/a.tfstate-md5` }, Digest: { S: 'd41d8cd9' } };
const STATE = '{"version":4,"serial":1,"lineage":"x","resources":[{}]}';

let aws: FakeAws;
let cwd: string;
let bucket: FakeBucket;
let dynamodb: FakeDynamoDb;
let lambda: FakeLambda;

let account: string;

beforeEach(async () => {
  account = ACCOUNT;
  vi.mocked(askLine).mockReset();
  const s3 = fakeS3(ACCOUNT, REGION);
  const iam = fakeIam(ACCOUNT);
  dynamodb = fakeDynamoDb({ busy: 0 });
  lambda = fakeLambda({ busy: 0 });
  aws = fakeAws({
    s3: s3.handlers,
    dynamodb: dynamodb.handlers,
    iam: { ...iam.handlers, ListRoles: () => ({ Roles: [], IsTruncated: false }) },
    sts: { GetCallerIdentity: () => ({ Account: account, Arn: `arn:aws:iam::${account}:user/me` }) },
    lambda: lambda.handlers,
    logs: fakeLogs().handlers,
  });
  current.clients = aws.clients;
  cwd = project();
  await crc(['bootstrap', '--json', '--yes']);
  bucket = s3.buckets.get(BUCKET) as FakeBucket;
});

async function crc(args: readonly string[], overrides: Partial<Io> = {}) {
  aws.calls.length = 0;
  const { io, out, err } = captureIo({ cwd, ...overrides });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err(), writes: aws.calls.filter(isWrite).length };
}

const onTerminal = { interactive: true, outColumns: 80 };

const lock = (item: Record<string, { S: string }> = LOCKED) =>
  dynamodb.tables.get('abcdef-terraform-locking')?.items.push(item);

describe('the confirmation of destroy', () => {
  it.each([
    ['a different name', 'abcdef-terraform'],
    ['yes', 'yes'],
    ['nothing', ''],
  ])('is the name of the bucket and nothing else: not %s', async (_, typed) => {
    vi.mocked(askLine).mockResolvedValue(typed);
    const { code, out, err, writes } = await crc(['destroy'], onTerminal);
    expect([code, writes]).toEqual([1, 0]);
    expect(out).toMatch(/^Will be deleted\n- state-bucket {20}abcdef-terraform-state$/m);
    expect(out).toContain('10 will be deleted.');
    expect(err).toMatch(
      typed === '' ? /^Cancelled\. No changes were made\./m : /Nothing was removed: that is not the name/,
    );
    expect(askLine).toHaveBeenCalledExactlyOnceWith(
      "Type the bucket's name (abcdef-terraform-state) to delete all of this:",
      expect.any(AbortSignal),
    );
  });

  it('is requested after the inventory, but not with --confirm or --dry-run', async () => {
    await crc(['destroy', '--dry-run'], onTerminal);
    expect(askLine).not.toHaveBeenCalled();
  });

  it('keeps the flags of the run in what it advises, and reports an unknown id first', async () => {
    const { err } = await crc(['destroy', '--delete-state', '--only', 'lock-table']);
    expect(err).toContain('`crc destroy --delete-state --only lock-table --dry-run` shows');
    const unknown = await crc(['destroy', '--only', 'lock-tabel']);
    expect(unknown.err).toContain('--only: the config has no "lock-tabel".\nDid you mean --only lock-table?');
  });

  it.each([
    ['--json', ['destroy', '--json'], onTerminal],
    ['no terminal', ['destroy'], {}],
    ['CI', ['destroy'], { ...onTerminal, env: { CI: 'true' } }],
    ['--confirm of another bucket', ['destroy', '--confirm', 'other'], {}],
    ['--yes of another command', ['destroy', '--yes'], {}],
    // The account may contain the user's test data.
    ['an endpoint on this machine', ['destroy', '--endpoint-url', 'http://127.0.0.1:5000'], {}],
  ])('is not taken from the config: %s', async (_, args, io) => {
    const { code, out, err, writes } = await crc(args, io);
    expect([code, writes]).toEqual([1, 0]);
    if (!args.includes('--yes')) expect(out + err).toContain('--confirm abcdef-terraform-state');
    expect(askLine).not.toHaveBeenCalled();
  });

  it('removes nothing if it is interrupted: 130', async () => {
    vi.mocked(askLine).mockImplementationOnce(async (_, signal) => {
      process.emit('SIGINT');
      signal?.throwIfAborted();
      return '';
    });
    const { code, writes } = await crc(['destroy'], onTerminal);
    expect([code, writes]).toEqual([130, 0]);
  });

  it('applies to the account that was shown: other credentials after the answer delete nothing', async () => {
    vi.mocked(askLine).mockImplementationOnce(async () => {
      account = '999999999999';
      return BUCKET;
    });
    const { code, err, writes } = await crc(['destroy'], onTerminal);
    expect([code, writes]).toEqual([1, 0]);
    expect(err).toContain('account 999999999999 now');
  });

  it('applies to what was shown: changes during the prompt are shown, and confirmed again', async () => {
    vi.mocked(askLine)
      .mockImplementationOnce(async () => {
        bucket.versions.push({ key: 'a.tfstate', versionId: '1', body: STATE });
        return BUCKET;
      })
      .mockResolvedValueOnce('');
    const { code, out, err, writes } = await crc(['destroy', '--delete-state'], onTerminal);
    expect([code, writes]).toEqual([1, 0]);
    expect(err).toContain('The account has changed since.');
    expect(out).toContain('the state a.tfstate still contains 1 resource');
    expect(askLine).toHaveBeenCalledTimes(2);
  });

  it('is repeated if the bucket has the same number of versions, but different ones', async () => {
    const empty = STATE.replace('{}', '');
    bucket.versions.push({ key: 'a.tfstate', versionId: '1', body: empty });
    vi.mocked(askLine)
      .mockImplementationOnce(async () => {
        bucket.versions.splice(0, 1, { key: 'a.tfstate', versionId: '2', body: empty });
        return BUCKET;
      })
      .mockResolvedValueOnce('');
    const { code, writes } = await crc(['destroy', '--delete-state'], onTerminal);
    expect([code, writes]).toEqual([1, 0]);
    expect(askLine).toHaveBeenCalledTimes(2);
  });

  it('is requested once if nothing has changed', async () => {
    vi.mocked(askLine).mockResolvedValue(BUCKET);
    const { code, out } = await crc(['destroy'], onTerminal);
    expect([code, out]).toEqual([0, expect.stringContaining('Done. 10 deleted.')]);
    expect(askLine).toHaveBeenCalledTimes(1);
  });
});

describe('destroy', () => {
  const CONFIRMED = ['--confirm', BUCKET];
  const outcomesOf = async (...args: string[]) => {
    const { code, out, writes } = await crc(['destroy', ...CONFIRMED, ...args, '--json']);
    const document = JSON.parse(out);
    return { code, writes, status: document.status, outcomes: document.outcomes, findings: document.findings };
  };

  it('--only removes a single resource, but not while another one needs it', async () => {
    const dryRun = await crc(['destroy', '--only', 'oidc-provider', '--dry-run', '--json']);
    expect(JSON.parse(dryRun.out).findings.map(({ id }: { id: string }) => id)).toEqual(['oidc-provider']);
    const blocked = await outcomesOf('--only', 'oidc-provider');
    expect([blocked.code, blocked.writes, blocked.outcomes]).toEqual([1, 0, { 'oidc-provider': 'blocked' }]);
    expect(blocked.findings[0].error.message).toBe('role/GitHubActionsTerraformRole still depends on it');
  });

  it.each([
    ['a lock item', [], () => lock()],
    ['a lock file', [], () => bucket.versions.push({ key: 'a.tflock', versionId: '1', body: '' })],
    [
      'a state with resources',
      ['--delete-state'],
      () => bucket.versions.push({ key: 'a', versionId: '1', body: STATE }),
    ],
  ])('keeps bucket, lock table, roles and provider for %s, and deletes the rest', async (about, args, tamper) => {
    tamper();
    const { code, outcomes } = await outcomesOf(...args);
    expect([code, outcomes]).toEqual([
      1,
      {
        'state-bucket': 'blocked',
        'lock-table': 'blocked',
        'role/GitHubActionsTerraformRole': 'blocked',
        'oidc-provider': 'blocked',
        'table/IncrementVisits': 'removed',
        'execution-role/IncrementVisits': 'removed',
        'log-group/IncrementVisits': 'removed',
        'function/IncrementVisits': 'removed',
        'function-code/IncrementVisits': 'removed',
        'function-url/IncrementVisits': 'removed',
      },
    ]);
    const { out } = await crc(['destroy', ...CONFIRMED, ...args]);
    // A lock item also blocks the table that holds it; the others only wait.
    const needs =
      about === 'a lock item' ? '2 resources need attention. Fix them' : '1 resource needs attention. Fix it';
    expect(out).toContain(
      `Incomplete: ${needs} and rerun \`crc ${['destroy', ...args].join(' ')}\`.\n  6 not found, 4 blocked.\n`,
    );
  });

  it('--only of a role or the table is also blocked by a lock', async () => {
    lock();
    for (const id of ['lock-table', 'role/GitHubActionsTerraformRole']) {
      const { code, writes, outcomes } = await outcomesOf('--only', id);
      expect([code, writes, outcomes]).toEqual([1, 0, { [id]: 'blocked' }]);
    }
  });

  it('shows the owner of a lock, and counts further locks', async () => {
    lock();
    const { code, out } = await crc(['destroy', '--dry-run']);
    expect(out).toContain(`${BUCKET}/a.tfstate is locked by alice (apply). Wait until`);
    expect(out).toContain('6 will be deleted, 4 blocked.');
    expect(code).toBe(1);
  });

  it('does not mistake a digest for a lock', async () => {
    lock(DIGEST);
    const { code, outcomes } = await outcomesOf();
    expect([code, new Set(Object.values(outcomes))]).toEqual([0, new Set(['removed'])]);
  });

  it('keeps a lock table in which states of another bucket are locked, and deletes the rest: exit 0', async () => {
    lock({ ...DIGEST, LockID: { S: 'other-states/b.tfstate-md5' } });
    const { code, outcomes } = await outcomesOf();
    expect([code, outcomes['lock-table'], outcomes['state-bucket'], outcomes['oidc-provider']]).toEqual([
      0,
      'kept',
      'removed',
      'removed',
    ]);
    const { out } = await crc(['destroy', '--dry-run']);
    expect(out).toContain('has the digests of states in another bucket (other-states), which are locked in it too');
  });

  it('does not take an item of something else for a digest in another bucket', async () => {
    lock({ ...DIGEST, LockID: { S: 'mine-md5' } });
    expect((await outcomesOf()).outcomes['lock-table']).toBe('removed');
  });

  it('does not say that the content of a kept resource will be deleted', async () => {
    const table = dynamodb.tables.get('abcdef-terraform-locking');
    if (table !== undefined) table.tags = [];
    const { out } = await crc(['destroy', '--dry-run', '--json']);
    const { findings } = JSON.parse(out) as { findings: { id: string; status: string; notes: string[] }[] };
    const ofTables = findings.filter(({ id }) => id.includes('table')).map(({ status, notes }) => [status, notes]);
    expect(ofTables).toEqual([
      ['stays', []],
      ['goes', [expect.stringContaining('will be deleted with it')]],
    ]);
  });

  it('keeps a bucket with states without --delete-state, and deletes the rest: exit 0', async () => {
    bucket.versions.push({ key: 'a', versionId: '1', body: STATE });
    const { code, outcomes } = await outcomesOf();
    expect([code, outcomes['state-bucket'], outcomes['lock-table']]).toEqual([0, 'kept', 'removed']);
  });

  it.each([
    ["another account's bucket", { owner: '999999999999' }, /belongs to a different account/],
    ['a bucket in another region', { region: 'us-east-1' }, /is in us-east-1, not in eu-west-2/],
  ])('deletes nothing at all for %s', async (_, tamper, message) => {
    Object.assign(bucket, tamper);
    const { code, writes, status, outcomes, findings } = await outcomesOf();
    expect([code, writes, status]).toEqual([1, 0, 'failed']);
    expect(outcomes).toMatchObject({ 'state-bucket': 'failed', 'role/GitHubActionsTerraformRole': 'not-started' });
    expect(findings[0].error.message).toMatch(message);
    const prompted = await crc(['destroy'], onTerminal);
    expect([prompted.writes, vi.mocked(askLine).mock.calls]).toEqual([0, []]);
  });
});

describe('what a function that is not in the config uses', () => {
  const denied = (action: string) =>
    awsError('AccessDeniedException', 403, { message: `x is not authorized to perform: ${action} on resource: *` });

  /** A function of another owner, with the role and the environment of the config's. */
  function addFunction(Variables: Record<string, string>): void {
    const deployed = lambda.functions.get('IncrementVisits');
    if (deployed === undefined) throw new Error('not created');
    lambda.functions.set('Theirs', {
      ...deployed,
      tags: {},
      latest: { ...deployed.latest, Environment: { Variables } },
    });
  }

  async function destroyed(...args: readonly string[]) {
    const { code, out } = await crc(['destroy', '--json', ...args]);
    const document = JSON.parse(out);
    return { code, ...document };
  }

  it('is kept, and the rest deleted: exit 0', async () => {
    addFunction({ TABLE: `arn:aws:dynamodb:eu-west-2:${ACCOUNT}:table/Visits` });
    const inventory = await crc(['destroy', '--dry-run']);
    expect(inventory.out).toContain('a function that is not in the config runs with it: Theirs');
    expect(inventory.out).toContain('a function that is not in the config names it in its environment: Theirs');
    const { code, outcomes } = await destroyed('--confirm', BUCKET);
    expect([code, outcomes]).toEqual([
      0,
      expect.objectContaining({
        'lock-table': 'removed',
        'table/IncrementVisits': 'kept',
        'execution-role/IncrementVisits': 'kept',
        'function/IncrementVisits': 'removed',
        'state-bucket': 'removed',
      }),
    ]);
  });

  it('is looked for in destroy alone, and the functions of the config do not count', async () => {
    await crc(['verify']);
    expect(aws.calls.map(({ operation }) => operation)).not.toContain('ListFunctions');
    const { code, outcomes } = await destroyed('--confirm', BUCKET);
    expect([code, outcomes['lock-table'], outcomes['execution-role/IncrementVisits']]).toEqual([
      0,
      'removed',
      'removed',
    ]);
  });

  it.each(['lambda:ListFunctions', 'lambda:ListAliases'])(
    'is unread without %s, and everything else is deleted: exit 1',
    async (action) => {
      const deployed = lambda.functions.get('IncrementVisits');
      if (deployed === undefined) throw new Error('not created');
      // Only a published version uses them, so its aliases are read too.
      const latest = { ...deployed.latest, Role: `arn:aws:iam::${ACCOUNT}:role/new`, Environment: {} };
      lambda.functions.set('Theirs', { ...deployed, tags: {}, latest });
      aws.fail(action.replace('lambda:', ''), denied(action));
      const { code, outcomes, findings } = await destroyed('--confirm', BUCKET);
      expect(code).toBe(1);
      const left = Object.entries(outcomes).filter(([, outcome]) => outcome !== 'removed');
      expect(left.sort()).toEqual([
        ['execution-role/IncrementVisits', 'failed'],
        ['table/IncrementVisits', 'failed'],
      ]);
      expect(JSON.stringify(findings)).toContain(`Access denied: ${action} on `);
    },
  );
});
