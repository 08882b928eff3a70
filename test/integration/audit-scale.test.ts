import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { spawnCli } from '../helpers/cli.ts';
import { ACCOUNT } from '../helpers/context.ts';
import { auditDocumentSchema } from '../helpers/documents.ts';
import { type FakeAccount, type FakeIamServer, type FakeRoleDetail, startIam } from '../helpers/fake-iam-server.ts';
import { folderWith } from '../helpers/folder.ts';
import { type Conditions, GITHUB, trustOf } from '../trust/audit/policies.ts';

const AUD = { aud: 'sts.amazonaws.com' };
const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
const DEPLOYS = `arn:aws:iam::${ACCOUNT}:policy/Deploys`;
const WRITES = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }] };
const READS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:Get*', 'kms:Decrypt'], Resource: '*' }],
};

/** Twelve faults. Each occurs five times, in the roles of different teams. */
const FAULTS: readonly ((team: string) => readonly [findings: readonly string[], Conditions, issuer?: string])[] = [
  () => [['no-subject'], { StringEquals: AUD }],
  () => [['any-repository'], { StringEquals: AUD, StringLike: { sub: 'repo:*' } }],
  (team) => [['any-repository'], { StringEquals: AUD, StringLike: { sub: `repo:*/${team}:ref:refs/heads/main` } }],
  (team) => [['short-prefix'], { StringEquals: AUD, StringLike: { sub: `repo:${team}*` } }],
  (team) => [['owner-wildcard'], { StringEquals: AUD, StringLike: { sub: `repo:${team}/*` } }],
  (team) => [['pull-request-write'], { StringEquals: AUD, StringLike: { sub: `repo:${team}@1/site@2:*` } }],
  (team) => [['any-branch'], { StringEquals: AUD, StringLike: { sub: `repo:${team}@1/site@2:ref:refs/heads/*` } }],
  (team) => [
    ['set-operator'],
    { StringEquals: AUD, 'ForAllValues:StringEquals': { sub: `repo:${team}@1/site@2:ref:refs/heads/main` } },
  ],
  (team) => [['missing-audience'], { StringEquals: { sub: `repo:${team}@1/site@2:ref:refs/heads/main` } }],
  (team) => [['mutable-name'], { StringEquals: { ...AUD, sub: `repo:${team}/site:ref:refs/heads/main` } }],
  (team) => [
    ['workflow-only'],
    { StringEquals: { ...AUD, job_workflow_ref: `${team}/ci/.github/workflows/a.yml@refs/heads/main` } },
  ],
  (team) => [['owner-wildcard'], { StringEquals: AUD, StringLike: { sub: `project_path:${team}/*` } }, 'gitlab.com'],
];

/** Correct trust policies for branches, environments, tags, pull requests and pipelines. */
const CORRECT: readonly ((team: string) => Pick<FakeRoleDetail, 'trust' | 'inline' | 'attached'>)[] = [
  (team) => ({
    trust: trustOf({ StringEquals: { ...AUD, sub: `repo:${team}@1/site@2:ref:refs/heads/main` } }) as object,
    inline: [WRITES],
    attached: [],
  }),
  (team) => ({
    trust: trustOf({ StringEquals: { ...AUD, sub: `repo:${team}@1/site@2:environment:production` } }) as object,
    inline: [],
    attached: [ADMINISTRATOR],
  }),
  (team) => ({
    trust: trustOf({ StringEquals: { ...AUD, sub: `repo:${team}@1/site@2:pull_request` } }) as object,
    inline: [READS],
    attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
  }),
  (team) => ({
    trust: trustOf({ StringEquals: AUD, StringLike: { sub: `repo:${team}@1/site@2:ref:refs/tags/v*` } }) as object,
    inline: [],
    attached: [DEPLOYS],
  }),
  (team) => ({
    trust: trustOf(
      { StringEquals: { ...AUD, project_id: '5', sub: `project_path:${team}/site:ref_type:branch:ref:main` } },
      'gitlab.com',
    ) as object,
    inline: [WRITES],
    attached: [],
  }),
  // For a service, another account and a cluster, so not for CI.
  () => ({
    trust: { Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }] },
    inline: [WRITES],
    attached: [],
  }),
  () => ({
    trust: {
      Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::210987654321:root' }, Action: 'sts:AssumeRole' }],
    },
    inline: [],
    attached: [ADMINISTRATOR],
  }),
  (team) => ({
    trust: trustOf({}, `oidc.eks.eu-west-2.amazonaws.com/id/${team}`) as object,
    inline: [WRITES],
    attached: [],
  }),
];

