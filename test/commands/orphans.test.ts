import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { askLine } from '../../src/ui/confirm.ts';
import type { Io } from '../../src/ui/io.ts';
import { checkedCalls, notGranted } from '../helpers/checks.ts';
import { exampleConfig, type LooseConfig, project } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { checkDocument } from '../helpers/documents.ts';
import { awsError, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { type FakeAlias, fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { fakeSts } from '../helpers/fake-sts.ts';
import { fakeTag } from '../helpers/fake-tag.ts';
import { captureIo } from '../helpers/io.ts';
import { orphanKindsWithout } from '../helpers/orphan-kinds.ts';

vi.mock('../../src/ui/confirm.ts', () => ({ askLine: vi.fn(), confirm: vi.fn() }));
const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

const BUCKET = 'abcdef-terraform-state';
const LOCKS = 'abcdef-terraform-locking';
const DELETED_TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Gone`;
const ORPHANS = [
  'role/OldDeploy',
  'execution-role/IncrementVisits',
  'function/IncrementVisits',
  'log-group/IncrementVisits',
  `table/Visits`,
  `table/${LOCKS}`,
];
const ALL_DELETED = new RegExp(`^${ORPHANS.length} will be deleted\\.$`, 'm');

/** Turns the example config into an earlier version with more resources. */
function earlierConfig(config: LooseConfig): void {
  const [role] = config.roles;
  config.roles.push({
    ...role,
    name: 'OldDeploy',
    trust: { repository: 'owner/old', subjects: ['ref:refs/heads/main'] },
    state: [{ key: 'old.tfstate', access: 'write' }],
  });
}

/** Turns the example config into the current version. */
function currentConfig(config: LooseConfig): void {
  config.functions = [];
  delete config.lockTable;
}

const iam = fakeIam(ACCOUNT);
const dynamodb = fakeDynamoDb({ busy: 0 });
const lambda = fakeLambda({ busy: 0 });
const logs = fakeLogs();
const s3 = fakeS3(ACCOUNT, REGION);
const aws = fakeAws({
  s3: s3.handlers,
  dynamodb: dynamodb.handlers,
  iam: iam.handlers,
  sts: fakeSts(),
  lambda: lambda.handlers,
  logs: logs.handlers,
  tag: fakeTag({ dynamodb, lambda, logs }, [DELETED_TABLE]),
});
/** The maps that contain the account's resources, so that tests can restore them. */
const ACCOUNT_PARTS: readonly Map<string, unknown>[] = [
  s3.buckets,
  iam.roles,
  iam.providers,
  dynamodb.tables,
  lambda.functions,
  logs.groups,
];
let bootstrappedAccount: readonly Map<string, unknown>[];
let cwd: string;

/** Bootstraps both the earlier and the current config. */
beforeAll(async () => {
  current.clients = aws.clients;
  cwd = project(earlierConfig);
  expect((await crc(['bootstrap', '--json', '--yes'])).code).toBe(0);
  configure(currentConfig);
  expect((await crc(['bootstrap', '--json', '--yes'])).code).toBe(0);
  bootstrappedAccount = structuredClone(ACCOUNT_PARTS);
}, 120_000);

beforeEach(() => {
  current.clients = aws.clients;
  vi.mocked(askLine).mockReset();
  aws.clearFailures();
  rmSync(join(cwd, 'main.tf'), { force: true });
  configure(currentConfig);
  ACCOUNT_PARTS.forEach((part, index) => {
    part.clear();
    for (const [name, value] of structuredClone(bootstrappedAccount[index] ?? new Map())) part.set(name, value);
  });
});

function configure(change: (config: LooseConfig) => void): void {
  const config = exampleConfig();
  change(config);
  writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config));
}

async function crc(args: readonly string[], overrides: Partial<Io> = {}) {
  aws.calls.length = 0;
  const { io, out, err } = captureIo({ cwd, ...overrides });
  const code = await run(['node', 'crc', ...args], io);
  const writes = aws.calls.filter(isWrite).map(({ operation }) => operation);
  return { code, out: out(), err: err(), writes };
}

async function json(...args: readonly string[]) {
  const { code, out, writes } = await crc([...args, '--json']);
  checkDocument(out);
  return { code, writes, ...JSON.parse(out) };
}

const idsOf = (findings: readonly { id: string }[]) => findings.map(({ id }) => id);
const orphansIn = async () => {
  const { findings } = await json('verify');
  return findings.slice(3);
};
/** Tag of another project that has taken over a resource. */
const taken = { Key: 'crc:project', Value: 'other' };
const retag = (tags: { Key: string; Value: string }[]) => [...tags.filter(({ Key }) => Key !== taken.Key), taken];

it('one of each kind is tested here', () => {
  expect(orphanKindsWithout(ORPHANS)).toEqual([]);
});

it.each([
  ['verify', ['verify']],
  ['destroy', ['destroy', '--orphans', '--confirm', BUCKET]],
])('crc permissions %s prints what finds or deletes them, on their ARNs', async (command, args) => {
  const { policy } = await json('permissions', command);
  const grants = policy.Statement.map(({ Action, Resource }: { Action: unknown; Resource: unknown }) => ({
    actions: [Action].flat(),
    resources: [Resource].flat(),
  }));
  expect((await json(...args)).code).toBe(0);
  expect(notGranted(await checkedCalls(aws.calls), grants)).toEqual([]);
});

describe('verify', () => {
  it.each([
    [[], 0],
    [['--strict'], 2],
  ])(
    '%j warns about each resource that is no longer in the config, starting with roles that GitHub can assume: exit code %i',
    async (flags, exit) => {
      const { code, status, findings, writes } = await json('verify', ...flags);
      expect([code, status, writes, idsOf(findings)]).toEqual([
        exit,
        'in-sync',
        [],
        ['state-bucket', 'oidc-provider', 'role/GitHubActionsTerraformRole', ...ORPHANS],
      ]);
      const [role, ...unlisted] = findings.slice(3);
      expect(role).toEqual({
        id: 'role/OldDeploy',
        type: 'AWS::IAM::Role',
        name: 'OldDeploy',
        status: 'in-sync',
        changes: [],
        warnings: [
          'no longer in the config, and GitHub can still assume it (repo:owner/old:ref:refs/heads/main). If another config of this project has it, leave it. To keep: add it back to the config. To delete: `crc destroy --orphans`.',
        ],
      });
      for (const { warnings } of unlisted)
        expect(warnings).toEqual([expect.stringMatching(/^no longer in the config\. /)]);
    },
  );

  it('shows it in text, with what to do next', async () => {
    const { code, out, err } = await crc(['verify']);
    expect(code).toBe(0);
    expect(out).toContain('No drift detected.');
    expect(out).toMatch(/^✓ 3 in sync: /m);
    expect(out).toMatch(/^Warnings\n {2}• role\/OldDeploy: no longer in the config, and GitHub can still assume it/m);
    expect(err).toContain('Next: `crc destroy --orphans --dry-run` shows');
    const { out: markdown } = await crc(['verify', '--markdown']);
    expect(markdown).toMatch(/\*\*Warnings\*\*\n\n- `role\/OldDeploy`: no longer in the config/);
    expect(markdown).not.toMatch(/^\| `role\/OldDeploy`/m);
  });

  it('annotates a run of GitHub Actions with the warnings, and adds them to its summary', async () => {
    const file = join(cwd, 'summary.md');
    const { code, err } = await crc(['verify'], { env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: file } });
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^::warning title=crc verify%3A role\/OldDeploy::no longer in the config/m),
    ]);
    expect(readFileSync(file, 'utf8')).toMatch(/^- `role\/OldDeploy`: no longer in the config/m);
  });

  it('sends one call for each list, with the largest page size', async () => {
    for (const role of ['OldDeploy', 'IncrementVisits-execution']) iam.roles.delete(role);
    for (const part of [dynamodb.tables, lambda.functions, logs.groups]) part.clear();
    const { code, findings } = await json('verify');
    expect([code, findings.length]).toEqual([0, 3]);
    expect(aws.calls.filter(({ operation }) => operation === 'ListRoles').map(({ input }) => input)).toEqual([
      expect.objectContaining({ MaxItems: 1_000 }),
    ]);
    // Roles in the config are read only once.
    expect(aws.calls.filter(({ operation }) => operation === 'GetRole')).toHaveLength(1);
  });

  it('explains an exit code of 2 without drift', async () => {
    const note = 'note: --strict: the exit code is 2 because of the warnings\n';
    expect((await crc(['verify', '--strict'])).err).toContain(note);
    expect((await crc(['verify'])).err).not.toContain(note);
  });

  it('with --only does not look for others', async () => {
    const { findings } = await json('verify', '--only', 'oidc-provider', '--strict');
    expect(idsOf(findings)).toEqual(['oidc-provider']);
    expect(aws.calls.filter(({ operation }) => ['ListRoles', 'GetResources'].includes(operation))).toEqual([]);
  });

  it('leaves out what belongs to another project or to no project, and what was deleted in the meantime', async () => {
    const oldRole = iam.roles.get('OldDeploy');
    const visits = dynamodb.tables.get('Visits');
    if (oldRole === undefined || visits === undefined) throw new Error('not created');
    oldRole.tags = retag(oldRole.tags);
    visits.tags = retag(visits.tags);
    iam.roles.set('Theirs', { ...oldRole, tags: [] });
    expect(idsOf(await orphansIn())).toEqual(
      ORPHANS.filter((id) => !/OldDeploy|Visits$/.test(id) || id.includes('Increment')),
    );
  });

  it('gives a table that is named like a function an id of its own, which --only accepts', async () => {
    configure((config) => {
      const [functionConfig] = config.functions;
      config.functions = [{ ...functionConfig, name: 'Visits', table: { name: 'Others', hashKey: 'Id' } }];
    });
    const { findings } = await json('verify');
    const tables = findings.filter(({ type }: { type: string }) => type === 'AWS::DynamoDB::Table');
    const own = `table/${REGION}/Visits`;
    expect(tables.map(({ id, name }: { id: string; name: string }) => [id, name])).toEqual([
      ['lock-table', LOCKS],
      ['table/Visits', 'Others'],
      [own, 'Visits'],
    ]);
    expect((await json('destroy', '--orphans', '--dry-run', '--only', own)).findings).toHaveLength(1);
  });

  it('finds a role that GitHub can assume although its description was changed', async () => {
    Object.assign(iam.roles.get('OldDeploy') ?? {}, { description: 'mine' });
    Object.assign(iam.roles.get('IncrementVisits-execution') ?? {}, { description: 'mine' });
    expect(idsOf(await orphansIn())).toEqual(ORPHANS.filter((id) => !id.startsWith('execution-role/')));
  });

  it.each([
    ['ListRoles', 'role/*', 'iam:ListRoles'],
    ['GetResources', 'function/*', 'tag:GetResources'],
  ])('reports a list that it may not read as unread: without %s', async (operation, id, action) => {
    const message = `User: arn:aws:iam::${ACCOUNT}:user/me is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`;
    aws.fail(operation, awsError('AccessDeniedException', 403, { message }));
    const { code, status, findings } = await json('verify');
    const unread = findings.filter(({ status }: { status: string }) => status === 'unread');
    expect([code, status, idsOf(unread)]).toEqual([1, 'failed', [id]]);
    expect(unread[0].error).toEqual({
      message: expect.stringContaining(`Access denied: ${action}`),
      hint: expect.stringMatching(
        new RegExp(`^Allow ${action} .*\`crc permissions verify\` prints .*"crc": \\["verify"\\] .*\`crc bootstrap\``),
      ),
    });
  });

  it('reports a listing that fails otherwise as unread, and the rest as usual', async () => {
    aws.fail('ListRoles', awsError('ServiceFailure', 500));
    const { code, findings } = await json('verify');
    expect([code, idsOf(findings)]).toEqual([
      1,
      ['state-bucket', 'oidc-provider', 'role/GitHubActionsTerraformRole', 'role/*', ...ORPHANS.slice(2)],
    ]);
    expect(findings[3]).toMatchObject({
      status: 'unread',
      error: { hint: expect.not.stringContaining('permissions') },
    });
  });
});

