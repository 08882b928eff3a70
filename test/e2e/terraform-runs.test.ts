import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { backendConfig } from '../helpers/configs.ts';
import { permissionsTerraformDocumentSchema } from '../helpers/documents/other-commands.ts';
import { folderWith } from '../helpers/folder.ts';
import { describeWith } from '../helpers/require.ts';
import { awsProviderFolder, LESS_CPU } from '../helpers/terraform.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', 'bin', 'crc.js');
const SECRET = 'xyzzy-1234-plugh';
const KEY = 'github-oidc/terraform.tfstate';

interface Started {
  readonly pid: number;
  readonly temporary: string;
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Starts crc without AWS settings and with a separate folder for temporary files. */
function start(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Started {
  const temporary = mkdtempSync(join(tmpdir(), 'crc-test-'));
  const plugins = awsProviderFolder();
  const child = spawn(process.execPath, [SCRIPT, 'permissions', 'terraform', ...args], {
    cwd,
    env: {
      ...LESS_CPU,
      PATH: process.env.PATH,
      HOME: folderWith({ '.aws/config': '[profile prod]\nregion = us-west-1\n' }),
      TMPDIR: temporary,
      // Must be ignored, because they refer to real AWS.
      AWS_PROFILE: 'prod',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9',
      TF_DATA_DIR: '.elsewhere',
      ...(plugins === undefined ? {} : { TF_CLI_ARGS_init: `-plugin-dir=${plugins}` }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { pid: child.pid ?? 0, temporary, stderr: () => stderr, ended };
}

const MAIN = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
  backend "s3" {
    bucket = "abcdef-terraform-state"
    key    = "${KEY}"
    region = "eu-west-2"
  }
}
provider "aws" {
  region              = "eu-west-2"
  profile             = "prod"
  allowed_account_ids = ["999999999999"]
  default_tags { tags = { Project = "resume" } }
}
provider "aws" {
  alias   = "us"
  region  = "us-east-1"
  profile = "prod"
}
variable "api_key" {
  type      = string
  sensitive = true
}
data "aws_s3_bucket" "state" { bucket = "abcdef-terraform-state" }
resource "aws_s3_bucket" "site" {
  bucket        = "resume-site"
  force_destroy = true
  lifecycle { prevent_destroy = true }
}
resource "aws_dynamodb_table" "visits" {
  name         = "Visits"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "Id"
  attribute {
    name = "Id"
    type = "S"
  }
}
resource "aws_sns_topic" "alarms" {
  provider = aws.us
  name     = "alarms"
}
resource "aws_ssm_parameter" "key" {
  name  = "/resume/key"
  type  = "SecureString"
  value = var.api_key
}
module "logs" {
  source   = "../modules/logs"
  for_each = toset(["mail", "jobs"])
  name     = each.key
}
module "function" { source = "../modules/function" }
`;

/** A resource that Terraform creates without waiting. For an SQS queue it would wait half a minute. */
const SMALL = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" { region = "eu-west-2" }
variable "api_key" { sensitive = true }
resource "aws_sns_topic" "mail" { name = "mail" }
`;

const LOGS = `
variable "name" { type = string }
resource "aws_cloudwatch_log_group" "logs" {
  count = 2
  name  = "\${var.name}-\${count.index}"
}
`;

const IAM = `
resource "aws_iam_role" "f" {
  name = "visits-function"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "f" {
  role   = aws_iam_role.f.name
  name   = "Table"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "dynamodb:UpdateItem", Resource = "*" }] })
}
resource "aws_lambda_function" "f" {
  function_name    = "visits"
  role             = aws_iam_role.f.arn
  handler          = "index.handler"
  runtime          = "python3.12"
  filename         = "\${path.module}/../../lambda/code.zip"
  source_code_hash = filebase64sha256("\${path.module}/../../lambda/code.zip")
}
resource "aws_apigatewayv2_api" "api" {
  name          = "visits"
  protocol_type = "HTTP"
  target        = aws_lambda_function.f.arn
}
resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.f.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "\${aws_apigatewayv2_api.api.execution_arn}/*/*"
}
`;

/** An empty zip archive. */
const EMPTY_ZIP = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]);

function projectWith(main: string, functionModule = IAM): string {
  const config = backendConfig();
  config.accountId = '123456789012';
  config.roles[0].statements = [{ Sid: 'Mine', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }];
  config.roles.push({
    name: 'Reader',
    trust: { repository: 'o/r', subjects: ['pull_request'] },
    state: [{ key: KEY, access: 'read' }],
  });
  return folderWith({
    'crc.config.json': JSON.stringify(config, null, 2),
    'infra/main.tf': main,
    'infra/terraform.tfstate': '{ "untouched": true }',
    'modules/logs/main.tf': LOGS,
    'modules/function/main.tf': functionModule,
    'lambda/code.zip': EMPTY_ZIP,
  });
}

function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]),
  );
}

