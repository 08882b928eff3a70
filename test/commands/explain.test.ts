import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backendConfig } from '../helpers/configs.ts';
import { folderWith } from '../helpers/folder.ts';
import {
  configOf,
  type Explained,
  fakeGh,
  ISSUER,
  PROVIDER_ARN,
  runExplain,
  type TrustedSubjects,
} from '../helpers/run-explain.ts';

const CASES = join(import.meta.dirname, '../github/cases/workflows');
const MAIN: TrustedSubjects = { TerraformRole: ['ref:refs/heads/main'] };
const trusting = (...subjects: readonly string[]): TrustedSubjects => ({ TerraformRole: subjects });

interface Case {
  readonly roles?: TrustedSubjects;
  readonly code: number;
  readonly rows: readonly string[];
  readonly causes?: readonly string[];
  /** Additional assertions. */
  readonly check?: (result: Explained) => void;
}

/** Workflows that crc once misread. The key describes the correct behaviour. */
const WORKFLOWS: Readonly<Record<string, Case>> = {
  'base-ref-on-push': { roles: trusting('pull_request'), code: 0, rows: ['d on pull_request: pull_request can'] },
  'by-hand': { code: 0, rows: ['d on push: ref:refs/heads/main can'] },
  'cac-fork': { code: 2, rows: ['d on pull_request: pull_request cannot'], causes: ['pull-request-subject'] },
  'called-remote-of-same-repo': {
    roles: trusting('environment:production'),
    code: 0,
    rows: ['d / d on push: environment:production can'],
  },
  'caller-if': { code: 0, rows: ['deploy / deploy on push: ref:refs/heads/main can'] },
  'caller-lacks-token': {
    code: 2,
    rows: ['c / d on push: ref:refs/heads/main cannot'],
    causes: ['id-token-refused'],
    check: ({ text }) => expect(text).toContain('to the calling job c.'),
  },
  'composite-beside-direct': {
    code: 2,
    rows: ['test on push: ref:refs/heads/main can', 'deploy on push: environment:production cannot'],
    causes: ['environment-subject'],
  },
  'composite-only': { code: 2, rows: ['plan on pull_request: pull_request cannot'], causes: ['pull-request-subject'] },
  'dispatch-choice': {
    roles: trusting('environment:dev'),
    code: 2,
    rows: ['deploy on workflow_dispatch: environment:dev can', 'deploy on workflow_dispatch: environment:prod cannot'],
    causes: ['other-environment'],
  },
  'env-unknown': {
    code: 2,
    rows: ['d on push: environment:${{ vars.STAGE }} unknown'],
    causes: ['environment-unknown'],
    check: ({ document, text }) => {
      expect(document.status).toBe('unknown');
      expect(text).toContain('? not sure');
      expect(text).not.toMatch(/Add "|NAME|bootstrap/);
    },
  },
  'environment-with-space': {
    code: 2,
    rows: ['d on push: environment:China Prod cannot'],
    causes: ['environment-subject'],
    check: ({ text }) => expect(text).toContain('Add "environment:China Prod" to trust.subjects'),
  },
  'failure-job': {
    code: 2,
    rows: ['deploy on push: ref:refs/heads/main can', 'rollback on push: environment:rollback cannot'],
    causes: ['environment-subject'],
  },
  format: {
    roles: trusting('environment:aws-dev', 'environment:aws-prod'),
    code: 0,
    rows: ['d on push: environment:aws-dev can', 'd on push: environment:aws-prod can'],
  },
  'input-default': {
    roles: trusting('environment:production'),
    code: 0,
    rows: ['d / deploy on push: environment:production can'],
  },
  'inputs-on-push': {
    roles: trusting('environment:dev', 'environment:prod'),
    code: 0,
    rows: [
      'deploy on push: environment:dev can',
      'deploy on workflow_dispatch: environment:dev can',
      'deploy on workflow_dispatch: environment:prod can',
    ],
  },
  'job-permissions-replace': {
    code: 2,
    rows: ['d on push: ref:refs/heads/main cannot'],
    causes: ['id-token-replaced'],
  },
  'matrix-exclude': { roles: trusting('environment:dev'), code: 0, rows: ['deploy on push: environment:dev can'] },
  'matrix-fromjson': {
    roles: trusting('environment:dev', 'environment:prod'),
    code: 0,
    rows: ['d on push: environment:dev can', 'd on push: environment:prod can'],
  },
  'matrix-include-exact': {
    roles: trusting('environment:dev', 'environment:prod'),
    code: 2,
    rows: ['deploy on push: environment:dev cannot', 'deploy on push: environment:prod can'],
    causes: ['role-other-account'],
  },
  'matrix-include-merge': {
    roles: { TerraformRole: ['environment:dev', 'environment:prod'], DevRole: ['environment:dev', 'environment:prod'] },
    code: 0,
    rows: ['deploy on push: environment:dev can', 'deploy on push: environment:prod can'],
    check: ({ document }) => expect(document.roles.map(({ name }) => name)).toEqual(['DevRole', 'TerraformRole']),
  },
  'needs-skipped': { code: 0, rows: ['deploy on push: ref:refs/heads/main can'] },
  'nested-reusable': {
    code: 2,
    rows: ['release / prod / deploy on push: environment:production cannot'],
    causes: ['environment-subject'],
  },
  'push-any-branch': {
    code: 0,
    rows: ['d on push: ref:refs/heads/main can'],
    check: ({ text }) => expect(text).toContain('· denied   any other branch or any other tag, on push'),
  },
  'remote-workflow-no-aws': { code: 0, rows: ['deploy on push: ref:refs/heads/main can'] },
  review: {
    code: 2,
    rows: ['d on pull_request_review: pull_request cannot', 'd on pull_request_review: ref:refs/pull/*/merge cannot'],
    causes: ['event-undocumented'],
    check({ text }) {
      expect(text.match(/GitHub does not document the subject of pull_request_review\. /g)).toHaveLength(1);
      // crc must not suggest trusting a subject that GitHub may never send.
      expect(text).not.toMatch(/Add "|run: `crc bootstrap/);
    },
  },
  'role-by-secret-two-roles': {
    roles: { Plan: ['pull_request'], Apply: ['environment:production'] },
    code: 0,
    rows: ['plan on pull_request: pull_request can', 'apply on push: environment:production can'],
  },
  'step-env': {
    code: 0,
    rows: ['d on push: ref:refs/heads/main can'],
    check: ({ document }) => expect(document.notes).toEqual([]),
  },
  'step-if': { code: 0, rows: ['build on push: ref:refs/heads/main can'] },
  'tag-pattern': {
    roles: trusting('ref:refs/tags/v?.?.?'),
    code: 0,
    rows: ['d on push: ref:refs/tags/v?*.?*.?* can'],
    check: ({ text }) => expect(text).toContain('for example ref:refs/tags/v0.0.0'),
  },
};

describe('crc explain --workflow', () => {
  it.each(Object.entries(WORKFLOWS))('%s', async (name, { roles = MAIN, code, rows, causes = [], check }) => {
    const result = await runExplain(configOf(roles), ['--workflow', join(CASES, name, '.github/workflows/w.yml')]);
    expect([result.rows, result.causes, result.code]).toEqual([rows, causes, code]);
    check?.(result);
  });

  it('has every case', () => {
    expect(readdirSync(CASES).sort()).toEqual([...Object.keys(WORKFLOWS), 'token-file'].sort());
  });

  it('token-file: a token that is not from GitHub gets no verdict', async () => {
    const args = ['--workflow', join(CASES, 'token-file', '.github/workflows/w.yml')];
    await expect(runExplain(configOf(MAIN), args)).rejects.toThrow(
      "The job x logs in with a token from a file, not with GitHub's token.",
    );
  });
});

const ARN = 'arn:aws:iam::123456789012:role/TerraformRole';
const login = (role = ARN) =>
  `      - uses: aws-actions/configure-aws-credentials@v6\n        with: { role-to-assume: '${role}', aws-region: eu-west-2 }\n`;
const job = (name: string, steps = login(), head = '') =>
  `  ${name}:\n    runs-on: ubuntu-latest\n    permissions: { id-token: write, contents: read }\n${head}    steps:\n${steps}`;
const PUSH = 'on: { push: { branches: [main] } }\njobs:\n';

/** A repository with these workflow files. */
function repository(files: Readonly<Record<string, string>>): string {
  const root = folderWith({});
  mkdirSync(join(root, '.github/workflows'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, '.github/workflows', name), text);
  return root;
}

describe('a role that is only known during the run', () => {
  const text = `${PUSH}${job('deploy', login('${{ secrets.ROLE }}'), '    environment: production\n')}`;

  it('is not sure if no role allows the job, and suggests widening none', async () => {
    const root = repository({ 'w.yml': text });
    const roles = { Plan: ['pull_request'], Apply: ['ref:refs/heads/main'] };
    const result = await runExplain(configOf(roles), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect([result.code, result.document.status, result.rows, result.causes]).toEqual([
      2,
      'unknown',
      ['deploy on push: environment:production unknown'],
      ['role-unknown'],
    ]);
    expect(result.document.roles.map(({ name, arn }) => [name, arn])).toEqual([['${{ secrets.ROLE }}', '']]);
    expect(result.text).not.toMatch(/Add "|crc bootstrap/);
    expect(result.text.match(/crc does not know which role/g)).toHaveLength(1);
  });

  it('is denied if the job has no token, whatever role it asks for', async () => {
    const root = repository({ 'w.yml': text.replace('id-token: write, ', '') });
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect([result.code, result.document.status, result.causes]).toEqual([2, 'cannot', ['id-token-missing']]);
  });
});

describe('a push to any branch but the trusted one', () => {
  const ignoring = (branches: string) => `on: { push: { branches-ignore: ${branches} } }\njobs:\n${job('d')}`;
  const explained = async (text: string, roles: TrustedSubjects = MAIN) => {
    const root = repository({ 'w.yml': text });
    return await runExplain(configOf(roles), ['--workflow', join(root, '.github/workflows/w.yml')]);
  };

  it('cannot log in', async () => {
    const { code, document, rows, text } = await explained(ignoring('[main]'));
    expect([code, document.status, rows]).toEqual([2, 'cannot', ['d on push: ref:refs/heads/* cannot']]);
    expect(text).not.toContain('Add "ref:refs/heads/*"');
  });

  it('may log in to a role that trusts another branch as well', async () => {
    const { rows } = await explained(ignoring('[main]'), {
      TerraformRole: ['ref:refs/heads/main', 'ref:refs/heads/dev'],
    });
    expect(rows).toEqual(['d on push: ref:refs/heads/* unknown']);
  });
});

describe('a role that comes from elsewhere', () => {
  const ACTION = `inputs: { role: { required: true } }\nruns:\n  using: composite\n  steps:\n${login('${{ inputs.role }}')}`;

  it.each([
    ['a variable of the environment', '${{ env.R }}', 'Apply', ['deploy on push: environment:production can']],
    ['a secret in one', '${{ env.S }}', '${{ secrets.S }}', ['deploy on push: environment:production unknown']],
  ])('is known as far as the workflow determines it: %s', async (_, role, name, rows) => {
    const env =
      "    env: { R: 'arn:aws:iam::${{ secrets.ACCOUNT }}:role/Apply', S: '${{ secrets.S }}' }\n    environment: production\n";
    const root = repository({ 'w.yml': `${PUSH}${job('deploy', login(role), env)}` });
    const trust = name === 'Apply' ? ['environment:production'] : ['pull_request'];
    const args = ['--workflow', join(root, '.github/workflows/w.yml')];
    const { document, rows: actualRows } = await runExplain(configOf({ Plan: ['pull_request'], Apply: trust }), args);
    expect([document.roles.map((role) => role.name), actualRows]).toEqual([[name], rows]);
  });

  it('has the name given by its caller, not that of an input', async () => {
    const uses = (secret: string) =>
      `      - uses: ./.github/actions/aws\n        with: { role: '\${{ secrets.${secret} }}' }\n`;
    const on = '    environment: production\n';
    const root = repository({ 'w.yml': `${PUSH}${job('a', uses('A'), on)}${job('b', uses('B'), on)}` });
    mkdirSync(join(root, '.github/actions/aws'), { recursive: true });
    writeFileSync(join(root, '.github/actions/aws/action.yml'), ACTION);
    const { document } = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect(document.roles.map(({ name }) => name)).toEqual(['${{ secrets.A }}', '${{ secrets.B }}']);
  });
});

describe('several workflows', () => {
  const files = {
    'a.yml': `${PUSH}${job('a')}`,
    'b.yml': `on: pull_request\njobs:\n${job('b')}`,
    'called.yml': `on: workflow_call\njobs:\n${job('c', login(), '    environment: production\n')}`,
    'caller.yml': `${PUSH}  call:\n    permissions: { id-token: write }\n    uses: ./.github/workflows/called.yml\n`,
    'lint.yml': 'on: push\njobs: { lint: { runs-on: ubuntu-latest, steps: [{ run: make }] } }',
  };
  const all = [
    'a on push: ref:refs/heads/main can',
    'b on pull_request: pull_request cannot',
    'call / c on push: environment:production cannot',
  ];

  it.each([
    ['the folder of workflows', '.github/workflows'],
    ['.github', '.github'],
    ['the repository', '.'],
  ])('%s', async (_, path) => {
    const root = repository(files);
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, path)]);
    expect(result.rows).toEqual(all);
    expect(result.text).toContain('b.yml: b on pull_request');
  });

  it('names no file if there is only one, next to a role that no job asks for', async () => {
    const root = repository({ 'a.yml': files['a.yml'] });
    mkdirSync(join(root, '.git'));
    const { text } = await runExplain(configOf({ ...MAIN, Other: ['pull_request'] }), [], { cwd: root });
    expect(text).toMatch(/^ +a on push$/m);
  });

  it('two files, each named', async () => {
    const root = repository(files);
    const file = (name: string) => ['--workflow', join(root, '.github/workflows', name)];
    const result = await runExplain(configOf(MAIN), [...file('a.yml'), ...file('b.yml')]);
    expect(result.rows).toEqual(all.slice(0, 2));
  });

  it.each([
    ['a workflow in a subfolder of a clone', 'sub/.github/workflows/a.yml', true],
    ['a workflow in a subfolder of workflows', '.github/workflows/old/a.yml', true],
    ['a workflow', '.github/workflows/a.yml', false],
  ])('says where GitHub does not run %s', async (_, path, isElsewhere) => {
    const root = folderWith({ [path]: files['a.yml'] });
    mkdirSync(join(root, '.git'));
    const { document, rows } = await runExplain(configOf(MAIN), ['--workflow', path], { cwd: root });
    expect(rows).toEqual(all.slice(0, 1));
    const note = `GitHub does not run ${path} from there: it only reads .github/workflows at the top of the repository.`;
    expect(document.notes.includes(note)).toBe(isElsewhere);
  });

  it.each([[[]], [['--workflow', '.']]])('names links, which GitHub does not follow: %j', async (args) => {
    const root = repository(files);
    mkdirSync(join(root, '.git'));
    symlinkSync('a.yml', join(root, '.github/workflows/link.yml'));
    const { document, rows } = await runExplain(configOf(MAIN), args, { cwd: root });
    expect(rows).toEqual(all);
    expect(document.notes).toContain(
      'GitHub does not follow symbolic links: .github/workflows/link.yml. Replace it with a copy.',
    );
  });

  it('in a clone by default, with the possible subjects for a role that no job asks for', async () => {
    const root = repository(files);
    mkdirSync(join(root, '.git'));
    const roles = { ...MAIN, Other: ['pull_request'] };
    const result = await runExplain(configOf(roles), [], { cwd: root });
    expect(result.rows).toEqual([...all, 'pull_request can']);
    expect(result.document.notes).toContainEqual(expect.stringMatching(/No job in \.github\/workflows asks for Other/));
  });

  it('in a clone whose only login uses another token, reports this together with the possible subjects', async () => {
    const steps = login().replace('role-to-assume', 'web-identity-token-file: /var/run/token, role-to-assume');
    const root = repository({ 'a.yml': `${PUSH}${job('a', steps)}` });
    mkdirSync(join(root, '.git'));
    const { rows, document } = await runExplain(configOf(MAIN), [], { cwd: root });
    expect(rows).toEqual(['ref:refs/heads/main can']);
    expect(document.notes).toContain("The job a logs in with a token from a file, not with GitHub's token.");
  });

  it.each([[['--role', 'Other']], [['--only', 'role/Other']]])('in a clone %j, which no job asks for', async (args) => {
    const root = repository({ 'a.yml': files['a.yml'] });
    mkdirSync(join(root, '.git'));
    const result = await runExplain(configOf({ ...MAIN, Other: ['pull_request'] }), args, { cwd: root });
    expect([result.code, result.rows]).toEqual([0, ['pull_request can']]);
    expect(result.document.notes[0]).toContain('a.yml asks for Other');
  });

  it('in a clone a role that does not exist at all', async () => {
    const root = repository({ 'a.yml': files['a.yml'] });
    mkdirSync(join(root, '.git'));
    await expect(runExplain(configOf(MAIN), ['--role', 'Slip'], { cwd: root })).rejects.toThrow('does not exist');
  });

  it('reports which one is not YAML, without quoting it', async () => {
    const root = repository({ 'a.yml': files['a.yml'], 'bad.yml': 'on: push\njobs: [ hunter2 \n' });
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github')]);
    expect(result.document.notes[0]).toMatch(/^GitHub refuses .*bad\.yml: line 3: not valid YAML\.$/);
  });

  it('outside a clone, or in one without a login, every subject as before', async () => {
    const root = repository({ 'lint.yml': files['lint.yml'] });
    mkdirSync(join(root, '.git'));
    const result = await runExplain(configOf(MAIN), [], { cwd: root });
    expect([result.code, result.rows]).toEqual([0, ['ref:refs/heads/main can']]);
  });

  it('a called workflow is read through its callers', async () => {
    const root = repository(files);
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/called.yml')]);
    expect(result.rows).toEqual(['call / c on push: environment:production cannot']);
  });

  it('a called workflow is read through the only caller of its caller', async () => {
    const calls = (name: string) => `    permissions: { id-token: write }\n    uses: ./.github/workflows/${name}\n`;
    const root = repository({
      ...files,
      'caller.yml': `on: workflow_call\njobs:\n  call:\n${calls('called.yml')}`,
      'first.yml': `${PUSH}  first:\n${calls('caller.yml')}`,
    });
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/called.yml')]);
    expect(result.rows).toEqual(['first / call / c on push: environment:production cannot']);
  });

  it('a called workflow is read once if one between it and its caller is given too', async () => {
    const calls = (name: string) => `    permissions: { id-token: write }\n    uses: ./.github/workflows/${name}\n`;
    const root = repository({
      'a.yml': `on: workflow_call\njobs:\n  a:\n${calls('b.yml')}`,
      'b.yml': `on: workflow_call\njobs:\n${job('b')}`,
      'caller.yml': `${PUSH}  c:\n${calls('a.yml')}`,
    });
    const args = ['b.yml', 'a.yml'].flatMap((name) => ['--workflow', join(root, '.github/workflows', name)]);
    expect((await runExplain(configOf(MAIN), args)).rows).toEqual(['c / a / b on push: ref:refs/heads/main can']);
  });

  it('a called workflow is read through its caller, also if another workflow is given', async () => {
    const root = repository({ ...files, 'other.yml': `${PUSH}${job('other')}` });
    const args = ['called.yml', 'other.yml'].flatMap((name) => ['--workflow', join(root, '.github/workflows', name)]);
    const result = await runExplain(configOf(MAIN), args);
    expect(result.rows).toEqual([
      'call / c on push: environment:production cannot',
      'other on push: ref:refs/heads/main can',
    ]);
  });

  it('is not sure of a called workflow without a caller', async () => {
    const root = repository({ 'called.yml': `on: workflow_call\njobs:\n${job('c')}` });
    const args = ['--workflow', join(root, '.github/workflows/called.yml')];
    const result = await runExplain(configOf(MAIN), args);
    expect([result.document.status, result.causes]).toEqual(['unknown', ['caller-unknown']]);
    // Every subject that the caller can present belongs to this repository.
    expect((await runExplain(configOf({ TerraformRole: ['*'] }), args)).code).toBe(0);
  });
});

/** A trust policy for GitHub tokens with these subjects. */
const policyFor = (...subjects: readonly string[]) => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Federated: PROVIDER_ARN },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' },
      StringLike: { [`${ISSUER}:sub`]: subjects },
    },
  },
});

