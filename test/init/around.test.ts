import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { folderWith } from '../helpers/folder.ts';
import { cloneWith, ghScript, INIT_FLAGS, runInit } from '../helpers/init.ts';

const getJson = vi.hoisted(() => vi.fn());
vi.mock('../../src/aws/get-json.ts', () => ({ getJson }));
vi.mock('../../src/aws/discover.ts', () => ({
  discoverPlace: async ({ region }: { region?: string }) => ({ region, accountId: undefined }),
}));

beforeEach(() => {
  getJson.mockReset().mockRejectedValue(new Error('no network'));
});

const publicly = (body: object, status = 200) => getJson.mockResolvedValue({ status, body });
const WORKFLOW = '.github/workflows/infrastructure.yml';

/** The command lines under "Next", in order. */
const commandsOf = (out: string) => [...out.matchAll(/^ {5}(\S.*)$/gm)].map(([, line = '']) => line);

describe("GitHub's ids", () => {
  it('of a public repository do not need gh', async () => {
    publicly({ id: 22, owner: { id: 11 }, full_name: 'me/resume', default_branch: 'trunk' });
    const { cwd, env, read } = cloneWith({});
    const { code, out, err } = await runInit(cwd, INIT_FLAGS, { env: { ...env, PATH: '/nowhere' } });
    expect([code, getJson.mock.calls]).toEqual([0, [[new URL('https://api.github.com/repos/me/resume')]]]);
    const { roles } = JSON.parse(read('crc.config.json'));
    expect(roles.map(({ trust }: { trust: object }) => trust)).toEqual(
      Array.from({ length: 4 }, () => expect.objectContaining({ ownerId: 11, repositoryId: 22 })),
    );
    expect(roles[2].trust.subjects).toEqual(['ref:refs/heads/trunk']);
    expect(`${out}${err}`).not.toContain('github-ids');
  });

  it.each([
    ['GitHub has no public repository of this name', () => publicly({ message: 'Not Found' }, 404)],
    ['GitHub has rate-limited requests without a login', () => publicly({}, 403)],
    ['GitHub answered with status 500', () => publicly({}, 500)],
    ['GitHub answered with status 200', () => publicly({ id: 'x', owner: { id: 1 } })],
    ['GitHub could not be reached', () => undefined],
  ])('are reported as missing if %s, with the commands that add them', async (reason, answer) => {
    answer();
    const { cwd, read } = cloneWith({});
    const { code, out, err } = await runInit(cwd, INIT_FLAGS);
    expect([code, err]).toEqual([0, expect.stringContaining(`gh is missing or not logged in, and ${reason}.`)]);
    const command = `gh api repos/me/resume --jq '"\\(.owner.id)/\\(.id)"'`;
    expect(err).toContain(`\n  ${command}\n`);
    expect(commandsOf(out)).toContain(`npx crc init --yes --github-ids "$(${command})"`);
    expect(read('crc.config.json')).not.toContain('ownerId');
  });

  it('are added to the config by that command, which changes nothing else', async () => {
    const { cwd, read } = cloneWith({});
    const { out } = await runInit(cwd, INIT_FLAGS);
    const before = JSON.parse(read('crc.config.json'));
    const line = commandsOf(out).find((command) => command.includes('--github-ids')) ?? '';
    const bin = ghScript('echo 11/22');
    const { stdout } = spawnSync('sh', ['-c', line.replace('npx crc init', 'echo')], {
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    const added = await runInit(cwd, stdout.trim().split(' '));
    expect([added.code, added.out]).toEqual([
      0,
      expect.stringMatching(/extended +crc\.config\.json +\(adds GitHub's IDs\)/),
    ]);
    const after = JSON.parse(read('crc.config.json'));
    expect(after).toEqual({
      ...before,
      roles: before.roles.map((role: { trust: object }) => ({
        ...role,
        trust: { ...role.trust, ownerId: 11, repositoryId: 22 },
      })),
    });
    expect(read('crc.config.json')).toContain(
      '"repository": "me/resume",\n        "ownerId": 11,\n        "repositoryId": 22,',
    );
  });

  it('come from a flag, in a script', async () => {
    const { cwd, read } = cloneWith({});
    await runInit(cwd, [...INIT_FLAGS, '--github-ids', '583231/1296269']);
    expect(JSON.parse(read('crc.config.json')).roles[0].trust).toMatchObject({
      ownerId: 583231,
      repositoryId: 1296269,
    });
    const refused = await runInit(cwd, ['--github-ids', 'me/resume']);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('must be two numbers, like 583231/1296269'),
    ]);
  });

  it.each([
    ['Me/Resume', 'me/resume', 'note: GitHub spells the repository me/resume'],
    ['me/old', 'me/resume', 'note: me/old is called me/resume on GitHub now'],
  ])('of %s are returned with the name in tokens: %s', async (repository, fullName, note) => {
    publicly({ id: 22, owner: { id: 11 }, full_name: fullName, default_branch: 'main' });
    const { cwd, read } = cloneWith({});
    const { err } = await runInit(cwd, [...INIT_FLAGS, '--repository', repository]);
    expect(err).toContain(note);
    expect(JSON.parse(read('crc.config.json'))).toMatchObject({
      project: 'me-resume',
      roles: [{ trust: { repository: fullName } }, {}, {}, {}],
    });
  });

  it('come from gh if it has more information', async () => {
    publicly({ id: 1, owner: { id: 1 } });
    const { cwd, env, read } = cloneWith({});
    const bin = ghScript('echo \'{"id":22,"owner":{"id":11},"full_name":"me/resume","default_branch":"next"}\'');
    await runInit(cwd, INIT_FLAGS, { env: { ...env, PATH: `${bin}:${env.PATH}` } });
    expect(JSON.parse(read('crc.config.json')).roles[2].trust).toEqual({
      repository: 'me/resume',
      ownerId: 11,
      repositoryId: 22,
      subjects: ['ref:refs/heads/next'],
    });
  });
});

describe('the default branch', () => {
  const branchIn = async (clone: ReturnType<typeof cloneWith>, ...args: readonly string[]) => {
    const { out } = await runInit(clone.cwd, [...INIT_FLAGS, ...args], { env: clone.env });
    const { jobs } = parseYaml(clone.read(WORKFLOW));
    const [, inText] = /Allow only (\S+) to use the environment/.exec(out) ?? [];
    const { roles } = JSON.parse(clone.read('crc.config.json'));
    expect(jobs.apply.if).toContain(`refs/heads/${inText}'`);
    expect(roles[2].trust.subjects).toEqual([`ref:refs/heads/${inText}`]);
    expect(commandsOf(out).some((line) => line.endsWith(`-f name=${inText} -f type=branch`))).toBe(true);
    return inText;
  };
  const commit = ({ git }: ReturnType<typeof cloneWith>) =>
    git('-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '-q', '--allow-empty', '-m', 'x');

  it('of a repository without commits is the branch of the first commit', async () => {
    expect(await branchIn(cloneWith({}, 'master'))).toBe('master');
  });

  it('is the HEAD of origin, whatever branch is checked out', async () => {
    const clone = cloneWith({}, 'main');
    commit(clone);
    clone.git('update-ref', 'refs/remotes/origin/stable', 'HEAD');
    clone.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/stable');
    clone.git('checkout', '-q', '-b', 'feature');
    expect(await branchIn(clone)).toBe('stable');
  });

  it.each(['main', 'master'])('is %s on a different branch of a clone without a remote', async (name) => {
    const clone = cloneWith({}, name);
    commit(clone);
    clone.git('checkout', '-q', '-b', 'feature');
    expect(await branchIn(clone)).toBe(name);
  });

  it("is git's default for new repositories outside a clone", async () => {
    const clone = cloneWith({});
    writeFileSync(join(clone.env.HOME, '.gitconfig'), '[init]\n  defaultBranch = trunk\n');
    const folder = join(clone.env.HOME, 'project');
    mkdirSync(folder);
    const { out } = await runInit(folder, INIT_FLAGS, { env: clone.env });
    expect(out).toContain('git init --initial-branch trunk');
  });

  it('is one word of the command that creates the clone', async () => {
    const { env } = cloneWith({});
    const elsewhere = join(env.HOME, 'project');
    mkdirSync(elsewhere);
    const { out } = await runInit(elsewhere, [...INIT_FLAGS, '--branch', 'a&b'], { env });
    expect(out).toContain("git init --initial-branch 'a&b'");
  });

  it('is reported as a guess without GitHub and a clone', async () => {
    const guess =
      'note: the default branch of me/resume is not known; the roles and the workflow use main. Pass --branch NAME for another\n';
    const elsewhere = cloneWith({});
    const { err } = await runInit(join(elsewhere.cwd, '..'), [...INIT_FLAGS, '--dry-run']);
    expect(err).toContain(guess);
    const chosen = await runInit(join(elsewhere.cwd, '..'), [...INIT_FLAGS, '--branch', 'live', '--dry-run']);
    expect(chosen.err).not.toMatch(/default branch/);
    expect((await runInit(elsewhere.cwd, [...INIT_FLAGS, '--dry-run'], { env: elsewhere.env })).err).not.toContain(
      'default branch',
    );
  });

  it('runs the nightly job, whatever --branch is', async () => {
    const { cwd, env } = cloneWith({}, 'trunk');
    const nightly = 'note: GitHub runs the nightly `crc verify` on the default branch only, trunk, not on live:';
    expect((await runInit(cwd, [...INIT_FLAGS, '--branch', 'live', '--dry-run'], { env })).err).toContain(nightly);
    expect((await runInit(cwd, [...INIT_FLAGS, '--branch', 'trunk', '--dry-run'], { env })).err).not.toContain(
      'nightly',
    );
  });

  it('is the value of --branch', async () => {
    expect(await branchIn(cloneWith({}, 'master'), '--branch', 'live')).toBe('live');
  });

  it('is that of the config when the workflow is printed again', async () => {
    const clone = cloneWith({}, 'master');
    await branchIn(clone);
    const before = clone.read(WORKFLOW);
    await runInit(clone.cwd, [], { env: clone.env });
    expect(clone.read(WORKFLOW)).toBe(before);
  });
});

describe('in a folder of a clone', () => {
  it("writes the workflow to the repository's root, where GitHub looks for it, and runs it in the folder", async () => {
    const clone = cloneWith({ 'infra/.keep': '' });
    const cwd = join(clone.cwd, 'infra');
    const { code, out, err } = await runInit(cwd, INIT_FLAGS, { env: clone.env });
    expect(code).toBe(0);
    expect(err).toContain(`note: the workflow goes to ${join(clone.cwd, WORKFLOW)}, where GitHub looks for it`);
    expect(out).toContain(`created  ../${WORKFLOW}`);
    expect([existsSync(join(cwd, '.github')), existsSync(join(cwd, 'backend.tf'))]).toEqual([false, true]);
    const { jobs } = parseYaml(clone.read(WORKFLOW));
    const steps: readonly { name?: string; run?: string; 'working-directory'?: string }[] = Object.values(jobs).flatMap(
      (job) => (job as { steps: [] }).steps,
    );
    const stepNamed = (name: string) => steps.find((step) => step.name === name);
    expect([stepNamed('Plan')?.['working-directory'], stepNamed('Test')?.['working-directory']]).toEqual([
      'infra',
      'infra',
    ]);
    expect(stepNamed('Verify')?.run).toMatch(/ verify --config infra\/crc\.config\.json$/);
    expect(commandsOf(out)).toContain('git add . ../.github');
  });

  it('shares no names or states with another project of the repository', async () => {
    const clone = cloneWith({ 'one/.keep': '', 'two/.keep': '' });
    const [first, second] = ['one', 'two'].map((name) => join(clone.cwd, name));
    await runInit(first ?? '', INIT_FLAGS, { env: clone.env });
    const { err } = await runInit(second ?? '', INIT_FLAGS, { env: clone.env });
    expect(err).toContain('note: another folder of the repository has a crc.config.json');
    const namesOf = (name: string) =>
      [...clone.read(`${name}/crc.config.json`).matchAll(/"(?:name|key|project)": "([^"]+)"/g)].map(
        ([, value]) => value,
      );
    expect([namesOf('one')[0], namesOf('two')[0]]).toEqual([
      'me-resume',
      expect.stringMatching(/^me-resume-two-[0-9a-f]{6}$/),
    ]);
    expect(namesOf('two').filter((name) => namesOf('one').includes(name))).toEqual([]);
  });

  it("keeps another project's workflow, also with --force, and says how to get one", async () => {
    const clone = cloneWith({ 'one/.keep': '', 'two/.keep': '', 'pnpm-lock.yaml': '' });
    const [first, second] = ['one', 'two'].map((name) => join(clone.cwd, name));
    await runInit(first ?? '', INIT_FLAGS, { env: clone.env });
    const before = clone.read(WORKFLOW);
    const { out } = await runInit(second ?? '', [...INIT_FLAGS, '--force'], { env: clone.env });
    expect(out).toMatch(
      /kept +\.\.\/\S+ +\(of another project; `pnpm exec crc workflow` prints one for this project\)/,
    );
    expect(out).not.toContain('--from-account');
    expect(clone.read(WORKFLOW)).toBe(before);
  });

  it('replaces the workflow with --force in a project at the top, which is that of the whole repository', async () => {
    const login = "{ uses: 'aws-actions/configure-aws-credentials@v6', with: { role-to-assume: '%s' } }";
    const steps = login.replace('%s', 'arn:aws:iam::123456789012:role/Old');
    const old = `on: push\njobs: { deploy: { runs-on: ubuntu-latest, steps: [${steps}] } }\n`;
    const clone = cloneWith({ [WORKFLOW]: old });
    await runInit(clone.cwd, [...INIT_FLAGS, '--force'], { env: clone.env });
    expect(clone.read(WORKFLOW)).toContain('Generated by `crc workflow`');
  });

  it('does not repeat entries of a parent .gitignore', async () => {
    const clone = cloneWith({ '.gitignore': 'node_modules\n.terraform/\n', 'infra/.keep': '' });
    await runInit(join(clone.cwd, 'infra'), INIT_FLAGS, { env: clone.env });
    expect(clone.read('infra/.gitignore')).toBe('*.tfstate\n*.tfstate.*\ntfplan\n.env*\n!.env.example\n');
  });
});

describe('with an existing config', () => {
  it.each([
    [['--region', 'us-east-1'], '--region us-east-1 (it has eu-west-2)'],
    [['--repository', 'you/resume'], '--repository you/resume (it has me/resume)'],
    [['--account', '999999999999'], '--account 999999999999 (it has 123456789012)'],
    [
      ['--bucket', 'another-bucket'],
      '--bucket another-bucket (it has me-resume-terraform-state-123456789012-eu-west-2)',
    ],
    [['--function', 'python'], '--function python (it has typescript)'],
    [['--function', 'none'], '--function none (it has typescript)'],
  ])('%j is refused, not ignored', async (args, difference) => {
    const { cwd } = cloneWith({});
    await runInit(cwd, INIT_FLAGS);
    const { code, err } = await runInit(cwd, args);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(`crc.config.json already exists with different values: ${difference}.`),
    ]);
    expect(err).toContain('pass --force to replace it');
  });

  it('flags with the same values are not a problem, and missing files are restored', async () => {
    const { cwd, read } = cloneWith({});
    await runInit(cwd, INIT_FLAGS);
    writeFileSync(join(cwd, 'backend.tf'), '# mine\n');
    const { code, out } = await runInit(cwd, [...INIT_FLAGS, '--function', 'typescript']);
    expect([code, read('backend.tf')]).toEqual([0, '# mine\n']);
    expect(out).toMatch(/kept +backend\.tf +\(exists and differs; --force replaces it\)/);
    expect(out).toContain('No changes. The project has all its files.\n');
    expect(out).not.toContain('Next:');
  });

  it('with several states, none of which has code here, gets the missing files and the IDs', async () => {
    const { cwd, read } = cloneWith({});
    await runInit(cwd, INIT_FLAGS);
    const config = JSON.parse(read('crc.config.json'));
    for (const { state } of config.roles.slice(0, 2)) state.push({ ...state[0], key: 'elsewhere/terraform.tfstate' });
    writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config));
    for (const file of ['backend.tf', WORKFLOW]) rmSync(join(cwd, file));
    const { code, err } = await runInit(cwd, ['--github-ids', '1/2']);
    expect(code, err).toBe(0);
    expect(JSON.parse(read('crc.config.json')).roles[0].trust).toMatchObject({ ownerId: 1, repositoryId: 2 });
    expect(read(WORKFLOW)).toContain(`terraform-${config.stateBucket.name}/${config.roles[0].state[0].key}`);
  });

  it('--config is rejected, since init always writes the same name', async () => {
    const { cwd } = cloneWith({});
    expect(await runInit(cwd, [...INIT_FLAGS, '--config', 'other.json'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('--config: crc init writes crc.config.json'),
    });
  });
});

