import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { confirm } from '../../src/ui/confirm.ts';
import { cloneWith, runInit } from '../helpers/init.ts';
import { captureIo } from '../helpers/io.ts';
import { REPOSITORIES } from '../helpers/repositories.ts';

interface AskTextInput {
  readonly initial?: string;
  readonly message: string;
  readonly check: (answer: string) => string | undefined;
}

vi.mock('../../src/aws/get-json.ts', () => ({ getJson: () => Promise.reject(new Error('no network')) }));
vi.mock('../../src/aws/discover.ts', () => ({
  discoverPlace: async ({ region }: { region?: string }) => ({ region: region ?? 'us-west-2', accountId: undefined }),
}));
vi.mock('../../src/ui/confirm.ts', () => ({ confirm: vi.fn() }));
const ask = vi.hoisted(() => ({
  askText: vi.fn(async ({ initial }: AskTextInput) => initial ?? ''),
  askFromList: vi.fn(async ({ initial }: { initial?: string }) => initial ?? ''),
  askChoice: vi.fn(async ({ initial }: { initial: string }) => initial),
}));
vi.mock('../../src/ui/ask.ts', () => ask);

beforeEach(() => {
  vi.mocked(confirm).mockReset();
  ask.askText.mockImplementation(async ({ initial }) => initial ?? '');
});

/** Without --region, so that the region is read from the code. */
const FLAGS = ['--repository', 'ada/site', '--account', '123456789012', '--github-ids', '11/22'];

const clone = (name: 'keysInApply' | 'localState') => cloneWith(REPOSITORIES[name].files);

describe('a repository without Terraform code', () => {
  it('gets its backend block in the folder of --directory, where the workflow runs Terraform', async () => {
    const { cwd, env, read } = cloneWith({});
    const { out } = await runInit(cwd, [...FLAGS, '--yes', '--region', 'eu-west-1', '--directory', 'infra'], { env });
    expect(read('infra/backend.tf')).toContain('backend "s3"');
    expect(read('.github/workflows/infrastructure.yml')).toContain('working-directory: infra\n');
    expect(out).toContain('`npx crc permissions terraform infra --write`');
    expect(() => read('backend.tf')).toThrow('ENOENT');
  });
});

describe('a backend block without a bucket and a key', () => {
  const files = {
    'infra/main.tf': 'terraform {\n  backend "s3" {}\n}\nprovider "aws" {\n  region = "eu-west-1"\n}\n',
    'lambda/app.py': 'def lambda_handler(event, context):\n    return {}\n',
  };

  it('gets a separate state, steps with its commands, and a workflow that runs in its folder', async () => {
    const { cwd, env, read } = cloneWith(files);
    const { out } = await runInit(cwd, [...FLAGS, '--yes'], { env });
    expect(out).toContain('     npx crc permissions terraform infra --write\n');
    expect(out).not.toContain('may only use its state so far');
    expect(out).toContain(
      'Paste the lines that crc prints into the backend block at infra/main.tf:2:\n     npx crc backend\n     terraform -chdir=infra init\n',
    );
    expect(read('.github/workflows/infrastructure.yml')).toContain('working-directory: infra');
    expect(read('infra/main.tf')).toBe(files['infra/main.tf']);
  });

  it('uses the state of an existing config', async () => {
    const { cwd, env } = cloneWith(files);
    await runInit(cwd, [...FLAGS, '--yes'], { env });
    const { out } = await runInit(cwd, ['--dry-run', '--json'], { env });
    expect(JSON.parse(out).proposal).toMatchObject({
      states: [{ key: 'ada-site/terraform.tfstate', directory: 'infra' }],
      workflowDirectory: 'infra',
    });
  });

  it('is kept together with a function, and the note has a complete entry for the config', async () => {
    const { cwd, env, read } = cloneWith(files);
    const { out } = await runInit(cwd, [...FLAGS, '--yes'], { env });
    const [, entry = ''] = /have: `(.*?)`/.exec(out) ?? [];
    const config = JSON.parse(read('crc.config.json'));
    const { functions } = parseConfig(JSON.stringify({ ...config, functions: [JSON.parse(entry)] }), 'crc.config.json');
    expect(functions).toMatchObject([{ name: 'NAME', source: 'lambda', runtime: 'python3.14' }]);
  });
});

