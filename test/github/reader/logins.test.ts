import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrcError } from '../../../src/errors.ts';
import type { Variables } from '../../../src/github/reader/frame.ts';
import { type Login, loginsOf } from '../../../src/github/reader/logins.ts';

const REFS = {
  defaultBranch: 'main',
  branches: ['main', 'feature/a'],
  tags: ['v1.2.0'],
  environments: ['production', 'staging'],
};
const ROLE = 'arn:aws:iam::123456789012:role/R';

async function logins(
  text: string,
  files: Readonly<Record<string, string>> = {},
  variables: Variables = () => undefined,
  serverUrl: string | null = 'https://github.com',
) {
  return await loginsOf({
    text,
    file: 'w.yml',
    path: '.github/workflows/w.yml',
    repository: 'o/r',
    serverUrl: serverUrl ?? undefined,
    refs: REFS,
    readFile: async (path) => files[path],
    variables,
  });
}

/** A workflow with one job that logs in to AWS. */
const workflow = (on: string, job = '', extra = '') => `
on: ${on}
${extra}
jobs:
  deploy:
    permissions: { id-token: write, contents: read }
${job}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: aws-actions/configure-aws-credentials@v6
        with: { role-to-assume: '${ROLE}', aws-region: eu-west-2 }
`;
/** `event context`, with `?` if it is not certain, and `aside` if the run may not be intended to log in. */
const brief = ({ event, contexts, aside }: Login) =>
  contexts
    .map(({ shown, unknown }) => `${event} ${shown}${unknown === undefined ? '' : ' ?'}${aside ? ' aside' : ''}`)
    .join(' | ');

it.each([
  ['on: push\njobs:\n  a: "hunter2', 'w.yml is not valid YAML (line 3, column'],
  ['a: *hunter2\n', 'w.yml is not valid YAML'],
  ['a: b: hunter2\n', 'w.yml is not valid YAML (line 1, column'],
])('shows where a file is not YAML, without quoting it: %j', async (text, message) => {
  const error: unknown = await logins(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CrcError);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('hunter2');
});