describe('existing files', () => {
  it('a workflow of the same name is kept, and Next makes no claims about it', async () => {
    const { cwd, read } = cloneWith({ [WORKFLOW]: 'name: mine\n' });
    const { out } = await runInit(cwd, ['--repository', 'me/resume', '--region', 'eu-west-2']);
    expect(read(WORKFLOW)).toBe('name: mine\n');
    expect(out).toMatch(/kept +\.github\/workflows\/infrastructure\.yml +\(exists and differs; --force replaces it\)/);
    expect(out).toContain(`${WORKFLOW} was kept, and may not do what crc.config.json asks for`);
    expect(out).toContain('Commit and push:\n');
    expect(out).not.toMatch(/without access keys|gh variable set/);
  });

  it.each([
    ['main.tf', 'terraform {\n  backend "s3" {\n    key = "x"\n  }\n}\n', true],
    ['main.tf', 'terraform { backend "local" {} }', true],
    ['cloud.tofu', 'terraform {\n  cloud {\n  }\n}\n', true],
    ['versions.tf.json', '{ "terraform": { "backend": { "s3": {} } } }', true],
    ['main.tf', '# backend "s3" {\n/* backend "s3" {\n */\n', false],
    ['main.tf', 'locals { text = "backend \\"s3\\" {" }\nresource "x" "backend" {}\n', false],
  ])('%s with %j has a backend: %s', async (name, text, has) => {
    const { cwd } = cloneWith({ [name]: text });
    const { out } = await runInit(cwd, INIT_FLAGS);
    expect([existsSync(join(cwd, 'backend.tf')), out.includes(`kept     ${name}`)]).toEqual([!has, has]);
  });

  it("suggests to find Terraform's permissions if there is Terraform code", async () => {
    const step = '     npx crc permissions terraform --write\n';
    expect((await runInit(cloneWith({ 'main.tf': 'locals {}' }).cwd, INIT_FLAGS)).out).toContain(step);
    expect((await runInit(cloneWith({}).cwd, INIT_FLAGS)).out).not.toContain(step);
    const { out } = await runInit(cloneWith({ 'infra/main.tf': 'provider "aws" {}' }).cwd, INIT_FLAGS);
    expect(out).toContain('     npx crc permissions terraform infra --write\n');
    expect(out).not.toContain('terraform --write');
  });

  it('adds no counter next to an existing function', async () => {
    const { cwd, read } = cloneWith({ 'functions/increment-visits/index.mjs': 'export const handler = 1;\n' });
    const { out } = await runInit(cwd, INIT_FLAGS);
    expect(out).toMatch(/kept +functions\/increment-visits\/index\.mjs +\(the function has its own code\)/);
    expect(existsSync(join(cwd, 'functions/increment-visits/index.test.ts'))).toBe(false);
    expect(JSON.parse(read('package.json'))).not.toHaveProperty('scripts');
  });
});

