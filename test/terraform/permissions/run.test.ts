import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CrcError } from '../../../src/errors.ts';
import { Activity } from '../../../src/terraform/permissions/run/activity.ts';
import { copyProject } from '../../../src/terraform/permissions/run/copy.ts';
import {
  commandsOf,
  refuseOtherProviders,
  refuseRemoteProvisioners,
  refuseUnread,
} from '../../../src/terraform/permissions/run/dangers.ts';
import { initEnvironment, runEnvironment } from '../../../src/terraform/permissions/run/environment.ts';
import { failureOf } from '../../../src/terraform/permissions/run/failure.ts';
import { hasModule, readModule } from '../../../src/terraform/permissions/run/module.ts';
import { overrideOf } from '../../../src/terraform/permissions/run/override.ts';
import { mayReachOut, type PlanJson, refuseReachingOut } from '../../../src/terraform/permissions/run/planned.ts';
import { kindOf } from '../../../src/terraform/permissions/run/program.ts';
import { readState } from '../../../src/terraform/permissions/run/state.ts';
import {
  refuseWrongVariables,
  sensitiveValues,
  variablesOf,
} from '../../../src/terraform/permissions/run/variables.ts';
import { sourceParser } from '../../../src/terraform/source/parse.ts';
import { folderWith } from '../../helpers/folder.ts';

const { signal } = new AbortController();

async function copied(files: Readonly<Record<string, string>>, folder = 'infra') {
  const project = folderWith(files);
  const into = folderWith({});
  const copy = await copyProject({ folder: join(project, folder), into, kind: 'terraform', signal });
  return { project, into, copy, has: (path: string) => existsSync(join(into, path)) };
}

describe('the copy of a configuration', () => {
  it('contains what it refers to outside its folder, at the same relative path, and nothing else', async () => {
    const { copy, into, has } = await copied({
      'infra/main.tf': 'module "a" { source = "../modules/a" }\nlocals { code = file("../lambda/index.py") }',
      'infra/prod.tfvars': 'x = 1',
      'modules/a/main.tf':
        'module "b" { source = "./b" }\nlocals { p = "${path.module}/../../site/${var.x}/index.html" }',
      'modules/a/b/main.tf': '',
      'modules/other/main.tf': '',
      'lambda/index.py': '',
      'lambda/test.py': '',
      'site/en/index.html': '',
      'site/style.css': '',
      'README.md': '',
    });
    expect(copy.folder).toBe(join(into, 'infra'));
    expect(copy.modules.map(({ copy: place }) => place).sort()).toEqual(
      ['infra', 'modules/a', 'modules/a/b'].map((path) => join(into, path)),
    );
    for (const path of [
      'infra/prod.tfvars',
      'modules/a/b/main.tf',
      'lambda/index.py',
      'site/en/index.html',
      'site/style.css',
    ]) {
      expect([path, has(path)]).toEqual([path, true]);
    }
    for (const path of ['README.md', 'modules/other', 'lambda/test.py'])
      expect([path, has(path)]).toEqual([path, false]);
  });

  it('contains no state, no history, no keys, and no unused packages', async () => {
    const { copy, has, into } = await copied(
      {
        'main.tf': '',
        '.terraform.lock.hcl': 'x',
        '.terraform/terraform.tfstate': '{}',
        'terraform.tfstate': '{}',
        'terraform.tfstate.d/dev/terraform.tfstate': '{}',
        'terraform.tfstate.backup': '{}',
        '.git/config': '',
        '.env': 'SECRET=1',
        'deploy.pem': '',
        id_ed25519: '',
        'id_ed25519.pub': '',
        'lambda/node_modules/a/index.js': '',
        'lambda/.aws/credentials': '',
        'terraform.tfvars': '',
      },
      '.',
    );
    expect(['main.tf', '.terraform.lock.hcl', 'id_ed25519.pub', 'terraform.tfvars'].filter(has)).toHaveLength(4);
    for (const path of [
      '.terraform',
      'terraform.tfstate',
      'terraform.tfstate.d/dev/terraform.tfstate',
      'terraform.tfstate.backup',
      '.git',
      '.env',
      'deploy.pem',
      'id_ed25519',
      'lambda/node_modules',
      'lambda/.aws',
    ]) {
      expect([path, has(path)]).toEqual([path, false]);
    }
    expect([...copy.secrets].sort()).toEqual(['.env', 'deploy.pem', 'id_ed25519']);
    const names = await copied(
      { 'main.tf': 'locals { d = "lambda/node_modules" }', 'lambda/node_modules/a.js': '' },
      '.',
    );
    expect(names.has('lambda/node_modules/a.js')).toBe(true);
    expect(into).toBeTruthy();
  });

  it('follows links, and tolerates circular or dangling links and links to a key', async () => {
    const project = folderWith({ 'infra/main.tf': '', 'shared/common.tf': 'locals {}', 'keys/x.pem': 'KEY' });
    symlinkSync('../shared/common.tf', join(project, 'infra', 'common.tf'));
    symlinkSync('../keys/x.pem', join(project, 'infra', 'harmless.txt'));
    symlinkSync('.', join(project, 'infra', 'loop'));
    symlinkSync('nowhere', join(project, 'infra', 'dangling'));
    const into = folderWith({});
    await copyProject({ folder: join(project, 'infra'), into, kind: 'terraform', signal });
    expect(readFileSync(join(into, 'common.tf'), 'utf8')).toBe('locals {}');
    expect(['harmless.txt', 'loop', 'dangling'].filter((name) => existsSync(join(into, name)))).toEqual([]);
  });
});

