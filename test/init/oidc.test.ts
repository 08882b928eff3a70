import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { refusalsOf } from '../../src/github/refused.ts';
import { withOidc } from '../../src/init/survey/oidc.ts';
import { patchOf } from '../../src/init/survey/patch.ts';
import { jobsWithKeys } from '../../src/init/survey/workflows.ts';

const LOGIN = { roleArn: 'arn:aws:iam::123456789012:role/apply', region: 'eu-west-1', environment: 'production' };

const changed = (text: string, environment: string | undefined = 'production') =>
  withOidc({ text, action: 'aws-actions/configure-aws-credentials@v6', login: () => ({ ...LOGIN, environment }) });

const job = (lines: string, head = '') => `on: push\n${head}jobs:\n  deploy:\n    runs-on: ubuntu-latest\n${lines}`;

const KEYS = `          aws-access-key-id: \${{ secrets.ID }}
          aws-secret-access-key: \${{ secrets.KEY }}
          aws-session-token: \${{ secrets.TOKEN }}
`;

const STEP = `    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with:
${KEYS}          aws-region: eu-west-1
`;

describe('access keys of a workflow', () => {
  it('in the inputs of the action become a role, a permission and the environment that the role trusts', async () => {
    const after = changed(job(STEP)) ?? '';
    expect(parse(after).jobs.deploy).toEqual({
      'runs-on': 'ubuntu-latest',
      environment: 'production',
      permissions: { contents: 'read', 'id-token': 'write' },
      steps: [
        {
          uses: 'aws-actions/configure-aws-credentials@v4',
          with: { 'role-to-assume': LOGIN.roleArn, 'aws-region': 'eu-west-1' },
        },
      ],
    });
    expect(await refusalsOf(after)).toEqual([]);
  });

  it('get a region if the step has none', () => {
    const after = changed(job(STEP.replace(/ +aws-region.*\n/, ''))) ?? '';
    expect(parse(after).jobs.deploy.steps[0].with).toEqual({
      'role-to-assume': LOGIN.roleArn,
      'aws-region': 'eu-west-1',
    });
  });

  it.each([
    [
      'the workflow',
      job('    steps:\n      - run: terraform apply\n', `env:\n  AWS_ACCESS_KEY_ID: a\n  AWS_SECRET_ACCESS_KEY: b\n`),
    ],
    [
      'the job',
      job(
        '    env:\n      AWS_ACCESS_KEY_ID: a\n      AWS_SECRET_ACCESS_KEY: b\n    steps:\n      - run: terraform apply\n',
      ),
    ],
    [
      'a step',
      job(
        '    steps:\n      - run: terraform apply\n        env:\n          AWS_ACCESS_KEY_ID: a\n          AWS_SECRET_ACCESS_KEY: b\n',
      ),
    ],
  ])('in the environment of %s become a step that logs in', async (_, text) => {
    const after = changed(text) ?? '';
    const parsed = parse(after);
    expect(parsed.jobs.deploy.steps).toEqual([
      {
        uses: 'aws-actions/configure-aws-credentials@v6',
        with: { 'role-to-assume': LOGIN.roleArn, 'aws-region': 'eu-west-1' },
      },
      { run: 'terraform apply' },
    ]);
    expect([parsed.env, parsed.jobs.deploy.env]).toEqual([undefined, undefined]);
    expect(await refusalsOf(after)).toEqual([]);
  });

  it('leave other variables, comments and line endings of the file unchanged', () => {
    const text = job(
      '    # of the job\n    env: # all of it\n      AWS_ACCESS_KEY_ID: a\n      STAGE: live # stays\n      AWS_SECRET_ACCESS_KEY: b\n    steps:\n      - uses: actions/checkout@v4 # first\n\n      # then\n      - run: make\n',
    );
    const after = changed(text) ?? '';
    const removed = patchOf('x', text, after)
      .split('\n')
      .filter((line) => /^-[^-]/.test(line));
    expect(removed).toEqual(['-      AWS_ACCESS_KEY_ID: a', '-      AWS_SECRET_ACCESS_KEY: b']);
    expect(changed(text.replaceAll('\n', '\r\n'))).toBe(after.replaceAll('\n', '\r\n'));
  });

  it.each([
    ['nothing', '', '', { contents: 'read', 'id-token': 'write' }],
    [
      "the workflow's",
      'permissions:\n  contents: write\n  issues: read\n',
      '',
      { contents: 'write', issues: 'read', 'id-token': 'write' },
    ],
    ['the job itself', '', '    permissions:\n      packages: write\n', { packages: 'write', 'id-token': 'write' }],
    ["the workflow's, with the token", 'permissions:\n  id-token: write\n', '', undefined],
    ['everything', 'permissions: write-all\n', '', undefined],
  ])('of a job with the permissions of %s', (_, head, jobPermissions, permissions) => {
    expect(parse(changed(job(`${jobPermissions}${STEP}`, head)) ?? '').jobs.deploy.permissions).toEqual(permissions);
  });

  it.each([
    [
      'keys in braces',
      job(
        '    steps:\n      - uses: aws-actions/configure-aws-credentials@v4\n        with: { aws-access-key-id: a, aws-secret-access-key: b }\n',
      ),
    ],
    ['an environment in braces', job('    env: { AWS_ACCESS_KEY_ID: a }\n    steps:\n      - run: make\n')],
    ['permissions that are one word', job(STEP, 'permissions: read-all\n')],
    ['permissions in braces', job(`    permissions: { contents: read }\n${STEP}`)],
    ['invalid YAML', 'jobs: [\n'],
    ['an environment that the role does not trust', job(`    environment: staging\n${STEP}`)],
    ['no keys', job('    steps:\n      - run: make\n')],
  ])('of a file with %s must be replaced manually', (_, text) => {
    expect(changed(text)).toBeUndefined();
  });

  it('of a role that already trusts the job need no environment', () => {
    const after = withOidc({ text: job(STEP), action: 'x@v1', login: () => ({ ...LOGIN, environment: undefined }) });
    expect(parse(after ?? '').jobs.deploy).not.toHaveProperty('environment');
  });
});

describe('access keys that must be replaced manually', () => {
  it.each(['on: workflow_call', 'on: [push, workflow_call]', 'on:\n  workflow_call:\n    secrets: {}'])(
    'in a called workflow, since its callers must grant the token: %s',
    (events) => {
      expect(changed(job(STEP).replace('on: push', events))).toBeUndefined();
    },
  );

  it.each(['appleboy/lambda-action@v0.2.0', './.github/actions/deploy', 'docker://amazon/aws-cli'])(
    'in inputs of %s, which does not know the input for a role',
    (uses) => {
      const step = `    steps:\n      - uses: ${uses}\n        with:\n          aws_access_key_id: \${{ secrets.ID }}\n          aws_secret_access_key: \${{ secrets.KEY }}\n`;
      expect(changed(job(step))).toBeUndefined();
      // Another step of the same job that logs in does not help.
      expect(changed(job(`${STEP}${step.replace('    steps:\n', '')}`))).toBeUndefined();
    },
  );

  it.each(['with', 'env'])(
    'that a step passes on under a different name, for example to an action of the repository, in %s',
    (location) => {
      const step = `    steps:\n      - uses: ./.github/actions/login\n        ${location}:\n          id: \${{ secrets.AWS_ACCESS_KEY_ID }}\n`;
      const text = job(step);
      expect(jobsWithKeys(parse(text))).toEqual(['deploy']);
      expect(changed(text)).toBeUndefined();
    },
  );
});
