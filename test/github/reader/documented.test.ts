import { describe, expect, it } from 'vitest';
import { type Login, loginsOf } from '../../../src/github/reader/logins.ts';

const DOCS = 'https://docs.github.com/en/actions/reference';
const OIDC = `${DOCS}/security/oidc`;
const SYNTAX = `${DOCS}/workflows-and-actions/workflow-syntax`;
const EVENTS = `${DOCS}/workflows-and-actions/events-that-trigger-workflows`;
const EXPRESSIONS = `${DOCS}/workflows-and-actions/expressions`;
const CONTEXTS = `${DOCS}/workflows-and-actions/contexts`;
const REUSING = `${DOCS}/workflows-and-actions/reusing-workflow-configurations`;
const ACTION = 'https://github.com/aws-actions/configure-aws-credentials/blob/main/action.yml';

const LOGIN =
  '{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: arn:aws:iam::123456789012:role/R } }';
const job = (keys = '', step = LOGIN) =>
  `  d: { runs-on: x, permissions: { id-token: write }, ${keys === '' ? '' : `${keys}, `}steps: [${step}] }\n`;
const on = (events: string, ...jobs: readonly string[]) => `on: ${events}\njobs:\n${jobs.join('')}`;
const MAIN = '{ push: { branches: [main] } }';
const call = (keys = '') => `  c: { uses: ./.github/workflows/b.yml, permissions: { id-token: write }${keys} }\n`;
const called = (inputs: string, jobs: string) => ({
  '.github/workflows/b.yml': `on: { workflow_call: { inputs: { ${inputs} } } }\njobs:\n${jobs}`,
});
const composite = (steps: string, inputs = '{}') =>
  `inputs: ${inputs}\nruns: { using: composite, steps: [${steps}] }\n`;

interface Shape {
  /** What the page states. */
  readonly rule: string;
  readonly page: string;
  readonly text: string;
  readonly files?: Readonly<Record<string, string>>;
  /** `job event context`, with `?` if the context is unknown. */
  readonly logins: readonly string[];
  readonly unread?: readonly string[];
  readonly details?: (login: Login) => unknown;
  readonly is?: unknown;
}