const module = async (files: Readonly<Record<string, string>>, kind: 'terraform' | 'tofu' = 'terraform') =>
  await readModule(folderWith(files), kind);

describe('overrides in a module', () => {
  it('use the emulator, keep the state local, and allow destroying everything', async () => {
    const root = await module({
      'main.tf': `
terraform {
  required_providers {
    west = {
      source                = "hashicorp/aws"
      configuration_aliases = [west.other]
    }
  }
  backend "s3" { key = "a/b.tfstate" }
}
provider "aws" {
  region              = "eu-west-2"
  profile             = var.profile
  allowed_account_ids = ["999999999999"]
  endpoints {
    s3 = "https://example.com"
  }
  assume_role { role_arn = "x" }
}
provider "aws" { alias = "us" }
provider "west" { token = "x" }
provider "random" {}
resource "aws_s3_bucket" "site" {
  lifecycle { prevent_destroy = true }
}
`,
    });
    expect(overrideOf(root, { state: '/state', isRoot: true })).toMatchInlineSnapshot(`
      "terraform {
        backend "local" {
          path          = "/state/terraform.tfstate"
          workspace_dir = "/state/workspaces"
        }
      }

      provider "aws" {
        s3_use_path_style   = true
        profile             = null
        allowed_account_ids = null

        dynamic "endpoints" {
          for_each = []

          content {}
        }
      }

      provider "aws" {
        alias             = "us"
        s3_use_path_style = true
      }

      provider "west" {
        s3_use_path_style = true
        token             = null
      }

      resource "aws_s3_bucket" "site" {
        lifecycle {
          prevent_destroy = false
        }
      }
      "
    `);
  });

  it('add a default provider to a root module that has none and needs it', async () => {
    const input = { state: '/state', isRoot: true };
    expect(overrideOf(await module({ 'a.tf': 'resource "aws_sns_topic" "t" {}' }), input)).toContain('provider "aws"');
    expect(overrideOf(await module({ 'a.tf': 'resource "random_id" "t" {}' }), input)).not.toContain('provider');
  });

  it('add nothing to a module that only declares a provider that is passed to it', async () => {
    const input = { state: '/state', isRoot: false };
    expect(overrideOf(await module({ 'a.tf': 'provider "aws" {\n  alias = "us"\n}' }), input)).toBeUndefined();
    expect(overrideOf(await module({ 'a.tf': 'provider "aws" {\n  region = "us-east-1"\n}' }), input)).toContain(
      's3_use_path_style',
    );
  });

  it('are the same for JSON', async () => {
    const json = {
      provider: { aws: [{ region: 'eu-west-2', profile: 'prod' }, { alias: 'us' }] },
      terraform: { backend: { s3: { key: 'k' } } },
    };
    const root = await module({ 'main.tf.json': JSON.stringify(json) });
    const text = overrideOf(root, { state: '/state', isRoot: true });
    expect(text).toMatch(/profile +=\s+null/);
    expect(text?.match(/^provider "aws"/gm)).toHaveLength(2);
  });

  it('also remove prevent_destroy, endpoints and renamed providers from JSON', async () => {
    const json = {
      provider: { west: { endpoints: { s3: 'https://example.com' }, dynamic: { assume_role_with_web_identity: {} } } },
      terraform: { required_providers: { west: { source: 'hashicorp/aws' } } },
      resource: { aws_s3_bucket: { site: { lifecycle: { prevent_destroy: true } }, other: {} } },
    };
    const root = await module({ 'main.tf.json': JSON.stringify(json) });
    const text = overrideOf(root, { state: '/state', isRoot: true });
    expect(text?.match(/^provider "west"|dynamic "\w+"|^resource .* |prevent_destroy = false/gm)).toEqual([
      'provider "west"',
      'dynamic "endpoints"',
      'dynamic "assume_role_with_web_identity"',
      'resource "aws_s3_bucket" "site" ',
      'prevent_destroy = false',
    ]);
  });
});