describe('destroy --orphans', () => {
  it('deletes only what is no longer in the config, after --confirm with the name of the bucket', async () => {
    const refused = await crc(['destroy', '--orphans', '--json']);
    expect([refused.code, refused.writes]).toEqual([1, []]);
    const { code, status, outcomes } = await json('destroy', '--orphans', '--confirm', BUCKET);
    expect([code, status, outcomes]).toEqual([
      0,
      'converged',
      Object.fromEntries(ORPHANS.map((id) => [id, 'removed'])),
    ]);
    expect([[...iam.roles.keys()], dynamodb.tables.size, lambda.functions.size, logs.groups.size]).toEqual([
      ['GitHubActionsTerraformRole'],
      0,
      0,
      0,
    ]);
    expect((await json('verify', '--strict')).findings).toHaveLength(3);
    const secondRun = await crc(['destroy', '--orphans', '--confirm', BUCKET]);
    expect([secondRun.code, secondRun.out]).toEqual([
      0,
      expect.stringContaining('All resources of this project are in the config.'),
    ]);
  });

  it('shows the inventory with --dry-run, and asks for the name of the bucket, which is kept', async () => {
    const dryRun = await crc(['destroy', '--orphans', '--dry-run']);
    expect([dryRun.code, dryRun.writes]).toEqual([0, []]);
    expect(dryRun.out).toMatch(ALL_DELETED);
    expect(dryRun.out).toMatch(/\n\nWill be deleted\n- role\/OldDeploy\n {4}its inline policies .*TerraformPolicy/);
    expect(dryRun.out).toContain(`If another config has the project ${BUCKET} too, check that it does not name these.`);
    expect(dryRun.err).toContain('`crc destroy --orphans` deletes them');
    vi.mocked(askLine).mockResolvedValue('no');
    const prompted = await crc(['destroy', '--orphans'], { interactive: true, outColumns: 80 });
    expect([prompted.code, prompted.writes]).toEqual([1, []]);
    expect(askLine).toHaveBeenCalledExactlyOnceWith(
      `Type the name of the state bucket (${BUCKET}), which is kept, to delete all of this:`,
      expect.any(AbortSignal),
    );
  });

  it('reads the tags again right before deleting, and keeps resources that others have adopted in the meantime', async () => {
    // The first read is for the inventory, the second one directly precedes the deletion.
    let reads = 0;
    const oldRole = iam.roles.get('OldDeploy');
    const owned = oldRole?.tags ?? [];
    Object.defineProperty(oldRole, 'tags', { get: () => (++reads === 1 ? owned : retag(owned)) });
    const { code, outcomes } = await json('destroy', '--orphans', '--confirm', BUCKET, '--only', 'role/OldDeploy');
    expect([code, outcomes, iam.roles.has('OldDeploy')]).toEqual([1, { 'role/OldDeploy': 'blocked' }, true]);
  });

  it('with --only deletes no more than that, and accepts no other id', async () => {
    const partial = await json('destroy', '--orphans', '--confirm', BUCKET, '--only', 'role/OldDeploy');
    expect([partial.code, partial.outcomes, lambda.functions.size]).toEqual([0, { 'role/OldDeploy': 'removed' }, 1]);
    const needed = await json('destroy', '--orphans', '--confirm', BUCKET, '--only', 'execution-role/IncrementVisits');
    expect([needed.code, needed.outcomes]).toEqual([1, { 'execution-role/IncrementVisits': 'blocked' }]);
    const unknown = await crc(['destroy', '--orphans', '--confirm', BUCKET, '--only', 'state-bucket']);
    expect([unknown.code, unknown.err, unknown.writes]).toEqual([
      1,
      expect.stringContaining('--only: "state-bucket" is not among the resources to delete.'),
      [],
    ]);
  });

  it('keeps a role and a table that another function still uses', async () => {
    const lambdaFunction = lambda.functions.get('IncrementVisits');
    if (lambdaFunction === undefined) throw new Error('not created');
    lambda.functions.set('Theirs', { ...lambdaFunction, tags: {} });
    const { code, findings, outcomes } = await json('destroy', '--orphans', '--confirm', BUCKET);
    expect([code, outcomes['execution-role/IncrementVisits'], outcomes['table/Visits']]).toEqual([
      1,
      'blocked',
      'blocked',
    ]);
    expect(outcomes['function/IncrementVisits']).toBe('removed');
    const reasons = findings.map(({ error }: { error?: { message: string } }) => error?.message ?? '').join('\n');
    expect(reasons).toContain('still the role of the function Theirs');
    expect(reasons).toContain('the environment of the function Theirs still names it');
  });

  it('keeps what only the served version of a function still uses, and not what any other published version uses', async () => {
    const deployed = lambda.functions.get('IncrementVisits');
    if (deployed === undefined) throw new Error('not created');
    const latest = { ...deployed.latest, Role: `arn:aws:iam::${ACCOUNT}:role/new`, Environment: {} };
    const versions = [...deployed.versions, { ...latest, Version: '2' }];
    const serving = (FunctionVersion: string, RoutingConfig?: FakeAlias['RoutingConfig']) => {
      const alias: FakeAlias = { FunctionVersion, Description: '', RevisionId: 'r' };
      const aliases = new Map([
        ['test', alias],
        ['live', RoutingConfig === undefined ? alias : { ...alias, RoutingConfig }],
      ]);
      lambda.functions.set('Theirs', { ...deployed, tags: {}, latest, versions, aliases });
    };
    const inventory = async () => (await crc(['destroy', '--orphans', '--dry-run'])).out;
    serving('1');
    expect(await inventory()).toContain('still the role of the function Theirs (version 1, served by test)');
    expect(await inventory()).toContain(
      'the environment of the function Theirs (version 1, served by test) still names it',
    );
    serving('2', { AdditionalVersionWeights: { 1: 0.1 } });
    expect(await inventory()).toContain('still the role of the function Theirs (version 1, served by live)');
    serving('2');
    expect(await inventory()).toMatch(ALL_DELETED);
  });

  it('keeps a role that a function in another region runs with, where IAM says it was last used', async () => {
    const [role, lambdaFunction] = [
      iam.roles.get('IncrementVisits-execution'),
      lambda.functions.get('IncrementVisits'),
    ];
    if (role === undefined || lambdaFunction === undefined) throw new Error('not created');
    iam.roles.set('IncrementVisits-execution', { ...role, lastUsedIn: 'us-east-1' });
    const elsewhere = fakeLambda({ busy: 0 });
    const there = fakeAws({ lambda: elsewhere.handlers });
    current.clients = {
      ...aws.clients,
      inRegion: (region: string) => (region === 'us-east-1' ? there.clients : aws.clients),
    };
    const inventory = async () => (await crc(['destroy', '--orphans', '--dry-run'])).out;
    expect(await inventory()).toMatch(ALL_DELETED);
    elsewhere.functions.set('Resize', { ...lambdaFunction, tags: {} });
    expect(await inventory()).toContain('still the role of the function Resize in us-east-1');
    there.fail(
      'ListFunctions',
      awsError('AccessDeniedException', 403, {
        message: 'x is not authorized to perform: lambda:ListFunctions on resource: *',
      }),
    );
    expect(await inventory()).toContain(
      'still possibly the role of a function in us-east-1, where it was last used and lambda:ListFunctions is denied',
    );
    // A role that no function can run with is not looked for.
    const trust = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' } }] });
    iam.roles.set('IncrementVisits-execution', { ...role, trust, lastUsedIn: 'us-east-1' });
    expect(await inventory()).toMatch(ALL_DELETED);
  });

  it.each([
    [
      'the environment of a function names by its ARN',
      () => {
        const deployed = lambda.functions.get('IncrementVisits');
        if (deployed === undefined) throw new Error('not created');
        const Environment = { Variables: { TABLE_ARN: `arn:aws:dynamodb:eu-west-2:${ACCOUNT}:table/Visits` } };
        lambda.functions.set('Theirs', { ...deployed, tags: {}, latest: { ...deployed.latest, Environment } });
      },
      'the environment of the function Theirs still names it',
    ],
    [
      'a statement in the config names',
      () => {
        const { latest, versions = [] } = lambda.functions.get('IncrementVisits') ?? {};
        for (const version of [latest, ...versions]) delete version?.Environment;
        configure((config) => {
          const Resource = `arn:aws:dynamodb:eu-west-2:${ACCOUNT}:table/Visits/index/*`;
          const statements = [{ Effect: 'Allow', Action: 'dynamodb:Query', Resource }];
          config.functions = config.functions.map((own: LooseConfig) => ({ ...own, table: undefined, statements }));
        });
      },
      '"statements" of the function IncrementVisits still name it',
    ],
  ])('keeps a table that %s', async (_, use, reason) => {
    use();
    const { code, out } = await crc(['destroy', '--orphans', '--confirm', BUCKET]);
    expect([code, dynamodb.tables.has('Visits')]).toEqual([1, true]);
    expect(out).toContain(reason);
  });

  it.each([
    [
      'digests of states in another bucket',
      () =>
        dynamodb.tables
          .get(LOCKS)
          ?.items.push({ LockID: { S: `other-states/a-md5` }, Digest: { S: 'd41d8cd98f00b204e9800998ecf8427e' } }),
      'has the digests of states in another bucket (other-states), which are locked in it too. If nothing locks',
    ],
    [
      'a lock in it',
      () => dynamodb.tables.get(LOCKS)?.items.push({ LockID: { S: `${BUCKET}/a` }, Info: { S: '{"Who":"alice"}' } }),
      'is locked by alice',
    ],
    [
      'a backend block that names it',
      () =>
        writeFileSync(
          join(cwd, 'main.tf'),
          `terraform {\n  backend "s3" {\n    bucket = "${BUCKET}"\n    dynamodb_table = "${LOCKS}"\n  }\n}\n`,
        ),
      'a backend block names it (main.tf:2)',
    ],
  ])('keeps a lock table with %s', async (_, use, reason) => {
    use();
    const { code, out } = await crc(['destroy', '--orphans', '--confirm', BUCKET]);
    expect([code, dynamodb.tables.has(LOCKS), dynamodb.tables.has('Visits')]).toEqual([1, true, false]);
    expect(out).toContain(reason);
    expect(out).toContain('rerun `crc destroy --orphans`');
  });

  it('keeps logs that are protected from deletion', async () => {
    const id = 'log-group/IncrementVisits';
    for (const group of logs.groups.values()) group.deletionProtection = true;
    const { code, findings, outcomes } = await json('destroy', '--orphans', '--confirm', BUCKET, '--only', id);
    expect([code, outcomes, logs.groups.has('/aws/lambda/IncrementVisits')]).toEqual([1, { [id]: 'blocked' }, true]);
    expect(findings[0].error.message).toContain('deletion protection is enabled');
  });

  it('names the flag if it cannot prompt', async () => {
    const { code, err, writes } = await crc(['destroy', '--orphans']);
    expect([code, writes, err]).toEqual([1, [], expect.stringContaining('`crc destroy --orphans --dry-run` shows')]);
  });

  it('cannot be combined with --delete-state', async () => {
    const { code, err, writes } = await crc(['destroy', '--orphans', '--delete-state', '--confirm', BUCKET]);
    expect([code, err, writes]).toEqual([
      1,
      expect.stringContaining('--delete-state and --orphans cannot be used together'),
      [],
    ]);
  });
});