describe('a repository whose subject form is unknown', () => {
  const args = ['--workflow', join(CASES, 'step-env', '.github/workflows/w.yml')];
  const LEGACY = 'repo:octo-org/demo:ref:refs/heads/main';

  it.each([
    ['of both forms', [LEGACY, 'repo:octo-org@*/demo@*:ref:refs/heads/main'], 0, 'can'],
    ['of both forms by one pattern', ['repo:octo-org*/demo*:ref:refs/heads/main'], 0, 'can'],
    ['of one form', [LEGACY], 2, 'unknown'],
    ['of neither', ['repo:octo-org/demo:pull_request'], 2, 'cannot'],
  ])('a role that trusts subjects %s', async (_, subjects, code, verdict) => {
    const trust = { TerraformRole: policyFor(...subjects) };
    const { document, text, ...result } = await runExplain(configOf(MAIN, {}), args, { trust });
    expect([result.code, document.status]).toEqual([code, verdict]);
    const isOpen = verdict === 'unknown';
    expect(text.includes('it depends on the form of the subjects (see the note)')).toBe(isOpen);
    expect(document.notes.some((note) => note.includes('gh auth login'))).toBe(isOpen);
  });
});

describe('a config for several repositories', () => {
  it.each([
    [['--role', 'TerraformRole']],
    [['--role', 'role/TerraformRole']],
    [['--role', ARN]],
    [['--only', 'role/TerraformRole']],
  ])('%j shows whose workflow it is', async (args) => {
    const config = configOf({ ...MAIN, Other: ['ref:refs/heads/main'] });
    config.roles[1].trust.repository = 'octo-org/other';
    const root = repository({ 'w.yml': `${PUSH}${job('deploy')}` });
    const { rows } = await runExplain(config, ['--workflow', join(root, '.github/workflows/w.yml'), ...args]);
    expect(rows).toEqual(['deploy on push: ref:refs/heads/main can']);
  });
});