describe('subjects that a workflow presents', () => {
  it.each([
    [
      'push without a filter',
      workflow('push'),
      ['push ref:refs/heads/main', 'push ref:refs/heads/* aside', 'push ref:refs/tags/* aside'],
    ],
    ['push to a branch', workflow('{ push: { branches: [main] } }'), ['push ref:refs/heads/main']],
    [
      'push to a pattern of branches',
      workflow("{ push: { branches: ['feature/**'] } }"),
      ['push ref:refs/heads/feature/* ?'],
    ],
    [
      'push to any branch, written as a pattern',
      workflow("{ push: { branches: ['**'] } }"),
      ['push ref:refs/heads/main', 'push ref:refs/heads/* aside'],
    ],
    [
      'push but to some branches',
      workflow("{ push: { branches-ignore: ['feature/**'] } }"),
      ['push ref:refs/heads/main', 'push ref:refs/heads/* aside'],
    ],
    ['push of tags', workflow("{ push: { tags: ['v*'] } }"), ['push ref:refs/tags/v* ?']],
    ['push of versions', workflow("{ push: { tags: ['v[0-9]+.[0-9]+'] } }"), ['push ref:refs/tags/v?*.?* ?']],
    ['a pull request', workflow('pull_request'), ['pull_request pull_request']],
    [
      // An example of the subject: kyma-project/test-infra#9976
      'pull_request_target runs on the base branch',
      workflow('pull_request_target'),
      ['pull_request_target ref:refs/heads/main'],
    ],
    [
      'pull_request_review runs on the merge commit, whose subject GitHub does not document',
      workflow('pull_request_review'),
      ['pull_request_review pull_request | pull_request_review ref:refs/pull/*/merge ?'],
    ],
    [
      'a schedule and a click',
      workflow("{ schedule: [{ cron: '0 4 * * *' }], workflow_dispatch: }"),
      [
        'schedule ref:refs/heads/main',
        'workflow_dispatch ref:refs/heads/main',
        'workflow_dispatch ref:refs/heads/* aside',
        'workflow_dispatch ref:refs/tags/* aside',
      ],
    ],
    ['a release', workflow('release'), ['release ref:refs/tags/* ?']],
    ['a merge queue', workflow('merge_group'), ['merge_group ref:refs/heads/gh-readonly-queue/* ?']],
    [
      'a deployment, which names its ref',
      workflow('deployment'),
      ['deployment ref:refs/heads/main', 'deployment ref:refs/heads/* aside', 'deployment ref:refs/tags/* aside'],
    ],
    [
      'several events as a list',
      workflow(
        '[push, pull_request]',
        "    if: github.ref == 'refs/heads/main' || github.event_name == 'pull_request'",
      ),
      ['push ref:refs/heads/main', 'pull_request pull_request'],
    ],
    ['an environment', workflow('push', '    environment: production'), ['push environment:production']],
    [
      'an environment with a URL',
      workflow('{ push: { branches: [main] } }', '    environment: { name: production, url: https://x }'),
      ['push environment:production'],
    ],
    [
      'an environment with a colon',
      workflow('push', "    environment: 'Production:V1'"),
      ['push environment:Production%3AV1'],
    ],
    [
      'an environment by the branch',
      workflow('push', "    environment: ${{ github.ref == 'refs/heads/main' && 'production' || 'staging' }}"),
      ['push environment:production', 'push environment:staging aside'],
    ],
    [
      'an environment by an input',
      workflow('workflow_dispatch', "    environment: ${{ inputs.production && 'production' || 'staging' }}"),
      ['workflow_dispatch environment:production | workflow_dispatch environment:staging'],
    ],
    [
      'an environment that cannot be determined',
      workflow('workflow_dispatch', '    environment: ${{ inputs.stage }}'),
      ['workflow_dispatch environment:${{ inputs.stage }} ?'],
    ],
    [
      'an environment out of those of the repository',
      workflow(
        '{ workflow_dispatch: { inputs: { stage: { type: environment } } } }',
        '    environment: ${{ inputs.stage }}',
      ),
      ['workflow_dispatch environment:production', 'workflow_dispatch environment:staging'],
    ],
    [
      'an environment from an input with a default, which may have any value',
      workflow(
        '{ workflow_dispatch: { inputs: { stage: { type: string, default: dev } } } }',
        '    environment: ${{ inputs.stage }}',
      ),
      ['workflow_dispatch environment:dev | workflow_dispatch environment:${{ inputs.stage }} ?'],
    ],
    [
      'a job for one choice of an input',
      workflow(
        '{ workflow_dispatch: { inputs: { stage: { type: choice, options: [dev, prod] } } } }',
        "    if: inputs.stage == 'prod'\n    environment: ${{ inputs.stage }}",
      ),
      ['workflow_dispatch environment:prod'],
    ],
    [
      'an input of a switch',
      workflow(
        '{ workflow_dispatch: { inputs: { live: { type: boolean } } } }',
        "    environment: ${{ inputs.live && 'live' || 'test' }}",
      ),
      ['workflow_dispatch environment:live', 'workflow_dispatch environment:test'],
    ],
    [
      'an environment that may be empty',
      workflow('{ push: { branches: [main] } }', "    environment: ${{ vars.LIVE == 'yes' && 'live' || '' }}"),
      ['push ref:refs/heads/main | push environment:live'],
    ],
    [
      'one of several schedules',
      workflow(
        "{ schedule: [{ cron: '0 1 * * *' }, { cron: '0 2 * * *' }] }",
        "    environment: ${{ github.event.schedule == '0 1 * * *' && 'a' || 'b' }}",
      ),
      ['schedule environment:a', 'schedule environment:b'],
    ],
    [
      'a job for only one other branch',
      workflow('push', "    if: github.ref == 'refs/heads/develop'"),
      ['push ref:refs/heads/develop'],
    ],
    [
      'a job for branches with a prefix',
      workflow('push', "    if: startsWith(github.ref, 'refs/heads/release/')"),
      ['push ref:refs/heads/release/* ?'],
    ],
    [
      'a job for all branches except one',
      workflow('{ push: { branches: ["**"] } }', "    if: github.ref_name != 'main'"),
      ['push ref:refs/heads/* ?'],
    ],
    [
      'a matrix of environments',
      workflow(
        '{ push: { branches: [main] } }',
        '    environment: ${{ matrix.stage }}\n    strategy: { matrix: { stage: [dev, prod] } }',
      ),
      ['push environment:dev', 'push environment:prod'],
    ],
    [
      'a matrix by include',
      workflow(
        '{ push: { branches: [main] } }',
        '    environment: ${{ matrix.target.stage }}\n    strategy: { matrix: { include: [{ target: { stage: dev } }] } }',
      ),
      ['push environment:dev'],
    ],
    [
      'an if that rules the event out',
      workflow('[push, pull_request]', "    if: github.event_name == 'push' && github.ref == 'refs/heads/main'"),
      ['push ref:refs/heads/main'],
    ],
    [
      'an if for the name of a branch, which that of a pull request never is',
      workflow('{ push: { branches: [main] }, pull_request: }', "    if: github.ref_name == 'main'"),
      ['push ref:refs/heads/main'],
    ],
    ['an if for tags', workflow('push', "    if: startsWith(github.ref, 'refs/tags/')"), ['push ref:refs/tags/* ?']],
    [
      'an if that depends on a job',
      workflow('{ push: { branches: [main] } }', "    needs: test\n    if: always() && needs.test.result == 'success'"),
      ['push ref:refs/heads/main'],
    ],
  ])('%s', async (_, text, expected) => {
    const result = await logins(text);
    expect([...new Set(result.logins.map(brief))]).toEqual(expected);
  });

  it.each([
    ['the job grants it', workflow('push'), 'granted'],
    [
      'it is not granted',
      workflow('push').replace('    permissions: { id-token: write, contents: read }\n', ''),
      'missing',
    ],
    [
      'the workflow grants it',
      workflow('push', '', 'permissions: { id-token: write }').replace(
        '    permissions: { id-token: write, contents: read }\n',
        '',
      ),
      'granted',
    ],
    [
      'the workflow grants everything',
      workflow('push', '', 'permissions: write-all').replace(
        '    permissions: { id-token: write, contents: read }\n',
        '',
      ),
      'granted',
    ],
    [
      'read-all is not enough',
      workflow('push', '', 'permissions: read-all').replace(
        '    permissions: { id-token: write, contents: read }\n',
        '',
      ),
      'missing',
    ],
    [
      'the job replaces what the workflow grants',
      workflow('push', '', 'permissions: { id-token: write }').replace(
        '{ id-token: write, contents: read }',
        '{ contents: read }',
      ),
      'replaced',
    ],
  ])('id-token: %s', async (_, text, idToken) => {
    const result = await logins(text);
    expect(new Set(result.logins.map(({ token }) => token.state))).toEqual(new Set([idToken]));
  });

  it("reads a called workflow of the same repository, limited by the caller's permissions", async () => {
    const caller = (permissions: string) => `
on: push
jobs:
  call:
    ${permissions}
    uses: ./.github/workflows/deploy.yml
    with: { stage: production }
`;
    const called = `
on: { workflow_call: { inputs: { stage: { type: string } } } }
jobs:
  deploy:
    environment: \${{ inputs.stage }}
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: { role-to-assume: '${ROLE}' }
`;
    const files = { '.github/workflows/deploy.yml': called };
    const granted = await logins(caller('permissions: { id-token: write }'), files);
    expect(
      granted.logins.map((login) => [login.job, brief(login), login.token.state, login.claims.get('job_workflow_ref')]),
    ).toContainEqual([
      'call / deploy',
      'push environment:production',
      'granted',
      { text: 'o/r/.github/workflows/deploy.yml@refs/heads/main', isPattern: false },
    ]);
    const refused = await logins(caller('permissions: { contents: read }'), files);
    expect(new Set(refused.logins.map(({ token }) => JSON.stringify(token)))).toEqual(
      new Set(['{"state":"of-caller","job":"call"}']),
    );
  });

  it('a called workflow sees the inputs of the event that its caller was started with', async () => {
    const caller = `
on: { workflow_dispatch: { inputs: { stage: { type: choice, options: [dev, prod] } } } }
permissions: { id-token: write }
jobs:
  call: { uses: ./.github/workflows/deploy.yml, if: "github.ref == 'refs/heads/main'" }
`;
    const called = `
on: { workflow_call: { inputs: { other: { type: string } } } }
jobs:
  deploy:
    environment: \${{ github.event.inputs.stage }}
    runs-on: x
    steps: [{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: '${ROLE}' } }]
`;
    const result = await logins(caller, { '.github/workflows/deploy.yml': called });
    expect(result.logins.map(brief)).toEqual([
      'workflow_dispatch environment:dev',
      'workflow_dispatch environment:prod',
    ]);
    const [alone] = (await logins(called)).logins;
    expect(alone?.contexts.map(({ shown }) => shown)).toEqual(['environment:${{ github.event.inputs.stage }}']);
  });

  it.each([
    'github.event.pull_request.head.repo.full_name != github.repository',
    'github.event.pull_request.head.repo.full_name == github.repository',
    'github.event.pull_request.head.repo.fork',
  ])('pull_request_target also runs for pull requests from forks: %s', async (condition) => {
    const result = await logins(workflow('pull_request_target', `    if: ${condition}`));
    expect(result.logins.map(brief)).toEqual(['pull_request_target ref:refs/heads/main']);
  });

  it.each([
    ['', `'${ROLE}'`],
    [', with a role that ends with a line break', `"${ROLE}\\n"`],
  ])('reports what a called workflow of another repository presents, and that it is not read%s', async (_, value) => {
    const text = `
on: { push: { branches: [main] } }
permissions: { id-token: write }
jobs:
  call:
    uses: o/shared/.github/workflows/deploy.yml@v2
    with: { role: ${value} }
`;
    const { logins: foundLogins, notes } = await logins(text);
    expect(foundLogins.map((login) => [brief(login), login.claims.get('job_workflow_ref'), login.role.filled])).toEqual(
      [['push ref:refs/heads/main', { text: 'o/shared/.github/workflows/deploy.yml@*v2', isPattern: true }, ROLE]],
    );
    expect(notes).toEqual([
      `The job call calls o/shared/.github/workflows/deploy.yml@v2, which crc does not read; assuming that it logs in with ${ROLE}.`,
    ]);
  });

  it('a called workflow has the matrix of the calling job, and its own conditions', async () => {
    const caller = `
on: { push: { branches: [main] } }
permissions: { id-token: write }
jobs:
  each:
    strategy: { matrix: { stage: [dev, prod] } }
    uses: ./.github/workflows/deploy.yml
    with: { stage: '\${{ matrix.stage }}', live: true }
`;
    const called = `
on: { workflow_call: { inputs: { stage: { type: string }, live: { type: boolean }, other: { type: boolean } } } }
jobs:
  deploy:
    if: inputs.live
    environment: \${{ inputs.stage }}
    runs-on: x
    steps: [{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: '${ROLE}' } }]
  never:
    if: inputs.other
    runs-on: x
    steps: [{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: '${ROLE}' } }]
`;
    const result = await logins(caller, { '.github/workflows/deploy.yml': called });
    expect(result.logins.map((login) => `${login.job}: ${brief(login)}`)).toEqual([
      'each / deploy: push environment:dev',
      'each / deploy: push environment:prod',
    ]);
  });

  it.each([
    ['a job that runs although one before it was skipped', 'always()', ['deploy']],
    ['a job that runs after a failure when nothing ran', 'failure()', []],
    ['a job that runs after a cancellation', 'cancelled()', ['deploy']],
    ['a job with a condition on success()', 'success()', []],
    ['a job with a condition on the result', "always() && needs.test.result == 'success'", []],
    ['a job with a condition on skipping', "always() && needs.test.result == 'skipped'", ['deploy']],
  ])('%s', async (_, condition, jobs) => {
    const text = `
on: { push: { branches: [main] } }
permissions: { id-token: write }
jobs:
  test: { if: false, runs-on: x, steps: [{ run: make }] }
  deploy:
    needs: test
    if: ${condition}
    runs-on: x
    steps: [{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: '${ROLE}' } }]
`;
    expect((await logins(text)).logins.map(({ job }) => job)).toEqual(jobs);
  });

  // "failure() returns true if any ancestor job fails": https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
  it.each([
    ['of a job before the one that was skipped', 'build', ['deploy']],
    ['of none', '[]', []],
  ])('a job that runs after a failure %s', async (_, needs, jobs) => {
    const text = `
on: { push: { branches: [main] } }
permissions: { id-token: write }
jobs:
  build: { runs-on: x, steps: [{ run: make }] }
  test: { needs: ${needs}, if: false, runs-on: x, steps: [{ run: make }] }
  deploy:
    needs: test
    if: failure()
    runs-on: x
    steps: [{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: '${ROLE}' } }]
`;
    expect((await logins(text)).logins.map(({ job }) => job)).toEqual(jobs);
  });

  it.each([
    ['role-chaining: true', [], undefined],
    ['web-identity-token-file: /x', [], 'a token from a file'],
    ['force-skip-oidc: true', [], 'force-skip-oidc'],
    ["aws-access-key-id: ''", ['deploy'], undefined],
  ])('the action with %s', async (option, jobs, note) => {
    const result = await logins(workflow('pull_request').replace('aws-region: eu-west-2', option));
    expect(result.logins.map(({ job }) => job)).toEqual(jobs);
    expect(result.notes.join()).toContain(note ?? '');
  });

  it('stays fast for unterminated quotes, and for actions that use each other', async () => {
    const text = workflow('push', `    environment: "\${{ ${"''".repeat(5_000)} ' }}"`);
    expect((await logins(text)).logins.length).toBeGreaterThan(0);
    const action = (other: string) =>
      `runs:\n  using: composite\n  steps: [{ uses: ./${other} }, { uses: ./${other} }]\n`;
    const files = { 'a/action.yml': action('b'), 'b/action.yml': action('a') };
    const uses = workflow('push').replace('actions/checkout@v7', './a');
    expect((await logins(uses, files)).logins.length).toBeGreaterThan(0);
  });

  it('reports when a job can run in more ways than are checked', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `i${index}`);
    const inputs = names.map((name) => `${name}: { type: boolean }`).join(', ');
    const name = names.map((input) => `\${{ inputs.${input} }}`).join('-');
    const result = await logins(
      workflow(`{ workflow_dispatch: { inputs: { ${inputs} } } }`, `    environment: "${name}"`),
    );
    expect(result.notes).toEqual(['The job deploy can run in more ways than crc looks at; 256 are shown.']);
  });

  it('leaves out jobs that do not log in with a token', async () => {
    const text = `
on: push
jobs:
  test: { steps: [{ run: npm test }] }
  keys:
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: { aws-access-key-id: '\${{ secrets.KEY }}', aws-secret-access-key: '\${{ secrets.SECRET }}' }
`;
    const { logins: foundLogins, notes } = await logins(text);
    expect([foundLogins, notes]).toEqual([[], ["The job keys logs in with access keys, not with GitHub's token."]]);
  });

  it.each([
    ['--role-arn ${{ vars.ROLE }} --x', ROLE],
    ['--role-arn=arn:aws:iam::123456789012:role/${{ vars.NAME }} --x', `arn:aws:iam::123456789012:role/${ROLE}`],
    ['--role-arn ${{ secrets.ROLE }} --x', '${{ secrets.ROLE }}'],
  ])('reads the role of a command without quotes: %s', async (option, role) => {
    const steps = `      - run: aws sts assume-role-with-web-identity ${option}\n`;
    const text = workflow('{ push: { branches: [main] } }').replace(/ {6}- uses: aws-actions[\s\S]*$/, steps);
    expect((await logins(text, {}, () => ROLE)).logins.map((login) => login.role.filled)).toEqual([role]);
  });

  it.each([
    ['sets it', 'ROLE=arn:aws:iam::123456789012:role/R\n', '$ROLE', ROLE],
    ['exports it, in quotes', "export ROLE='arn:aws:iam::123456789012:role/R';", '"${ROLE}"', ROLE],
    ['gets it from its environment', '', '$OWN', ROLE],
    ['gets a part of it', '', '"arn:aws:iam::${ACCOUNT}:role/R"', ROLE],
    ['gets a part from elsewhere', '', '"arn:aws:iam::${OTHER}:role/R"', 'arn:aws:iam::${OTHER}:role/R'],
    ['gets it from a command', '', '$(cat role.txt)', '$(cat role.txt)'],
    ['gets it from elsewhere', '', '$ROLE', '$ROLE'],
    ['sets it from another', 'ROLE="arn:aws:iam::${ACCOUNT}:role/R"\n', '$ROLE', ROLE],
    ['sets it to one of two', 'OWN=arn:aws:iam::1:role/A || OWN=arn:aws:iam::1:role/B\n', '$OWN', '$OWN'],
    ['adds to that of its environment', 'OWN="$OWN-b"\n', '$OWN', `${ROLE}-b`],
    ['replaces that of its environment by a command', 'OWN=$(cat role.txt)\n', '$OWN', '$OWN'],
    ['sets it to itself, through another', 'A=$B\nB=$A\n', '$A', '$A'],
  ])('reads the role in a variable of a script that %s', async (_, before, role, filled) => {
    const script = `${before}aws sts assume-role-with-web-identity --role-arn ${role} --web-identity-token x`;
    const steps = `      - run: ${JSON.stringify(script)}\n        env: { OWN: '${ROLE}', ACCOUNT: '123456789012' }\n`;
    const text = workflow('{ push: { branches: [main] } }').replace(/ {6}- uses: aws-actions[\s\S]*$/, steps);
    expect((await logins(text)).logins.map((login) => login.role.filled)).toEqual([filled]);
  });

  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
  it.each([
    ['exports', `export AWS_ROLE_ARN=${ROLE}\necho AWS_ROLE_ARN=$AWS_ROLE_ARN >> $GITHUB_ENV\n`, ''],
    ['passes on', `echo "AWS_ROLE_ARN=${ROLE}" >> "$GITHUB_ENV"\n`, ''],
    ['has', 'echo AWS_ROLE_ARN=$AWS_ROLE_ARN >> $GITHUB_ENV\n', `        env: { AWS_ROLE_ARN: '${ROLE}' }\n`],
  ])('reads a script that requests a token for the SDKs, and %s the role', async (_, role, env) => {
    const request = 'curl "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=other" | jq -r .value > $AWS_WEB_IDENTITY_TOKEN_FILE';
    const script = `export AWS_WEB_IDENTITY_TOKEN_FILE=/tmp/token\n${role}${request}`;
    const text = workflow('{ push: { branches: [main] } }').replace(
      / {6}- uses: aws-actions[\s\S]*$/,
      `      - run: ${JSON.stringify(script)}\n${env}`,
    );
    const result = await logins(text);
    expect(result.logins.map(({ role: asked, audience }) => [asked.filled, audience])).toEqual([[ROLE, 'other']]);
  });

  const curl = 'curl -s "$ACTIONS_ID_TOKEN_REQUEST_URL';

  it('reads a script that requests a token for the SDKs, whose file the environment names', async () => {
    const script = `${curl}&audience=sts.amazonaws.com" | jq -r .value > /tmp/token`;
    const env = `{ AWS_ROLE_ARN: '${ROLE}', AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/token }`;
    const forVault = `${curl}&audience=vault" > token`;
    const text = workflow('{ push: { branches: [main] } }', `    env: ${env}`).replace(
      / {6}- uses: aws-actions[\s\S]*$/,
      [script, forVault].map((run) => `      - run: ${JSON.stringify(run)}\n`).join(''),
    );
    const { logins: all, unread } = await logins(text);
    expect([all.map(({ role, audience }) => [role.filled, audience]), unread]).toEqual([
      [[ROLE, 'sts.amazonaws.com']],
      [],
    ]);
  });

  it.each([
    ['a script', { run: `${curl}&audience=sts.amazonaws.com" > token` }, ['it in a script']],
    [
      'a script that keeps the credentials',
      { run: `./login "$(${curl}")" && echo AWS_SESSION_TOKEN=x >> $GITHUB_ENV` },
      ['it in a script'],
    ],
    ['a script, for whichever audience', { run: `${curl}" > token` }, ['it in a script']],
    ['a script, for a variable audience', { run: `${curl}&audience=$FOR" > token` }, ['it in a script']],
    ['a script, for another audience', { run: `${curl}&audience=vault" > token` }, []],
    [
      'JavaScript',
      { uses: 'actions/github-script@v8', with: { script: "await core.getIDToken('sts.amazonaws.com')" } },
      ['it in actions/github-script@v8'],
    ],
    [
      'JavaScript, for another audience',
      { uses: 'actions/github-script@v8', with: { script: "await core.getIDToken('sigstore')" } },
      [],
    ],
    ['a container', { uses: 'docker://ghcr.io/octo-org/deploy:1' }, ['docker://ghcr.io/octo-org/deploy:1']],
  ])('a job may log in with a token that it requests in %s', async (_, step, unread) => {
    const text = workflow('push').replace(/ {6}- uses: aws-actions[\s\S]*$/, `      - ${JSON.stringify(step)}\n`);
    const result = await logins(text);
    expect([result.logins, result.unread.map(({ uses }) => uses)]).toEqual([[], unread]);
  });

  it.each([
    ['a text', 'production', '', ['environment:production']],
    [
      'an expression',
      "${{ github.ref == 'refs/heads/main' && 'production' || 'dev' }}",
      '',
      ['environment:production'],
    ],
    [
      'its matrix',
      '${{ matrix.stage }}',
      'strategy: { matrix: { stage: [a, b] } }, ',
      ['environment:${{ needs.setup.outputs.stage }} ?'],
    ],
    ['a step', '${{ steps.x.outputs.stage }}', '', ['environment:${{ needs.setup.outputs.stage }} ?']],
  ])('an output of a needed job that is %s', async (_, output, keys, contexts) => {
    const setup = `  setup: { ${keys}runs-on: x, outputs: { Stage: "${output}" }, steps: [{ run: x }] }\n`;
    const text = workflow(
      '{ push: { branches: [main] } }',
      '    needs: setup\n    environment: ${{ needs.setup.outputs.stage }}',
    );
    const result = await logins(text.replace('  deploy:\n', `${setup}  deploy:\n`));
    expect(result.logins.map(brief)).toEqual(contexts.map((context) => `push ${context}`));
  });

  it('an output of jobs that need each other, which GitHub rejects, is unknown', async () => {
    const job = (name: string, other: string) =>
      `  ${name}: { needs: ${other}, runs-on: x, outputs: { stage: "\${{ needs.${other}.outputs.stage }}" }, steps: [{ run: x }] }\n`;
    const text = workflow('push', '    needs: a\n    environment: ${{ needs.a.outputs.stage }}');
    const result = await logins(text.replace('  deploy:\n', `${job('a', 'b')}${job('b', 'a')}  deploy:\n`));
    expect(new Set(result.logins.map(brief))).toEqual(new Set(['push environment:${{ needs.a.outputs.stage }} ?']));
  });

  it.each([
    ['&audience=https://github.com/${{ github.repository_owner }}', 'https://github.com/o'],
    ['&audience=${{ github.server_url }}/$GITHUB_REPOSITORY_OWNER', 'https://github.com/o'],
    ['&audience=${OWN}', 'own'],
    ['&audience=${{ secrets.AUDIENCE }}', undefined],
    ['&audience=$OTHER', undefined],
    ['&audience=$(./audience)', undefined],
  ])('reads the audience that a script asks for: %s', async (query, audience) => {
    const script = `aws sts assume-role-with-web-identity --role-arn ${ROLE} --web-identity-token $(curl "$ACTIONS_ID_TOKEN_REQUEST_URL${query}")`;
    const steps = `      - run: ${JSON.stringify(script)}\n        env: { OWN: own }\n`;
    const text = workflow('{ push: { branches: [main] } }').replace(/ {6}- uses: aws-actions[\s\S]*$/, steps);
    const [login] = (await logins(text)).logins;
    expect([login?.audience, login?.audienceDoubt]).toEqual(
      audience === undefined
        ? [undefined, `audience: ${query.replace('&audience=', '')} is only known during the run`]
        : [audience, undefined],
    );
  });

  it.each([
    ['https://octo.ghe.com', 'https://octo.ghe.com/o', undefined],
    [null, undefined, 'the audience of the script is only known during the run'],
  ])('without an audience, GitHub takes the owner on its server: %s', async (server, audience, doubt) => {
    const script = `aws sts assume-role-with-web-identity --role-arn ${ROLE} --web-identity-token $(curl $ACTIONS_ID_TOKEN_REQUEST_URL)`;
    const steps = `      - run: ${JSON.stringify(script)}\n`;
    const text = workflow('{ push: { branches: [main] } }').replace(/ {6}- uses: aws-actions[\s\S]*$/, steps);
    const { logins: all } = await logins(text, {}, () => undefined, server);
    expect(all.map((login) => [login.audience, login.audienceDoubt])).toEqual([[audience, doubt]]);
  });

  // https://github.com/aws-actions/configure-aws-credentials/blob/main/src/helpers.ts
  it.each([
    [{ ROLE_TO_ASSUME: ROLE }, [ROLE], ''],
    [{ ROLE_TO_ASSUME: '${{ vars.ROLE }}' }, [ROLE], ''],
    [{ ROLE_TO_ASSUME: ROLE, ROLE_CHAINING: 'true' }, [], ''],
    [{ ROLE_TO_ASSUME: ROLE, WEB_IDENTITY_TOKEN_FILE: '/t' }, [], 'a token from a file'],
    [{ AWS_ROLE_ARN: ROLE }, [''], ''],
  ])('takes empty inputs of the action from its environment: %j', async (env, roles, note) => {
    const text = workflow('{ push: { branches: [main] } }', `    env: ${JSON.stringify(env)}`).replace(
      /role-to-assume: '[^']*'/,
      "role-to-assume: ''",
    );
    const result = await logins(text, {}, () => ROLE);
    expect(result.logins.map(({ role }) => role.filled)).toEqual(roles);
    expect(result.notes.join()).toContain(note);
  });

  it.each([
    'aws-actions/aws-cloudformation-github-deploy@v1, with: { role-arn: ROLE }',
    'aws-actions/aws-lambda-deploy@v1, with: { role: ROLE }',
  ])('a role in the inputs of an action of AWS is not one that the job logs in with: %s', async (action) => {
    const steps = `      - { uses: ${action.replace('ROLE', `'${ROLE}'`)} }\n`;
    const text = workflow('push').replace(/ {6}- uses: aws-actions[\s\S]*$/, steps);
    const { logins: all, notes, unread } = await logins(text);
    expect([all, notes, unread]).toEqual([[], [], []]);
  });

  it.each([
    ['written as a block', `|\n            ${ROLE}`],
    ['in a variable', '${{ vars.ROLE }}'],
  ])('reads inputs that end with a line break, as the action does: a role %s', async (_, value) => {
    const text = workflow('{ push: { branches: [main] } }').replace(
      /with: .*/,
      `with:\n          role-to-assume: ${value}\n          audience: |\n            other`,
    );
    const result = await logins(text, {}, () => `${ROLE}\n`);
    expect(result.logins.map(({ role, audience }) => [role.filled, audience])).toEqual([[ROLE, 'other']]);
  });

  it('reads a variable whose name is computed', async () => {
    const text = workflow('{ push: { branches: [main] } }', '    strategy: { matrix: { stage: [dev, prod] } }').replace(
      ROLE,
      "${{ vars[format(''ROLE_{0}'', matrix.stage)] }}",
    );
    const values: Readonly<Record<string, string>> = { role_dev: ROLE, role_prod: `${ROLE}Prod` };
    const result = await logins(text, {}, (name) => values[name] ?? null);
    expect(result.logins.map(({ role }) => role.filled)).toEqual([ROLE, `${ROLE}Prod`]);
  });

  // "Configuration variables at the environment level are automatically available after their environment is declared by the runner."
  it('the variables of an environment exist in steps and in env, not in the conditions of jobs', async () => {
    const ofStage = (name: string, environment: string | undefined) => (environment === undefined ? null : name);
    const on = '{ push: { branches: [main] } }';
    const ifSet = await logins(workflow(on, "    environment: prod\n    if: vars.x != ''"), {}, ofStage);
    expect(ifSet.logins).toEqual([]);
    const ifUnset = workflow(on, "    environment: prod\n    if: vars.x == ''\n    env: { R: '${{ vars.r }}' }");
    const result = await logins(ifUnset.replace(ROLE, '${{ vars.s }}-${{ env.R }}'), {}, ofStage);
    expect(result.logins.map(({ role }) => role.filled)).toEqual(['s-r']);
    const named = await logins(workflow(on, "    environment: ${{ vars.x || 'dev' }}"), {}, ofStage);
    expect(named.logins.map(brief)).toEqual(['push environment:dev']);
  });

  it('does not follow workflows that call each other, which GitHub refuses', async () => {
    const call = (file: string) =>
      `jobs:\n${[...'abcdefghij'].map((name) => `  ${name}: { uses: ./.github/workflows/${file}.yml }\n`).join('')}`;
    const files = {
      '.github/workflows/b.yml': `on: workflow_call\n${call('c')}`,
      '.github/workflows/c.yml': `on: workflow_call\n${call('b')}`,
    };
    const { logins: all, notes } = await logins(`on: push\n${call('b')}`, files);
    expect([all, notes]).toEqual([
      [],
      ['GitHub refuses .github/workflows/b.yml: it calls itself, directly or through another workflow.'],
    ]);
  });

  it('fills in the parts of the role', async () => {
    const text = workflow('{ push: { branches: [main] } }', '    env: { ACCOUNT: "123456789012" }').replace(
      ROLE,
      'arn:aws:iam::${{ env.ACCOUNT }}:role/R',
    );
    expect((await logins(text)).logins[0]?.role.filled).toBe(ROLE);
    const variable = workflow('{ push: { branches: [main] } }').replace(ROLE, '${{ vars.ROLE }}');
    expect((await logins(variable)).logins[0]?.role.filled).toBe('${{ vars.ROLE }}');
    const value = (known: string | null) => logins(variable, {}, () => known);
    expect((await value(ROLE)).logins[0]?.role.filled).toBe(ROLE);
    expect((await value(null)).logins[0]?.role.filled).toBe('');
  });

  it.each([
    ['invalid YAML', 'on: [push\njobs: {'],
    ['not a workflow', 'name: x'],
    ['a list', '- a'],
    ['nothing', ''],
    [
      'an environment that names itself',
      'on: push\nenv: { A: "${{ env.A }}" }\njobs: { a: { steps: [{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: "${{ env.A }}" } }] } }',
    ],
  ])('a file that is %s causes no error', async (_, text) => {
    await logins(text).catch((error: unknown) => {
      expect(error).toBeInstanceOf(CrcError);
    });
  });

  it('never crashes on YAML of any shape', async () => {
    const key = fc.constantFrom(
      'on',
      'jobs',
      'push',
      'branches',
      'steps',
      'uses',
      'with',
      'role-to-assume',
      'environment',
      'permissions',
      'strategy',
      'matrix',
      'include',
      'if',
      'env',
      '__proto__',
      'constructor',
    );
    const shape = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, shape, { maxKeys: 5 }), async (document) => {
        const result = await logins(JSON.stringify({ ...document, jobs: document.jobs ?? { a: document } })).catch(
          (error: unknown) => error,
        );
        if (result instanceof Error && !(result instanceof CrcError)) throw result;
      }),
      { numRuns: 300 },
    );
  });
});