/** A thousand roles, sixty of which have a fault. Their policies have a realistic size. */
function account(): FakeAccount {
  const filler = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: Array.from({ length: 40 }, (_, index) => `arn:aws:s3:::bucket-${index}/*`),
      },
    ],
  };
  const roles = Array.from({ length: 1_000 }, (_, index): FakeRoleDetail => {
    const team = `team${index}`;
    const name = `Role${String(index).padStart(4, '0')}`;
    const fault = index % 16 === 7 && index < 960 ? FAULTS[Math.floor(index / 16) % FAULTS.length]?.(team) : undefined;
    if (fault !== undefined) {
      const [findings, conditions, issuer = GITHUB] = fault;
      return { name, trust: trustOf(conditions, issuer) as object, inline: [WRITES, filler], attached: [], findings };
    }
    const right = CORRECT[index % CORRECT.length]?.(team) ?? { trust: {}, inline: [], attached: [] };
    return { name, ...right, inline: [...right.inline, filler], findings: [] };
  });
  return {
    roles,
    providers: { [GITHUB]: ['sts.amazonaws.com'], 'gitlab.com': ['sts.amazonaws.com'] },
    policies: { [ADMINISTRATOR]: { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }, [DEPLOYS]: WRITES },
  };
}

describe('crc audit in an account of 1,000 roles', () => {
  let iam: FakeIamServer;
  afterEach(() => iam.stop());

  it('finds all of 60 planted faults and nothing else, in 200 MiB, page by page, and even when throttled', async () => {
    const fakeAccount = account();
    iam = await startIam(fakeAccount, 4);
    const cwd = folderWith({});
    const file = join(cwd, 'memory');
    const meter = join(cwd, 'meter.mjs');
    writeFileSync(
      meter,
      `import { writeFileSync } from 'node:fs';
       process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`,
    );
    const { code, stdout, stderr } = await spawnCli(['audit', '--json'], {
      cwd,
      env: {
        AWS_ENDPOINT_URL: iam.endpoint,
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
        NODE_OPTIONS: `--import=${meter}`,
      },
    });
    expect(code, stderr).toBe(2);
    const document = auditDocumentSchema.parse(JSON.parse(stdout));
    const faulty = fakeAccount.roles.filter(({ findings }) => findings.length > 0);
    expect(faulty).toHaveLength(60);
    expect(
      document.roles
        .filter(({ findings }) => findings.length > 0)
        .map(({ name, findings }) => [name, findings.map(({ id }) => id)])
        .sort(),
    ).toEqual(faulty.map(({ name, findings }) => [name, findings]));
    expect(document.roles.map(({ severity }) => severity)).toEqual(
      [...document.roles.map(({ severity }) => severity)].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)),
    );
    // The account, five pages of roles, two providers and their list, and two calls for each managed policy that crc
    // does not know.
    expect(document.apiCalls).toEqual({ read: 1 + 5 + 3 + 4, write: 0 });
    expect(iam.calls.length).toBeGreaterThan(13);
    expect([...new Set(iam.calls)].sort()).toEqual([
      'GetAccountAuthorizationDetails',
      'GetCallerIdentity',
      'GetOpenIDConnectProvider',
      'GetPolicy',
      'GetPolicyVersion',
      'ListOpenIDConnectProviders',
    ]);
    const mebibytes = Number(readFileSync(file, 'utf8')) / 1024;
    expect(mebibytes, `${mebibytes} MiB`).toBeLessThan(200);
  });
});

const ORDER = ['critical', 'high', 'medium', 'low', 'none'];
