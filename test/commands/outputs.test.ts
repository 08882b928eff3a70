import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { run } from '../../src/cli.ts';
import { project } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { DOCUMENTS } from '../helpers/documents.ts';
import { awsError, type FakeAws, fakeAws, isWrite } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';
import { fakeS3 } from '../helpers/fake-s3.ts';
import { fakeSts } from '../helpers/fake-sts.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const { current } = vi.hoisted(() => ({ current: { clients: undefined as unknown } }));
vi.mock('../../src/aws/clients.ts', () => ({ createClients: () => current.clients }));

/** The schema of version 1, which scripts rely on. */
const outputsSchema = z.strictObject({
  version: z.literal(1),
  command: z.literal('outputs'),
  roles: z.record(z.string(), z.string()),
  bucket: z.string(),
  table: z.string().nullable(),
  oidcProvider: z.string(),
  functions: z.record(z.string(), z.strictObject({ url: z.string().nullable() })),
  backends: z.record(z.string(), z.record(z.string(), z.unknown())),
});

let aws: FakeAws;
let cwd: string;

async function crc(args: readonly string[], env: Record<string, string> = {}, outColumns?: number) {
  aws.calls.length = 0;
  const { io, out, err } = captureIo({ cwd, env, outColumns });
  const code = await run(['node', 'crc', ...args], io);
  return { code, out: out(), err: err() };
}

beforeEach(async () => {
  aws = fakeAws({
    s3: fakeS3(ACCOUNT, REGION).handlers,
    dynamodb: fakeDynamoDb({ busy: 0 }).handlers,
    iam: fakeIam(ACCOUNT).handlers,
    sts: fakeSts(),
    lambda: fakeLambda({ busy: 0 }).handlers,
    logs: fakeLogs().handlers,
  });
  current.clients = aws.clients;
  cwd = project();
});