it('does not know the repository of a workflow without roles or a clone', async () => {
  const config = { ...backendConfig(), roles: [] };
  const args = ['--workflow', join(CASES, 'by-hand/.github/workflows/w.yml')];
  await expect(runExplain(config, args)).rejects.toThrow(
    'The config has no roles, so crc does not know which repository the workflow belongs to.',
  );
});

describe('a role outside the config', () => {
  const open = policyFor('repo:*');

  it('can be assumed, and crc warns that anyone can', async () => {
    const args = ['--role', 'Other', '--subject', 'repo:octo-org/demo:pull_request'];
    const result = await runExplain(configOf(MAIN), args, { trust: { Other: open } });
    expect([result.code, result.document.roles[0]?.warnings]).toEqual([
      0,
      ['more than your repository can assume the role: repo:* (any repository on GitHub)'],
    ]);
  });

  it('gets a statement as suggestion, not a change of the config', async () => {
    const mainOnly = JSON.parse(JSON.stringify(open).replace('repo:*', 'repo:octo-org/demo:ref:refs/heads/main'));
    const args = ['--role', 'Other', '--subject', 'repo:octo-org/demo:pull_request'];
    const { text, code } = await runExplain(configOf(MAIN), args, { trust: { Other: mainOnly } });
    expect(code).toBe(2);
    expect(text).toMatch(/Add "pull_request" to the trust policy of Other.*As a statement: \{"Effect":"Allow"/);
    expect(text).not.toMatch(/crc bootstrap|crc\.config/);
  });

  it.each([
    [['repo:octo-org/demo:ref:refs/heads/main'], ['ref:refs/heads/main can']],
    [['repo:octo-org/*:ref:refs/heads/main', 'repo:other/x:pull_request'], ['ref:refs/heads/main can']],
    [['repo:octo-org/demo:environment:prod'], ['environment:prod can']],
    [['repo:octo-org/*'], ['ref:refs/heads/main can', 'pull_request can']],
    [
      ['repo:octo-org/*', 'repo:octo-org/demo:ref:refs/heads/main'],
      ['ref:refs/heads/main can', 'pull_request can'],
    ],
  ])('is meant for what it trusts, and is not to be widened: %j', async (subjects, rows) => {
    const bin = fakeGh({
      'customization/sub': '{"use_default":true,"use_immutable_subject":false}',
      '?per_page': '',
      '--jq .default_branch': 'main',
      'repos/octo-org/demo': '{"id":2,"owner":{"id":1}}',
    });
    const trust = { Other: policyFor(...subjects) };
    const result = await runExplain(configOf(MAIN), ['--role', 'Other'], { trust, bin });
    expect([result.code, result.rows]).toEqual([0, rows]);
    expect(result.text).not.toContain('Add "');
  });

  it('is meant for what it trusts with another spelling of the repository', async () => {
    const trust = { Other: policyFor('repo:Octo-Org/Demo:ref:refs/heads/main') };
    const { text, causes, rows } = await runExplain(configOf(MAIN), ['--role', 'Other'], { trust });
    expect([rows, causes]).toEqual([['ref:refs/heads/main cannot'], ['case']]);
    expect(text).not.toContain('add to the trust policy');
  });

  it('gets one statement with all subjects if it trusts another repository', async () => {
    const trust = { Other: policyFor('repo:other/x:*') };
    const result = await runExplain(configOf(MAIN), ['--role', 'Other'], { trust });
    expect([result.code, result.rows]).toEqual([2, ['ref:refs/heads/main cannot', 'pull_request cannot']]);
    expect(result.text.match(/The job runs in the repository octo-org\/demo/g)).toHaveLength(1);
    const [, statement = ''] = /add to the trust policy of Other: (\{.*\})$/m.exec(result.text) ?? [];
    expect(JSON.parse(statement).Condition.StringEquals[`${ISSUER}:sub`]).toEqual([
      'repo:octo-org/demo:ref:refs/heads/main',
      'repo:octo-org/demo:pull_request',
    ]);
  });
});

describe('ten jobs', () => {
  const jobs = (environment: string) =>
    [
      ...['lint', 'plan', 'modules', 'cost'].map((name) =>
        job(name, login(ARN.replace('TerraformRole', 'Plan')), ON_PULL),
      ),
      ...['build', 'image', 'docs'].map((name) => job(name, login(), ON_PUSH)),
      ...['migrate', 'apply', 'smoke'].map((name) => job(name, login(), `${ON_PUSH}    environment: ${environment}\n`)),
    ].join('');
  const ON_PULL = "    if: github.event_name == 'pull_request'\n";
  const ON_PUSH = "    if: github.event_name != 'pull_request'\n";
  const events = 'on:\n  pull_request:\n  push: { branches: [main] }\n  workflow_dispatch:\njobs:\n';
  const roles = { Plan: ['pull_request'], TerraformRole: ['ref:refs/heads/main', 'environment:production'] };
  const linesOf = async (environment: string) => {
    const root = repository({ 'ci.yml': events + jobs(environment) });
    const args = ['--workflow', join(root, '.github/workflows/ci.yml')];
    const { text } = await runExplain(configOf(roles), args, { columns: 80 });
    return text.trimEnd().split('\n');
  };

  it('that may log in fit a terminal of 24 lines, with each job and event', async () => {
    const lines = await linesOf('production');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.map((line) => line.trim())).toEqual(
      expect.arrayContaining([
        'lint, plan, modules, cost on pull_request',
        'build, image, docs on push, workflow_dispatch',
        'migrate, apply, smoke on push, workflow_dispatch',
      ]),
    );
  });

  it('three of which may not log in fit a terminal of 40 lines', async () => {
    const lines = await linesOf('staging');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.join(' ').match(/uses a different environment/g)).toHaveLength(1);
  });
});

