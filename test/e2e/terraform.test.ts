import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { resourcesOf } from '../../src/resources/index.ts';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, exampleConfig, type LooseConfig, withEverything, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT, contextFor, READ_ONLY_RUN, REGION } from '../helpers/context.ts';
import { planDocumentSchema } from '../helpers/documents.ts';
import { fakeAws } from '../helpers/fake-aws.ts';
import { useMoto, useMotoForAll } from '../helpers/moto.ts';
import { type PolicyGate, startPolicyGate } from '../helpers/policy-gate.ts';
import { describeWith } from '../helpers/require.ts';
import { initWithProvider, terraform } from '../helpers/terraform.ts';

const ROLE = 'GitHubActionsTerraformRole';
const BUCKET = 'abcdef-terraform-state';
const TABLE = 'abcdef-terraform-locking';
const KEY = 'github-oidc/terraform.tfstate';

const MAIN = `
variable "value" { default = "one" }
resource "terraform_data" "x" { input = var.value }
`;

/** A folder with a Terraform root module. */
function moduleWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'crc-tf-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describeWith(['moto', 'terraform'], 'Terraform with the backend and the role that crc created', () => {
  describe.each([
    ['the table', (_: LooseConfig) => undefined, { table: true, file: false }],
    [
      'both locks',
      (config: LooseConfig) => {
        config.lockTable.lockFile = true;
      },
      { table: true, file: true },
    ],
    ['the lock file', (config: LooseConfig) => delete config.lockTable, { table: false, file: true }],
  ])('with %s', (_, change, locks) => {
    const moto = useMotoForAll();
    const config = backendConfig();
    change(config);
    config.roles.push({
      ...config.roles[0],
      name: 'Reader',
      state: [{ key: KEY, access: 'read' }],
    });
    const cwd = writeConfig(config);
    let gate: PolicyGate;
    let folder: string;
    const env = (key: string) => ({
      AWS_ENDPOINT_URL: gate.endpoint,
      AWS_ACCESS_KEY_ID: key,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_REGION: REGION,
    });
    const tf = (...args: string[]) => terraform(args, folder, env('ROLE'));

    beforeAll(async () => {
      gate = await startPolicyGate(moto().endpoint);
      const { code, stderr } = await runCli(['bootstrap', '--json'], { cwd, env: env('testing') });
      expect(stderr && code).toBe(0);
      const { iam, s3 } = moto().clients;
      for (const [key, name] of [
        ['ROLE', ROLE],
        ['READER', 'Reader'],
      ] as const) {
        const { PolicyDocument = '' } = await iam.send(
          new GetRolePolicyCommand({ RoleName: name, PolicyName: 'TerraformPolicy' }),
        );
        gate.principals.set(key, {
          arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/gh-1`,
          policies: [JSON.parse(decodeURIComponent(PolicyDocument))],
        });
      }
      const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: BUCKET }));
      gate.bucketPolicies.set(BUCKET, JSON.parse(Policy));
      // Moto denies all object calls if the bucket policy contains a conditional Deny. The gate still evaluates the
      // policy.
      await s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));

      const { stdout } = await runCli(['backend'], { cwd, env: env('testing') });
      folder = moduleWith({ 'backend.tf': stdout, 'main.tf': MAIN });
    });
    afterAll(async () => {
      await gate.stop();
    });

    it('initializes, applies, and a second plan is empty', async () => {
      const init = await tf('init', '-input=false', '-no-color');
      expect(init.code === 0 ? '' : init.output).toBe('');
      const apply = await tf('apply', '-auto-approve', '-input=false', '-no-color');
      expect(apply.code === 0 ? '' : apply.output).toBe('');
      expect((await tf('plan', '-input=false', '-detailed-exitcode')).code).toBe(0);
      expect(gate.checked.filter(({ allowed }) => !allowed)).toEqual([]);
      expect(gate.checked.some(({ action }) => action === 'dynamodb:PutItem')).toBe(locks.table);
      expect(gate.checked.some(({ resource }) => resource.endsWith('.tflock'))).toBe(locks.file);
    });

    it('does the same with the backend config that crc prints', async () => {
      const { stdout } = await runCli(['backend', '--format', 'args'], { cwd, env: env('testing') });
      const other = moduleWith({ 'main.tf': `terraform {\n  backend "s3" {}\n}\n${MAIN}` });
      const init = await terraform(['init', '-no-color', ...stdout.trim().split('\n')], other, env('ROLE'));
      expect(init.code === 0 ? '' : init.output).toBe('');
      expect((await terraform(['plan', '-detailed-exitcode'], other, env('ROLE'))).code).toBe(0);
    });

    it('creates and deletes workspaces', async () => {
      for (const args of [
        ['workspace', 'new', 'dev'],
        ['apply', '-auto-approve', '-input=false', '-var', 'value=two'],
        ['destroy', '-auto-approve', '-input=false'],
        ['workspace', 'select', 'default'],
        ['workspace', 'delete', 'dev'],
      ]) {
        const { code, output } = await tf(...args);
        expect(code === 0 ? '' : `${args.join(' ')}: ${output}`).toBe('');
      }
      expect((await tf('plan', '-detailed-exitcode')).code).toBe(0);
    });

    it('fails while another process holds the lock', async () => {
      const { dynamodb, s3 } = moto().clients;
      const info = JSON.stringify({
        ID: 'someone',
        Operation: 'apply',
        Who: 'a colleague',
        Version: '1',
        Created: '2026-01-01T00:00:00Z',
      });
      if (locks.table) {
        const Item = { LockID: { S: `${BUCKET}/${KEY}` }, Info: { S: info } };
        await dynamodb.send(new PutItemCommand({ TableName: TABLE, Item }));
      }
      if (locks.file) await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.tflock`, Body: info }));
      const { code, output } = await tf('plan', '-input=false', '-no-color');
      expect([code, output]).toEqual([1, expect.stringMatching(/Error acquiring the state lock[\s\S]*a colleague/)]);
      const unlock = await tf('force-unlock', '-force', 'someone');
      expect(unlock.code === 0 ? '' : unlock.output).toBe('');
      expect((await tf('plan', '-detailed-exitcode')).code).toBe(0);
    });

    it('denies every other key, bucket, table and item', async () => {
      const settings = {
        endpoint: gate.endpoint,
        region: REGION,
        credentials: { accessKeyId: 'ROLE', secretAccessKey: 's' },
      };
      const s3 = new S3Client({ ...settings, forcePathStyle: true });
      const dynamodb = new DynamoDBClient(settings);
      await moto().clients.s3.send(
        new CreateBucketCommand({ Bucket: 'another', CreateBucketConfiguration: { LocationConstraint: 'eu-west-2' } }),
      );
      const item = (TableName: string, id: string) => new GetItemCommand({ TableName, Key: { LockID: { S: id } } });
      const denied = [
        () => s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'another/terraform.tfstate' })),
        () => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'another/terraform.tfstate', Body: '{}' })),
        () => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `x/${KEY}`, Body: '{}' })),
        () => s3.send(new GetObjectCommand({ Bucket: 'another', Key: KEY })),
        () => s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET })),
        () => s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET })),
        () => dynamodb.send(item('another', `${BUCKET}/${KEY}`)),
        () => dynamodb.send(item(TABLE, `${BUCKET}/another/terraform.tfstate`)),
      ];
      for (const call of denied) {
        await expect(call()).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) });
      }
    });

    it('lets a read-only role plan without a lock, and nothing more', async () => {
      const reader = moduleWith({ 'main.tf': MAIN });
      const { stdout } = await runCli(['backend'], { cwd, env: env('testing') });
      writeFileSync(join(reader, 'backend.tf'), stdout);
      const run = (...args: string[]) => terraform(args, reader, env('READER'));
      const init = await run('init', '-input=false', '-no-color');
      expect(init.code === 0 ? '' : init.output).toBe('');
      const plan = await run('plan', '-lock=false', '-input=false', '-no-color', '-detailed-exitcode');
      expect(plan.code === 0 ? '' : plan.output).toBe('');
      expect((await run('plan', '-input=false')).code).toBe(1);
      expect((await run('apply', '-lock=false', '-auto-approve', '-var', 'value=three')).code).toBe(1);
    });
  });
});