describe('bootstrap after the lock table was removed from the config', () => {
  const withTable = (config: LooseConfig) => {
    config.functions = [];
  };
  const block = (more: string) =>
    writeFileSync(join(cwd, 'main.tf'), `terraform {\n  backend "s3" {\n    bucket = "${BUCKET}"\n${more}  }\n}\n`);
  beforeEach(async () => {
    configure(withTable);
    expect((await crc(['bootstrap', '--json', '--yes'])).code).toBe(0);
    configure(currentConfig);
  });

  it.each([
    ['a block names it', () => block(`    dynamodb_table = "${LOCKS}"\n`), 'a backend block names it (main.tf:2)'],
    [
      'a block has both locks',
      () => block(`    dynamodb_table = "${LOCKS}"\n    use_lockfile = true\n`),
      'a backend block names it (main.tf:2)',
    ],
    [
      'a state of the bucket is locked in it',
      () =>
        dynamodb.tables.get(LOCKS)?.items.push({ LockID: { S: `${BUCKET}/a` }, Info: { S: '{"Who":"alice"}' } }) &&
        block('    use_lockfile = true\n'),
      'is locked by alice',
    ],
  ])('removes no permissions for it from a role while %s', async (_, use, reason) => {
    use();
    const { code, findings, outcomes, writes } = await json('bootstrap', '--yes');
    expect([code, outcomes['role/GitHubActionsTerraformRole'], writes]).toEqual([1, 'blocked', []]);
    const role = findings.find(({ id }: { id: string }) => id.startsWith('role/'));
    expect(role.status).toBe('conflict');
    expect(role.changes[0].why).toContain(`the lock table ${LOCKS} is still in use: `);
    expect(role.changes[0].why).toContain(reason);
    expect((await json('plan')).code).toBe(2);
  });

  it('does so once nothing uses it, whatever other buckets have locked, and only then calls DynamoDB', async () => {
    block('    use_lockfile = true\n');
    dynamodb.tables.get(LOCKS)?.items.push({ LockID: { S: 'other-bucket/a' }, Info: { S: '{"Who":"bob"}' } });
    const { code, outcomes } = await json('bootstrap', '--yes');
    expect([code, outcomes['role/GitHubActionsTerraformRole']]).toEqual([0, 'updated']);
    expect(aws.calls.some(({ operation }) => operation === 'Scan')).toBe(true);
    await json('bootstrap', '--yes');
    expect(aws.calls.some(({ operation }) => operation === 'Scan')).toBe(false);
  });
});