it('asks GitHub about a repository once, however many roles trust it', async () => {
  const bin = fakeGh({ 'api --hostname github.com repos/octo-org/demo': '{"id":2,"owner":{"id":1}}' });
  const roles = { PlanRole: ['pull_request'], ApplyRole: ['ref:refs/heads/main'], DeployRole: ['environment:prod'] };
  const { document } = await runExplain(configOf(roles), [], { bin });
  expect(document.roles.map(({ verdict }) => verdict)).toEqual(['can', 'can', 'can']);
  const calls = readFileSync(join(bin, 'asked'), 'utf8').trim().split('\n');
  const [first = ''] = calls.filter((line) => !line.includes('--jq'));
  expect(first).toContain('repos/octo-org/demo');
  // One call for the JSON document, one for the text.
  expect(calls.filter((line) => calls.filter((other) => other === line).length !== 2)).toEqual([]);
});

describe('a variable on GitHub', () => {
  const page = (...all: readonly (readonly [string, string])[]) =>
    JSON.stringify({ total_count: 31, variables: all.map(([name, value]) => ({ name, value })) });
  const OTHER = ['OTHER', 'x'] as const;
  // Neither role trusts the job: an unknown value would be taken for a role that does.
  const roles = { TerraformRole: ['pull_request'], Plan: ['pull_request'] };
  const ofWorkflow = async (environment: string, answers: Readonly<Record<string, string>>) => {
    const head = environment === '' ? '' : `    environment: ${environment}\n`;
    const root = repository({ 'w.yml': `${PUSH}${job('d', login('${{ vars.ROLE }}'), head)}` });
    const bin = fakeGh({ '/environments?': 'production\nstaging', ...answers });
    return await runExplain(configOf(roles), ['--workflow', join(root, '.github/workflows/w.yml')], { bin });
  };
  const PLAN = ARN.replace('TerraformRole', 'Plan');
  const everyLevel = {
    'environments/production/variables': page(['ROLE', ARN]),
    'environments/staging/variables': page(OTHER),
    'actions/variables': page(['ROLE', PLAN]),
    'actions/organization-variables': page(['ROLE', 'not a role']),
  };

  it.each([
    ['without an environment', '', ['Plan']],
    ['in an environment that has it', 'production', ['TerraformRole']],
    ['in an environment without it', 'staging', ['Plan']],
    ['in an environment that does not exist yet', 'preview', ['Plan']],
    ['in an environment that is only known during the run', '${{ github.actor }}', ['${{ vars.ROLE }}']],
  ])('has the value of the closest level: %s', async (_, environment, names) => {
    const { document } = await ofWorkflow(environment, everyLevel);
    expect(document.roles.map(({ name }) => name)).toEqual(names);
  });

  it('is unknown if GitHub does not report those of the environment', async () => {
    const { 'environments/production/variables': _, ...known } = everyLevel;
    const { document } = await ofWorkflow('production', known);
    expect(document.roles.map(({ name }) => name)).toEqual(['${{ vars.ROLE }}']);
  });

  it.each(['preview', '${{ github.actor }}'])(
    'may be one of an environment that GitHub does not list: %s',
    async (name) => {
      const { document } = await ofWorkflow(name, { '/environments?': '', 'actions/variables': page(OTHER) });
      expect(document.roles.map((role) => role.name)).toEqual(['${{ vars.ROLE }}']);
    },
  );

  it('is found on any page: GitHub returns at most 30', async () => {
    const { document } = await ofWorkflow('', { 'actions/variables': `${page(OTHER)}\n${page(['ROLE', PLAN])}` });
    expect(document.roles.map(({ name }) => name)).toEqual(['Plan']);
  });
});