describe('Terraform variables without a value', () => {
  const note = async (files: Readonly<Record<string, string>>) => {
    const { cwd, env } = cloneWith({ 'infra/main.tf': 'provider "aws" {\n  region = "eu-west-1"\n}\n', ...files });
    const { out } = await runInit(cwd, [...FLAGS, '--dry-run', '--json'], { env });
    const notes: readonly string[] = JSON.parse(out).proposal.notes;
    return notes.filter((text) => text.includes('default'));
  };
  const variables = 'variable "environment" {\n  type = string\n}\nvariable "size" {\n  default = null\n}\n';

  it('are listed with the file that has a value, because the workflow cannot prompt', async () => {
    expect(await note({ 'infra/variables.tf': variables, 'infra/envs/dev.tfvars': 'environment = "dev"\n' })).toEqual([
      'infra: the variable environment has no default and no value, so `terraform plan` would fail in the workflow. In .github/workflows/infrastructure.yml, add `env:` with a value for TF_VAR_environment, or `-var-file=envs/dev.tfvars` to each `terraform plan`.',
    ]);
  });

  it('are listed although a file that git ignores has a value, because the workflow does not have it', async () => {
    const [text, ...more] = await note({
      '.gitignore': '*.tfvars\n',
      'infra/variables.tf': variables,
      'infra/terraform.tfvars': 'environment = "dev"\n',
      'infra/envs/dev.tfvars': 'environment = "dev"\n',
    });
    expect(text).toMatch(/^infra: the variable environment has no default .* TF_VAR_environment\.$/);
    expect(more).toEqual([]);
  });

  it('are listed with their environment variables if no file has a value', async () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => `variable "${name}" {}\n`).join('');
    expect(await note({ 'infra/variables.tf': many })).toEqual([
      'infra: 4 variables have no default and no value (a, b, c and 1 more), so `terraform plan` would fail in the workflow. In .github/workflows/infrastructure.yml, add `env:` with values for TF_VAR_a, TF_VAR_b, TF_VAR_c and 1 more.',
    ]);
  });

  it.each([
    ['a file that Terraform reads by itself', { 'infra/terraform.tfvars': 'environment = "dev"\n' }],
    ['one in JSON', { 'infra/x.auto.tfvars.json': '{"environment":"dev"}' }],
    ['a default in an override file', { 'infra/override.tf': 'variable "environment" {\n  default = "dev"\n}\n' }],
    [
      "a workflow of the user's own",
      { '.github/workflows/infrastructure.yml': 'on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{ run: ls }]\n' },
    ],
  ])('are not reported with %s', async (_, files: Readonly<Record<string, string>>) => {
    expect(await note({ 'infra/variables.tf': variables, ...files })).toEqual([]);
  });
});

describe('on a terminal', () => {
  it('--oidc shows the change to a workflow before the question, and the remaining steps after it', async () => {
    const project = clone('keysInApply');
    await runInit(project.cwd, [...FLAGS, '--yes'], { env: project.env });
    const { io, out, err } = captureIo({ cwd: project.cwd, env: project.env, interactive: true });
    let before = '';
    vi.mocked(confirm).mockImplementation(async () => {
      before = err();
      return true;
    });
    expect(await run(['node', 'crc', 'init', '--oidc'], io)).toBe(0);
    expect(before).toContain('+          role-to-assume: arn:aws:iam::123456789012:role/ada-site-terraform-apply\n');
    const commands = out()
      .split('\n')
      .flatMap((line) => /^ {5}(.*)/.exec(line)?.[1] ?? []);
    expect(commands).toEqual([
      'npx crc explain',
      expect.stringMatching(/^git remote add/),
      'git add .',
      expect.stringMatching(/^git commit/),
      expect.stringMatching(/^git push/),
      'gh secret delete AWS_ACCESS_KEY_ID --repo ada/site',
      'gh secret delete AWS_SECRET_ACCESS_KEY --repo ada/site',
    ]);
  });

  it.each([
    ['inherits all secrets', 'jobs:\n  a:\n    uses: ./.github/workflows/called.yml\n    secrets: inherit\n'],
    [
      'reads one by a computed name',
      'jobs:\n  a:\n    runs-on: x\n    steps: [{ run: "echo ${{ secrets[matrix.key] }}" }]\n',
    ],
    ['reads them all', 'jobs:\n  a:\n    runs-on: x\n    steps: [{ run: "echo ${{ toJSON(secrets) }}" }]\n'],
  ])('--oidc names no secret to delete if another workflow %s', async (_, jobs) => {
    const project = clone('keysInApply');
    await runInit(project.cwd, [...FLAGS, '--yes'], { env: project.env });
    writeFileSync(join(project.cwd, '.github/workflows/other.yml'), `on: push\n${jobs}`);
    const { io, out } = captureIo({ cwd: project.cwd, env: project.env, interactive: true });
    vi.mocked(confirm).mockImplementation(async () => true);
    expect(await run(['node', 'crc', 'init', '--oidc'], io)).toBe(0);
    expect(out()).toContain('secrets that held them, unless another workflow reads them.');
    expect(out()).not.toContain('gh secret delete');
  });

  it('the lines of a patch are not wrapped in a narrow terminal, so that git can apply it', async () => {
    const project = clone('keysInApply');
    const { io, out } = captureIo({ cwd: project.cwd, env: project.env, interactive: true, outColumns: 60 });
    expect(await run(['node', 'crc', 'init', ...FLAGS, '--dry-run'], io)).toBe(0);
    expect(out()).toContain('\n+          role-to-assume: arn:aws:iam::123456789012:role/ada-site-terraform-apply\n');
  });

  it('an account ID is accepted as the AWS console shows it', async () => {
    const project = clone('localState');
    vi.mocked(confirm).mockResolvedValue(true);
    const answer = async ({ initial = '', message, check }: AskTextInput) => {
      const value = message.startsWith('AWS account') ? '1234-5678-9012' : initial;
      expect(check(value)).toBeUndefined();
      return value;
    };
    ask.askText.mockImplementation(answer);
    const flags = FLAGS.filter((flag) => flag !== '--account' && flag !== '123456789012');
    const { io } = captureIo({ cwd: project.cwd, env: project.env, interactive: true });
    expect(await run(['node', 'crc', 'init', ...flags], io)).toBe(0);
    expect(JSON.parse(project.read('crc.config.json')).accountId).toBe('123456789012');
  });
});