/** Turns the example into a config of every kind of resource that `crc export` writes. */
function everything(config: LooseConfig): void {
  config.stateBucket.name = 'abcdef-terraform-everything';
  config.stateBucket.objectLock = { mode: 'GOVERNANCE', days: 1 };
  config.stateBucket.noncurrentVersions = { expireAfterDays: 90 };
  config.lockTable.name = 'abcdef-everything';
  config.lockTable.capacity = 'on-demand';
  config.roles[0].managedPolicyArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
  config.roles[0].maxSessionSeconds = 7200;
  config.roles[0].statements = [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::site/${aws:PrincipalTag/team}/*' },
  ];
  config.roles.push({
    name: 'Second.Role',
    trust: { repository: 'o/r', subjects: ['ref:refs/heads/main'] },
    crc: ['verify'],
  });
}

it('crc export is tested with every kind of resource that it writes', async () => {
  const kindsOf = async (loose: LooseConfig, change: (config: LooseConfig) => void) => {
    change(loose);
    const config = parseConfig(JSON.stringify(loose), 'crc.config.json');
    const resources = await resourcesOf(config, contextFor(fakeAws({}).clients), READ_ONLY_RUN);
    return resources.flatMap(({ id, terraform }) => (typeof terraform === 'string' ? [] : id.replace(/\/.*/, '')));
  };
  const covered = await kindsOf(backendConfig(), everything);
  expect(covered).toContain('state-bucket');
  expect((await kindsOf(exampleConfig(), withEverything)).filter((kind) => !covered.includes(kind))).toEqual([]);
});