/** The request of an SDK, sent without one. */
const CALL = `
const authorization =
  'AWS4-HMAC-SHA256 Credential=testing/20260101/eu-west-2/sns/aws4_request, SignedHeaders=host, Signature=0';
const body = new URLSearchParams({ Action: 'ListTopics', Version: '2010-03-31' });
const { ok } = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers: { authorization }, body });
process.exit(ok ? 0 : 1);
`;

const actionsOf = (statements: readonly Record<string, unknown>[]) =>
  statements.flatMap(({ Action }) => [Action].flat()) as readonly string[];

describeWith(['moto', 'terraform'], 'crc permissions terraform', () => {
  describe('of a configuration with modules, aliases and secrets', () => {
    const folder = projectWith(MAIN);
    const before = filesIn(folder);
    let run: Awaited<Started['ended']>;
    let temporary: string;

    beforeAll(async () => {
      const started = start(['infra', '--json', '--write', '--verbose'], folder, { TF_VAR_api_key: SECRET });
      temporary = started.temporary;
      run = await started.ended;
    });

    it('finds what each phase needs, each with the resources that need it', () => {
      expect(run.code === 0 ? '' : run.stderr).toBe('');
      const { status, phases, reasons, unknown } = permissionsTerraformDocumentSchema.parse(JSON.parse(run.stdout));
      expect([status, unknown]).toEqual(['found', []]);
      const [plan, apply, destroy] = [phases.plan, phases.apply, phases.destroy].map(actionsOf);
      expect(plan).not.toContain('s3:CreateBucket');
      expect(apply).toEqual(
        expect.arrayContaining([
          's3:CreateBucket',
          'dynamodb:CreateTable',
          'lambda:CreateFunction',
          'iam:PassRole',
          'sns:CreateTopic',
        ]),
      );
      expect(apply).not.toContain('s3:DeleteBucket');
      expect(destroy).toEqual(expect.arrayContaining(['s3:CreateBucket', 's3:DeleteBucket', 'dynamodb:DeleteTable']));
      expect(reasons['s3:CreateBucket']).toEqual(['aws_s3_bucket.site']);
      expect(reasons['logs:CreateLogGroup']).toEqual([
        'module.logs["jobs"].aws_cloudwatch_log_group.logs[0]',
        'module.logs["jobs"].aws_cloudwatch_log_group.logs[1]',
        'module.logs["mail"].aws_cloudwatch_log_group.logs[0]',
        'module.logs["mail"].aws_cloudwatch_log_group.logs[1]',
      ]);
      expect(reasons['dynamodb:CreateTable']).toEqual(['aws_dynamodb_table.visits']);
    });

    it('adds them only to the roles, according to their access', () => {
      const { 'crc.config.json': text = '', ...otherFiles } = filesIn(folder);
      const { 'crc.config.json': _, ...untouched } = before;
      expect(otherFiles).toEqual(untouched);
      const [writer, reader] = JSON.parse(text).roles;
      expect(writer.statements[0]).toEqual({ Sid: 'Mine', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
      expect(actionsOf(writer.statements)).toEqual(expect.arrayContaining(['s3:CreateBucket', 's3:DeleteBucket']));
      expect(actionsOf(reader.statements)).not.toContain('s3:CreateBucket');
      expect(actionsOf(reader.statements)).toContain('dynamodb:DescribeTable');
    });

    it("shows Terraform's own output with --verbose, never the secret, and leaves nothing behind", () => {
      expect(run.stderr).toContain('aws_s3_bucket.site: Creating...');
      expect(run.stdout + run.stderr + JSON.stringify(filesIn(folder))).not.toContain(SECRET);
      expect(readdirSync(temporary)).toEqual([]);
    });
  });

  it("reports Terraform's own error, and what was recorded before it", async () => {
    const broken = `${MAIN}\nresource "aws_s3_bucket" "taken" { bucket = "abcdef-terraform-state" }\n`;
    const folder = projectWith(broken, '');
    const { ended, temporary } = start(['infra', '--json'], folder, { TF_VAR_api_key: SECRET });
    const { code, stdout } = await ended;
    const { status, phases, error } = permissionsTerraformDocumentSchema.parse(JSON.parse(stdout));
    expect([code, status]).toEqual([1, 'failed']);
    expect(error?.message).toMatch(/`terraform apply` failed in the sandbox\.\n.*aws_s3_bucket\.taken/);
    expect(actionsOf(phases.apply)).toContain('dynamodb:CreateTable');
    expect(stdout).not.toContain(SECRET);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('names a variable without a value', async () => {
    const { code, stdout, stderr } = await start(['infra'], projectWith(SMALL, '')).ended;
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringContaining('The variable api_key has no value.')]);
  });

  it.each(['sandbox:', 'terraform init:', 'terraform plan:', 'terraform apply:', 'terraform destroy:'])(
    'leaves no process, folder or server behind when it is stopped at %s',
    async (step) => {
      const folder = projectWith(SMALL, '');
      const { pid, temporary, stderr, ended } = start(['infra'], folder, { TF_VAR_api_key: SECRET });
      await vi.waitFor(() => expect(stderr()).toContain(step), { timeout: 200_000, interval: 50 });
      const descendants = descendantsOf(pid);
      process.kill(pid, 'SIGINT');
      const { code } = await ended;
      expect(code).toBe(130);
      await vi.waitFor(() => expect(descendants.filter(isAlive)).toEqual([]), { timeout: 20_000 });
      expect(readdirSync(temporary)).toEqual([]);
      expect(filesIn(folder)['infra/terraform.tfstate']).toBe('{ "untouched": true }');
    },
  );

  it('leaves nothing behind when it is killed', async () => {
    const { pid, temporary, stderr, ended } = start(['infra'], projectWith(SMALL, ''), { TF_VAR_api_key: SECRET });
    await vi.waitFor(() => expect(stderr()).toContain('terraform apply:'), { timeout: 200_000, interval: 50 });
    const descendants = descendantsOf(pid);
    process.kill(pid, 'SIGKILL');
    await ended;
    await vi.waitFor(() => expect([descendants.filter(isAlive), readdirSync(temporary)]).toEqual([[], []]), {
      timeout: 20_000,
    });
  });

  it('reports that Terraform itself was killed, and leaves nothing behind', async () => {
    const { pid, temporary, stderr, ended } = start(['infra'], projectWith(SMALL, ''), { TF_VAR_api_key: SECRET });
    await vi.waitFor(() => expect(stderr()).toContain('terraform apply:'), { timeout: 200_000, interval: 50 });
    const descendants = descendantsOf(pid);
    await vi.waitFor(() => process.kill(terraformOf(pid), 'SIGKILL'), { timeout: 20_000, interval: 50 });
    const result = await ended;
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringMatching(/`terraform (apply|plan)` failed in the sandbox/),
    ]);
    expect(result.stdout + result.stderr).not.toContain(SECRET);
    await vi.waitFor(() => expect([descendants.filter(isAlive), readdirSync(temporary)]).toEqual([[], []]), {
      timeout: 20_000,
    });
  });

  it('accepts variables from every source and the workspace, and records what commands of the configuration call', async () => {
    const folder = folderWith({
      'infra/main.tf': `${SMALL}
variable "project" {}
variable "team" {}
resource "aws_sns_topic" "named" { name = "\${var.project}-\${terraform.workspace}-\${var.team}-\${nonsensitive(var.api_key)}" }
resource "terraform_data" "seed" {
  provisioner "local-exec" { command = "'${process.execPath}' \${path.module}/call.mjs" }
}
`,
      'infra/call.mjs': CALL,
      'infra/prod.tfvars': 'project = "resume"',
    });
    const args = ['infra', '--json', '--var-file', 'prod.tfvars', '--var', 'team=web', '--workspace', 'prod'];
    const { code, stdout, stderr } = await start(args, folder, { TF_VAR_api_key: 'last' }).ended;
    expect(code === 0 ? '' : stderr).toBe('');
    const { phases, reasons } = permissionsTerraformDocumentSchema.parse(JSON.parse(stdout));
    const resources = phases.destroy.flatMap(({ Resource }) => Resource);
    expect(resources).toContain('arn:aws:sns:eu-west-2:*:resume-prod-web-last');
    expect([reasons['sns:ListTopics'], actionsOf(phases.plan)]).toEqual([
      ['terraform_data.seed'],
      expect.not.arrayContaining(['sns:ListTopics']),
    ]);
  });

  it('records any program that uses an SDK', async () => {
    const folder = projectWith(MAIN, '');
    const { code, stdout } = await start(['--json', '--', process.execPath, SCRIPT, 'verify'], folder).ended;
    const { phases } = permissionsTerraformDocumentSchema.parse(JSON.parse(stdout));
    // Depending on whether the function exists, verify may report a problem. The reads are the same.
    expect([0, 1]).toContain(code);
    expect(actionsOf(phases.plan)).toEqual(
      expect.arrayContaining(['dynamodb:DescribeTable', 'iam:GetRole', 's3:GetBucketVersioning']),
    );
  });
});