it('a run that is slower than its test does not send the requests of the next one', async () => {
  const args = ['--workflow', join(CASES, 'by-hand/.github/workflows/w.yml')];
  const late = runExplain(configOf(MAIN), ['--subject', 'repo:octo-org/demo:ref:refs/heads/main']);
  const [{ code }] = await Promise.all([runExplain(configOf(MAIN), args, { bin: fakeGh({}) }), late]);
  expect(code).toBe(0);
});

describe('what crc does not read', () => {
  it('is not sure if a job with a token uses an action that may log in', async () => {
    const root = repository({ 'w.yml': `${PUSH}${job('d', '      - uses: octo-org/aws-deploy@v1\n')}` });
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect([result.code, result.document.status, result.document.roles]).toEqual([2, 'unknown', []]);
    expect(result.document.notes[0]).toContain('octo-org/aws-deploy@v1, which crc does not read: it may log in to AWS');
  });

  it('reads nothing outside the repository', async () => {
    const root = repository({ 'w.yml': `${PUSH}${job('d', '      - uses: ./../outside\n')}` });
    mkdirSync(join(root, '../outside'), { recursive: true });
    writeFileSync(join(root, '../outside/action.yml'), `runs:\n  using: composite\n  steps:\n${login()}`);
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect([result.document.roles, result.document.notes[0]]).toEqual([
      [],
      'The job d uses ./../outside, which is not in this checkout.',
    ]);
  });

  it('says that the action takes no name of a role, also with a path', async () => {
    const root = repository({ 'w.yml': `${PUSH}${job('d', login('ci/TerraformRole'))}` });
    const { document } = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/w.yml')]);
    const causesByRole = document.roles.map(({ name, subjects }) => [name, subjects[0]?.causes.map(({ id }) => id)]);
    expect(causesByRole).toEqual([['TerraformRole', ['role-not-arn']]]);
  });

  it('shows why GitHub refuses a workflow', async () => {
    const root = repository({ 'w.yml': `${PUSH}${job('d').replace('    runs-on: ubuntu-latest\n', '')}` });
    const args = ['--workflow', join(root, '.github/workflows/w.yml')];
    await expect(runExplain(configOf(MAIN), args)).rejects.toThrow(
      /GitHub refuses .*w\.yml: line \d+: Required property is missing: runs-on/,
    );
  });
});