describe('a configuration that would access more than the emulator', () => {
  it('is rejected for providers of other services', () => {
    const lock = (name: string) => `provider "registry.terraform.io/${name}" {\n  version = "1"\n}\n`;
    expect(() => refuseOtherProviders(`${lock('hashicorp/aws')}${lock('hashicorp/random')}`)).not.toThrow();
    expect(() => refuseOtherProviders(`${lock('hashicorp/aws')}${lock('cloudflare/cloudflare')}`)).toThrow(
      'also uses the provider cloudflare/cloudflare',
    );
    expect(() => refuseOtherProviders('provider "registry.opentofu.org/hashicorp/aws" {\n}')).not.toThrow();
  });

  it('is rejected for a provisioner that connects to a server, and reported for one that runs commands', async () => {
    const remote = await module({ 'a.tf': 'resource "aws_instance" "a" {\n  provisioner "remote-exec" {}\n}' });
    expect(() => refuseRemoteProvisioners([remote])).toThrow('aws_instance.a has a provisioner "remote-exec"');
    const json = { resource: { aws_instance: { a: { provisioner: [{ file: { source: 'x' } }] } } } };
    const inJson = await module({ 'a.tf.json': JSON.stringify(json) });
    expect(() => refuseRemoteProvisioners([inJson])).toThrow('aws_instance.a has a provisioner "file"');
    const local = await module({
      'a.tf': 'resource "null_resource" "a" {\n  provisioner "local-exec" {}\n}\ndata "external" "e" {}',
    });
    expect(() => refuseRemoteProvisioners([local])).not.toThrow();
    expect(commandsOf([local])).toEqual(['null_resource.a', 'data.external.e']);
  });

  it('is that of the program: OpenTofu reads a file of its own instead of one of Terraform', async () => {
    const files = {
      'main.tf': 'resource "aws_s3_bucket" "terraform" {}',
      'main.tofu': 'variable "name" {}',
      'other.tf.json': '{}',
    };
    const types = async (kind: 'terraform' | 'tofu') => (await module(files, kind)).blocks.map(({ type }) => type);
    expect(await types('terraform')).toEqual(['resource']);
    expect(await types('tofu')).toEqual(['variable']);
    expect(['terraform', '/opt/bin/tofu'].map(kindOf)).toEqual(['terraform', 'tofu']);
    const folder = folderWith({ 'main.tofu': '' });
    expect([await hasModule(folder, 'terraform'), await hasModule(folder, 'tofu')]).toEqual([false, true]);
  });

  it('is that of its files: no folder, no pipe, and nothing hidden, which Terraform ignores too', async () => {
    const folder = folderWith({ 'main.tf': 'variable "a" {}', '._main.tf': 'binary', 'dir.tf/x': '' });
    symlinkSync('alice@host.1', join(folder, '.#main.tf'));
    execFileSync('mkfifo', [join(folder, 'pipe.tf')]);
    expect(await readModule(folder, 'terraform')).toMatchObject({ blocks: [{ labels: ['a'] }], unread: [] });
    const none = folderWith({ 'dir.tf/x': '', '._main.tf': '' });
    expect(await hasModule(none, 'terraform')).toBe(false);
  });

  it('is rejected for a file that it would replace and delete outside the copy, before it is applied', () => {
    const planWith = (filename: string | undefined, type = 'local_file', mode = 'managed'): PlanJson => ({
      resource_changes: [{ address: `${type}.key`, type, mode, change: { after: { filename } } }],
    });
    const refused = (plan: PlanJson) => () =>
      refuseReachingOut(plan, '/tmp/crc-terraform-x/copy', ['/tmp/crc-terraform-x']);
    expect(refused(planWith('/home/alice/.ssh/site.pem', 'local_sensitive_file'))).toThrow(
      'local_sensitive_file.key writes /home/alice/.ssh/site.pem.',
    );
    for (const filename of ['/tmp/crc-terraform-x/../other', '../../keys/site.pem']) {
      expect(refused(planWith(filename))).toThrow('local_file.key writes');
    }
    for (const filename of ['./site.pem', '../x', '/tmp/crc-terraform-x/copy/infra/..site.pem', undefined]) {
      expect(refused(planWith(filename))).not.toThrow();
    }
    expect(refused(planWith('/etc/hosts', 'local_file', 'data'))).not.toThrow();
    expect(refused(planWith('/etc/hosts', 'aws_other'))).not.toThrow();
    expect(refused({})).not.toThrow();
  });

  it('is rejected for a provisioner of a downloaded module that connects to a server', () => {
    const planWith = (...types: readonly string[]): PlanJson => {
      const resources = [{ address: 'aws_instance.a', provisioners: types.map((type) => ({ type })) }];
      return { configuration: { root_module: { module_calls: { vpn: { module: { resources } } } } } };
    };
    expect(() => refuseReachingOut(planWith('local-exec', 'remote-exec'), '/', [])).toThrow(
      'module.vpn.aws_instance.a has a provisioner "remote-exec"',
    );
    expect(() => refuseReachingOut(planWith('local-exec'), '/', [])).not.toThrow();
  });

  it('is looked at once more after the plan if it has files of its own or downloaded modules', async () => {
    const modules = (dir: string) => ({
      '.terraform/modules/modules.json': `{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"a","Dir":"${dir}"}]}`,
    });
    expect(await mayReachOut(folderWith({}), '')).toBe(false);
    expect(await mayReachOut(folderWith({}), 'provider "registry.terraform.io/hashicorp/local" {\n}')).toBe(true);
    expect(await mayReachOut(folderWith(modules('../modules/a')), '')).toBe(false);
    expect(await mayReachOut(folderWith(modules('.terraform/modules/a')), '')).toBe(true);
  });

  it('is rejected if crc cannot read the code', async () => {
    expect(() => refuseUnread([])).not.toThrow();
    const broken = await module({ 'a.tf': 'locals {\n  a = = 1\n}' });
    expect(() => refuseUnread([broken])).toThrow('crc cannot read a.tf:2');
  });
});

