import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CrcError } from '../../src/errors.ts';
import { evaluateExpression, filledIn, possibilities, UNKNOWN, type Value } from '../../src/github/expressions.ts';
import { type Login, loginsOf } from '../../src/github/workflow-file.ts';

const REFS = {
  defaultBranch: 'main',
  branches: ['main', 'feature/a'],
  tags: ['v1.2.0'],
  environments: ['production', 'staging'],
};
const ROLE = 'arn:aws:iam::123456789012:role/R';

async function logins(text: string, files: Readonly<Record<string, string>> = {}) {
  return await loginsOf({
    text,
    file: 'w.yml',
    repository: 'o/r',
    refs: REFS,
    readLocal: async (path) => files[path],
  });
}

/** A workflow with one job that logs in. */
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
const brief = ({ event, context, doubt }: Login) => [event, context, ...(doubt === undefined ? [] : ['?'])].join(' ');

it.each([
  ['on: push\njobs:\n  a: "hunter2', 'w.yml is not valid YAML (line 3, column'],
  ['a: *hunter2\n', 'w.yml is not valid YAML'],
  ['a: b: hunter2\n', 'w.yml is not valid YAML (line 1, column'],
])('says where a file is not YAML, and quotes nothing of it: %j', async (text, message) => {
  const error: unknown = await logins(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CrcError);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('hunter2');
});

it('takes every doubled quote in a string of an expression for one', () => {
  expect(evaluateExpression("'a''b''c' == github.x", () => "a'b'c")).toBe(true);
});