describe('a template of subjects', () => {
  const root = () => repository({ 'w.yml': `${PUSH}${job('d')}` });
  const explainedBy = async (
    template: object,
    subject: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Explained> => {
    const bin = fakeGh({
      ...more,
      'repos/octo-org/demo/actions/oidc/customization/sub': JSON.stringify(template),
      'repos/octo-org/demo --jq': 'main',
      'api --hostname github.com repos/octo-org/demo': '{"id":2,"owner":{"id":1}}',
    });
    const trust = {
      TerraformRole: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Federated: PROVIDER_ARN },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringLike: { [`${ISSUER}:aud`]: 'sts.amazonaws.com', [`${ISSUER}:sub`]: subject } },
        },
      },
    };
    const args = ['--workflow', join(root(), '.github/workflows/w.yml')];
    return await runExplain(configOf(MAIN), args, { trust, bin });
  };
  const OWN = { use_default: false, include_claim_keys: ['repository_owner', 'repository_visibility'] };
  const ORGANIZATION = {
    'orgs/octo-org/actions/oidc/customization/sub': '{"include_claim_keys":["repository_owner"]}',
  };

  it.each<readonly [string, object, string, Readonly<Record<string, string>>, string, readonly string[]]>([
    ['is trusted for all values of the run', OWN, 'repository_owner:octo-org:*', {}, 'can', []],
    [
      'is uncertain if it depends on the run, and suggests no fix for an example',
      OWN,
      'repository_owner:octo-org:repository_visibility:private',
      {},
      'unknown',
      ['template-unknown'],
    ],
    ['is denied', OWN, 'repository_owner:evil:*', {}, 'cannot', ['custom-template']],
    [
      'is denied where it begins as the default does',
      { use_default: false, include_claim_keys: ['repo', 'context', 'actor_id'] },
      'repo:octo-org/demo:ref:refs/heads/other*',
      {},
      'cannot',
      ['custom-template'],
    ],
    ['is of the organization', { use_default: false }, 'repository_owner:octo-org', ORGANIZATION, 'can', []],
    [
      'belongs to an organization without a template',
      { use_default: false, use_immutable_subject: false },
      'repo:octo-org/demo:*',
      { 'orgs/octo-org': '{}' },
      'can',
      [],
    ],
    [
      'is not sure where the organization does not say',
      { use_default: false, use_immutable_subject: false },
      'repo:octo-org/demo:*',
      {},
      'unknown',
      [],
    ],
    [
      'is not sure where the organization does not say, and the role trusts something else',
      { use_default: false, use_immutable_subject: false },
      'repository_owner:octo-org',
      {},
      'unknown',
      ['template-unread'],
    ],
    [
      'is not used',
      { use_default: true, use_immutable_subject: false },
      'repo:octo-org/demo:*',
      ORGANIZATION,
      'can',
      [],
    ],
  ])('%s', async (_, template, subject, more, status, causes) => {
    const result = await explainedBy(template, subject, more);
    expect([result.document.status, result.causes]).toEqual([status, causes]);
    expect(result.text).not.toContain('Add "');
  });
});

