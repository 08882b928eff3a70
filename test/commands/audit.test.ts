import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetAccountAuthorizationDetailsCommand,
  GetOpenIDConnectProviderCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  type RoleDetail,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../src/cli.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { roleDocuments } from '../../src/config/role-documents.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { ACCOUNT, REGION } from '../helpers/context.ts';
import { auditDocumentSchema } from '../helpers/documents.ts';
import { awsError } from '../helpers/fake-aws.ts';
import { folderWith } from '../helpers/folder.ts';
import { captureIo } from '../helpers/io.ts';
import { GITHUB, providerOf, trustOf } from '../trust/audit/policies.ts';

/** Mocks classes that other test files share, so it must not run before the first test of this file. */
const createMocks = () => ({ sts: mockClient(STSClient), iam: mockClient(IAMClient) });
let mocks: ReturnType<typeof createMocks>;
beforeAll(() => {
  mocks = createMocks();
});
afterAll(() => {
  for (const mock of Object.values(mocks)) mock.restore();
});
const AUD = { aud: 'sts.amazonaws.com' };
const MANAGED = `arn:aws:iam::${ACCOUNT}:policy/Deploys`;
const SECURE = trustOf({ StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:ref:refs/heads/main' } });

const roleOf = (RoleName: string, trust: unknown, more: Partial<RoleDetail> = {}): RoleDetail => ({
  RoleName,
  Arn: `arn:aws:iam::${ACCOUNT}:role/${RoleName}`,
  AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trust)),
  ...more,
});