describe('the subjects that a workflow presents', () => {
  it.each([
    [
      'push without a filter',
      workflow('push'),
      ['push ref:refs/heads/main', 'push ref:refs/heads/feature/a', 'push ref:refs/tags/v1.2.0'],
    ],
    ['push to a branch', workflow('{ push: { branches: [main] } }'), ['push ref:refs/heads/main']],
    [
      'push to a pattern of branches that is known',
      workflow("{ push: { branches: ['feature/**'] } }"),
      ['push ref:refs/heads/feature/a'],
    ],
    [
      'push to a pattern of branches that fits none',
      workflow("{ push: { branches: ['release/*'] } }"),
      ['push ref:refs/heads/release/x ?'],
    ],
    [
      'push but to some branches',
      workflow("{ push: { branches-ignore: ['feature/**'] } }"),
      ['push ref:refs/heads/main'],
    ],
    ['push of tags', workflow("{ push: { tags: ['v*'] } }"), ['push ref:refs/tags/v1.2.0']],
    ['a pull request', workflow('pull_request'), ['pull_request pull_request']],
    [
      'pull_request_target, of which GitHub says nothing',
      workflow('pull_request_target'),
      ['pull_request_target pull_request ?', 'pull_request_target ref:refs/heads/main ?'],
    ],
    [
      'a schedule and a click',
      workflow("{ schedule: [{ cron: '0 4 * * *' }], workflow_dispatch: }"),
      ['schedule ref:refs/heads/main', 'workflow_dispatch ref:refs/heads/main'],
    ],
    ['a release', workflow('release'), ['release ref:refs/tags/v1.2.0']],
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
      ['push environment:production', 'push environment:staging'],
    ],
    [
      'an environment by an input',
      workflow('workflow_dispatch', "    environment: ${{ inputs.production && 'production' || 'staging' }}"),
      ['workflow_dispatch environment:production ?', 'workflow_dispatch environment:staging ?'],
    ],
    [
      'an environment that nobody can know',
      workflow('workflow_dispatch', '    environment: ${{ inputs.stage }}'),
      ['workflow_dispatch environment:production ?', 'workflow_dispatch environment:staging ?'],
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
    ['an if for tags', workflow('push', "    if: startsWith(github.ref, 'refs/tags/')"), ['push ref:refs/tags/v1.2.0']],
    [
      'an if that depends on a job',
      workflow('{ push: { branches: [main] } }', "    if: always() && needs.test.result == 'success'"),
      ['push ref:refs/heads/main'],
    ],
  ])('%s', async (_, text, expected) => {
    const found = await logins(text);
    expect([...new Set(found.logins.map(brief))]).toEqual(expected);
  });

  it.each([
    ['the job grants it', workflow('push'), 'granted'],
    [
      'nobody grants it',
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
      'reading everything is not enough',
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
    const found = await logins(text);
    expect(new Set(found.logins.map((login) => login.idToken))).toEqual(new Set([idToken]));
  });

  it('reads a called workflow of the same repository, bounded by what the caller grants', async () => {
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
      granted.logins.map(({ job, context, idToken, jobWorkflowRef }) => [job, context, idToken, jobWorkflowRef]),
    ).toContainEqual([
      'call / deploy',
      'environment:production',
      'granted',
      'o/r/.github/workflows/deploy.yml@refs/heads/main',
    ]);
    const refused = await logins(caller('permissions: { contents: read }'), files);
    expect(new Set(refused.logins.map(({ idToken }) => idToken))).toEqual(new Set(['missing']));
  });

  it('says what a called workflow of another repository presents, and that it is not read', async () => {
    const text = `
on: { push: { branches: [main] } }
permissions: { id-token: write }
jobs:
  call:
    uses: o/shared/.github/workflows/deploy.yml@v2
    with: { role: '${ROLE}' }
`;
    const { logins: found, notes } = await logins(text);
    expect(found.map(({ context, jobWorkflowRef, role, idToken }) => [context, jobWorkflowRef, role, idToken])).toEqual(
      [['ref:refs/heads/main', 'o/shared/.github/workflows/deploy.yml@v2', ROLE, 'granted']],
    );
    expect(notes).toEqual([
      `The job call calls o/shared/.github/workflows/deploy.yml@v2, which crc does not read; assuming that it logs in with ${ROLE}.`,
    ]);
  });

  it('leaves out jobs that do not log in, or not with a token', async () => {
    const text = `
on: push
jobs:
  test: { steps: [{ run: npm test }] }
  keys:
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: { aws-access-key-id: '\${{ secrets.KEY }}', aws-secret-access-key: '\${{ secrets.SECRET }}' }
`;
    const { logins: found, notes } = await logins(text);
    expect([found, notes]).toEqual([[], ["The job keys logs in with access keys, not with GitHub's token."]]);
  });

  it('fills in what the role is made of', async () => {
    const text = workflow('{ push: { branches: [main] } }', '    env: { ACCOUNT: "123456789012" }').replace(
      ROLE,
      'arn:aws:iam::${{ env.ACCOUNT }}:role/R',
    );
    expect((await logins(text)).logins[0]?.role).toBe(ROLE);
    const variable = workflow('{ push: { branches: [main] } }').replace(ROLE, '${{ vars.ROLE }}');
    expect((await logins(variable)).logins[0]?.role).toBe(UNKNOWN);
  });

  it.each([
    ['no YAML', 'on: [push\njobs: {'],
    ['no workflow', 'name: x'],
    ['a list', '- a'],
    ['nothing', ''],
    [
      'an environment that names itself',
      'on: push\nenv: { A: "${{ env.A }}" }\njobs: { a: { steps: [{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: "${{ env.A }}" } }] } }',
    ],
  ])('a file that is %s does no harm', async (_, text) => {
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
        const found = await logins(JSON.stringify({ ...document, jobs: document.jobs ?? { a: document } })).catch(
          (error: unknown) => error,
        );
        expect(found instanceof CrcError || !(found instanceof Error)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('expressions', () => {
  const lookup = (path: string): Value =>
    ({ 'github.event_name': 'push', 'github.ref': 'refs/heads/main', 'matrix.stage': 'dev' })[path] ?? UNKNOWN;

  it.each([
    ["github.event_name == 'PUSH'", true],
    ["github['ref'] == 'refs/heads/main' && 'a' || 'b'", 'a'],
    ["github.ref != 'refs/heads/main' && 'a' || 'b'", 'b'],
    ["inputs.x && 'a' || 'b'", UNKNOWN],
    ['false && inputs.x', false],
    ['inputs.x && false', false],
    ['inputs.x || true', true],
    ['!cancelled()', true],
    ["contains(github.ref, 'heads')", true],
    ["fromJSON('[1]')[0]", UNKNOWN],
    ['1 ==', UNKNOWN],
    ["1 == '1'", true],
    ['null', null],
  ])('%s', (expression, value) => {
    expect(evaluateExpression(expression, lookup)).toBe(value);
  });

  it('lists what a choice can be', () => {
    expect(possibilities("inputs.a && 'x' || inputs.b && 'y' || 'z'", lookup)).toEqual(['x', 'y', 'z']);
    expect(filledIn('a-${{ matrix.stage }}-b', lookup)).toBe('a-dev-b');
    expect(filledIn('${{ vars.A }}', lookup)).toBe(UNKNOWN);
  });
});