it("Terraform's environment has the variables, points to the emulator, and has no keys except for init", () => {
  const env = {
    PATH: '/bin',
    TF_VAR_password: 'p',
    TF_DATA_DIR: '/x',
    TF_LOG: 'TRACE',
    TF_LOG_PATH: '/log',
    TF_CLI_ARGS: '-state=x',
    TF_CLI_ARGS_plan: '-out=x',
    TF_CLI_ARGS_init: '-plugin-dir=/p -backend-config=x -reconfigure',
    TF_CLI_CONFIG_FILE: '/rc',
    TF_TOKEN_app_terraform_io: 't',
    GITHUB_TOKEN: 'g',
    CLOUDFLARE_API_KEY: 'c',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  };
  const common = {
    PATH: '/bin',
    TF_VAR_password: 'p',
    TF_CLI_CONFIG_FILE: '/rc',
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    CHECKPOINT_DISABLE: '1',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  };
  expect(runEnvironment(env)).toEqual(common);
  expect(initEnvironment(env, env)).toEqual({
    ...common,
    AWS_EC2_METADATA_DISABLED: 'true',
    GITHUB_TOKEN: 'g',
    CLOUDFLARE_API_KEY: 'c',
    TF_TOKEN_app_terraform_io: 't',
    TF_CLI_ARGS_init: '-plugin-dir=/p',
  });
});