beforeEach(() => {
  for (const mock of Object.values(mocks)) mock.reset();
  mocks.sts.on(GetCallerIdentityCommand).resolves({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/me` });
  mocks.iam
    .on(ListOpenIDConnectProvidersCommand)
    .resolves({ OpenIDConnectProviderList: [{ Arn: providerOf(GITHUB).arn }] });
  mocks.iam
    .on(GetOpenIDConnectProviderCommand)
    .resolves({ Url: GITHUB, ClientIDList: ['sts.amazonaws.com'], ThumbprintList: [] });
  mocks.iam.on(GetPolicyCommand).resolves({ Policy: { Arn: MANAGED, DefaultVersionId: 'v3' } });
  mocks.iam.on(GetPolicyVersionCommand).resolves({
    PolicyVersion: {
      Document: encodeURIComponent('{"Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}'),
    },
  });
});

/** Sets the account's roles, each on a separate page. */
function setRoles(...roles: readonly RoleDetail[]): void {
  roles.forEach((role, index) => {
    const Marker = index === 0 ? undefined : `M${index}`;
    const IsTruncated = index + 1 < roles.length;
    mocks.iam
      .on(GetAccountAuthorizationDetailsCommand, { Filter: ['Role'], MaxItems: 200, Marker })
      .resolves({ RoleDetailList: [role], IsTruncated, ...(IsTruncated ? { Marker: `M${index + 1}` } : {}) });
  });
}

async function crc(args: readonly string[], cwd = folderWith({}), env: Record<string, string> = {}) {
  const { io, out, err } = captureIo({ cwd, env: { AWS_REGION: REGION, ...env } });
  const code = await run(['node', 'crc', 'audit', ...args], io);
  return { code, out: out(), err: err() };
}

const documentOf = async (cwd?: string, ...args: readonly string[]) => {
  const { code, out } = await crc([...args, '--json'], cwd);
  return { code, ...auditDocumentSchema.parse(JSON.parse(out)) };
};

describe('crc audit', () => {
  it.each([
    ['a slash, as PHP writes it', (text: string) => text.replaceAll('/', '\\/')],
    ['any character', (text: string) => text.replaceAll('oidc', 'oid\\u0063')],
  ])('sees a role whose trust policy has %s escaped, which IAM keeps', async (_, escaped) => {
    const text = escaped(JSON.stringify(trustOf({ StringEquals: AUD })));
    setRoles({ ...roleOf('A', {}), AssumeRolePolicyDocument: encodeURIComponent(text) });
    const { roles } = await documentOf();
    expect(roles.map(({ name, severity }) => [name, severity])).toEqual([['A', 'high']]);
  });

  it('reads all pages and each managed policy once, but no details of roles that CI cannot assume', async () => {
    const attached = { AttachedManagedPolicies: [{ PolicyArn: MANAGED }] };
    const service = {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    setRoles(
      roleOf('A', SECURE, attached),
      roleOf('B', trustOf({ StringEquals: AUD }), attached),
      roleOf('C', service, { AttachedManagedPolicies: [{ PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/Other` }] }),
      roleOf('D', SECURE, { AttachedManagedPolicies: [{ PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }] }),
    );
    const { code, status, roles, apiCalls } = await documentOf();
    expect([code, status]).toEqual([2, 'findings']);
    expect(roles.map(({ name, power, severity }) => [name, power, severity])).toEqual([
      ['B', 'write', 'critical'],
      ['A', 'write', 'none'],
      ['D', 'read', 'none'],
    ]);
    expect(mocks.iam.commandCalls(GetPolicyVersionCommand).map(({ args }) => args[0].input)).toEqual([
      { PolicyArn: MANAGED, VersionId: 'v3' },
    ]);
    expect(apiCalls.write).toBe(0);
  });

  it('reads permissions boundaries, which limit the power of a role', async () => {
    const allowEverything = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
    const inlinePolicy = { RolePolicyList: [{ PolicyName: 'p', PolicyDocument: encodeURIComponent(allowEverything) }] };
    setRoles(
      roleOf('A', SECURE, inlinePolicy),
      roleOf('B', SECURE, { ...inlinePolicy, PermissionsBoundary: { PermissionsBoundaryArn: MANAGED } }),
    );
    const { roles } = await documentOf();
    expect(roles.map(({ name, power }) => [name, power])).toEqual([
      ['A', 'administrator'],
      ['B', 'write'],
    ]);
  });

  it.each([
    ['nothing', 0, 'clean', [SECURE], []],
    ['a low finding', 2, 'findings', [trustOf({ StringEquals: { ...AUD, sub: 'repo:o/r:ref:refs/heads/m' } })], []],
    [
      'a low finding that does not count',
      0,
      'findings',
      [trustOf({ StringEquals: { ...AUD, sub: 'repo:o/r:ref:refs/heads/m' } })],
      ['--fail-on', 'medium'],
    ],
    ['a finding that counts', 2, 'findings', [trustOf({ StringEquals: AUD })], ['--fail-on', 'high']],
  ] as const)('exit code: %s', async (_, exit, status, trusts, args) => {
    setRoles(...trusts.map((trust, index) => roleOf(`R${index}`, trust)));
    expect(await documentOf(undefined, ...args)).toMatchObject({ code: exit, status });
  });

  it('reports what could not be read, and still shows the rest', async () => {
    setRoles(
      roleOf('A', SECURE, { AttachedManagedPolicies: [{ PolicyArn: MANAGED }] }),
      roleOf('B', trustOf({ StringEquals: AUD })),
    );
    mocks.iam.on(GetPolicyCommand).rejects(awsError('AccessDenied', 403));
    const { code, status, roles, unread } = await documentOf();
    expect([code, status, unread.map(({ name }) => name)]).toEqual([1, 'failed', [MANAGED]]);
    expect(roles.map(({ name, power }) => [name, power])).toEqual([
      ['B', 'read'],
      ['A', 'unknown'],
    ]);
  });

  it('assumes any audience for a provider that could not be read', async () => {
    setRoles(roleOf('A', SECURE));
    mocks.iam.on(GetOpenIDConnectProviderCommand).rejects(awsError('AccessDenied', 403));
    const { code, roles, providers } = await documentOf();
    expect([code, roles.map(({ findings }) => findings), providers.map(({ audiences }) => audiences)]).toEqual([
      1,
      [[]],
      [[]],
    ]);
  });

  it('fails with a fix if it may not list roles', async () => {
    mocks.iam.on(GetAccountAuthorizationDetailsCommand).rejects(awsError('AccessDenied', 403));
    const { code, err } = await crc([]);
    expect(code).toBe(1);
    expect(err).toContain('`crc permissions audit` prints all permissions');
  });

  it('treats a policy that was deleted in the meantime as missing', async () => {
    setRoles(roleOf('A', SECURE, { AttachedManagedPolicies: [{ PolicyArn: MANAGED }] }));
    mocks.iam.on(GetPolicyCommand).rejects(awsError('NoSuchEntityException', 404));
    expect(await documentOf()).toMatchObject({ code: 0, roles: [{ power: 'read', abilities: [] }] });
  });

  it('reports that no role trusts a provider', async () => {
    setRoles();
    mocks.iam.on(GetAccountAuthorizationDetailsCommand).resolves({ RoleDetailList: [], IsTruncated: false });
    const { code, providers } = await documentOf();
    expect([code, providers.map(({ findings }) => findings.map(({ id }) => id))]).toEqual([2, [['unused-provider']]]);
  });

  it('distinguishes roles in the config, unlisted roles of crc, and roles of others', async () => {
    const config = backendConfig();
    config.project = 'resume';
    const cwd = writeConfig(config);
    const parsed = parseConfig(readFileSync(join(cwd, 'crc.config.json'), 'utf8'), 'crc.config.json');
    const [role] = parsed.roles;
    if (role === undefined) throw new Error('the example has a role');
    const tags = (project: string) => ({
      Tags: [
        { Key: 'ManagedBy', Value: 'crc' },
        { Key: 'crc:project', Value: project },
      ],
    });
    const { trust } = roleDocuments(parsed, role, { accountId: ACCOUNT, region: parsed.region });
    setRoles(
      roleOf(role.name, trust, tags('resume')),
      roleOf('Lost', SECURE, tags('resume')),
      roleOf('OfAnother', SECURE, tags('blog')),
      roleOf('Other', SECURE),
    );
    const { roles } = await documentOf(cwd);
    expect(roles.map(({ name, managed, findings }) => [name, managed, findings.map(({ id }) => id)])).toEqual([
      [role.name, 'config', ['mutable-name']],
      ['Lost', 'crc', ['orphaned-role']],
      ['OfAnother', 'crc', []],
      ['Other', 'other', []],
    ]);
    expect(roles[0]?.findings[0]?.fix).toContain('"ownerId"');
    setRoles(roleOf(role.name, trustOf({ StringEquals: AUD }), tags('resume')));
    expect((await documentOf(cwd)).roles[0]?.findings[0]?.fix).toContain('`crc bootstrap` restores it');
    for (const foreign of [[], tags('blog').Tags]) {
      setRoles(roleOf(role.name, trustOf({ StringEquals: AUD }), { Tags: foreign }));
      expect((await documentOf(cwd)).roles[0]?.findings[0]?.fix).toContain('`crc plan` shows what managing it takes');
    }
  });

  it('shows one role with details, and rejects an unknown name', async () => {
    setRoles(roleOf('DeployRole', trustOf({ StringEquals: AUD })));
    const { code, out, err } = await crc(['--role', 'DeployRole']);
    expect([code, err]).toEqual([2, expect.not.stringContaining('Next:')]);
    expect(out).toContain('"token.actions.githubusercontent.com:sub": "repo:OWNER/REPOSITORY:ref:refs/heads/BRANCH"');
    const unknown = await crc(['--role', 'DeplyRole']);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining('Did you mean --role DeployRole?')]);
  });

  it('shows the next step, and writes its report to the summary of a job', async () => {
    setRoles(roleOf('DeployRole', trustOf({ StringEquals: AUD })));
    const summary = join(folderWith({}), 'summary.md');
    const { err } = await crc([], undefined, { GITHUB_STEP_SUMMARY: summary });
    expect(err).toContain('Next: `crc audit --role DeployRole` shows why');
    expect(readFileSync(summary, 'utf8')).toContain('| high | `DeployRole` |');
  });

  it('with --markdown leaves the summary to what stdout is redirected to', async () => {
    setRoles(roleOf('DeployRole', trustOf({ StringEquals: AUD })));
    const folder = folderWith({ 'summary.md': '' });
    const { out } = await crc(['--markdown'], undefined, { GITHUB_STEP_SUMMARY: join(folder, 'summary.md') });
    expect(out).toContain('| high | `DeployRole` |');
    expect(readFileSync(join(folder, 'summary.md'), 'utf8')).toBe('');
  });

  it('names the config by its path in the repository, also in a folder whose name has a backslash', async () => {
    setRoles(roleOf('DeployRole', trustOf({ StringEquals: AUD })));
    const folder = folderWith({ '.git/HEAD': '', 'a\\b/x': '' });
    const { out } = await crc(['--sarif'], join(folder, 'a\\b'));
    expect(out).toContain('"uri": "a%5Cb/crc.config.json"');
  });

  it('prints SARIF and Markdown unchanged', async () => {
    setRoles(roleOf('DeployRole', trustOf({ StringEquals: AUD })));
    expect(JSON.parse((await crc(['--sarif'])).out).runs[0].results).toHaveLength(1);
    expect((await crc(['--markdown'])).out).toMatch(/^### crc audit: account/);
    expect(await crc(['--sarif', '--markdown'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be used together'),
    });
  });

  it('finds its region without a config, or uses that of IAM', async () => {
    setRoles(roleOf('A', SECURE));
    expect((await documentOf()).region).toBe(REGION);
    expect(await crc([], undefined, { AWS_REGION: 'eu-wst-2' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('did you mean "eu-west-2"?'),
    });
  });
});