describe('crc outputs', () => {
  it('shows what really exists, as a document', async () => {
    await crc(['bootstrap', '--yes', '--json']);
    const { code, out } = await crc(['outputs', '--json']);
    expect([code, outputsSchema.parse(JSON.parse(out))]).toEqual([
      0,
      {
        version: 1,
        command: 'outputs',
        roles: { GitHubActionsTerraformRole: `arn:aws:iam::${ACCOUNT}:role/GitHubActionsTerraformRole` },
        bucket: 'abcdef-terraform-state',
        table: 'abcdef-terraform-locking',
        oidcProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
        functions: { IncrementVisits: { url: 'https://abc.lambda-url.eu-west-2.on.aws/' } },
        backends: {
          'github-oidc/terraform.tfstate': expect.objectContaining({ dynamodb_table: 'abcdef-terraform-locking' }),
        },
      },
    ]);
    expect(aws.calls.filter(isWrite)).toEqual([]);
  });

  it('does not wrap values, even in a narrow terminal', async () => {
    await crc(['bootstrap', '--yes', '--json']);
    const { out } = await crc(['outputs'], {}, 40);
    expect(out).toContain(` arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com\n`);
    expect(out).toContain(` arn:aws:iam::${ACCOUNT}:role/GitHubActionsTerraformRole\n`);
  });

  it('prints them as text, with the commands for the repository and the backend block', async () => {
    await crc(['bootstrap', '--yes', '--json']);
    const { out } = await crc(['outputs']);
    expect(out).toContain('url IncrementVisits              https://abc.lambda-url.eu-west-2.on.aws/\n');
    expect(out).toContain('backend "s3" {');
  });

  it('include a command for each variable that the workflow reads, and for no other', async () => {
    for (const accountId of [ACCOUNT, undefined]) {
      cwd = project((config) => {
        config.accountId = accountId;
        config.roles[0].trust.subjects = ['*'];
      });
      await crc(['bootstrap', '--yes', '--json']);
      const read = [...(await crc(['workflow'])).out.matchAll(/vars\.(\w+)/g)].map(([, name]) => name);
      const set = (await crc(['outputs'])).out.match(/^gh variable set .*$/gm) ?? [];
      expect(set).toEqual(
        [...new Set(read)].map(
          (name) => `gh variable set ${name} --repo githubaccountname/githubreponame --body '${ACCOUNT}'`,
        ),
      );
      expect(set).toHaveLength(accountId === undefined ? 1 : 0);
    }
  });

  it('include the commands that protect an environment if a role trusts one', async () => {
    cwd = project((config) => {
      config.roles[0].trust.subjects = ['environment:live', 'ref:refs/heads/main'];
    });
    await crc(['bootstrap', '--yes', '--json']);
    const { out } = await crc(['outputs']);
    expect(out).toContain(
      '\n# Until the environment "live" of githubaccountname/githubreponame is protected, workflows on any branch can assume GitHubActionsTerraformRole.\n',
    );
    expect(out).toContain(
      '\ngh api --method POST repos/githubaccountname/githubreponame/environments/live/deployment-branch-policies -f name=main -f type=branch\n',
    );
  });

  it('are null if the config has none, and listed separately if it has several', async () => {
    cwd = project((config) => {
      delete config.lockTable;
      delete config.functions[0].url;
      config.roles.push({ name: 'Read-Only', trust: { repository: 'o/r', subjects: ['pull_request'] } });
    });
    await crc(['bootstrap', '--yes', '--json']);
    const { table, functions } = JSON.parse((await crc(['outputs', '--json'])).out);
    expect([table, functions]).toEqual([null, { IncrementVisits: { url: null } }]);
    const file = join(cwd, 'outputs');
    await crc(['outputs', '--github-output'], { GITHUB_OUTPUT: file });
    const names = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names).toContain('aws_role_arn_read_only');
    expect(names).not.toContain('tf_lock_table');
  });

  it('--github-output appends them to its file', async () => {
    await crc(['bootstrap', '--yes', '--json']);
    const file = join(folderWith({ out: 'before=1\n' }), 'out');
    expect((await crc(['outputs', '--github-output'], { GITHUB_OUTPUT: file })).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`before=1
aws_account_id=${ACCOUNT}
aws_region=eu-west-2
aws_role_arn=arn:aws:iam::${ACCOUNT}:role/GitHubActionsTerraformRole
tf_state_bucket=abcdef-terraform-state
tf_lock_table=abcdef-terraform-locking
function_url_incrementvisits=https://abc.lambda-url.eu-west-2.on.aws/
`);
    expect((await crc(['outputs', '--github-output'])).err).toContain('GITHUB_OUTPUT is not set');
    expect(aws.calls).toEqual([]);
    const unwritable = await crc(['outputs', '--github-output'], { GITHUB_OUTPUT: '/none/output' });
    expect([unwritable.code, unwritable.err]).toEqual([
      1,
      expect.stringContaining('cannot be written to /none/output (GITHUB_OUTPUT): no such file or folder.'),
    ]);
  });

  it('are those that exist and could be read, with exit code 1 and the reasons for the others', async () => {
    await crc([
      'bootstrap',
      '--yes',
      '--json',
      '--only',
      'state-bucket',
      '--only',
      'oidc-provider',
      '--only',
      'lock-table',
    ]);
    await crc(['bootstrap', '--yes', '--json', '--only', 'role/GitHubActionsTerraformRole']);
    aws.fail('DescribeTable', awsError('AccessDenied', 403));
    const { code, out } = await crc(['outputs', '--json']);
    const { table, error, backends, ...rest } = JSON.parse(out);
    expect(DOCUMENTS.outputs?.safeParse(JSON.parse(out)).error).toBeUndefined();
    expect([code, table, rest]).toEqual([
      1,
      undefined,
      {
        version: 1,
        command: 'outputs',
        status: 'failed',
        roles: { GitHubActionsTerraformRole: `arn:aws:iam::${ACCOUNT}:role/GitHubActionsTerraformRole` },
        bucket: 'abcdef-terraform-state',
        oidcProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
        functions: {},
      },
    ]);
    expect(error).toEqual({
      message: '3 of 6 resources are left out.',
      hint: 'Fix this, then run the command again.',
      issues: [
        { path: 'lock-table', message: expect.stringMatching(/^could not be read: Access denied/) },
        { path: 'function/IncrementVisits', message: 'has not been created yet' },
        { path: 'function-url/IncrementVisits', message: 'has not been created yet' },
      ],
    });
    const text = await crc(['outputs']);
    expect([
      text.code,
      text.out.includes('role GitHubActionsTerraformRole '),
      text.out.includes('abcdef-terraform-locking\n'),
    ]).toEqual([1, true, false]);
    expect(text.err).toContain('error: 3 of 6 resources are left out.\n  lock-table could not be read: ');
  });

  it('are not written to GITHUB_OUTPUT in part, since later steps would go on with them', async () => {
    await crc(['bootstrap', '--yes', '--json']);
    aws.fail('GetRole', awsError('AccessDenied', 403));
    const file = join(folderWith({ out: '' }), 'out');
    expect(await crc(['outputs', '--github-output'], { GITHUB_OUTPUT: file })).toMatchObject({ code: 1, out: '' });
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  it('are an error when nothing exists, or can be read', async () => {
    expect(await crc(['outputs'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('Nothing in the config has been created yet.'),
    });
    await crc(['bootstrap', '--yes', '--json']);
    aws.fail('GetRole', awsError('AccessDenied', 403));
    expect(await crc(['outputs'])).toMatchObject({ code: 1, err: expect.stringContaining('Access denied') });
  });
});

describe('crc permissions and crc export', () => {
  it('print a policy and Terraform code, without calling AWS if the config has the account', async () => {
    const { Version, Statement } = JSON.parse((await crc(['permissions', 'verify'])).out);
    expect([Version, Statement.length > 3]).toEqual(['2012-10-17', true]);
    expect(JSON.parse((await crc(['permissions', 'verify', '--json'])).out)).toMatchObject({
      version: 1,
      command: 'permissions',
      for: 'verify',
      policy: { Version },
    });
    const { out, err } = await crc(['export']);
    expect(out).toContain('import {\n  to = aws_s3_bucket.state\n  id = "abcdef-terraform-state"\n}');
    expect(err).toContain('IncrementVisits is not exported');
    expect(JSON.parse((await crc(['export', '--json'])).out)).toEqual({ version: 1, command: 'export', hcl: out });
    expect(aws.calls).toEqual([]);
  });

  it('look up the account if the config does not have it', async () => {
    cwd = project((config) => delete config.accountId);
    expect((await crc(['permissions', 'bootstrap'])).out).toContain(`arn:aws:iam::${ACCOUNT}:role/`);
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['GetCallerIdentity']);
    expect((await crc(['export'])).out).toContain(`allowed_account_ids = ["${ACCOUNT}"]`);
  });

  it('of deploy-function are none without a function: IAM refuses a policy without a statement', async () => {
    cwd = project((config) => {
      config.functions = [];
    });
    expect(await crc(['permissions', 'deploy-function'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('The config has no functions.'),
    });
  });

  it('reject a command that has no permissions', async () => {
    expect(await crc(['permissions', 'sandbox'])).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        'no permissions to print for the command "sandbox".\nChoose from bootstrap, verify, deploy-function, destroy, state, state-check, audit, init.',
      ),
    });
  });
});
