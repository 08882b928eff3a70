import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { configWarnings } from '../../src/config/warnings.ts';
import { newConfig } from '../../src/init/config.ts';
import { anotherRole, fn, role, set } from '../helpers/bad-configs.ts';
import { exampleConfig, type LooseConfig } from '../helpers/configs.ts';

/** The warnings for the changed example config, as `id: message`. */
function warningsOf(change: (config: LooseConfig) => void): readonly string[] {
  const config = exampleConfig();
  change(config);
  const all = configWarnings(parseConfig(JSON.stringify(config), 'c'));
  return [...all].flatMap(([id, messages]) => messages.map(({ message }) => `${id}: ${message}`));
}

/** The warnings for a config that is harmless except for the change. */
const harmless = (change: (config: LooseConfig) => void) =>
  warningsOf((config) => {
    config.roles[0].trust.subjects = ['ref:refs/heads/main'];
    delete config.functions[0].url;
    change(config);
  });

const ROLE = 'role/GitHubActionsTerraformRole: roles\\[0\\]';
const statements = (...list: object[]) => role(set('statements', list));
const subjects = (...list: string[]) => role(({ trust }) => set('subjects', list)(trust));
const allow = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

describe('warnings of the config', () => {
  it('are empty for harmless values', () => {
    expect(harmless(() => undefined)).toEqual([]);
  });

  it('of a region that may be newer than crc', () => {
    expect(harmless(set('region', 'eu-west-4'))).toEqual([
      'state-bucket: region: this version of crc does not know eu-west-4. If it is new, update crc. Otherwise correct it: did you mean "eu-west-1"?',
    ]);
  });

  it('of the example cover who can log in, and the public URL', () => {
    expect(warningsOf(() => undefined)).toEqual([
      expect.stringMatching(
        `^${ROLE}\\.trust\\.subjects\\[0\\]: "\\*" lets any branch, tag, environment and pull request write \\(the state github-oidc/terraform\\.tfstate\\) before review\\. Trust "ref:refs/heads/main"`,
      ),
      expect.stringMatching(
        /^function-url\/IncrementVisits: functions\[0\]\.url: the URL is public: .*at your cost.*CORS.*reserved concurrency.*AWS Budgets/,
      ),
      'function-url/IncrementVisits: functions[0].reservedConcurrency: nothing limits how many calls of the public URL run at once. At 128 MB, the free tier (400,000 GB-seconds a month) covers 1 of them around the clock. Write a limit, for example "reservedConcurrency": 5.',
    ]);
  });

  it('of a function whose role can change itself', () => {
    const warnings = harmless(({ functions: [functionConfig] }) => {
      functionConfig.statements = [{ Effect: 'Allow', Action: 'iam:PutRolePolicy', Resource: '*' }];
    });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^execution-role\/IncrementVisits: functions\[0\]\.statements\[0\]: allows iam:PutRolePolicy on \*: with it the role can gain rights/,
      ),
    ]);
  });

  it.each([
    [128, 'around the clock'],
    [256, 'for 18 days'],
    [10_240, 'for less than a day'],
  ])('of a public URL with %s MB without reserved concurrency mention the free tier', (memoryMb, span) => {
    const warnings = warningsOf(({ functions: [functionConfig] }) => {
      functionConfig.memoryMb = memoryMb;
    });
    expect(warnings.filter((warning) => warning.includes('reservedConcurrency'))).toEqual([
      expect.stringContaining(
        `At ${memoryMb} MB, the free tier (400,000 GB-seconds a month) covers 1 of them ${span}.`,
      ),
    ]);
  });

  it.each<[string, boolean, (functionConfig: LooseConfig) => void]>([
    ['reserved concurrency', true, set('reservedConcurrency', 5)],
    ['signed requests only', false, ({ url }) => set('authType', 'AWS_IAM')(url)],
    ['no URL', false, (functionConfig) => delete functionConfig.url],
  ])('of a function with %s suggest no limit', (_, isPublic, change) => {
    const warnings = warningsOf(({ functions: [functionConfig] }) => change(functionConfig));
    expect(warnings.filter((warning) => warning.includes('nothing limits'))).toEqual([]);
    expect(warnings.some((warning) => warning.includes('the URL is public'))).toBe(isPublic);
  });

  it.each<[string, RegExp, (config: LooseConfig) => void]>([
    [
      'pull_request on a state',
      /"pull_request" lets any pull request write \(the state .*before review/,
      subjects('pull_request'),
    ],
    [
      'any branch on a state',
      /"ref:refs\/heads\/\*" lets any branch write/,
      subjects('ref:refs/heads/main', 'ref:refs/heads/*'),
    ],
    ['any environment on a state', /"environment:\*" lets any environment write/, subjects('environment:*')],
    [
      'an environment with a state, whose protection crc cannot check',
      /^role\/\w+: roles\[0\]\.trust\.subjects\[1\]: "environment:live" is only as safe as .* `gh api repos\/githubaccountname\/githubreponame\/environments\/live`/,
      subjects('ref:refs/heads/main', 'environment:live'),
    ],
    [
      'several environments in one sentence',
      /^role\/\w+: roles\[0\]\.trust\.subjects: "environment:a", "environment:b" and "environment:c" are only as safe as their protection: .* any branch can use them\. `gh api repos\/githubaccountname\/githubreponame\/environments` shows their rules/,
      subjects('environment:a', 'environment:b', 'environment:c'),
    ],
    [
      'an environment whose name has a special meaning in a shell or URL',
      /`gh api 'repos\/githubaccountname\/githubreponame\/environments\/it'\\''s%3A%20%24\(x\)'`/,
      (config) => subjects("environment:it's%3A $(x)")(config),
    ],
    [
      'pull_request on a statement',
      /write \(statements\[1\]\)/,
      role(
        (roleConfig) =>
          Object.assign(roleConfig, { state: [], statements: [allow('s3:GetObject'), allow('s3:PutObject')] }) &&
          subjects('pull_request')({ roles: [roleConfig] }),
      ),
    ],
    [
      'pull_request on a managed policy',
      /write \(AmazonS3FullAccess\)/,
      role((roleConfig) => {
        roleConfig.state = [];
        roleConfig.managedPolicyArns = [
          'arn:aws:iam::aws:policy/AmazonS3FullAccess',
          'arn:aws:iam::aws:policy/ReadOnlyAccess',
        ];
        roleConfig.trust.subjects = ['pull_request'];
      }),
    ],
    [
      'pull_request on crc deploy-function',
      /write \(its "deploy-function"\)/,
      role(
        (roleConfig) =>
          Object.assign(roleConfig, { state: [], crc: ['verify', 'deploy-function'] }) &&
          subjects('pull_request')({ roles: [roleConfig] }),
      ),
    ],
    [
      'a wildcard of all of a service on any branch',
      /do nearly anything \(s3:\* on \*\) before review: anyone who can push controls the account/,
      role(
        (roleConfig) =>
          Object.assign(roleConfig, { statements: [allow('s3:*')] }) &&
          subjects('ref:refs/heads/*')({ roles: [roleConfig] }),
      ),
    ],
    [
      'all but on any pull request',
      /do nearly anything \(all but iam:\*, sts:\*, lambda:\* on \*\)/,
      role((roleConfig) => {
        roleConfig.statements = [{ Effect: 'Allow', NotAction: ['iam:*', 'sts:*', 'lambda:*'], Resource: '*' }];
        roleConfig.trust.subjects = ['pull_request'];
      }),
    ],
    [
      'PowerUserAccess on any branch',
      /do nearly anything \(PowerUserAccess\)/,
      role((roleConfig) => {
        roleConfig.managedPolicyArns = ['arn:aws:iam::aws:policy/PowerUserAccess'];
        roleConfig.trust.subjects = ['*'];
      }),
    ],
    [
      'AdministratorAccess on main',
      new RegExp(`^${ROLE}\\.managedPolicyArns\\[0\\]: AdministratorAccess lets the role change every role`),
      role(set('managedPolicyArns', [ADMIN])),
    ],
    [
      'a policy that changes roles',
      new RegExp(
        `^${ROLE}\\.statements\\[0\\]: allows iam:PutRolePolicy on \\*: .*up to all of the account's\\. .*iam:PermissionsBoundary`,
      ),
      statements(allow('iam:PutRolePolicy')),
    ],
    [
      'iam:*',
      /allows iam:PutRolePolicy, iam:AttachRolePolicy, iam:UpdateAssumeRolePolicy and \d+ more on \*/,
      statements(allow('iam:*')),
    ],
    [
      'a condition',
      /on \* \(as far as its Condition lets it\): /,
      statements(allow('iam:AttachRolePolicy', '*', { Condition: { Bool: { x: 'true' } } })),
    ],
    [
      'a boundary of the role',
      /unless its permissions boundary forbids it/,
      role((roleConfig) =>
        Object.assign(roleConfig, {
          statements: [allow('iam:PutRolePolicy')],
          permissionsBoundary: 'arn:aws:iam::123456789012:policy/B',
        }),
      ),
    ],
    [
      'a different issuer',
      /^oidc-provider: oidcProvider\.url: https:\/\/ci\.example\.com is not GitHub's issuer: .*Write "https:/,
      ({ oidcProvider }) => set('url', 'https://ci.example.com')(oidcProvider),
    ],
    [
      'a lookalike issuer',
      /is not GitHub's issuer/,
      ({ oidcProvider }) => set('url', 'https://token.actions.githubusercontent.com.evil.io')(oidcProvider),
    ],
    [
      'an issuer with the same suffix as another',
      /is not GitHub's issuer/,
      ({ oidcProvider }) => set('url', 'https://token.actions.evil.io/x.ghe.com')(oidcProvider),
    ],
    [
      'GitHub’s default audience',
      /^oidc-provider: oidcProvider\.audiences\[1\]: "https:\/\/github\.com\/o" is GitHub's default.*Write "sts\.amazonaws\.com"/,
      ({ oidcProvider }) => set('audiences', ['sts.amazonaws.com', 'https://github.com/o'])(oidcProvider),
    ],
    [
      'the audience of Azure',
      /is that of Azure/,
      ({ oidcProvider }) => set('audiences', ['api://AzureADTokenExchange'])(oidcProvider),
    ],
    [
      'a runtime whose support has ended',
      /^function\/IncrementVisits: functions\[0\]\.runtime: AWS ended the support of python3\.10 on 2026-10-31.*from 2026-11-30 on\. Write "python3\.14"/,
      fn(set('runtime', 'python3.10')),
    ],
    [
      'a trust policy that needs a raised quota',
      new RegExp(`^${ROLE}\\.trust\\.subjects: make a trust policy of \\d{4} characters, and IAM allows 2048 unless`),
      subjects(...Array.from({ length: 40 }, (_, index) => `ref:refs/heads/a-branch-with-a-name-${index}`)),
    ],
  ])('warns of %s', (_, message, change) => {
    const warnings = harmless(change);
    expect(warnings).toContainEqual(expect.stringMatching(message));
    expect(warnings).toHaveLength(1);
  });

  it.each<[string, (config: LooseConfig) => void]>([
    [
      'pull requests that read',
      role(
        (roleConfig) =>
          Object.assign(roleConfig, { state: [{ ...roleConfig.state[0], access: 'read' }] }) &&
          subjects('pull_request')({ roles: [roleConfig] }),
      ),
    ],
    ['some branches', subjects('ref:refs/heads/release/*', 'ref:refs/tags/v*')],
    [
      'an environment with a role that only reads',
      role(
        (roleConfig) =>
          Object.assign(roleConfig, { state: [{ ...roleConfig.state[0], access: 'read' }] }) &&
          subjects('environment:production')({ roles: [roleConfig] }),
      ),
    ],
    [
      'read access to everything on any branch',
      role(
        (roleConfig) =>
          Object.assign(roleConfig, { state: [], statements: [allow(['s3:Get*', 'ec2:Describe*', 'iam:List*'])] }) &&
          subjects('*')({ roles: [roleConfig] }),
      ),
    ],
    [
      'reads whose names do not say so, in pull requests',
      role(
        (roleConfig) =>
          Object.assign(roleConfig, {
            state: [],
            statements: [allow(['ecr:BatchCheckLayerAvailability', 'kms:Decrypt', 'logs:FilterLogEvents'])],
          }) && subjects('pull_request')({ roles: [roleConfig] }),
      ),
    ],
    [
      'a Deny for everything',
      role(
        (roleConfig) =>
          Object.assign(roleConfig, { state: [], statements: [{ Effect: 'Deny', Action: '*', Resource: '*' }] }) &&
          subjects('*')({ roles: [roleConfig] }),
      ),
    ],
    [
      'an enterprise’s issuer',
      ({ oidcProvider }) => set('url', 'https://token.actions.githubusercontent.com/acme')(oidcProvider),
    ],
    [
      'an issuer with data residency',
      ({ oidcProvider }) => set('url', 'https://token.actions.acme.ghe.com')(oidcProvider),
    ],
    ['an audience of one’s own', ({ oidcProvider }) => set('audiences', ['aws.acme.example'])(oidcProvider)],
  ])('does not warn about %s', (_, change) => {
    expect(harmless(change)).toEqual([]);
  });

  it('name their role', () => {
    const warnings = harmless((config) => anotherRole(config, { statements: [allow('iam:*')] }));
    expect(warnings).toEqual([expect.stringMatching(/^role\/Another: roles\[1\]\.statements\[0\]/)]);
  });

  it('of the config that `crc init` writes: the environment that it cannot protect, and the public URL', () => {
    const config = newConfig({
      repository: 'o/r',
      region: 'eu-west-2',
      accountId: '123456789012',
      bucket: 'my-states',
      functionKind: 'typescript',
      issuer: undefined,
      ids: undefined,
      branch: 'main',
      folder: '',
    });
    const warnings = configWarnings(parseConfig(JSON.stringify(config), 'c'));
    expect([...warnings.keys()]).toEqual([
      expect.stringMatching(/^role\/.*-terraform-apply$/),
      expect.stringMatching(/^role\/.*-deploy$/),
      expect.stringMatching(/^function-url\//),
    ]);
    expect([...warnings.values()][0]?.map(({ message }) => message)).toEqual([
      'roles[1].trust.subjects[0]: "environment:production" is only as safe as its protection: without a branch rule, any branch can use it. `gh api repos/o/r/environments/production` shows its rules; `crc outputs` prints the commands that add them.',
    ]);
  });
});