it('a role of another account is not judged by one of the same name in this account', async () => {
  const other = 'arn:aws:iam::999999999999:role/TerraformRole';
  const args = ['--role', other, '--subject', 'ref:refs/heads/main'];
  const { accountId, ...anyAccount } = configOf(MAIN);
  await expect(runExplain(anyAccount, args)).rejects.toThrow(
    `The role ${other} is in account 999999999999, but these credentials are for account ${accountId}.`,
  );
  // With an account in the config, the credentials are not checked yet.
  await expect(runExplain({ ...anyAccount, accountId }, args)).rejects.toThrow(
    `The role ${other} is in account 999999999999, but the config is for account ${accountId}.`,
  );
});

it('a workflow in a clone has the default branch of that clone, wherever crc runs', async () => {
  const root = repository({ 'w.yml': `on: { schedule: [{ cron: '0 4 * * *' }] }\njobs:\n${job('nightly')}` });
  mkdirSync(join(root, '.git'));
  const bin = folderWith({
    git: `#!/bin/sh\n[ -d .git ] || exit 1\ncase "$*" in\n'remote --verbose') printf 'origin\\tgit@github.com:octo-org/demo.git (fetch)\\n';;\n*origin/HEAD) echo origin/trunk;;\nesac\n`,
  });
  chmodSync(join(bin, 'git'), 0o755);
  const args = ['--workflow', join(root, '.github/workflows/w.yml')];
  const { rows } = await runExplain(configOf(trusting('ref:refs/heads/trunk')), args, { bin });
  expect(rows).toEqual(['nightly on schedule: ref:refs/heads/trunk can']);
});

describe('a subject or a token without a role', () => {
  const roles = { Plan: ['pull_request'], Apply: ['environment:production', 'ref:refs/heads/main'] };
  const payload = { sub: 'repo:octo-org/demo:pull_request', aud: 'sts.amazonaws.com' };
  const token = `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`;
  const tokenFile = () => join(folderWith({ 'token.json': JSON.stringify({ value: token }) }), 'token.json');

  it.each([
    ['the part after the repository', () => ['--subject', 'pull_request']],
    ['a whole subject', () => ['--subject', payload.sub]],
    ['a token', () => ['--token', tokenFile()]],
  ])('is about the roles that the config gives it, and suggests widening no other: %s', async (_, args) => {
    const { code, document, text } = await runExplain(configOf(roles), args());
    expect([code, document.roles.map(({ name }) => name)]).toEqual([0, ['Plan']]);
    expect(document.notes).toEqual([
      'Not checked: Apply, whose subjects in the config do not include this one. --role NAME checks one role.',
    ]);
    expect(text).not.toContain('Add "');
  });

  it('is about all roles if the config gives it to none, and about the chosen one', async () => {
    const none = await runExplain(configOf(roles), ['--subject', 'ref:refs/heads/dev']);
    expect([none.code, none.document.roles.map(({ name }) => name)]).toEqual([2, ['Plan', 'Apply']]);
    const chosen = await runExplain(configOf(roles), ['--subject', 'pull_request', '--role', 'Apply']);
    expect([chosen.code, chosen.document.roles.map(({ name }) => name), chosen.document.notes]).toEqual([
      2,
      ['Apply'],
      [],
    ]);
  });

  it('is of the repository for which the config has it', async () => {
    const config = configOf({ TerraformRole: ['ref:refs/heads/main'] });
    const [{ trust }] = config.roles;
    config.roles[0].trust = [trust, { repository: 'octo-org/other', subjects: ['environment:e'] }];
    const subjects = ['repo:octo-org/demo:ref:refs/heads/main', 'repo:octo-org/other:environment:e'];
    const { rows } = await runExplain(config, ['--subject', 'environment:e'], {
      trust: { TerraformRole: policyFor(...subjects) },
    });
    expect(rows).toEqual(['environment:e can']);
  });
});

it('a subject that the role in AWS accepts and the config does not is not as intended', async () => {
  const trust = { TerraformRole: policyFor('repo:octo-org/demo:*', 'repo:octo-org@1/demo@2:*') };
  const { text } = await runExplain(configOf(MAIN), [], { trust });
  expect(text).toMatch(/allowed\s+repo:octo-org\/demo:pull_request {2}\(not intended\)/);
  expect((await runExplain(configOf(MAIN), [])).text).toMatch(
    /denied\s+repo:octo-org\/demo:pull_request {2}\(as intended\)/,
  );
});

