import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import type { Io } from '../../src/ui/io.ts';
import { EXAMPLE } from '../helpers/cli.ts';
import { backendConfig, exampleConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { errorDocumentSchema } from '../helpers/documents.ts';
import { awsError } from '../helpers/fake-aws.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

/** Mocks classes that other test files share, so it must not run before the first test of this file. */
const createMocks = () => ({
  sts: mockClient(STSClient),
  s3: mockClient(S3Client),
  dynamodb: mockClient(DynamoDBClient),
  iam: mockClient(IAMClient),
  lambda: mockClient(LambdaClient),
  logs: mockClient(CloudWatchLogsClient),
  tag: mockClient(ResourceGroupsTaggingAPIClient),
});
let mocks: ReturnType<typeof createMocks>;
beforeAll(() => {
  mocks = createMocks();
});
afterAll(() => {
  for (const mock of Object.values(mocks)) mock.restore();
});

/** The account in the config is empty. */
beforeEach(() => {
  for (const mock of Object.values(mocks)) mock.reset();
  mocks.sts.on(GetCallerIdentityCommand).resolves({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/me` });
  mocks.s3.onAnyCommand().rejects(awsError('NotFound', 404));
  mocks.dynamodb.onAnyCommand().rejects(awsError('ResourceNotFoundException', 400));
  mocks.iam.onAnyCommand().rejects(awsError('NoSuchEntityException', 404));
  mocks.iam.on(ListRolesCommand).resolves({ Roles: [], IsTruncated: false });
  mocks.tag.on(GetResourcesCommand).resolves({ ResourceTagMappingList: [] });
  mocks.lambda.onAnyCommand().rejects(awsError('ResourceNotFoundException', 404));
  mocks.logs.onAnyCommand().rejects(awsError('ResourceNotFoundException', 400));
  mocks.logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [] });
});
afterEach(() => {
  expect(process.listenerCount('SIGINT')).toBe(0);
});

async function crc(line: string, overrides: Partial<Io> = {}) {
  const { io, out, err } = captureIo(overrides);
  const code = await run(['node', 'crc', ...line.split(' ').filter(Boolean)], io);
  return { code, out: out(), err: err() };
}

const calls = () => Object.values(mocks).flatMap((mock) => mock.calls().map(({ args }) => args[0].constructor.name));
const CONFIG = `--config ${EXAMPLE}`;

describe('command line', () => {
  it('counts the words before -- only', async () => {
    const { code, err } = await crc('permissions terraform a b -- aws s3 ls');
    expect([code, err]).toEqual([
      1,
      'error: crc permissions terraform takes one argument; this is one too many: b.\nSee `crc help permissions terraform`.\n',
    ]);
  });

  it.each([
    ['verfy', 'crc has no command "verfy"', 'Did you mean `crc verify`?'],
    ['verify --frob', 'crc verify has no option --frob', 'See `crc help verify`.'],
    ['verify --stict', 'crc verify has no option --stict', 'Did you mean --strict? See `crc help verify`.'],
    ['verify --strict=1', '--strict takes no value.', 'See `crc help verify`.'],
    ['verify --no-color=yes', '--no-color takes no value.', 'See `crc help verify`.'],
    ['--frob', 'crc has no option --frob', '`crc help` lists all commands.'],
    ['verify role/Deploy', 'crc verify takes no arguments', 'Did you mean --only role/Deploy? See `crc help verify`.'],
    ['outputs a b', 'crc outputs takes no arguments; these are too many: a b.', 'See `crc help outputs`.'],
    ['destroy state-bucket', 'this is one too many: state-bucket.', 'See `crc help destroy`.'],
    ['outputs a', 'crc outputs takes no arguments; this is one too many: a.', 'See `crc help outputs`.'],
    ['invoke', 'crc invoke needs <name>', 'See `crc help invoke`.'],
    ['bootstrap --only', '--only <id> needs a value', 'See `crc help bootstrap`.'],
    ['init --only x', 'crc init has no option --only', 'It is an option of plan, bootstrap, verify'],
    ['--only x outputs', 'crc outputs has no option --only', 'It is an option of plan, bootstrap, verify'],
    ['help verfy', 'crc has no command "verfy"', 'Did you mean `crc verify`?'],
    [`verify ${CONFIG} --only nope`, 'the config has no "nope"', 'Choose from state-bucket, lock-table'],
    [`verify ${CONFIG} --only bucket`, 'the config has no "bucket"', 'Did you mean --only state-bucket?'],
    [`invoke ${CONFIG} IncrementVisit`, 'no function "IncrementVisit"', 'Did you mean IncrementVisits?'],
    [`backend ${CONFIG} github-oidc`, 'no state "github-oidc"', 'Did you mean github-oidc/terraform.tfstate?'],
    [`explain ${CONFIG} --role A --only role/A`, '--role and --only cannot be used together', 'Pass only one of them.'],
    [`backend ${CONFIG} --check --format hcl`, '--format cannot be used with --check', 'Leave it out'],
    [`explain ${CONFIG} --denied - --role A`, '--denied and --role cannot be used together', 'Pass only one of them.'],
    ['verify --config /nope.json', 'cannot be read: no such file', '--config FILE'],
    ['verify', 'There is no crc.config.json', '`crc init`'],
    [`verify ${CONFIG} --endpoint-url localhost`, '--endpoint-url: "localhost" is not a URL', 'http://127.0.0.1:5000'],
    [`verify ${CONFIG} --region LONDON`, 'The command line has 1 problem:', 'Nothing was sent'],
  ])('crc %s: exit 1, the problem and a fix, as text and as JSON, and no AWS call', async (line, message, hint) => {
    const text = await crc(line);
    expect([text.code, text.out]).toEqual([1, '']);
    expect(text.err).toContain(`error: `);
    expect(text.err).toContain(message);
    expect(text.err).toContain(hint);
    expect(text.err).not.toMatch(/^ {4}at /m);
    const json = await crc(`--json ${line}`);
    const document = errorDocumentSchema.parse(JSON.parse(json.out || '{}'));
    expect([json.code, json.err]).toEqual([1, '']);
    expect(document.error.message).toContain(message);
    expect(document.command).toBe(/^(?!-|verfy)[a-z-]+/.exec(line.replace(/^--only x /, ''))?.[0] ?? 'crc');
    expect(calls()).toEqual([]);
  });

  it.each([
    ['--profile sandbox verify', 'verify'],
    ['--config demo --region eu-west-2 plan', 'plan'],
    ['state --json list', 'state list'],
    ['--profile=state --no-color state history x', 'state history'],
    ['--only plan outputs', 'outputs'],
  ])('crc %s: its error is one of %s', async (line, command) => {
    const { code, out } = await crc(`${line} --json`);
    expect([code, errorDocumentSchema.parse(JSON.parse(out)).command]).toEqual([1, command]);
  });

  it('a profile named like a command does not hide the command after it, nor what follows --', async () => {
    const { err } = await crc('--profile demo permissions terraform --log nope.log -- aws s3 ls');
    expect(err).toContain('--log and a command after -- cannot be used together.');
  });

  it('errors are text if --json belongs to the program after --', async () => {
    const { code, out, err } = await crc('sandbox --config /nope.json -- crc verify --json');
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('cannot be read: no such file')]);
  });

  it.each([
    ['has no comma', '{ "region": "eu-west-2" "accountId": "210987654321" }', /expected a comma/],
    ['is UTF-16', Buffer.from('\ufeff{}', 'utf16le'), /not UTF-8 text, but UTF-16/],
  ])('the sandbox does not start with another account because the config %s', async (_, config, message) => {
    const { code, err } = await crc('sandbox -- true', {
      cwd: folderWith({ 'crc.config.json': config }),
      env: { PATH: '/nowhere' },
    });
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
  });

  it('an invalid config: all its problems, and nothing sent', async () => {
    const cwd = writeConfig({ ...exampleConfig(), region: 'x', accountId: 'y' });
    const { code, err } = await crc('bootstrap', { cwd });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /crc\.config\.json has 2 problems:\n {2}crc\.config\.json:1:\d+ +region .*\n {2}crc\.config\.json:1:\d+ +accountId .*\nNothing was sent/,
      ),
    ]);
    const { out } = await crc('bootstrap --json', { cwd });
    expect(errorDocumentSchema.parse(JSON.parse(out)).error.issues?.map(({ path }) => path)).toEqual([
      'region',
      'accountId',
    ]);
    expect(calls()).toEqual([]);
  });

  it('a syntax error: its line and column', async () => {
    const { err } = await crc('verify', { cwd: writeConfig('{\n  "region" "x"\n}') });
    expect(err).toMatch(/crc\.config\.json:2:12: expected a colon/);
  });
});

describe('credentials', () => {
  it.each([
    ['missing', awsError('CredentialsProviderError', 0), /No AWS credentials/],
    ['expired', awsError('ExpiredToken', 403), /credentials have expired/],
    ['refused', awsError('InvalidClientTokenId', 403), /does not accept/],
    ['not allowed to prompt', awsError('AccessDenied', 403), /Access denied/],
  ])('%s: one error, exit 1, no write', async (_, error, message) => {
    mocks.sts.reset();
    mocks.sts.onAnyCommand().rejects(error);
    for (const command of ['verify', 'bootstrap']) {
      const { code, out, err } = await crc(`${command} ${CONFIG}`);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(message);
    }
    expect(calls().filter((name) => !/^(Get|Head|List|Describe)/.test(name))).toEqual([]);
  });

  it('missing in a profile: names the profile', async () => {
    mocks.sts.reset();
    mocks.sts.onAnyCommand().rejects(awsError('CredentialsProviderError', 0));
    expect((await crc(`verify ${CONFIG} --profile work`)).err).toContain(
      'The AWS profile "work" has no usable credentials.',
    );
    const env = { AWS_PROFILE: 'home' };
    expect((await crc(`verify ${CONFIG}`, { env })).err).toContain('The AWS profile "home" has no usable credentials.');
    const empty = { AWS_PROFILE: '' };
    expect((await crc(`verify ${CONFIG}`, { env: empty })).err).toContain('No AWS credentials were found.');
  });

  it('of another account: shows both accounts, writes nothing, and compares nothing if the config has no accountId', async () => {
    mocks.sts.reset();
    mocks.sts.onAnyCommand().resolves({ Account: '999999999999', Arn: 'arn:aws:iam::999999999999:user/me' });
    const { code, err } = await crc(`bootstrap ${CONFIG} --yes`);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/for account 999999999999, but the config is for account 123456789012/),
    ]);
    expect(calls().filter((name) => !/^(Get|Head|List|Describe)/.test(name))).toEqual([]);
    const { accountId: _, ...free } = backendConfig();
    const { out } = await crc('verify --json', { cwd: writeConfig(free) });
    expect(JSON.parse(out)).toMatchObject({ accountId: '999999999999', status: 'changes' });
  });
});

describe('output', () => {
  it('results on stdout, the rest on stderr', async () => {
    const { code, out, err } = await crc(`verify ${CONFIG}`);
    expect(code).toBe(2);
    expect(out).toMatch(
      /^Account 123456789012, eu-west-2\n\nNone of the 10 resources was found\.\n\nNot found\n✗ state-bucket[\s\S]*\n$/,
    );
    expect(err).toMatch(/^reading 10 resources\n[\s\S]*reads, 0 writes, .* s\n\nNext: `crc bootstrap` .*\n$/);
  });

  it('--json prints one document and nothing else, --markdown a table', async () => {
    const json = await crc(`verify ${CONFIG} --json`);
    expect(JSON.parse(json.out)).toMatchObject({ version: 1, command: 'verify', status: 'changes' });
    const markdown = await crc(`verify ${CONFIG} --markdown`);
    expect(markdown.out).toMatch(
      /^### crc verify: account 123456789012, eu-west-2\n\n\*\*None of the 10 resources was found\.\*\*\n\n\| resource \|/,
    );
  });

  it('--json and --shell together are refused', async () => {
    const { code, out } = await crc('sandbox --json --shell bash');
    expect([code, JSON.parse(out).error.message]).toEqual([1, '--json and --shell cannot be used together.']);
  });

  it('--json and --markdown together are refused', async () => {
    const { code, out } = await crc(`verify ${CONFIG} --json --markdown`);
    expect([code, JSON.parse(out).error.message]).toEqual([1, '--json and --markdown cannot be used together.']);
  });

  it('flags are accepted before and after the command', async () => {
    const { out } = await crc(`--json ${CONFIG} --only lock-table verify --only oidc-provider`);
    expect(JSON.parse(out).findings.map(({ id }: { id: string }) => id)).toEqual(['lock-table', 'oidc-provider']);
  });

  it("in a GitHub job: annotations on stderr, and the report in the step's summary", async () => {
    const folder = folderWith({ 'summary.md': 'before\n' });
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const { code, out, err } = await crc(`verify ${CONFIG} --json`, { env });
    expect([code, JSON.parse(out).status]).toEqual([2, 'changes']);
    expect(err).toContain('::warning title=crc verify%3A state-bucket not found::not found\n');
    const summary = readFileSync(join(folder, 'summary.md'), 'utf8');
    expect(summary).toMatch(/^before\n### crc verify[\s\S]*```mermaid[\s\S]*```\n$/);
  });

  it('with --markdown, >> "$GITHUB_STEP_SUMMARY" puts the report into the summary once', async () => {
    const folder = folderWith({ 'summary.md': '' });
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary.md') };
    const { out } = await crc(`verify ${CONFIG} --markdown`, { env });
    expect(out).toMatch(/^### crc verify/);
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toBe('');
  });

  it('a summary that cannot be written hides neither the report nor the exit code', async () => {
    for (const file of ['/nope/summary.md', folderWith({})]) {
      const { code, out, err } = await crc(`verify ${CONFIG}`, { env: { GITHUB_STEP_SUMMARY: file } });
      expect([code, out]).toEqual([2, expect.stringContaining('None of the 10 resources was found.')]);
      expect(err).toContain(`error: The step summary ${file} cannot be written: `);
    }
    const { code, out } = await crc(`verify ${CONFIG} --json`, { env: { GITHUB_STEP_SUMMARY: '/nope/x' } });
    expect([code, JSON.parse(out).status]).toEqual([2, 'changes']);
  });
});