it('values of sensitive variables are known, wherever they are set', async () => {
  const root = await module({
    'main.tf':
      'variable "key" {\n  sensitive = true\n  default = "s-default"\n}\nvariable "db_password" {}\nvariable "region" {}',
    'terraform.tfvars': 'db_password = "s-file"\nregion = "eu-west-2"\nkey = <<EOT\ns-heredoc\nEOT\n',
    'y.auto.tfvars': 'key = { a = "s-quo\\"ted" }\n',
    'x.auto.tfvars.json': '{ "key": "s-json", "region": "eu-west-1" }',
  });
  const variables = await variablesOf({
    files: [],
    given: ['key=s-given', 'region=eu-west-3', 'key=["s-list", 987654321]'],
    env: { TF_VAR_db_password: 's-env', TF_VAR_region: 'eu-west-3' },
  });
  const values = new Set(await sensitiveValues(root, variables));
  expect([...values].filter((value) => value !== 'EOT').sort()).toEqual(
    [
      '["s-list", 987654321]',
      '987654321',
      's-default',
      's-env',
      's-file',
      's-given',
      's-heredoc',
      's-json',
      's-list',
      's-quo"ted',
      's-quo\\"ted',
    ].sort(),
  );
  expect(variables.args.slice(0, 2)).toEqual(['-var=key=s-given', '-var=region=eu-west-3']);
});

describe('variables of a configuration', () => {
  const refused = async (files: Readonly<Record<string, string>>, flags: readonly string[], texts: string[] = []) => {
    const variables = await variablesOf({
      files: [],
      given: flags,
      env: { TF_VAR_team: 'web', TF_VAR_unrelated: '1' },
    });
    const parse = await sourceParser();
    try {
      refuseWrongVariables(await module(files), { ...variables, texts }, parse);
    } catch (error) {
      if (error instanceof CrcError) return [error.message, error.hint].join(' ');
      throw error;
    }
    return undefined;
  };
  const main = 'variable "team" {}\nvariable "domain" {}\nvariable "key" {}\nvariable "env" {\n  default = null\n}\n';

  it('have a value from the command line, a file, the environment or a default', async () => {
    expect(await refused({ 'main.tf': main }, ['domain=a.example', 'key=k'])).toBeUndefined();
    expect(await refused({ 'main.tf': main }, [], ['domain = "a"\nkey = "k"'])).toBeUndefined();
    expect(
      await refused({ 'main.tf': main, 'terraform.tfvars': 'domain = "a"', 'k.auto.tfvars.json': '{"key":1}' }, []),
    ).toBe(undefined);
    expect(
      await refused({ 'main.tf': 'variable "a" {}', 'a_override.tf': 'variable "a" {\n  default = 1\n}' }, []),
    ).toBe(undefined);
  });

  it('are listed without one, with how to set it', async () => {
    expect(await refused({ 'main.tf': main, 'other.tfvars': 'domain = "a"' }, [])).toBe(
      '2 variables have no value: domain, key. Pass --var domain=… --var key=…, or --var-file FILE, with the values of your real run: they decide what is created, and which names the statements have. A secret can have any value.',
    );
    expect(await refused({ 'main.tf.json': '{"variable":{"key":{"type":"string"}}}' }, [])).toContain(
      'The variable key has no value.',
    );
  });

  it('are rejected on the command line if the configuration does not declare them', async () => {
    expect(await refused({ 'main.tf': main }, ['domian=a', 'domain=a', 'key=k'])).toBe(
      '--var: the configuration declares no variable domian. Did you mean --var domain?',
    );
  });

  it("are left to Terraform's own message if crc cannot read the code", async () => {
    expect(await refused({ 'main.tf': `${main}locals {\n  a = = 1\n}` }, [])).toBeUndefined();
  });
});

it('a state has its resources by address, and its sensitive values', () => {
  const state = {
    version: 4,
    resources: [
      { mode: 'managed', type: 'aws_s3_bucket', name: 'b', instances: [{ attributes: { bucket: 'x' } }] },
      {
        module: 'module.m["a"]',
        mode: 'managed',
        type: 'aws_ssm_parameter',
        name: 'p',
        instances: [
          {
            index_key: 0,
            attributes: { value: 's3cret', list: [{ deep: 'inner' }] },
            sensitive_attributes: [
              [{ type: 'get_attr', value: 'value' }],
              [
                { type: 'get_attr', value: 'list' },
                { type: 'index', value: 0 },
                { type: 'get_attr', value: 'deep' },
              ],
            ],
          },
        ],
      },
      { mode: 'data', type: 'aws_region', name: 'r', instances: [{ attributes: {} }] },
    ],
  };
  const { resources, sensitive } = readState(JSON.stringify(state));
  expect(resources.map(({ address }) => address)).toEqual([
    'aws_s3_bucket.b',
    'module.m["a"].aws_ssm_parameter.p[0]',
    'data.aws_region.r',
  ]);
  expect(sensitive).toEqual(['s3cret', 'inner']);
  expect(readState('{}')).toEqual({ resources: [], sensitive: [] });
});