/** GitHub's documented rules for running workflows that the reader follows, with their sources. */
const SHAPES: readonly Shape[] = [
  {
    rule: 'composite actions can use other actions, with inputs and their defaults',
    page: `${DOCS}/workflows-and-actions/metadata-syntax#runs-for-composite-actions`,
    text: on(MAIN, job('', '{ uses: ./a }')),
    files: {
      'a/action.yml': composite("{ uses: ./b, with: { role: 'arn:aws:iam::123456789012:role/R' } }"),
      'b/action.yaml': composite(
        "{ uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: '${{ inputs.role }}', audience: '${{ inputs.audience }}' } }",
        '{ role: { required: true }, audience: { default: other } }',
      ),
    },
    logins: ['d push ref:refs/heads/main'],
    details: ({ role, audience }) => [role.filled, audience],
    is: ['arn:aws:iam::123456789012:role/R', 'other'],
  },
  {
    rule: 'an action of the same repository can be referenced by its full name',
    page: `${SYNTAX}#jobsjob_idstepsuses`,
    text: on(MAIN, job('', '{ uses: O/r/a@v1 }')),
    files: { 'a/action.yml': composite(LOGIN) },
    logins: ['d push ref:refs/heads/main'],
  },
  {
    rule: 'an action of another repository can do anything that the token allows',
    page: `${SYNTAX}#jobsjob_idstepsuses`,
    text: on(MAIN, job('', '{ uses: octo-org/aws-login@v1 }')),
    logins: [],
    unread: ['octo-org/aws-login@v1'],
  },
  {
    rule: 'reusable workflows can be nested',
    page: `${REUSING}#limitations-of-reusable-workflows`,
    text: on(MAIN, call()),
    files: {
      ...called('', '  m: { uses: ./.github/workflows/c.yml }\n'),
      '.github/workflows/c.yml': `on: workflow_call\njobs:\n${job('environment: e')}`,
    },
    logins: ['c / m / d push environment:e'],
  },
  {
    rule: 'a called workflow of the same repository can be referenced by its full name',
    page: `${SYNTAX}#jobsjob_iduses`,
    text: on(MAIN, '  c: { uses: o/r/.github/workflows/b.yml@v1, permissions: { id-token: write } }\n'),
    files: called('', job()),
    logins: ['c / d push ref:refs/heads/main'],
    details: ({ claims }) => claims.get('job_workflow_ref'),
    is: { text: 'o/r/.github/workflows/b.yml@*v1', isPattern: true },
  },
  {
    rule: "the calling job's if, matrix and with apply, and the defaults of inputs",
    page: `${REUSING}#supported-keywords-for-jobs-that-call-a-reusable-workflow`,
    text: on(
      '[push, pull_request]',
      call(
        ", if: github.event_name == 'pull_request', strategy: { matrix: { s: [a, b] } }, with: { stage: '${{ matrix.s }}' }",
      ),
    ),
    files: called(
      'stage: { type: string }, suffix: { type: string, default: -x }',
      job("environment: '${{ inputs.stage }}${{ inputs.suffix }}'"),
    ),
    logins: ['c / d pull_request environment:a-x', 'c / d pull_request environment:b-x'],
  },
  {
    rule: 'a called workflow cannot have more permissions than the job that calls it',
    page: `${REUSING}#access-and-permissions-for-nested-workflows`,
    text: on(MAIN, '  c: { uses: ./.github/workflows/b.yml, permissions: { contents: read } }\n'),
    files: called('', job()),
    logins: ['c / d push ref:refs/heads/main'],
    details: ({ token }) => token,
    is: { state: 'refused', job: 'c' },
  },
  {
    rule: "a job's permissions replace those of the workflow, and omitted ones are none",
    page: `${SYNTAX}#jobsjob_idpermissions`,
    text: `permissions: { id-token: write }\n${on(MAIN, job().replace('id-token: write', 'contents: read'))}`,
    logins: ['d push ref:refs/heads/main'],
    details: ({ token }) => token.state,
    is: 'replaced',
  },
  {
    rule: 'a choice has its options, a boolean is true or false',
    page: `${SYNTAX}#onworkflow_dispatchinputs`,
    text: on(
      '{ workflow_dispatch: { inputs: { stage: { type: choice, options: [dev, prod] }, live: { type: boolean } } } }',
      job('if: inputs.live, environment: "${{ inputs.stage }}"'),
    ),
    logins: ['d workflow_dispatch environment:dev', 'd workflow_dispatch environment:prod'],
  },
  {
    rule: 'inputs exist only in dispatched and called workflows, and || returns the right side if the left one is empty',
    page: `${CONTEXTS}#inputs-context`,
    text: on(MAIN, job('environment: "${{ inputs.stage || github.event.inputs.stage || \'dev\' }}"')),
    logins: ['d push environment:dev'],
  },
  {
    rule: 'base_ref and head_ref exist only for pull requests',
    page: `${CONTEXTS}#github-context`,
    text: on('{ push: { branches: [main] }, pull_request: }', job("if: github.base_ref == 'main' || github.head_ref")),
    logins: ['d pull_request pull_request'],
  },
  ...['github.base_ref', 'github.event.pull_request.base.ref'].flatMap((base) => [
    {
      rule: `${base} is a branch that the filter names`,
      page: `${SYNTAX}#onpull_requestpull_request_targetbranchesbranches-ignore`,
      text: on(
        '{ pull_request: { branches: [main, develop] }, pull_request_target: { branches: main } }',
        job(`environment: "\${{ ${base} == 'main' && 'prod' || ${base} }}"`),
      ),
      logins: [
        'd pull_request environment:prod',
        'd pull_request environment:develop',
        'd pull_request_target environment:prod',
      ],
    },
    {
      rule: `${base} is any branch that a pattern matches`,
      page: `${SYNTAX}#onpull_requestpull_request_targetbranchesbranches-ignore`,
      text: on(
        "{ pull_request: { branches: ['release/**'] } }",
        job(`environment: "\${{ ${base} == 'main' && 'prod' || 'dev' }}"`),
      ),
      logins: ['d pull_request environment:prod | environment:dev'],
    },
  ]),
  {
    rule: 'a job whose needs were skipped is skipped, unless its condition asks for their status',
    page: `${SYNTAX}#jobsjob_idneeds`,
    text: on(
      MAIN,
      '  t: { if: false, runs-on: x, steps: [{ run: make }] }\n',
      job('needs: t'),
      job("needs: t, if: '!cancelled()'").replace('  d:', '  e:'),
    ),
    logins: ['e push ref:refs/heads/main'],
  },
  {
    rule: 'failure() is true if an ancestor failed, cancelled() if the run was',
    page: `${EXPRESSIONS}#status-check-functions`,
    text: on(
      MAIN,
      '  t: { runs-on: x, steps: [{ run: make }] }\n',
      job('needs: t, if: failure()'),
      job('if: cancelled()').replace('  d:', '  e:'),
      job('if: failure()').replace('  d:', '  f:'),
    ),
    logins: ['d push ref:refs/heads/main', 'e push ref:refs/heads/main'],
  },
  {
    rule: 'a step can have its own condition',
    page: `${SYNTAX}#jobsjob_idstepsif`,
    text: on(
      '{ push: { branches: [main] }, pull_request: }',
      job('', LOGIN.replace('{ uses', "{ if: github.event_name == 'push', uses")),
    ),
    logins: ['d push ref:refs/heads/main'],
  },
  {
    rule: 'entries of include are added to matching combinations, and exclude removes combinations',
    page: 'https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations',
    text: on(
      MAIN,
      job(
        'environment: "${{ matrix.s }}-${{ matrix.x }}", strategy: { matrix: { s: [a, b, c], exclude: [{ s: c }], include: [{ x: 1 }, { s: b, x: 2 }, { s: d, x: 3 }] } }',
      ),
    ),
    logins: ['d push environment:a-1', 'd push environment:b-2', 'd push environment:d-3'],
  },
  {
    rule: 'fromJSON, format and join are functions',
    page: `${EXPRESSIONS}#functions`,
    text: on(
      MAIN,
      job(
        "environment: \"${{ format('{0}-{1}', matrix.s, join(fromJSON('[1,2]'), '.')) }}\", strategy: { matrix: { s: \"${{ fromJSON('[\\\"a\\\"]') }}\" } }",
      ),
    ),
    logins: ['d push environment:a-1.2'],
  },
  {
    rule: 'the innermost env takes precedence',
    page: `${SYNTAX}#env`,
    text: `env: { R: x }\n${on(MAIN, job('env: { R: y }', "{ env: { R: z }, uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: 'arn:aws:iam::123456789012:role/${{ env.R }}' } }"))}`,
    logins: ['d push ref:refs/heads/main'],
    details: ({ role }) => role.filled,
    is: 'arn:aws:iam::123456789012:role/z',
  },
  {
    rule: 'a variable that a script writes to GITHUB_ENV replaces one of the job, for the steps after it',
    page: 'https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable',
    text: `env: { W: w }\n${on(
      MAIN,
      job(
        "env: { A: a, B: b, C: c, D: '${{ env.W }}' }",
        "{ run: 'echo A=x >> $GITHUB_ENV; echo C=x AB=x W=x >> $GITHUB_ENV' }, { env: { C: d }, uses: aws-actions/configure-aws-credentials@v6, with: { role-to-assume: '${{ env.A }}-${{ env.B }}-${{ env.C }}-${{ env.D }}-${{ env.W }}' } }",
      ),
    )}`,
    logins: ['d push ref:refs/heads/main'],
    details: ({ role }) => role.filled,
    is: '${{ env.A }}-b-d-w-${{ env.W }}',
  },
  ...[
    ["github.event.schedule == '0 4 * * *'", 'schedule'],
    ["github.event.client_payload.stage == 'prod'", 'repository_dispatch'],
    ["startsWith(github.event.head_commit.message, 'deploy')", 'push'],
  ].map(([condition = '', ...logins]) => ({
    rule: `the payload of an event has only its own parts: ${condition}`,
    page: 'https://docs.github.com/en/webhooks/webhook-events-and-payloads',
    text: on(
      "{ push: { branches: [main] }, schedule: [{ cron: '0 4 * * *' }], repository_dispatch: }",
      job(`if: "${condition}", environment: e`),
    ),
    logins: logins.map((event) => `d ${event} environment:e`),
  })),
  {
    rule: 'a push without filters applies to any branch or tag',
    page: `${SYNTAX}#onpushbranchestagsbranches-ignoretags-ignore`,
    text: on('push', job()),
    logins: ['d push ref:refs/heads/main', 'd push ref:refs/heads/*', 'd push ref:refs/tags/*'],
  },
  ...['workflow_dispatch', 'create', 'deployment', 'registry_package'].map((event) => ({
    rule: `${event} runs on the ref that is asked for`,
    page: `${EVENTS}#${event}`,
    text: on(event, job()),
    logins: [`d ${event} ref:refs/heads/main`, `d ${event} ref:refs/heads/*`, `d ${event} ref:refs/tags/*`],
  })),
  ...['schedule', 'workflow_run', 'pull_request_target', 'repository_dispatch', 'issues', 'delete'].map((event) => ({
    rule: `${event} runs on the default branch, or the base`,
    page: `${EVENTS}#${event}`,
    text: on(event, job()),
    logins: [`d ${event} ref:refs/heads/main`],
  })),
  ...['pull_request_review', 'pull_request_review_comment'].map((event) => ({
    rule: `${event} runs on the merge`,
    page: `${EVENTS}#${event}`,
    text: on(event, job()),
    logins: [`d ${event} pull_request | ref:refs/pull/*/merge ?`],
  })),
  {
    rule: 'a pull request has the context pull_request',
    page: `${OIDC}#filtering-for-pull_request-events`,
    text: on('pull_request', job()),
    logins: ['d pull_request pull_request'],
  },
  {
    rule: 'the ref of a merged pull request is the branch that it was merged into',
    page: `${EVENTS}#pull_request`,
    text: on('{ pull_request: { types: [closed] } }', job("if: github.ref == 'refs/heads/main'")),
    logins: ['d pull_request pull_request'],
  },
  {
    rule: 'the ref of a pull request that is open is that of its merge',
    page: `${EVENTS}#pull_request`,
    text: on('pull_request', job("if: github.ref == 'refs/heads/main'")),
    logins: [],
  },
  {
    rule: 'filters for tags have their own pattern syntax',
    page: `${SYNTAX}#filter-pattern-cheat-sheet`,
    text: on("{ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } }", job()),
    logins: ['d push ref:refs/tags/v?*.?*.?* ?'],
    details: ({ contexts }) => contexts[0]?.parts[0]?.example,
    is: 'ref:refs/tags/v0.0.0',
  },
  {
    rule: 'an environment replaces ref and event',
    page: `${OIDC}#filtering-for-a-specific-environment`,
    text: on('{ push: { branches: [main] }, pull_request: }', job('environment: { name: Production }')),
    logins: ['d push environment:Production', 'd pull_request environment:Production'],
  },
  {
    rule: 'a colon in a name is %3A',
    page: `${OIDC}#filtering-for-metadata-containing-`,
    text: on(MAIN, job("environment: 'Production:V1'")),
    logins: ['d push environment:Production%3AV1'],
  },
  {
    rule: 'in a called workflow, only job_workflow_ref identifies the called workflow',
    page: 'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows',
    text: on(MAIN, call()),
    files: called('', job()),
    logins: ['c / d push ref:refs/heads/main'],
    details: ({ claims }) => claims.get('job_workflow_ref')?.text,
    is: 'o/r/.github/workflows/b.yml@refs/heads/main',
  },
  ...['role-chaining: true', 'web-identity-token-file: /t', 'force-skip-oidc: true'].map((input) => ({
    rule: `with ${input} GitHub's token is not used`,
    page: ACTION,
    text: on(MAIN, job('', LOGIN.replace('with: { ', `with: { ${input}, `))),
    logins: [],
  })),
  ...(
    [
      ['&audience=other', 'other'],
      ['&audience=https%3A%2F%2Fgithub.com%2Fother', 'https://github.com/other'],
      ['', 'https://github.com/o'],
    ] as const
  ).map(([query, audience]) => ({
    rule: `a script can request a token from GitHub, with the audience ${audience}`,
    page: `${OIDC}#methods-for-requesting-the-oidc-token`,
    text: on(
      MAIN,
      job(
        '',
        `{ run: 'aws sts assume-role-with-web-identity --role-arn arn:aws:iam::123456789012:role/R --web-identity-token $(curl "$ACTIONS_ID_TOKEN_REQUEST_URL${query}")' }`,
      ),
    ),
    logins: ['d push ref:refs/heads/main'],
    details: ({ role, audience: requested }: Login) => [role.filled, requested],
    is: ['arn:aws:iam::123456789012:role/R', audience],
  })),
];

describe('what GitHub documents', () => {
  it.each(SHAPES.map((documentedRule) => [documentedRule.rule, documentedRule.page, documentedRule] as const))(
    '%s (%s)',
    async (_, __, documentedRule) => {
      const { logins, unread } = await loginsOf({
        text: documentedRule.text,
        file: 'w.yml',
        path: '.github/workflows/w.yml',
        repository: 'o/r',
        serverUrl: 'https://github.com',
        refs: { defaultBranch: 'main', branches: ['main'], tags: [], environments: [] },
        readFile: async (path) => documentedRule.files?.[path],
        variables: () => undefined,
      });
      const summaries = logins.map(
        ({ job, event, contexts }) =>
          `${job} ${event} ${contexts.map((context) => `${context.shown}${context.unknown === undefined ? '' : ' ?'}`).join(' | ')}`,
      );
      expect([...new Set(summaries)]).toEqual(documentedRule.logins);
      expect(unread.map(({ uses }) => uses)).toEqual(documentedRule.unread ?? []);
      const [first] = logins;
      if (documentedRule.details !== undefined)
        expect(first === undefined ? undefined : documentedRule.details(first)).toEqual(documentedRule.is);
    },
  );
});