describe('the audience', () => {
  const CHINA = 'sts.amazonaws.com.cn';
  const ofChina = () => ({ ...configOf(MAIN), oidcProvider: { ...configOf(MAIN).oidcProvider, audiences: [CHINA] } });

  it.each([['ref:refs/heads/main'], ['repo:octo-org/demo:ref:refs/heads/main']])(
    'is that of the config if no workflow shows it: %s',
    async (subject) => {
      const result = await runExplain(ofChina(), ['--subject', subject]);
      expect([result.code, result.causes]).toEqual([0, []]);
      expect((await runExplain(ofChina(), [])).code).toBe(0);
    },
  );

  it('is that of the action by default', async () => {
    const root = repository({ 'w.yml': `${PUSH}${job('d')}` });
    const result = await runExplain(ofChina(), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect([result.code, result.causes]).toEqual([2, ['provider-audience', 'audience-condition']]);
    expect(result.text).toContain(
      `Set "audience" in the workflow to ${CHINA}, or let the trust policy require sts.amazonaws.com:`,
    );
  });

  it('is not sure if it is only known during the run', async () => {
    const text = `${PUSH}${job('d', login().replace('aws-region', "audience: '${{ secrets.A }}', aws-region"))}`;
    const root = repository({ 'w.yml': text });
    const result = await runExplain(ofChina(), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect([result.code, result.document.status, result.causes]).toEqual([2, 'unknown', ['audience-unknown']]);
    expect(result.text).toContain(`the trust policy requires ${CHINA}`);
    expect(result.text).not.toContain('bootstrap');
  });
});

describe('pull_request_target', () => {
  it('is reported to run for forks, with a token', async () => {
    const root = repository({ 'w.yml': `on: pull_request_target\njobs:\n${job('label')}` });
    const result = await runExplain(configOf(MAIN), ['--workflow', join(root, '.github/workflows/w.yml')]);
    expect([result.code, result.document.notes]).toEqual([
      0,
      [
        expect.stringContaining('does not know the default branch'),
        expect.stringMatching(/^label on pull_request_target: pull requests from forks start it too/),
      ],
    ]);
  });
});

describe('the default branch', () => {
  const notesOf = async (events: string, { bin, jobs = job('deploy') }: { bin?: string; jobs?: string } = {}) => {
    const root = repository({ 'w.yml': `on: ${events}\njobs:\n${jobs}` });
    const args = ['--workflow', join(root, '.github/workflows/w.yml')];
    return (await runExplain(configOf(MAIN), args, { bin })).document.notes;
  };
  const GUESS = [
    'crc does not know the default branch of octo-org/demo, and assumes main: gh is missing or not logged in, and no clone shows it.',
  ];

  it.each([
    ["{ schedule: [{ cron: '0 4 * * *' }] }", GUESS],
    ['workflow_dispatch', GUESS],
    ['push', GUESS],
    ['{ push: { branches: [main] } }', []],
    ['pull_request', [expect.stringContaining('forks')]],
  ])('is reported as a guess where it decides what is presented: %s', async (events, notes) => {
    expect(await notesOf(events)).toEqual(notes);
  });

  it('is no guess if GitHub reports it', async () => {
    const bin = fakeGh({ '--jq .default_branch': 'main', '?per_page': '' });
    expect(await notesOf('workflow_dispatch', { bin })).toEqual([]);
  });

  it('decides nothing in a run that does not log in', async () => {
    const jobs = job('deploy').replace('runs-on:', "if: github.event_name == 'push'\n    runs-on:");
    const events = "{ push: { branches: [main] }, schedule: [{ cron: '0 4 * * *' }] }";
    expect(await notesOf(events, { jobs })).toEqual([]);
  });
});

describe('the form of the subject', () => {
  it('is reported as uncertain in one sentence if only one form is trusted and GitHub does not report it', async () => {
    const config = configOf(MAIN, {});
    const args = ['--workflow', join(CASES, 'step-env/.github/workflows/w.yml')];
    const result = await runExplain(config, args);
    expect([result.code, result.document.status, result.rows]).toEqual([
      2,
      'unknown',
      ['d on push: ref:refs/heads/main can'],
    ]);
    expect(result.text.match(/have its ids in them/g)).toHaveLength(1);
    expect(result.text).not.toContain('@OWNER_ID');
    expect((await runExplain(configOf(MAIN), args)).document.notes).toEqual([]);
  });

  it.each([
    ['a subject that the config does not have', ['--subject', 'pull_request'], {}],
    ['a role of another repository', ['--role', 'Other'], { Other: policyFor('repo:other/x:*') }],
    ['a workflow', ['--workflow', join(CASES, 'cac-fork/.github/workflows/w.yml')], {}],
  ])('has no made-up ids in the advice: %s', async (_, args, trust) => {
    const { document } = await runExplain(configOf(MAIN, {}), args, { trust });
    expect(JSON.stringify(document)).toContain('@REPOSITORY_ID');
    expect(JSON.stringify(document)).not.toMatch(/@\d/);
  });

  it('is known on a GitHub Enterprise Server', async () => {
    const config = configOf(MAIN, {});
    config.oidcProvider.url = 'https://ghe.corp.example/_services/token';
    const result = await runExplain(config, ['--subject', 'ref:refs/heads/main']);
    expect([result.code, result.document.notes, result.rows]).toEqual([0, [], ['ref:refs/heads/main can']]);
  });

  it('ids in the config are claims of each token', async () => {
    const config = configOf(MAIN);
    const trust = JSON.parse(readFileSync(join(import.meta.dirname, '../trust/cases/p12.json'), 'utf8')).policy;
    const [statement] = trust.Statement;
    statement.Condition.StringLike['token.actions.githubusercontent.com:sub'] = 'repo:octo-org*/demo*:*';
    const result = await runExplain(config, ['--subject', 'ref:refs/heads/main'], { trust: { TerraformRole: trust } });
    expect(result.rows).toEqual(['ref:refs/heads/main can']);
  });
});

describe('a role that cannot be read', () => {
  const config = configOf({ Plan: ['ref:refs/heads/main'], Apply: ['ref:refs/heads/main'] });
  const subject = ['--subject', 'ref:refs/heads/main'];

  it('does not hide the verdicts on the others, and exits with 1', async () => {
    const { code, document, text, rows } = await runExplain(config, subject, { unread: ['Apply'] });
    expect([code, document.status, rows]).toEqual([1, 'unknown', ['ref:refs/heads/main can']]);
    expect(document.roles.map(({ name, verdict, warnings }) => [name, verdict, warnings])).toEqual([
      ['Plan', 'can', []],
      ['Apply', 'unknown', [expect.stringMatching(/^could not be read\. Access denied: .* on Apply\. Allow /)]],
    ]);
    expect(text).toContain('Not sure whether GitHub can assume Apply.');
    expect(text).toContain('✓ allowed  repo:');
    expect(text).toContain('! could not be read. Access denied');
  });

  it('does not hide that another one is denied', async () => {
    const { code, document, text } = await runExplain(config, ['--subject', 'pull_request'], { unread: ['Apply'] });
    expect([code, document.status]).toEqual([1, 'cannot']);
    expect(text).toContain('GitHub cannot assume Plan. Not sure whether GitHub can assume Apply.');
  });

  it('is an error if there is no other', async () => {
    await expect(runExplain(config, [...subject, '--role', 'Apply'], { unread: ['Apply'] })).rejects.toThrow(
      /"status": "failed"[\s\S]*Access denied: .* on Apply/,
    );
  });
});
