import { TagResourceCommand, UpdateTableCommand, type UpdateTableCommandInput } from '@aws-sdk/client-dynamodb';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteBucketEncryptionCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketOwnershipControlsCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from 'vitest';
import type { Clients } from '../../src/aws/clients.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { resourcesOf } from '../../src/resources/index.ts';
import { resourceIds } from '../../src/resources/list.ts';
import { accountSnapshot } from '../helpers/account-snapshot.ts';
import { runCli } from '../helpers/cli.ts';
import { exampleConfig, withEverything, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT, contextFor, READ_ONLY_RUN, REGION } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { describeWith } from '../helpers/require.ts';

const BUCKET = 'abcdef-terraform-state';
const TABLE = 'abcdef-terraform-locking';
const ROLE = 'GitHubActionsTerraformRole';
const TABLE_ARN = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${TABLE}`;
const PROVIDER_ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const ALLOW_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';
const ALL_BLOCKED = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/**
 * A config that has every fact of the example and its options, except for `keep` and the provider's clients, which only
 * the fakes support.
 */
function config() {
  const example = exampleConfig();
  delete example.functions;
  example.stateBucket.noncurrentVersions = { expireAfterDays: 90 };
  example.roles[0].managedPolicyArns = [READ_ONLY];
  example.roles[0].permissionsBoundary = `arn:aws:iam::${ACCOUNT}:policy/Boundary`;
  return example;
}

interface Case {
  readonly id: string;
  readonly path: string;
  readonly live: unknown;
  tamper(clients: Clients): Promise<unknown>;
  /** Only removed with --prune. */
  readonly prune?: boolean;
  /** Added by another user, so crc keeps it. */
  readonly isKept?: boolean;
}

const bucket = (path: string, live: unknown, command: (s3: Clients['s3']) => Promise<unknown>): Case => ({
  id: 'state-bucket',
  path,
  live,
  tamper: ({ s3 }) => command(s3),
});
const table = (path: string, live: unknown, change: Partial<UpdateTableCommandInput>): Case => ({
  id: 'lock-table',
  path,
  live,
  tamper: ({ dynamodb }) => dynamodb.send(new UpdateTableCommand({ TableName: TABLE, ...change })),
});
const role = (
  path: string,
  live: unknown,
  command: (iam: Clients['iam']) => Promise<unknown>,
  prune = false,
): Case => ({
  id: `role/${ROLE}`,
  path,
  live,
  tamper: ({ iam }) => command(iam),
  prune,
});
const RoleName = ROLE;
const Bucket = BUCKET;
const lockWith = (Mode: 'COMPLIANCE' | 'GOVERNANCE', Days: number) => (s3: Clients['s3']) =>
  s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, Days } } },
    }),
  );
const settings = (Description: string, MaxSessionDuration: number) => (iam: Clients['iam']) =>
  iam.send(new UpdateRoleCommand({ RoleName, Description, MaxSessionDuration }));
const throughput = (ReadCapacityUnits: number, WriteCapacityUnits: number) => ({
  ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits },
});

const CASES: readonly Case[] = [
  bucket('tags.Project', 'other', (s3) =>
    s3.send(
      new PutBucketTaggingCommand({
        Bucket,
        Tagging: {
          TagSet: [
            { Key: 'ManagedBy', Value: 'crc' },
            { Key: 'crc:project', Value: config().stateBucket.name },
            { Key: 'Project', Value: 'other' },
          ],
        },
      }),
    ),
  ),
  bucket('versioning', 'Suspended', (s3) =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } })),
  ),
  bucket('objectLock.mode', 'GOVERNANCE', lockWith('GOVERNANCE', 5)),
  bucket('objectLock.days', 1, lockWith('COMPLIANCE', 1)),
  bucket('encryption.algorithm', null, (s3) => s3.send(new DeleteBucketEncryptionCommand({ Bucket }))),
  ...(['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'] as const).map((flag) =>
    bucket(`publicAccess.${flag.charAt(0).toLowerCase()}${flag.slice(1)}`, false, (s3) =>
      s3.send(
        new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { ...ALL_BLOCKED, [flag]: false } }),
      ),
    ),
  ),
  bucket('publicAccess.blockPublicAcls', false, (s3) => s3.send(new DeletePublicAccessBlockCommand({ Bucket }))),
  bucket('ownership', null, (s3) => s3.send(new DeleteBucketOwnershipControlsCommand({ Bucket }))),
  bucket('policy.tlsOnly', false, (s3) => s3.send(new DeleteBucketPolicyCommand({ Bucket }))),
  bucket('policy.tlsOnly', false, (s3) => {
    const weaker = {
      Sid: 'CrcTlsOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${BUCKET}/*`,
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [weaker] });
    return s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }),
  bucket('noncurrentVersions.expireAfterDays', null, (s3) => s3.send(new DeleteBucketLifecycleCommand({ Bucket }))),
  bucket('noncurrentVersions.expireAfterDays', 1, (s3) =>
    s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [
            {
              ID: 'crc-noncurrent-versions',
              Status: 'Enabled',
              Filter: { Prefix: '' },
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            },
          ],
        },
      }),
    ),
  ),

  table('capacity.read', 1, throughput(1, 5)),
  table('capacity.write', 1, throughput(5, 1)),
  table('capacity.mode', 'on-demand', { BillingMode: 'PAY_PER_REQUEST' }),
  table('deletionProtection', false, { DeletionProtectionEnabled: false }),
  {
    id: 'lock-table',
    path: 'tags.Project',
    live: 'other',
    tamper: ({ dynamodb }) =>
      dynamodb.send(new TagResourceCommand({ ResourceArn: TABLE_ARN, Tags: [{ Key: 'Project', Value: 'other' }] })),
  },

  {
    id: 'oidc-provider',
    path: 'thumbprints',
    live: [],
    isKept: true,
    tamper: ({ iam }) =>
      iam.send(
        new UpdateOpenIDConnectProviderThumbprintCommand({
          OpenIDConnectProviderArn: PROVIDER_ARN,
          ThumbprintList: ['a'.repeat(40)],
        }),
      ),
  },

  role('trust', expect.objectContaining({ Version: '2012-10-17' }), (iam) =>
    iam.send(
      new UpdateAssumeRolePolicyCommand({
        RoleName,
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Federated: PROVIDER_ARN },
              Action: 'sts:AssumeRoleWithWebIdentity',
              Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:evil/*' } },
            },
          ],
        }),
      }),
    ),
  ),
  role('policy', expect.objectContaining({ Version: '2012-10-17' }), (iam) =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'TerraformPolicy', PolicyDocument: ALLOW_EVERYTHING })),
  ),
  role('policy', null, (iam) => iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'TerraformPolicy' }))),
  role('settings.description', 'mine', settings('mine', 3600)),
  role('settings.maxSessionSeconds', 43_200, settings('Managed by crc', 43_200)),
  role('permissionsBoundary', null, (iam) => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }))),
  role('managedPolicies', [], (iam) => iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: READ_ONLY }))),
  role('tags.Project', 'other', (iam) =>
    iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'Project', Value: 'other' }] })),
  ),
  role('tags.Project', null, (iam) => iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['Project'] }))),
  role(
    'inlinePolicies',
    'Backdoor',
    (iam) => iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'Backdoor', PolicyDocument: ALLOW_EVERYTHING })),
    true,
  ),
  role(
    'managedPolicies',
    'arn:aws:iam::aws:policy/AdministratorAccess',
    (iam) =>
      iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' })),
    true,
  ),
];

describeWith('moto', 'every fact that was changed outside crc', () => {
  const moto = useMotoForAll({ managedPolicies: true });
  const folder = writeConfig(config());
  const crc = async (command: string, ...flags: string[]) => {
    const { code, stdout, stderr } = await runCli([command, '--json', ...flags], { cwd: folder, env: moto().env });
    return { code, stderr, document: planDocumentSchema.parse(JSON.parse(stdout)) };
  };

  beforeAll(async () => {
    await moto().clients.iam.send(
      new CreatePolicyCommand({ PolicyName: 'Boundary', PolicyDocument: ALLOW_EVERYTHING }),
    );
    const { code, stderr } = await crc('bootstrap');
    expect(stderr && code).toBe(0);
  });

  it.each(CASES.map((drift) => [drift.id, drift.path, drift] as const))(
    '%s %s is found and fixed',
    async (id, path, drift) => {
      const before = await accountSnapshot(moto().clients);
      await drift.tamper(moto().clients);
      expect(await accountSnapshot(moto().clients)).not.toEqual(before);

      const verified = await crc('verify');
      expect([verified.code, verified.document.status]).toEqual([2, 'changes']);
      const changed = verified.document.findings.filter(({ status }) => status !== 'in-sync');
      expect(changed.map((finding) => [finding.id, finding.status])).toEqual([[id, 'drifted']]);
      const change = changed[0]?.changes.find((candidate) => 'path' in candidate && candidate.path === path);
      expect(change).toMatchObject({ kind: drift.prune ? 'remove' : 'update', live: drift.live });

      if (drift.prune) {
        const refused = await crc('bootstrap');
        expect([refused.code, refused.document.outcomes?.[id], refused.document.apiCalls.write]).toEqual([
          1,
          'blocked',
          0,
        ]);
      }
      const fixed = await crc('bootstrap', ...(drift.prune ? ['--prune'] : []));
      expect([fixed.code, fixed.document.status, fixed.document.outcomes?.[id]]).toEqual([0, 'converged', 'updated']);
      expect(fixed.document.apiCalls.write).toBe(1);
      expect((await crc('verify')).code).toBe(0);
      // The drift is fixed, and the rest of the account is unchanged.
      if (!drift.isKept) expect(await accountSnapshot(moto().clients)).toEqual(before);
    },
  );

  it('covers every fact of every resource', async () => {
    const parsed = parseConfig(JSON.stringify(config()), 'crc.config.json');
    const resources = await resourcesOf(parsed, contextFor(moto().clients), READ_ONLY_RUN);
    const facts = resources.flatMap(({ id, want }) => want.map(({ path }) => `${id} ${path}`));
    expect(facts.length).toBeGreaterThan(30);
    // Not tested here: tags that determine the owner (adoption.test.ts); a table's key and a role's path, which cannot
    // change; KMS keys and, with AES256, the bucket key; `keep`, which Moto drops;
    // RemoveClientIDFromOpenIDConnectProvider, which Moto answers with 500. The fakes cover them (test/resources), and
    // there too every fact needs a case. The lock table initially has no items.
    const testedElsewhere =
      /tags\.(ManagedBy|crc:project)|hashKey|role\/\S+ path|lock-table item|oidc-provider audiences|encryption\.(keyArn|bucketKey)|noncurrentVersions\.keep/;
    const covered = CASES.map((drift) => `${drift.id} ${drift.path}`);
    expect(facts.filter((fact) => !covered.includes(fact) && !testedElsewhere.test(fact))).toEqual([]);
  });

  it('covers every kind of resource, except those of functions, which the fakes cover', () => {
    const idsIn = (loose: object) => resourceIds(parseConfig(JSON.stringify(loose), 'crc.config.json'));
    const everything = exampleConfig();
    withEverything(everything);
    const missing = idsIn(everything).filter((id) => !idsIn(config()).includes(id));
    const ofFunctions = /^(table|execution-role|log-group|function|function-code|function-url)\//;
    expect(missing.filter((id) => !ofFunctions.test(id))).toEqual([]);
  });
});
