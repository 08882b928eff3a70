import { chmodSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { backendConfig, type LooseConfig, writeConfig } from '../helpers/configs.ts';
import { permissionsTerraformDocumentSchema } from '../helpers/documents/other-commands.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';

const KEY = 'github-oidc/terraform.tfstate';
let count = 0;

/** A line in Terraform's log for a call. */
function logged(
  service: string,
  operation: string,
  rpc: string,
  body: string,
  type = 'application/x-www-form-urlencoded',
) {
  count += 1;
  return JSON.stringify({
    '@message': 'HTTP Request Sent',
    '@timestamp': '2026-11-26T03:28:17.161512Z',
    'aws.region': 'eu-west-2',
    'http.method': 'POST',
    'http.url': `https://${service.toLowerCase()}.eu-west-2.amazonaws.com/`,
    'http.request.body': body,
    'http.request.header.content_type': type,
    'http.request.header.amz_sdk_invocation_id': String(count),
    'http.request.header.authorization': `AWS4-HMAC-SHA256 Credential=K/20261126/eu-west-2/${service.toLowerCase()}/aws4_request, Signature=0`,
    'rpc.service': service,
    'rpc.method': operation,
    tf_req_id: String(count),
    tf_rpc: rpc,
  });
}

const LOG = [
  logged('SNS', 'CreateTopic', 'ApplyResourceChange', 'Action=CreateTopic&Name=alarms&Version=2010-03-31'),
  logged(
    'SNS',
    'GetTopicAttributes',
    'ReadResource',
    'Action=GetTopicAttributes&TopicArn=arn%3Aaws%3Asns%3Aeu-west-2%3A123456789012%3Aalarms',
  ),
  logged(
    'SNS',
    'DeleteTopic',
    'ApplyResourceChange',
    'Action=DeleteTopic&TopicArn=arn%3Aaws%3Asns%3Aeu-west-2%3A123456789012%3Aalarms',
  ),
].join('\n');

async function crc(args: readonly string[], log = LOG, change: (config: LooseConfig) => unknown = () => undefined) {
  const config = backendConfig();
  config.accountId = '123456789012';
  config.roles[0].state = [{ key: KEY, access: 'write' }];
  config.roles.push({
    name: 'Reader',
    trust: { repository: 'o/r', subjects: ['pull_request'] },
    state: [{ key: KEY, access: 'read' }],
  });
  change(config);
  const cwd = writeConfig(config);
  const file = join(cwd, 'crc.config.json');
  writeFileSync(join(cwd, 'terraform.log'), log);
  const before = readFileSync(file, 'utf8');
  const { io, out, err } = captureIo({ cwd });
  const code = await run(['node', 'crc', 'permissions', 'terraform', '--log', 'terraform.log', ...args], io);
  const after = readFileSync(file, 'utf8');
  return { code, out: out(), err: err(), isChanged: after !== before, roles: JSON.parse(after).roles, cwd };
}

const actionsOf = (statements: readonly { Action: string | readonly string[] }[]) =>
  statements.flatMap(({ Action }) => [Action].flat());

describe('crc permissions terraform --log', () => {
  it('prints the permissions of each phase as a document', async () => {
    const { code, out } = await crc(['--json']);
    const { phases, accountId, unknown } = permissionsTerraformDocumentSchema.parse(JSON.parse(out));
    expect([code, accountId, unknown]).toEqual([0, '123456789012', []]);
    const [plan, apply, destroy] = [phases.plan, phases.apply, phases.destroy].map((some) => actionsOf(some as never));
    expect(plan).toEqual(['sns:GetTopicAttributes']);
    expect(apply).toEqual(expect.arrayContaining(['sns:CreateTopic', 'sns:GetTopicAttributes']));
    expect(apply).not.toContain('sns:DeleteTopic');
    expect(destroy).toContain('sns:DeleteTopic');
  });

  it('prints text to copy on stdout, and the rest on stderr', async () => {
    const { out, err } = await crc([]);
    expect(out).toMatch(/^# plan: for a role with "access": "read"\n\[\n/);
    expect(out).toContain('arn:aws:sns:eu-west-2:123456789012:alarms');
    expect(err).toContain('3 calls recorded');
    expect(err).toContain('Next: Add --write to put these statements into the config.');
  });

  it('lists unknown calls, and ignores none', async () => {
    const { out } = await crc(['--json'], logged('Nonsense', 'CreateThing', 'ApplyResourceChange', ''));
    expect(JSON.parse(out).unknown).toEqual([{ service: 'Nonsense', operation: 'CreateThing', address: '' }]);
  });

  it('reports which steps are in no log, and keeps the permissions of a role that plans', async () => {
    const [created = '', read = ''] = LOG.split('\n');
    // The caller identity and data sources are read in every step.
    const account = logged('STS', 'GetCallerIdentity', 'ReadDataSource', 'Action=GetCallerIdentity&Version=2011-06-15');
    const applied = [account, created, read.replace('ReadResource', 'ApplyResourceChange')].join('\n');
    const kept = { Sid: 'FromTerraformReadSqs', Effect: 'Allow', Action: 'sqs:GetQueueAttributes', Resource: '*' };
    const { code, err, roles } = await crc(['--write'], applied, (config) => {
      config.roles[1].statements = [kept];
    });
    expect(code).toBe(0);
    expect(err).toContain('None of the logs has a plan of existing resources');
    expect(err).toContain('None of the logs has a destroy');
    expect(roles[1].statements).toEqual([kept]);
    expect(actionsOf(roles[0].statements)).toContain('sns:CreateTopic');
    expect((await crc(['--no-destroy'], applied)).err).not.toContain('None of the logs has a destroy');
    expect((await crc([])).err).not.toContain('None of the logs has');
    const planned = await crc(['--write'], read);
    expect(planned.err).toContain('None of the logs has an apply');
    expect([planned.roles[0].statements, actionsOf(planned.roles[1].statements)]).toEqual([
      backendConfig().roles[0].statements,
      ['sns:GetTopicAttributes'],
    ]);
  });

  it('rejects a log without calls', async () => {
    const { code, err } = await crc([], 'Apply complete!');
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('terraform.log contains no calls of terraform-provider-aws'),
    ]);
  });

  it.each([
    [['infra'], '--log and a folder cannot be used together'],
    [['--var', 'a=b'], '--var only applies when crc runs Terraform'],
    [['--workspace', 'a/b'], '--workspace: "a/b" cannot be the name of a workspace.'],
    [['--yes'], '--yes can only be used with --write'],
    [['--', 'true'], '--log and a command after -- cannot be used together'],
  ])('refuses %j', async (args, message) => {
    const { code, err } = await crc(args);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe('crc permissions terraform --log --write', () => {
  it('adds the statements to the roles by their access, and changes nothing the second time', async () => {
    const ownStatement = { Sid: 'Mine', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
    const { code, out, roles, cwd } = await crc(['--write'], LOG, (config) => {
      config.roles[0].statements = [ownStatement];
    });
    expect(code).toBe(0);
    expect(out).toMatch(/Changes to crc\.config\.json:\n\n {2}role\/GitHubActionsTerraformRole\n {4}\+ Allow /);
    expect(roles[0].statements[0]).toEqual(ownStatement);
    expect(actionsOf(roles[0].statements)).toEqual(expect.arrayContaining(['sns:CreateTopic', 'sns:DeleteTopic']));
    expect(actionsOf(roles[1].statements)).toEqual(['sns:GetTopicAttributes']);
    const secondRun = captureIo({ cwd });
    await run(['node', 'crc', 'permissions', 'terraform', '--log', 'terraform.log', '--write'], secondRun.io);
    expect(secondRun.out()).toBe('No changes. crc.config.json already has these statements.\n');
  });

  it('keeps the statements of other states of the same role', async () => {
    const PROD = 'prod/terraform.tfstate';
    const first = await crc(['--write', '--key', KEY], LOG, (config) => {
      config.roles[0].state.push({ key: PROD, access: 'write' });
      config.roles[1].state.push({ key: PROD, access: 'read' });
    });
    expect(first.code, first.err).toBe(0);
    const write = async (key: string, log: string) => {
      writeFileSync(join(first.cwd, 'terraform.log'), log);
      const { io, out, err } = captureIo({ cwd: first.cwd });
      const args = ['permissions', 'terraform', '--log', 'terraform.log', '--write', '--key', key];
      const code = await run(['node', 'crc', ...args], io);
      expect(code, err()).toBe(0);
      const { roles } = JSON.parse(readFileSync(join(first.cwd, 'crc.config.json'), 'utf8'));
      const topics = roles.map(({ statements }: { statements: object[] }) =>
        [...new Set(JSON.stringify(statements).match(/(?<=:)(alarms|pages|mails)/g))].sort(),
      );
      return { out: out(), topics };
    };
    const pages = LOG.replaceAll('alarms', 'pages');
    expect((await write(PROD, pages)).topics).toEqual([
      ['alarms', 'pages'],
      ['alarms', 'pages'],
    ]);
    expect((await write(KEY, LOG)).out).toBe('No changes. crc.config.json already has these statements.\n');
    expect((await write(PROD, pages)).out).toBe('No changes. crc.config.json already has these statements.\n');
    expect((await write(PROD, LOG.replaceAll('alarms', 'mails'))).topics).toEqual([
      ['alarms', 'mails'],
      ['alarms', 'mails'],
    ]);
    expect((await write(KEY, pages)).topics).toEqual([
      ['mails', 'pages'],
      ['mails', 'pages'],
    ]);
  });

  describe('statements from an earlier run that are no longer needed', () => {
    const statement = (Sid: string, Action: string) => ({ Sid, Effect: 'Allow', Action, Resource: '*' });
    const older = (config: LooseConfig) => {
      config.roles[0].statements = [
        statement('FromTerraformManageSqs', 'sqs:CreateQueue'),
        statement('Mine', 's3:GetObject'),
        statement('FromTerraformReadSqs', 'sqs:GetQueueAttributes'),
      ];
    };
    const sids = 'FromTerraformManageSqs, FromTerraformReadSqs';

    it('are listed by Sid, and not changed, without --write', async () => {
      const { code, err, isChanged } = await crc([], LOG, older);
      expect([code, isChanged]).toEqual([0, false]);
      expect(err.replace(/\s+/g, ' ')).toContain(
        `crc.config.json allows role/GitHubActionsTerraformRole more than this run needs: ${sids}. The same command with --write removes those statements.`,
      );
      expect((await crc([], LOG)).err).not.toContain('more than this run needs');
    });

    it('are in the document, which is empty without any', async () => {
      const documentOf = async (change?: (config: LooseConfig) => unknown) =>
        permissionsTerraformDocumentSchema.parse(JSON.parse((await crc(['--json'], LOG, change)).out));
      expect((await documentOf(older)).unneeded).toEqual([
        { role: 'GitHubActionsTerraformRole', sids: ['FromTerraformManageSqs', 'FromTerraformReadSqs'] },
      ]);
      expect(await documentOf()).not.toHaveProperty('unneeded');
    });

    it('are removed with --write, and listed', async () => {
      const { out, roles } = await crc(['--write'], LOG, older);
      expect(out).toContain(`removed, no longer needed: ${sids}`);
      const kept = roles[0].statements.map(({ Sid }: { Sid: string }) => Sid);
      expect(kept).toContain('Mine');
      expect(kept.filter((sid: string) => sid.endsWith('Sqs'))).toEqual([]);
    });

    it('are not listed if the config does not determine which roles are meant', async () => {
      const { code, err } = await crc([], LOG, (config) => {
        older(config);
        config.roles[0].state.push({ key: 'b/terraform.tfstate', access: 'write' });
      });
      expect([code, err]).toEqual([0, expect.not.stringContaining('more than this run needs')]);
    });
  });

  it('with --no-destroy leaves out permissions that only destroy needs', async () => {
    const { roles } = await crc(['--write', '--no-destroy']);
    expect(actionsOf(roles[0].statements)).not.toContain('sns:DeleteTopic');
  });

  it('allows no role to change itself', async () => {
    const selfChange = 'Action=PutRolePolicy&RoleName=GitHubActionsTerraformRole&PolicyName=p&PolicyDocument=%7B%7D';
    const { code, err, isChanged } = await crc(
      ['--write'],
      logged('IAM', 'PutRolePolicy', 'ApplyResourceChange', selfChange),
    );
    expect([code, isChanged]).toEqual([1, false]);
    expect(err).toContain(
      'Your Terraform changes GitHubActionsTerraformRole, the role that it runs as (iam:PutRolePolicy)',
    );
    const other = await crc(
      ['--write'],
      logged('IAM', 'PutRolePolicy', 'ApplyResourceChange', selfChange.replace('GitHubActionsTerraformRole', 'Reader')),
    );
    expect([other.code, other.isChanged]).toEqual([1, false]);
    expect(other.err).toContain(
      'Your Terraform changes Reader, a role in the config, which jobs use (iam:PutRolePolicy)',
    );
  });

  it('does not grant permissions of a role that the provider assumes', async () => {
    const body = 'Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FDeploy&RoleSessionName=x';
    const assume = logged('STS', 'AssumeRole', 'ConfigureProvider', body);
    const { code, err, isChanged } = await crc(['--write'], `${assume}\n${LOG}`);
    expect([code, isChanged]).toEqual([1, false]);
    expect(err).toContain('The provider assumes arn:aws:iam::123456789012:role/Deploy');
  });

  it('writes nothing that would make the config invalid', async () => {
    const many = Array.from({ length: 400 }, (_, at) =>
      logged('SNS', 'CreateTopic', 'ApplyResourceChange', `Action=CreateTopic&Name=topic-${'x'.repeat(60)}-${at}`),
    );
    const { code, isChanged } = await crc(['--write'], many.join('\n'));
    expect([code, isChanged]).toEqual([1, false]);
  });

  it('asks for the state if the config has several', async () => {
    const several = (config: LooseConfig) =>
      config.roles[0].state.push({ key: 'b/terraform.tfstate', access: 'write' });
    const { code, err } = await crc(['--write'], LOG, several);
    expect([code, err]).toEqual([1, expect.stringContaining('The config has 2 states.')]);
    expect((await crc(['--write', '--key', KEY], LOG, several)).code).toBe(0);
  });
});

/** A folder for PATH with a fake `tofu` and the programs that it needs. No emulator is on that PATH. */
function fakeTofu(script: string): string {
  const folder = folderWith({ tofu: `#!/bin/sh\n${script}\n` });
  chmodSync(join(folder, 'tofu'), 0o755);
  for (const program of ['sh', 'cat', 'rm', 'sleep']) symlinkSync(`/bin/${program}`, join(folder, program));
  return folder;
}

describe.skipIf(process.platform === 'win32')('crc permissions terraform, before an emulator starts', () => {
  const runIn = async (
    files: Readonly<Record<string, string>>,
    args: readonly string[],
    tofu = 'echo "Error: no $1 today" >&2; exit 1',
  ) => {
    const cwd = folderWith(files);
    const { io, out, err } = captureIo({ cwd, env: { PATH: fakeTofu(tofu) } });
    const code = await run(['node', 'crc', 'permissions', 'terraform', ...args], io);
    return { code, out: out(), err: err() };
  };
  const CODE = 'resource "aws_sqs_queue" "jobs" {}\n';

  it('uses tofu if there is no terraform, and shows why it failed', async () => {
    const { code, err } = await runIn({ 'main.tf': CODE }, []);
    expect(code).toBe(1);
    expect(err).toContain('tofu init: installing providers and modules');
    expect(err).toContain('error: `tofu init` failed.\n  | Error: no init today');
  });

  it('starts the emulator after terraform init, and says how to install one', async () => {
    const { code, err } = await runIn({ 'main.tf': CODE }, [], 'exit 0');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/tofu init:.*\nsandbox: .*\nerror: The sandbox needs Moto 5/),
    ]);
  });

  it.each([
    [
      { 'infra/main.tf': CODE },
      [],
      'This folder has no Terraform files (*.tf).\nRun `crc permissions terraform infra`.',
    ],
    [
      { 'my infra/main.tf': CODE },
      ['infrastructure'],
      "The folder infrastructure does not exist.\nRun `crc permissions terraform 'my infra'`.",
    ],
    [
      { 'site/index.html': '', 'infra/main.tf': 'provider "aws" {}' },
      ['site'],
      'site has no Terraform files (*.tf).\nRun `crc permissions terraform infra`.',
    ],
    [
      { 'live/a/main.tf': 'provider "aws" {}', 'live/b/main.tf': 'provider "aws" {}' },
      [],
      'Name the folder of the configuration, such as:\n  `crc permissions terraform live/a`\n  `crc permissions terraform live/b`',
    ],
    [{ 'a.txt': '' }, [], 'Name the folder of your Terraform configuration: `crc permissions terraform FOLDER`.'],
    [{ 'a.txt': '' }, ['a.txt'], 'a.txt is a file, not a folder.'],
    [{ 'main.tf': `${CODE}variable "name" {}` }, [], 'The variable name has no value.\nPass --var name=…'],
    [{ 'main.tf': CODE }, ['--write'], 'There is no crc.config.json to write to.'],
    [
      { 'main.tf': CODE },
      ['--', 'no-such-program'],
      'The command "no-such-program" cannot be run: it is not on the PATH.',
    ],
    [{ 'main.tf': CODE }, ['--', './no-such-program'], 'cannot be run: there is no such program.'],
    [{ 'main.tf': CODE }, ['--terraform-bin', './no-tofu'], '--terraform-bin: the program '],
  ])('reports the problem with %j and %j', async (files, args, message) => {
    const { code, err } = await runIn(files, args);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    expect(err).not.toMatch(/sandbox:|init:/);
  });

  it('does not call a folder missing that cannot be read', async () => {
    const cwd = folderWith({ 'main.tf': CODE });
    symlinkSync('loop', join(cwd, 'loop'));
    const { io, err } = captureIo({ cwd });
    expect(await run(['node', 'crc', 'permissions', 'terraform', 'loop'], io)).toBe(1);
    expect(err()).toContain('loop cannot be read: its symbolic links form a loop.');
  });

  it('runs a program named by a path relative to the current folder', async () => {
    const cwd = folderWith({
      'infra/main.tf': CODE,
      'bin/tofu-1.9': '#!/bin/sh\necho "Error: it is the one" >&2\nexit 1\n',
    });
    chmodSync(join(cwd, 'bin', 'tofu-1.9'), 0o755);
    const { io, err } = captureIo({ cwd, env: { PATH: fakeTofu('exit 1') } });
    const args = ['permissions', 'terraform', 'infra', '--terraform-bin', 'bin/tofu-1.9'];
    expect(await run(['node', 'crc', ...args], io)).toBe(1);
    expect(err()).toContain('Error: it is the one');
  });
});