describe('the account', () => {
  it('becomes a variable if it is unknown, and the command that sets it is shown', async () => {
    const { cwd, read } = cloneWith({});
    const { out } = await runInit(cwd, ['--repository', 'me/resume', '--region', 'eu-west-2']);
    const variables = [...read(WORKFLOW).matchAll(/vars\.(\w+)/g)].map(([, name]) => name);
    expect(new Set(variables)).toEqual(new Set(['AWS_ACCOUNT_ID']));
    expect(commandsOf(out)).toContain(
      'gh variable set AWS_ACCOUNT_ID --repo me/resume --body "$(aws sts get-caller-identity --query Account --output text)"',
    );
  });

  it('is written to the workflow if it is in the config, so that no variable is needed', async () => {
    const { cwd, read } = cloneWith({});
    const { out } = await runInit(cwd, INIT_FLAGS);
    expect(read(WORKFLOW)).not.toContain('vars.');
    expect(out).not.toContain('gh variable set');
  });
});

it('only roles that run Terraform have its policy', async () => {
  const { cwd, read } = cloneWith({});
  const { out } = await runInit(cwd, INIT_FLAGS);
  const { roles } = JSON.parse(read('crc.config.json'));
  expect(
    roles.map(({ policyName, state }: { policyName?: string; state?: [] }) => [policyName, state?.length]),
  ).toEqual([
    [undefined, 1],
    [undefined, 1],
    ['VerifyPolicy', undefined],
    ['DeployFunctionPolicy', undefined],
  ]);
  expect(out).toContain(
    'The roles that run Terraform may only use its state so far. `npx crc permissions terraform --write`',
  );
});

describe('the next steps of a run with --profile', () => {
  it('act on the account of that run', async () => {
    const own = { program: 'npx crc', update: '', flags: ['--region eu-west-2', '--profile prod'] };
    const { out } = await runInit(folderWith({}), [...INIT_FLAGS, '--yes'], { own });
    expect(out).toContain('\n     npx crc bootstrap --profile prod\n');
    expect(out).toContain("\n     npx crc sandbox -- sh -c 'crc bootstrap && crc verify'\n");
    const unknownAccount = await runInit(folderWith({}), [...INIT_FLAGS.slice(0, 4), '--yes'], { own });
    expect(unknownAccount.out).toContain('--body "$(aws --profile prod sts get-caller-identity --query Account');
  });
});