describeWith(['moto', 'tofu'], 'crc permissions terraform with OpenTofu', () => {
  it('finds the same', async () => {
    const args = ['infra', '--json', '--terraform-bin', 'tofu'];
    const { code, stdout, stderr } = await start(args, projectWith(SMALL, ''), { TF_VAR_api_key: SECRET }).ended;
    expect(code === 0 ? '' : stderr).toBe('');
    const { phases } = permissionsTerraformDocumentSchema.parse(JSON.parse(stdout));
    expect(actionsOf(phases.destroy)).toEqual(
      expect.arrayContaining(['sns:CreateTopic', 'sns:DeleteTopic', 'sns:GetTopicAttributes']),
    );
  });
});

describeWith(['moto', 'aws'], 'crc permissions terraform -- aws', () => {
  it('recognizes calls by their paths, and lists unknown ones', async () => {
    const script = [
      'aws apigateway create-rest-api --name visits',
      'aws apigatewayv2 create-api --name visits --protocol-type HTTP',
      'aws route53 create-hosted-zone --name example.com --caller-reference one',
      'aws scheduler create-schedule-group --name nightly',
      'aws medialive list-channels',
    ].join(' && ');
    const { code, stdout, stderr } = await start(['--json', '--', 'sh', '-c', script], projectWith(SMALL, '')).ended;
    expect(code === 0 ? '' : stderr).toBe('');
    const { phases, unknown } = permissionsTerraformDocumentSchema.parse(JSON.parse(stdout));
    const grants = phases.apply.flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} on ${resource}`)),
    );
    expect(grants).toEqual(
      expect.arrayContaining([
        'apigateway:POST on arn:aws:apigateway:eu-west-2::/restapis',
        'apigateway:POST on arn:aws:apigateway:eu-west-2::/apis',
        'route53:CreateHostedZone on *',
        'scheduler:CreateScheduleGroup on arn:aws:scheduler:eu-west-2:123456789012:schedule-group/nightly',
      ]),
    );
    expect(unknown).toEqual([{ service: 'medialive', operation: 'GET /prod/channels', address: '' }]);
  });
});

/** The pid of the Terraform process that crc started. */
function terraformOf(root: number): number {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' });
  const pids = [...stdout.matchAll(/^\s*(\d+) terraform apply/gm)].map(([, pid]) => Number(pid));
  const pid = descendantsOf(root).find((descendant) => pids.includes(descendant));
  if (pid === undefined) throw new Error('Terraform does not run yet');
  return pid;
}

function descendantsOf(root: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = [...stdout.matchAll(/(\d+)\s+(\d+)/g)].map(([, pid, parent]) => [Number(pid), Number(parent)] as const);
  const below = (parent: number): readonly number[] =>
    pairs.filter((pair) => pair[1] === parent).flatMap(([pid]) => [pid, ...below(pid)]);
  return below(root);
}

/** Whether a process is running. Zombie processes are not. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}
