import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { errorDocumentSchema, explainDocumentSchema, planDocumentSchema } from '../helpers/documents.ts';
import { useMotoForAll } from '../helpers/moto.ts';
import { startProxy, type WireProxy } from '../helpers/proxy.ts';
import { describeWith } from '../helpers/require.ts';
import { fakeGh } from '../helpers/run-explain.ts';

const ROLE = 'GitHubActionsTerraformRole';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/${ROLE}`;
const REPOSITORY = 'githubaccountname/githubreponame';
const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const NOT_AUTHORIZED = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';
const NO_TOKEN = 'Did you mean to set the `id-token` permission?';

/** Roles for main and one environment, so that nothing else is trusted. */
function mainAndOneEnvironment() {
  const config = backendConfig();
  // With ids, the role trusts both formats of the subject. Without a token it is not known which one GitHub sends.
  Object.assign(config.roles[0].trust, {
    ownerId: 1,
    repositoryId: 2,
    subjects: ['ref:refs/heads/main', 'environment:production'],
  });
  return config;
}

const login = (role: string, more = '') =>
  `      - uses: aws-actions/configure-aws-credentials@v6\n        with: { role-to-assume: '${role}', aws-region: eu-west-2${more} }\n`;
const job = (on: string, steps: string, head = '    permissions: { id-token: write }\n') =>
  `on: ${on}\njobs:\n  deploy:\n${head}    runs-on: ubuntu-latest\n    steps:\n${steps}`;
const PUSH = '{ push: { branches: [main] } }';

describeWith('moto', 'crc explain', () => {
  const moto = useMotoForAll();
  let proxy: WireProxy;
  let cwd: string;
  /** git and gh are missing unless a test provides them. */
  let path: string;
  beforeAll(async () => {
    proxy = await startProxy(moto().endpoint);
  });
  afterAll(() => proxy.stop());
  beforeEach(() => {
    cwd = writeConfig(mainAndOneEnvironment());
    path = '/nowhere';
    proxy.calls.length = 0;
  });

  async function bootstrap() {
    const { code, stderr } = await crc('bootstrap', '--yes');
    expect(code === 0 ? '' : stderr).toBe('');
  }

  async function crc(...args: string[]) {
    return await runCli(args, { cwd, env: { ...moto().env, AWS_ENDPOINT_URL: proxy.endpoint, PATH: path } });
  }
  async function explain(...args: string[]) {
    const { code, stdout, stderr } = await crc('explain', '--json', ...args);
    const document = explainDocumentSchema.parse(JSON.parse(stdout));
    return { code, stderr, document, subjects: document.roles.flatMap(({ subjects }) => subjects) };
  }
  const causesOf = ({ subjects }: Awaited<ReturnType<typeof explain>>) => [
    ...new Set(subjects.flatMap(({ expected, causes }) => (expected ? causes.map(({ id }) => id) : []))),
  ];

  describe('of an account that bootstrap set up', () => {
    beforeAll(async () => {
      cwd = writeConfig(mainAndOneEnvironment());
      path = '/nowhere';
      await bootstrap();
    });

    it('by default: every subject in the config can, no other subject of the repository can, and nothing is written', async () => {
      const { code, document, subjects } = await explain();
      expect([code, document.status, document.roles[0]?.verdict]).toEqual([0, 'can', 'can']);
      expect(document.roles[0]?.warnings).toEqual([
        expect.stringMatching(/"environment:production" is only as safe as its protection/),
      ]);
      const actual = Object.fromEntries(
        subjects.map(({ subject, verdict, expected }) => [subject, [verdict, expected]]),
      );
      expect(actual).toMatchObject({
        [`repo:${REPOSITORY}:ref:refs/heads/main`]: ['can', true],
        [`repo:${REPOSITORY}:environment:production`]: ['can', true],
        [`repo:${REPOSITORY}:pull_request`]: ['cannot', false],
        'repo:githubaccountname@1/githubreponame@2:ref:refs/heads/main': ['can', true],
      });
      expect(document.notes).toEqual([]);
      expect(document.apiCalls).toEqual({ read: 3, write: 0 });
      expect(proxy.calls.map(({ name }) => name).sort()).toEqual([
        'GetCallerIdentity',
        'GetOpenIDConnectProvider',
        'GetRole',
      ]);
    });

    it('shows the statement, the cause, the fix and the log message in text', async () => {
      const { code, stdout } = await crc('explain', '--subject', 'pull_request');
      expect(code).toBe(2);
      for (const part of [
        `✗ denied   repo:${REPOSITORY}:pull_request`,
        'statement 1: StringEquals on sub',
        'A pull request presents pull_request instead of a branch',
        `Add "pull_request" to trust.subjects of the role ${ROLE} in crc.config.json`,
        `run: \`crc bootstrap --only role/${ROLE}\``,
        NOT_AUTHORIZED,
        'crc cannot see what service control policies',
        `GitHub cannot assume ${ROLE}.`,
      ])
        expect(stdout).toContain(part);
    });

    it.each([
      [`repo:${REPOSITORY}:ref:refs/heads/main`, 0, []],
      ['ref:refs/heads/main', 0, []],
      ['environment:production', 0, []],
      ['environment:staging', 2, ['other-environment']],
      ['pull_request', 2, ['pull-request-subject']],
      [`repo:${REPOSITORY}:ref:refs/tags/v1`, 2, ['tag-subject']],
      ['repo:GithubAccountName/githubreponame:ref:refs/heads/main', 2, ['case']],
      ['repo:githubaccountname@1/githubreponame@9:ref:refs/heads/main', 2, ['subject-form']],
      ['repo:evil/x:ref:refs/heads/main', 2, ['other-repository']],
      ['repository_owner:githubaccountname', 2, ['custom-template']],
    ])('--subject %s', async (subject, code, causes) => {
      const result = await explain('--subject', subject);
      expect([result.code, causesOf(result)]).toEqual([code, causes]);
    });

    it.each([
      ['a job that may', job(PUSH, login(ROLE_ARN)), 0, [], ''],
      ['no id-token permission', job(PUSH, login(ROLE_ARN), ''), 2, ['id-token-missing'], NO_TOKEN],
      [
        'a block of the job that replaces the workflow’s',
        `permissions: { id-token: write }\n${job(PUSH, login(ROLE_ARN), '    permissions: { contents: read }\n')}`,
        2,
        ['id-token-replaced'],
        NO_TOKEN,
      ],
      [
        'an empty role',
        job(PUSH, login('')),
        2,
        ['role-variable-empty'],
        'Could not load credentials from any providers',
      ],
      ['a name in place of an ARN', job(PUSH, login(ROLE)), 2, ['role-not-arn'], 'Source Account ID is needed'],
      [
        'a role of another account',
        job(PUSH, login(ROLE_ARN.replace(ACCOUNT, '999999999999'))),
        2,
        ['role-other-account'],
        NOT_AUTHORIZED,
      ],
      ['a missing role', job(PUSH, login(`arn:aws:iam::${ACCOUNT}:role/Other`)), 2, ['role-missing'], NOT_AUTHORIZED],
      [
        'a different audience',
        job(PUSH, login(ROLE_ARN, ', audience: https://github.com/x')),
        2,
        ['provider-audience', 'audience-condition'],
        'Incorrect token audience',
      ],
      [
        'a session that is too long',
        job(PUSH, login(ROLE_ARN, ', role-duration-seconds: 7200')),
        2,
        ['session-too-long'],
        'exceeds the MaxSessionDuration',
      ],
      [
        'an environment that is not trusted',
        job(PUSH, login(ROLE_ARN), '    permissions: { id-token: write }\n    environment: staging\n'),
        2,
        ['other-environment'],
        NOT_AUTHORIZED,
      ],
      ['a pull request', job('pull_request', login(ROLE_ARN)), 2, ['pull-request-subject'], NOT_AUTHORIZED],
    ])('--workflow: %s', async (_, text, code, causes, message) => {
      writeFileSync(join(cwd, 'w.yml'), text);
      const result = await explain('--workflow', 'w.yml');
      expect([result.code, causesOf(result)]).toEqual([code, causes]);
      expect(result.subjects.flatMap((subject) => subject.causes)[0]?.message ?? '').toContain(message);
      expect(result.subjects.every((subject) => subject.job === 'deploy')).toBe(true);
    });

    it('--workflow: lists all possible values of an environment that is only known during the run, each with its verdict', async () => {
      const head =
        "    permissions: { id-token: write }\n    environment: ${{ inputs.live && 'production' || 'staging' }}\n";
      writeFileSync(join(cwd, 'w.yml'), job('workflow_dispatch', login(ROLE_ARN), head));
      const { code, subjects } = await explain('--workflow', 'w.yml');
      expect(code).toBe(2);
      const intended = subjects.filter(({ expected, form }) => expected && form === 'legacy');
      expect(intended.map(({ subject, verdict }) => [subject.split(':').at(-1), verdict])).toEqual([
        ['production', 'can'],
        ['staging', 'cannot'],
      ]);
      expect(new Set(intended.map(({ doubt }) => doubt))).toEqual(
        new Set(["environment: ${{ inputs.live && 'production' || 'staging' }} is only known during the run"]),
      );
    });

    const claims = {
      iss: `https://${ISSUER}`,
      aud: 'sts.amazonaws.com',
      sub: `repo:${REPOSITORY}:ref:refs/heads/main`,
      ref: 'refs/heads/main',
      actor: 'MARKED-ACTOR',
    };
    const token = (payload: object) =>
      ['{"alg":"RS256"}', JSON.stringify(payload), 'MARKED-SIGNATURE']
        .map((part) => Buffer.from(part).toString('base64url'))
        .join('.');

    it.each([
      ['of a job that may', token(claims), 0, []],
      ['in the form in which GitHub answers', JSON.stringify({ count: 1, value: token(claims) }), 0, []],
      ['that has expired', token({ ...claims, exp: 1_700_000_000 }), 2, ['token-expired']],
      [
        'for a different audience',
        token({ ...claims, aud: 'https://github.com/x' }),
        2,
        ['provider-audience', 'audience-condition'],
      ],
      [
        'of a different issuer',
        token({ ...claims, iss: 'https://github.example.com/_services/token' }),
        2,
        ['provider-issuer'],
      ],
      [
        'of an environment',
        token({ ...claims, sub: `repo:${REPOSITORY}:environment:x`, environment: 'x' }),
        2,
        ['other-environment'],
      ],
    ])('--token %s, which is not shown', async (_, content, code, causes) => {
      writeFileSync(join(cwd, 'token'), content);
      const result = await explain('--token', 'token', '--verbose');
      expect([result.code, causesOf(result)]).toEqual([code, causes]);
      const output = JSON.stringify(result.document) + result.stderr;
      for (const part of token(claims).split('.').slice(1)) expect(output).not.toContain(part);
      expect(output).not.toContain('MARKED');
    });

    it.each([
      [['--token', 'token'], 'token is not a GitHub token: a JWT has three parts'],
      [['--token', 'empty'], 'empty is empty.'],
      [['--token', 'missing'], 'missing cannot be read: no such file or folder'],
      [['--workflow', 'token'], 'token is not a GitHub Actions workflow'],
      [['--workflow', 'none.yml'], 'No job in none.yml logs in to AWS'],
      [['--subject', ''], '--subject: its value is empty'],
      [['--subject', 'pull_request', '--workflow', 'none.yml'], '--subject and --workflow cannot be used together'],
      [['--role', 'Nobody'], 'The role Nobody does not exist, neither in the config nor in the account'],
      [['--only', 'state-bucket'], '--only: unknown role "state-bucket"'],
    ])('%s has a specific error message', async (args, message) => {
      writeFileSync(join(cwd, 'token'), 'MARKED-NOT-A-TOKEN');
      writeFileSync(join(cwd, 'empty'), '\n');
      writeFileSync(join(cwd, 'none.yml'), 'on: push\njobs: { test: { steps: [{ run: npm test }] } }');
      const { code, stdout } = await crc('explain', '--json', ...args);
      expect(code).toBe(1);
      expect(errorDocumentSchema.parse(JSON.parse(stdout)).error.message).toContain(message);
      expect(stdout).not.toContain('MARKED');
    });

    it('an unreadable resource is an error, never a verdict', async () => {
      proxy.intercept = async ({ name }, _, response) => {
        if (name !== 'GetRole') return 'pass';
        response
          .writeHead(403, { 'content-type': 'text/xml' })
          .end('<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>');
        return 'handled';
      };
      const { code, stdout } = await crc('explain', '--json');
      proxy.intercept = async () => 'pass';
      expect(code).toBe(1);
      expect(errorDocumentSchema.parse(JSON.parse(stdout)).error.message).toContain(
        `Access denied: iam:GetRole on ${ROLE}`,
      );
    });

    it('a role outside the config, by name', async () => {
      cwd = writeConfig({
        ...mainAndOneEnvironment(),
        roles: [{ ...mainAndOneEnvironment().roles[0], name: 'Another', state: [] }],
      });
      const result = await explain('--role', ROLE, '--subject', `repo:${REPOSITORY}:ref:refs/heads/main`);
      expect([result.code, result.document.roles[0]?.name]).toEqual([0, ROLE]);
      const denied = await explain('--role', ROLE, '--subject', `repo:${REPOSITORY}:pull_request`);
      expect(denied.subjects[0]?.causes[0]?.fix).toContain(`the trust policy of ${ROLE}`);
    });
  });

  describe('of an account that has changed', () => {
    beforeEach(async () => {
      await moto().reset();
      await bootstrap();
    });

    it('an account without provider and role', async () => {
      const { iam } = moto().clients;
      await iam.send(new DeleteRolePolicyCommand({ RoleName: ROLE, PolicyName: 'TerraformPolicy' }));
      await iam.send(new DeleteRoleCommand({ RoleName: ROLE }));
      await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER }));
      const missing = await explain();
      expect([missing.code, causesOf(missing)]).toEqual([2, ['provider-missing', 'role-missing']]);
      await iam.send(
        new CreateOpenIDConnectProviderCommand({ Url: `https://${ISSUER}/`, ClientIDList: ['sts.amazonaws.com'] }),
      );
      const slash = await explain();
      expect(causesOf(slash)).toEqual(['provider-trailing-slash', 'role-missing']);
    });

    it('a provider without the audience', async () => {
      const { iam } = moto().clients;
      await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER }));
      await iam.send(
        new CreateOpenIDConnectProviderCommand({ Url: `https://${ISSUER}`, ClientIDList: ['https://github.com/x'] }),
      );
      const result = await explain();
      expect([result.code, causesOf(result)]).toEqual([2, ['provider-audience']]);
      expect(result.subjects[0]?.causes[0]?.message).toContain('Incorrect token audience');
    });

    it('a trust policy changed outside crc: explain and verify report its effect', async () => {
      const PolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: PROVIDER },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: {
              'ForAllValues:StringLike': {
                [`${ISSUER}:sub`]: [`repo:${REPOSITORY}:ref:refs/heads/main`, 'repo:evil/*'],
              },
            },
          },
        ],
      });
      await moto().clients.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: ROLE, PolicyDocument }));
      const result = await explain();
      expect(result.code).toBe(2);
      expect(causesOf(result)).toEqual(['environment-subject', 'subject-form']);
      // The config is correct, so the fix must not suggest to change it.
      expect(result.subjects.find(({ causes }) => causes.length > 0)?.causes[0]?.fix).toContain('has drifted');
      const { warnings } = result.document.roles[0] ?? { warnings: [] };
      expect(warnings).toContainEqual('not in the config, but can assume the role: repo:evil/*');
      expect(warnings.join('\n')).toContain('Statement 1: ForAllValues:StringLike on');

      const { code, stdout } = await crc('verify', '--json');
      expect(code).toBe(2);
      const finding = planDocumentSchema.parse(JSON.parse(stdout)).findings.find(({ id }) => id === `role/${ROLE}`);
      const change = finding?.changes.find((candidate) => 'path' in candidate && candidate.path === 'trust');
      expect(change).toMatchObject({ kind: 'update' });
      expect(change !== undefined && 'why' in change ? change.why : '').toMatch(
        new RegExp(
          `GitHub cannot assume the role as repo:${REPOSITORY}:environment:production.* And others that are not in the config .*repo:evil/\\*`,
        ),
      );
      const text = await crc('verify');
      expect(text.stdout).toContain('others that are not in the config can assume the role: repo:evil/*');
    });

    it('--workflow: a pull request that a fork may send, and the output of crc workflow', async () => {
      const config = backendConfig();
      Object.assign(config.roles[0].trust, { ownerId: 1, repositoryId: 2 });
      writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config));
      expect((await crc('bootstrap', '--yes')).code).toBe(0);
      writeFileSync(join(cwd, 'w.yml'), job('pull_request', login(ROLE_ARN)));
      const open = await explain('--workflow', 'w.yml');
      expect([open.code, open.document.notes[0]]).toEqual([
        0,
        expect.stringContaining('Pull requests from forks get no token'),
      ]);
      mkdirSync(join(cwd, '.github/workflows'), { recursive: true });
      writeFileSync(join(cwd, '.github/workflows/infrastructure.yml'), (await crc('workflow')).stdout);
      const ownWorkflow = await explain('--workflow', '.github/workflows/infrastructure.yml');
      expect(ownWorkflow.code).toBe(0);
      expect(new Set(ownWorkflow.subjects.map((subject) => subject.job))).toEqual(new Set(['plan', 'apply']));
      expect(ownWorkflow.document.notes.join()).not.toContain('fork');
    });

    it('asks gh for the form of the subjects, branches, environments and variables', async () => {
      const answers = {
        'customization/sub': '{"use_default":true,"use_immutable_subject":true}',
        '/branches': 'main\nfeature',
        '/tags': 'v1',
        '/environments': 'production\nstaging',
        'actions/variables': `{"variables":[{"name":"ROLE","value":"${ROLE_ARN}"}]}`,
        default_branch: 'main',
        'repos/': '{"id":22,"owner":{"id":11}}',
      };
      path = fakeGh(answers);
      const immutable = await explain();
      // The subjects of the repository contain ids, which the config lacks.
      expect([immutable.code, causesOf(immutable)]).toEqual([2, ['subject-form']]);
      const subjects = immutable.subjects.map(({ subject, expected }) => [subject, expected]);
      expect(subjects).toContainEqual(['repo:githubaccountname@11/githubreponame@22:ref:refs/heads/main', true]);
      expect(subjects).toContainEqual(['repo:githubaccountname@11/githubreponame@22:ref:refs/heads/feature', false]);
      expect(subjects).toContainEqual(['repo:githubaccountname@11/githubreponame@22:environment:staging', false]);
      expect(immutable.document.notes).toEqual([]);

      const config = mainAndOneEnvironment();
      Object.assign(config.roles[0].trust, { ownerId: 11, repositoryId: 22 });
      writeFileSync(join(cwd, 'crc.config.json'), JSON.stringify(config));
      const beforeBootstrap = await explain();
      expect(beforeBootstrap.subjects.flatMap(({ causes }) => causes)[0]?.command).toBe(
        `crc bootstrap --only role/${ROLE}`,
      );
      expect((await crc('bootstrap', '--yes')).code).toBe(0);
      expect((await explain()).code).toBe(0);

      writeFileSync(join(cwd, 'w.yml'), job(PUSH, login('${{ vars.ROLE }}')));
      expect((await explain('--workflow', 'w.yml')).code).toBe(0);
      writeFileSync(join(cwd, 'w.yml'), job(PUSH, login('${{ vars.OTHER }}')));
      const unset = await explain('--workflow', 'w.yml');
      expect([unset.code, causesOf(unset)]).toEqual([2, ['role-variable-empty']]);
    });
  });
});
