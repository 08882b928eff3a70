import {
  DeleteItemCommand,
  DescribeTableCommand,
  ListTablesCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateAliasCommand, CreateKeyCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { benchAt, type MotoBench, useMoto } from '../helpers/moto.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';
import { BUCKET, KEY, lockInfo, stateBench, TABLE } from '../helpers/state-bench.ts';
import { secretState } from '../terraform/state/states.ts';

const PROJECT_REGION = 'eu-west-2';
const BUCKET_REGION = 'us-east-1';
const LIMITED = 'LIMITED';

describeWith('moto', 'a state bucket and its lock table in another region than the project', () => {
  const moto = useMoto();
  const benchIn = (region = BUCKET_REGION): MotoBench => benchAt(moto().endpoint, region);
  const bench = stateBench(benchIn);
  let gate: PolicyGate;
  let cwd: string;
  beforeAll(async () => {
    gate = await startPolicyGate(moto().endpoint);
  });
  afterAll(() => gate.stop());
  beforeEach(() => {
    gate.checked.length = 0;
    use();
  });

  function use(change: (config: LooseConfig) => void = () => undefined, region: string | null = BUCKET_REGION): void {
    const config = backendConfig();
    config.stateBucket.objectLock = false;
    if (region !== null) config.stateBucket.region = region;
    change(config);
    cwd = writeConfig(config);
  }
  const crc = (args: readonly string[], key = 'testing') =>
    runCli([...args], { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: gate.endpoint, AWS_ACCESS_KEY_ID: key } });
  const runJson = async (...args: readonly string[]) => {
    const { code, stdout } = await crc([...args, '--json']);
    return { code, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };
  const succeeds = async (args: readonly string[], key?: string) => {
    const { code, stdout, stderr } = await crc(args, key);
    expect([args, code, code === 0 ? '' : stdout + stderr]).toEqual([args, 0, '']);
    return stdout;
  };
  const tablesIn = async (region: string) =>
    (await benchIn(region).clients.dynamodb.send(new ListTablesCommand({}))).TableNames;
  const locationOf = async () =>
    (await benchIn().clients.s3.send(new GetBucketLocationCommand({ Bucket: BUCKET }))).LocationConstraint;

  it.each([
    // S3 neither accepts nor returns a name for this region.
    ['us-east-1', null],
    ['eu-central-1', 'eu-central-1'],
  ])(
    "are created in %s, are then in sync, and need one more call than in the project's region",
    async (region, location) => {
      use(undefined, null);
      await succeeds(['bootstrap', '--yes']);
      const { document: usual } = await runJson('verify');
      await moto().reset();

      use(undefined, region);
      const head = await crc(['plan']);
      expect(head.stdout).toContain(`Account ${ACCOUNT}, ${PROJECT_REGION} (state in ${region})`);
      const created = await runJson('bootstrap', '--yes');
      expect([created.code, created.document.status, created.document.region]).toEqual([
        0,
        'converged',
        PROJECT_REGION,
      ]);
      expect(await locationOf()).toEqual(location ?? undefined);
      expect([await tablesIn(region), await tablesIn(PROJECT_REGION)]).toEqual([[TABLE], []]);
      const secondRun = await runJson('bootstrap', '--yes');
      expect([secondRun.code, secondRun.document.status, secondRun.document.apiCalls.write]).toEqual([0, 'in-sync', 0]);
      const verified = await runJson('verify');
      // One additional call, because tagged resources are listed by region.
      expect([verified.code, verified.document.apiCalls]).toEqual([0, { read: usual.apiCalls.read + 1, write: 0 }]);
    },
  );

  it('are elsewhere because of --region: the advice is to leave it out', async () => {
    use(undefined, null);
    await succeeds(['bootstrap', '--yes']);
    const withFlag = await crc(['verify', '--region', 'us-west-2']);
    expect(withFlag.stdout).toContain('Leave --region out');
    // Here the config has the wrong region.
    use(undefined, 'us-west-2');
    const { stdout } = await crc(['verify', '--region', PROJECT_REGION]);
    expect(stdout).toContain(`Set "region": "${PROJECT_REGION}" in "stateBucket"`);
    expect(stdout).not.toContain('Leave --region out');
  });

  it('are compared with the config, and fixed', async () => {
    await succeeds(['bootstrap', '--yes']);
    const { s3, dynamodb } = benchIn().clients;
    await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Suspended' } }));
    await dynamodb.send(new UpdateTableCommand({ TableName: TABLE, DeletionProtectionEnabled: false }));
    const { code, document } = await runJson('verify');
    const paths = document.findings.flatMap(({ changes }) =>
      changes.map((change) => ('path' in change ? change.path : change.kind)),
    );
    expect([code, paths]).toEqual([2, ['versioning', 'deletionProtection']]);
    await succeeds(['bootstrap', '--yes']);
    expect((await runJson('verify')).code).toBe(0);
  });

  it('are adopted', async () => {
    await bench.setUp();
    await bench.put(secretState(1));
    expect((await runJson('bootstrap', '--yes')).code).toBe(1);
    await succeeds(['bootstrap', '--yes', '--adopt']);
    expect((await runJson('verify')).code).toBe(0);
    expect(await tablesIn(PROJECT_REGION)).toEqual([]);
  });

  it('match the outputs, the backend block and its check', async () => {
    await succeeds(['bootstrap', '--yes']);
    const { backends } = JSON.parse(await succeeds(['outputs', '--json']));
    expect(backends[KEY]).toMatchObject({ bucket: BUCKET, region: BUCKET_REGION, dynamodb_table: TABLE });
    expect(await succeeds(['backend'])).toMatch(/ region += "us-east-1"\n/);
    expect(await succeeds(['outputs'])).toMatch(/ region += "us-east-1"\n/);
  });

  it('have their states, locks and digests read and written there', async () => {
    // The test does not apply crc's bucket policy: Moto denies all object calls if the policy contains a conditional
    // Deny.
    await bench.setUp();
    await bench.put(secretState(1));
    await bench.put(secretState(2));
    await bench.lockItem(lockInfo('theirs'));
    const { states } = JSON.parse(await succeeds(['state', 'list', '--json']));
    expect(states).toEqual([
      expect.objectContaining({ key: KEY, serial: 2, lock: expect.objectContaining({ id: 'theirs' }) }),
    ]);
    await succeeds(['state', 'unlock', KEY, '--force', 'theirs']);
    expect(await bench.locks()).toEqual([]);
    await succeeds(['state', 'restore', KEY, '~1', '--yes']);
    expect((await crc(['state', 'check'])).code).toBe(0);
  });

  it("keep the roles' permissions on a table removed from the config while it is locked there", async () => {
    await succeeds(['bootstrap', '--yes']);
    await bench.lockItem(lockInfo('theirs'));
    use((config) => {
      delete config.lockTable;
    });
    const { code, stdout } = await crc(['bootstrap', '--yes', '--json']);
    expect([code, stdout]).toEqual([1, expect.stringContaining(`the lock table ${TABLE} is still in use`)]);
    const LockID = { S: `${BUCKET}/${KEY}` };
    await benchIn().clients.dynamodb.send(new DeleteItemCommand({ TableName: TABLE, Key: { LockID } }));
    await succeeds(['bootstrap', '--yes']);
  });

  it('leave the config: the table is found there, with the permissions of verify and destroy, and deleted', async () => {
    await succeeds(['bootstrap', '--yes']);
    use((config) => {
      delete config.lockTable;
    });
    await succeeds(['bootstrap', '--yes']);
    const allowCommand = async (command: string) =>
      gate.principals.set(LIMITED, {
        arn: `arn:aws:iam::${ACCOUNT}:user/limited`,
        policies: [JSON.parse(await succeeds(['permissions', command]))],
      });
    await allowCommand('verify');
    const { code, stdout } = await crc(['verify', '--strict'], LIMITED);
    expect([code, stdout]).toEqual([2, expect.stringContaining(`table/${BUCKET_REGION}/${TABLE}`)]);
    await allowCommand('destroy');
    gate.checked.length = 0;
    await succeeds(['destroy', '--orphans', '--confirm', BUCKET], LIMITED);
    expect(gate.checked.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(await tablesIn(BUCKET_REGION)).toEqual([]);
    expect((await crc(['verify', '--strict'])).stdout).not.toContain('no longer in the config');
  });

  it('are deleted, the states first', async () => {
    await succeeds(['bootstrap', '--yes']);
    await succeeds(['destroy', '--confirm', BUCKET, '--delete-state']);
    expect(await tablesIn(BUCKET_REGION)).toEqual([]);
    await expect(locationOf()).rejects.toThrow();
  });

  it('need exactly the permissions that `crc permissions` prints', async () => {
    const allowCommands = async (...commands: readonly string[]) => {
      const policies = await Promise.all(
        commands.map(async (command) => JSON.parse(await succeeds(['permissions', command]))),
      );
      gate.principals.set(LIMITED, { arn: `arn:aws:iam::${ACCOUNT}:user/limited`, policies });
    };
    await allowCommands('bootstrap');
    await succeeds(['bootstrap', '--yes'], LIMITED);
    await allowCommands('verify');
    await succeeds(['verify'], LIMITED);
    await allowCommands('destroy');
    await succeeds(['destroy', '--confirm', BUCKET, '--delete-state'], LIMITED);
    expect(gate.checked.filter(({ allowed }) => !allowed)).toEqual([]);
    const ofTable = gate.checked.filter(({ resource }) => resource.endsWith(`table/${TABLE}`));
    expect(ofTable.length).toBeGreaterThan(0);
    expect([...new Set(ofTable.map(({ resource }) => resource.split(':')[3]))]).toEqual([BUCKET_REGION]);
  });

  it('use the KMS key of an alias in their region', async () => {
    const keyIn = async (region: string) => {
      const { kms } = benchIn(region).clients;
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      await kms.send(new CreateAliasCommand({ AliasName: 'alias/states', TargetKeyId: KeyMetadata?.KeyId }));
      return KeyMetadata?.Arn;
    };
    const withKey = (config: LooseConfig) => {
      config.stateBucket.encryption = { algorithm: 'aws:kms', keyArn: 'alias/states' };
    };
    use(withKey);
    await keyIn(PROJECT_REGION);
    const missing = await crc(['bootstrap', '--yes']);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining('There is no KMS key with the alias alias/states in us-east-1.'),
    ]);
    const arn = await keyIn(BUCKET_REGION);
    await succeeds(['bootstrap', '--yes']);
    const { ServerSideEncryptionConfiguration: live } = await benchIn().clients.s3.send(
      new GetBucketEncryptionCommand({ Bucket: BUCKET }),
    );
    expect(live?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID).toBe(arn);
    expect((await runJson('verify')).code).toBe(0);
  });

  it.each([
    ['without the key', null, PROJECT_REGION],
    ['with a different region in it', 'us-west-2', 'us-west-2'],
  ])('are not reported as absent %s: the error names the key, and nothing is written', async (_, region, message) => {
    await benchIn('eu-central-1').clients.s3.send(
      new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
    );
    use(undefined, region);
    const { code, document } = await runJson('bootstrap', '--yes');
    expect([code, document.apiCalls.write]).toEqual([1, 0]);
    expect(document.findings[0]?.error).toEqual({
      message: `The bucket ${BUCKET} is in eu-central-1, not in ${message}.`,
      hint: 'Nothing was changed. Set "region": "eu-central-1" in "stateBucket" in the config if this is your bucket; otherwise choose another bucket name.',
    });
    // The suggested change resolves the problem.
    use(undefined, 'eu-central-1');
    await succeeds(['bootstrap', '--yes', '--adopt']);
    const described = await benchIn('eu-central-1').clients.dynamodb.send(
      new DescribeTableCommand({ TableName: TABLE }),
    );
    expect(described.Table?.TableArn).toContain(':eu-central-1:');
  });
});