describeWith(['moto', 'terraform'], 'crc export', () => {
  // The configs belong to different projects, which cannot share a role.
  const moto = useMoto({ managedPolicies: true });
  const env = () => ({ ...moto().env, AWS_REGION: REGION });

  it.each([
    ['the example', (_: LooseConfig) => undefined],
    ['everything', everything],
    [
      'a bucket and a table in a different region',
      (config: LooseConfig) => {
        config.stateBucket.name = 'abcdef-terraform-elsewhere';
        config.stateBucket.region = 'us-east-1';
      },
    ],
    [
      'as little as possible',
      (config: LooseConfig) => {
        config.stateBucket = { name: 'abcdef-terraform-little' };
        delete config.lockTable;
        config.roles = [];
      },
    ],
  ])('of %s plans imports and no change', async (_, change) => {
    const config = backendConfig();
    change(config);
    const cwd = writeConfig(config);
    expect((await runCli(['bootstrap', '--json'], { cwd, env: env() })).code).toBe(0);
    const { stdout } = await runCli(['export'], { cwd, env: env() });
    const folder = moduleWith({ 'main.tf': stdout });
    expect((await terraform(['fmt', '-check', '-diff'], folder, {})).output).toBe('');
    const init = await initWithProvider(folder, env());
    expect(init.code === 0 ? '' : init.output).toBe('');
    const { code, output } = await terraform(['plan', '-no-color', '-detailed-exitcode'], folder, env());
    const imports = stdout.match(/^import \{/gm)?.length;
    expect(output).toContain(`Plan: ${imports} to import, 0 to add, 0 to change, 0 to destroy.`);
    expect(code).toBe(2);
  });
});

describeWith(['moto', 'terraform'], 'resources that Terraform created', () => {
  const moto = useMotoForAll();
  const env = () => ({ ...moto().env, AWS_REGION: REGION });

  const EXISTING_RESOURCES = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region            = "${REGION}"
  s3_use_path_style = true
}
resource "aws_s3_bucket" "b" {
  bucket              = "${BUCKET}"
  object_lock_enabled = true
  tags                = { Team = "web" }
}
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_object_lock_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 5
    }
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_dynamodb_table" "t" {
  name           = "${TABLE}"
  hash_key       = "LockID"
  billing_mode   = "PROVISIONED"
  read_capacity  = 1
  write_capacity = 5
  attribute {
    name = "LockID"
    type = "S"
  }
}
resource "aws_iam_openid_connect_provider" "p" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["1b511abead59c6ce207077c0bf0e0043b1382612"]
}
resource "aws_iam_role" "r" {
  name = "${ROLE}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.p.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:githubaccountname/githubreponame:*" } }
    }]
  })
}
resource "aws_iam_role_policy" "r" {
  role   = aws_iam_role.r.name
  name   = "TerraformPolicy"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
`;

  it('are adopted with exactly the changes in the plan, and Terraform detects only those', async () => {
    const folder = moduleWith({ 'main.tf': EXISTING_RESOURCES });
    const init = await initWithProvider(folder, env());
    expect(init.code === 0 ? '' : init.output).toBe('');
    const apply = await terraform(['apply', '-auto-approve', '-no-color'], folder, env());
    expect(apply.code === 0 ? '' : apply.output).toBe('');
    // Terraform uses a local state. The bucket gets an object, because an empty bucket would count as left behind by an
    // interrupted run.
    await moto().clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'b' }));

    const cwd = writeConfig(backendConfig());
    const crc = async (...args: string[]) => {
      const { code, stdout } = await runCli([...args, '--json'], { cwd, env: env() });
      return { code, document: planDocumentSchema.parse(JSON.parse(stdout)) };
    };
    const refused = await crc('bootstrap');
    expect([refused.code, refused.document.apiCalls.write]).toEqual([1, 0]);
    expect(refused.document.findings.map(({ id, status }) => [id, status])).toEqual([
      ['state-bucket', 'conflict'],
      ['lock-table', 'conflict'],
      ['oidc-provider', 'in-sync'],
      [`role/${ROLE}`, 'conflict'],
    ]);

    const planned = await crc('bootstrap', '--adopt', '--dry-run');
    const paths = planned.document.findings.flatMap(({ id, changes }) =>
      changes.map((change) => `${id} ${'path' in change ? change.path : change.kind}`),
    );
    expect(paths).toEqual([
      'state-bucket tags.Project',
      'state-bucket tags.ManagedBy',
      'state-bucket tags.crc:project',
      // On AWS, new buckets have these settings by default.
      ...['blockPublicAcls', 'ignorePublicAcls', 'blockPublicPolicy', 'restrictPublicBuckets'].map(
        (flag) => `state-bucket publicAccess.${flag}`,
      ),
      'state-bucket ownership',
      'state-bucket policy.tlsOnly',
      'lock-table tags.Project',
      'lock-table tags.ManagedBy',
      'lock-table tags.crc:project',
      'lock-table capacity.read',
      'lock-table deletionProtection',
      `role/${ROLE} tags.Project`,
      `role/${ROLE} tags.ManagedBy`,
      `role/${ROLE} tags.crc:project`,
      `role/${ROLE} trust`,
      `role/${ROLE} policy`,
      `role/${ROLE} settings.description`,
    ]);
    const adopted = await crc('bootstrap', '--adopt');
    expect([adopted.code, adopted.document.status]).toEqual([0, 'converged']);
    expect((await crc('verify')).code).toBe(0);

    const after = await terraform(['plan', '-no-color', '-detailed-exitcode'], folder, env());
    const changed = [...after.output.matchAll(/# (\S+) (?:will be|must be) (.+)/g)].map(
      ([, kind, change]) => `${kind} ${change}`,
    );
    expect(changed).toEqual([
      'aws_dynamodb_table.t updated in-place',
      'aws_iam_role.r updated in-place',
      'aws_iam_role_policy.r updated in-place',
      'aws_s3_bucket.b updated in-place',
    ]);
    expect(after.code).toBe(2);
  });
});
