import {
  PutRetentionPolicyCommand,
  UntagResourceCommand as UntagLogGroupCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateTableCommand,
  DescribeTableCommand,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  PutRolePolicyCommand,
  UntagRoleCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  UntagResourceCommand as UntagFunctionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { EXAMPLE, runCli } from '../helpers/cli.ts';
import { exampleConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { useMoto } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';

const BUCKET = 'abcdef-terraform-state';
const TABLE = 'abcdef-terraform-locking';
const ROLE = 'GitHubActionsTerraformRole';
const PROVIDER_ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;

describeWith('moto', 'resources that crc did not create', () => {
  const moto = useMoto();
  const crc = async (command: string, ...flags: string[]) => {
    const { code, stdout } = await runCli([command, '--config', EXAMPLE, '--json', ...flags], { env: moto().env });
    return { code, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };
  const finding = (document: Awaited<ReturnType<typeof crc>>['document'], id: string) =>
    document.findings.find((finding) => finding.id === id);

  async function makeBucket(): Promise<void> {
    const { s3 } = moto().clients;
    await s3.send(
      new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
  }

  it('an untagged non-empty bucket is a conflict, and adopted with everything on it kept', async () => {
    const { s3 } = moto().clients;
    await makeBucket();
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'precious', Body: 'state' }));
    await s3.send(new PutBucketTaggingCommand({ Bucket: BUCKET, Tagging: { TagSet: [{ Key: 'Team', Value: 't' }] } }));
    const Statement = [
      { Sid: 'Mine', Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 's3:*', Resource: `arn:aws:s3:::${BUCKET}` },
    ];
    await s3.send(
      new PutBucketPolicyCommand({ Bucket: BUCKET, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    );

    const verified = await crc('verify');
    expect(verified.code).toBe(2);
    expect(finding(verified.document, 'state-bucket')).toMatchObject({
      status: 'conflict',
      changes: expect.arrayContaining([
        expect.objectContaining({ kind: 'conflict', path: 'tags.ManagedBy', live: null, want: 'crc' }),
        expect.objectContaining({ kind: 'update', path: 'versioning', live: 'Disabled', want: 'Enabled' }),
      ]),
    });
    const refused = await crc('bootstrap', '--only', 'state-bucket');
    expect([refused.code, refused.document.status, refused.document.apiCalls.write]).toEqual([1, 'failed', 0]);
    expect(refused.document.outcomes).toEqual({ 'state-bucket': 'blocked' });
    expect(finding(refused.document, 'state-bucket')?.error?.message).toContain('--adopt');

    const dryRun = await crc('bootstrap', '--dry-run', '--adopt', '--only', 'state-bucket');
    expect([dryRun.code, finding(dryRun.document, 'state-bucket')?.status]).toEqual([2, 'drifted']);
    expect(finding(dryRun.document, 'state-bucket')?.changes).toContainEqual({
      kind: 'update',
      path: 'tags.ManagedBy',
      live: null,
      want: 'crc',
      why: 'not created by crc',
    });

    // AWS has allowed object lock for existing buckets since 2023, but Moto rejects it if there are objects. Everything
    // else is adopted.
    const folder = writeConfig({ ...exampleConfig(), stateBucket: { name: BUCKET } });
    const adopted = await runCli(['bootstrap', '--adopt', '--json', '--only', 'state-bucket'], {
      cwd: folder,
      env: moto().env,
    });
    expect(adopted.code, adopted.stdout).toBe(0);
    const { TagSet } = await s3.send(new GetBucketTaggingCommand({ Bucket: BUCKET }));
    expect(TagSet).toContainEqual({ Key: 'Team', Value: 't' });
    expect(TagSet).toContainEqual({ Key: 'ManagedBy', Value: 'crc' });
    const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }));
    expect(JSON.parse(Policy ?? '').Statement).toEqual([...Statement, expect.objectContaining({ Sid: 'CrcTlsOnly' })]);
  });

  it('an empty untagged bucket was left by a killed run, and is configured', async () => {
    await makeBucket();
    const { code, document } = await crc('bootstrap');
    expect([code, document.outcomes?.['state-bucket']]).toEqual([0, 'updated']);
    expect((await crc('verify')).code).toBe(0);
  });

  it('a table, and a table with a different key', async () => {
    const { dynamodb } = moto().clients;
    const make = (AttributeName: string) =>
      dynamodb.send(
        new CreateTableCommand({
          TableName: TABLE,
          AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
          KeySchema: [{ AttributeName, KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          Tags: [{ Key: 'Team', Value: 't' }],
        }),
      );
    await make('LockID');
    const refused = await crc('bootstrap', '--only', 'lock-table');
    expect([refused.code, refused.document.outcomes, refused.document.apiCalls.write]).toEqual([
      1,
      { 'lock-table': 'blocked' },
      0,
    ]);
    const adopted = await crc('bootstrap', '--only', 'lock-table', '--adopt');
    expect([adopted.code, adopted.document.outcomes]).toEqual([0, { 'lock-table': 'updated' }]);
    const ResourceArn = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TABLE}`;
    const { Tags } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn }));
    expect(Tags).toContainEqual({ Key: 'Team', Value: 't' });

    await moto().reset();
    await make('Id');
    const conflict = await crc('bootstrap', '--adopt');
    expect([conflict.code, conflict.document.outcomes?.['lock-table']]).toEqual([1, 'blocked']);
    expect(conflict.document.outcomes).toMatchObject({ 'state-bucket': 'created', [`role/${ROLE}`]: 'created' });
    expect(finding(conflict.document, 'lock-table')?.changes).toContainEqual(
      expect.objectContaining({
        kind: 'conflict',
        path: 'hashKey',
        live: 'Id',
        want: 'LockID',
        why: expect.any(String),
      }),
    );
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: TABLE }));
    expect(Table?.DeletionProtectionEnabled).toBe(false);
    expect((await crc('verify')).code).toBe(2);
  });

  it('a role, while additions by others are shown and kept', async () => {
    const { iam } = moto().clients;
    const trust = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
    const foreignPolicy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}';
    await iam.send(new CreateRoleCommand({ RoleName: ROLE, AssumeRolePolicyDocument: trust }));
    await iam.send(new PutRolePolicyCommand({ RoleName: ROLE, PolicyName: 'Theirs', PolicyDocument: foreignPolicy }));
    const refused = await crc('bootstrap');
    expect([refused.code, refused.document.outcomes?.[`role/${ROLE}`]]).toEqual([1, 'blocked']);
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: ROLE }));
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toContain('ec2.amazonaws.com');

    const adopted = await crc('bootstrap', '--adopt');
    expect([adopted.code, adopted.document.outcomes?.[`role/${ROLE}`]]).toEqual([1, 'blocked']);
    const remaining = await crc('verify');
    expect(finding(remaining.document, `role/${ROLE}`)?.changes).toEqual([
      {
        kind: 'remove',
        path: 'inlinePolicies',
        live: 'Theirs',
        want: null,
        why: expect.stringMatching(/^it allows more than the statements in the config: ec2:\* on \*$/),
      },
    ]);
    expect((await crc('bootstrap', '--prune')).code).toBe(0);
    expect((await crc('verify')).code).toBe(0);
  });

  it("another owner's provider needs no adoption, and gets no tag", async () => {
    const { iam } = moto().clients;
    await iam.send(
      new CreateOpenIDConnectProviderCommand({
        Url: 'https://token.actions.githubusercontent.com',
        // The audience exists already, because Moto answers AddClientIDToOpenIDConnectProvider with 500. The fakes
        // cover it.
        ClientIDList: ['sts.amazonaws.com', 'https://github.com/other'],
        ThumbprintList: ['a'.repeat(40)],
      }),
    );
    const { code, document } = await crc('bootstrap');
    expect([code, document.outcomes?.['oidc-provider']]).toEqual([0, 'updated']);
    const live = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER_ARN }));
    expect(live.ClientIDList).toEqual(['sts.amazonaws.com', 'https://github.com/other']);
    expect(live.ThumbprintList).toEqual(['a'.repeat(40), '1b511abead59c6ce207077c0bf0e0043b1382612']);
    expect(live.Tags ?? []).toEqual([]);
    expect((await crc('verify')).code).toBe(0);
  });

  describe('of each kind', () => {
    const F = 'IncrementVisits';
    const region = `${REGION}:${ACCOUNT}`;
    const untagTable = (name: string) => () =>
      moto().clients.dynamodb.send(
        new UntagResourceCommand({ ResourceArn: `arn:aws:dynamodb:${region}:table/${name}`, TagKeys: ['ManagedBy'] }),
      );
    const untagRole = (RoleName: string) => () =>
      moto().clients.iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['ManagedBy'] }));
    /** Everything that another owner's role or function may have, without crc's tags. */
    const KINDS: readonly (readonly [
      id: string,
      untag: () => Promise<unknown>,
      path: string,
      drift: () => Promise<unknown>,
    ])[] = [
      ['lock-table', untagTable(TABLE), 'deletionProtection', () => unprotect(TABLE)],
      [`table/${F}`, untagTable('Visits'), 'deletionProtection', () => unprotect('Visits')],
      [`role/${ROLE}`, untagRole(ROLE), 'settings.description', () => describeRole(ROLE)],
      [
        `execution-role/${F}`,
        untagRole(`${F}-execution`),
        'settings.description',
        () => describeRole(`${F}-execution`),
      ],
      [
        `log-group/${F}`,
        () =>
          moto().clients.logs.send(
            new UntagLogGroupCommand({
              resourceArn: `arn:aws:logs:${region}:log-group:/aws/lambda/${F}`,
              tagKeys: ['ManagedBy'],
            }),
          ),
        'retentionDays',
        () =>
          moto().clients.logs.send(
            new PutRetentionPolicyCommand({ logGroupName: `/aws/lambda/${F}`, retentionInDays: 1 }),
          ),
      ],
      [
        `function/${F}`,
        () =>
          moto().clients.lambda.send(
            new UntagFunctionCommand({ Resource: `arn:aws:lambda:${region}:function:${F}`, TagKeys: ['ManagedBy'] }),
          ),
        'settings.memoryMb',
        () => moto().clients.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: F, MemorySize: 1024 })),
      ],
    ];
    const unprotect = (TableName: string) =>
      moto().clients.dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    const describeRole = (RoleName: string) =>
      moto().clients.iam.send(new UpdateRoleCommand({ RoleName, Description: 'mine', MaxSessionDuration: 3_600 }));

    it.each(KINDS)(
      '%s without crc’s tag: a conflict with no write, its whole diff shown, adopted on demand',
      async (id, untag, path, drift) => {
        expect((await crc('bootstrap')).code).toBe(0);
        await untag();
        await drift();
        const verified = await crc('verify');
        expect([verified.code, finding(verified.document, id)?.status]).toEqual([2, 'conflict']);
        const before = await accountSnapshot(moto().clients);
        const refused = await crc('bootstrap');
        expect([refused.code, refused.document.outcomes?.[id], refused.document.apiCalls.write]).toEqual([
          1,
          'blocked',
          0,
        ]);
        expect(await accountSnapshot(moto().clients)).toEqual(before);

        const dryRun = await crc('bootstrap', '--dry-run', '--adopt');
        const paths = finding(dryRun.document, id)?.changes.map((change) => ('path' in change ? change.path : ''));
        expect([dryRun.code, finding(dryRun.document, id)?.status]).toEqual([2, 'drifted']);
        expect(paths).toEqual(expect.arrayContaining(['tags.ManagedBy', path]));
        const adopted = await crc('bootstrap', '--adopt');
        expect([adopted.code, adopted.document.outcomes?.[id]]).toEqual([0, 'updated']);
        expect((await crc('verify')).code).toBe(0);
      },
    );

    it.each([
      ['role', ROLE, `role/${ROLE}`],
      ['execution role', `${F}-execution`, `execution-role/${F}`],
    ])(
      'policies on a %s that are not in the config: kept without --prune, and only they are removed with it',
      async (_, RoleName, id) => {
        const { iam } = moto().clients;
        expect((await crc('bootstrap')).code).toBe(0);
        const before = await accountSnapshot(moto().clients);
        const PolicyDocument = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
        await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'Backdoor', PolicyDocument }));
        const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'Everything', PolicyDocument }));
        await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
        // Another property that crc manages has drifted too, and is fixed as well.
        await describeRole(RoleName);
        const remaining = await crc('bootstrap');
        expect([remaining.code, remaining.document.outcomes?.[id]]).toEqual([1, 'blocked']);
        const verified = await crc('verify');
        expect(
          finding(verified.document, id)?.changes.map((change) => [change.kind, 'path' in change ? change.path : '']),
        ).toEqual([
          ['remove', 'inlinePolicies'],
          ['remove', 'managedPolicies'],
        ]);
        expect((await crc('bootstrap', '--prune')).code).toBe(0);
        expect(await accountSnapshot(moto().clients)).toEqual(before);
      },
    );

    it('additions by others to the bucket and the tables are kept, even with --adopt and --prune', async () => {
      const { s3, dynamodb } = moto().clients;
      expect((await crc('bootstrap')).code).toBe(0);
      await s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: BUCKET,
          LifecycleConfiguration: {
            Rules: [{ ID: 'theirs', Status: 'Enabled', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 1 } }],
          },
        }),
      );
      const { TagSet = [] } = await s3.send(new GetBucketTaggingCommand({ Bucket: BUCKET }));
      await s3.send(
        new PutBucketTaggingCommand({
          Bucket: BUCKET,
          Tagging: { TagSet: [...TagSet.filter(({ Key }) => Key !== 'Project'), { Key: 'Team', Value: 't' }] },
        }),
      );
      const ResourceArn = `arn:aws:dynamodb:${region}:table/${TABLE}`;
      await dynamodb.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'Team', Value: 't' }] }));
      expect((await crc('bootstrap', '--adopt', '--prune')).code).toBe(0);
      expect((await s3.send(new GetBucketTaggingCommand({ Bucket: BUCKET }))).TagSet).toContainEqual({
        Key: 'Team',
        Value: 't',
      });
      const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: BUCKET }));
      expect(Rules?.map(({ ID }) => ID)).toContain('theirs');
      expect((await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn }))).Tags).toContainEqual({
        Key: 'Team',
        Value: 't',
      });
      expect((await crc('verify')).code).toBe(0);
    });
  });
});