describe('the resource that Terraform was working on', () => {
  const event = (type: string, addr: string, time: number, id?: string) => ({
    type,
    '@timestamp': new Date(time).toISOString(),
    hook: { resource: { addr, resource_type: 'aws_sqs_queue' }, ...(id === undefined ? {} : { id_value: id }) },
  });
  const call = (time: number, path: string) => ({
    service: 'SQS',
    operation: 'GetQueueAttributes',
    region: 'eu-west-2',
    request: { method: 'POST', path: '/', query: {}, headers: {}, body: { QueueUrl: path } },
    resourceType: 'aws_sqs_queue',
    time,
  });
  const activity = new Activity();
  activity.add(event('apply_start', 'aws_sqs_queue.q["a"]', 1_000));
  activity.add(event('apply_start', 'aws_sqs_queue.q["b"]', 1_000));
  activity.add(event('apply_complete', 'aws_sqs_queue.q["a"]', 2_000));
  activity.add(event('apply_complete', 'aws_sqs_queue.q["b"]', 3_000));
  activity.add(event('refresh_start', 'aws_sqs_queue.q["b"]', 9_000, 'https://b'));

  it('is the one in progress at the time', () => {
    expect(activity.addressOf([call(2_500, 'x')], [])).toBe('aws_sqs_queue.q["b"]');
    expect(activity.addressOf([call(5_000, 'x')], [])).toBeUndefined();
    expect(activity.addressOf([{ ...call(2_500, 'x'), resourceType: 'aws_s3_bucket' }], [])).toBeUndefined();
  });

  it('is the one in the request if there are several, or none if the request names neither', () => {
    const state = [
      { address: 'aws_sqs_queue.q["a"]', type: 'aws_sqs_queue', attributes: { url: 'https://a' } },
      { address: 'aws_sqs_queue.q["b"]', type: 'aws_sqs_queue', attributes: { url: 'https://b' } },
    ];
    expect(activity.addressOf([call(1_500, 'https://a')], state)).toBe('aws_sqs_queue.q["a"]');
    expect(activity.addressOf([call(1_500, 'https://b')], [])).toBe('aws_sqs_queue.q["b"]');
    expect(activity.addressOf([call(1_500, 'https://c')], state)).toBeUndefined();
  });
});

describe('why Terraform failed', () => {
  const failed = (summary: string, detail = '', secrets: readonly string[] = []) =>
    failureOf({
      step: 'second plan',
      program: 'terraform',
      diagnostics: [
        { severity: 'warning', summary: 'ignored' },
        { severity: 'error', summary, detail, address: 'aws_x.y' },
      ],
      output: [],
      secrets,
      hide: (text) => text.replaceAll('s3cret', '***'),
    });

  it("is reported with Terraform's message and the address, but without secrets", () => {
    const { message, details } = failed('creating X', 'value s3cret is wrong\nmore');
    expect([message, ...details]).toEqual([
      '`terraform plan` failed in the sandbox.',
      'aws_x.y: creating X: value *** is wrong',
    ]);
  });

  it('is what follows its first error in text output: without warnings and frames', () => {
    const output = [
      '╷',
      '│ Warning: Unable to open CLI configuration file',
      '│ ',
      '╵',
      'Initializing...',
      '',
      'Error: Failed to query available provider packages',
      '',
      'Could not retrieve the list',
    ];
    const { details } = failureOf({
      step: 'init',
      program: 'terraform',
      diagnostics: [],
      output,
      secrets: [],
      hide: (text) => text,
    });
    expect(details).toEqual(['Error: Failed to query available provider packages', 'Could not retrieve the list']);
  });

  it.each([
    ['No value for required variable', 'The root module input variable "env" is not set', [], 'Pass --var env=…'],
    ['creating X: StatusCode: 501, NotYetImplemented', '', [], '--log terraform.log`. Delete the log afterwards'],
    [
      'Invalid function argument',
      'no file exists at "deploy.pem"',
      ['deploy.pem'],
      'never copies files that look like keys',
    ],
  ])('is reported with a fix: %s', (summary, detail, secrets, hint) => {
    expect(failed(summary, detail, secrets).hint).toContain(hint);
  });
});
