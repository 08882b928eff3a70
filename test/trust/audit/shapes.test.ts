import { describe, expect, it } from 'vitest';
import { statementsOf } from '../../../src/policies/strangers.ts';
import { FINDINGS, type NOTES } from '../../../src/trust/audit/findings.ts';
import {
  ADMIN,
  audited,
  type Conditions,
  findingsOf,
  GITHUB,
  providerOf,
  READER,
  trustOf,
  WRITER,
} from './policies.ts';

const AUD = { aud: 'sts.amazonaws.com' };
const IDS = { repository_owner_id: '1', repository_id: '2' };

/** Insecure trust policies for GitHub on a role that can write: the expected findings, and who is admitted. */
const SHAPES: readonly (readonly [what: string, Conditions, findings: readonly string[], admits: readonly string[]])[] =
  [
    ['no condition but the audience', { StringEquals: AUD }, ['critical no-subject'], ['any repository']],
    [
      'the audience and a tag of the role',
      { StringEquals: { ...AUD, 'iam:ResourceTag/Ci': 'yes' } },
      ['critical no-subject'],
      ['any repository'],
    ],
    [
      'only an environment',
      { StringEquals: { ...AUD, environment: 'production' } },
      ['critical any-repository'],
      ['any repository'],
    ],
    ['only the actor', { StringEquals: { ...AUD, actor_id: '7' } }, ['critical any-repository'], ['any repository']],
    ['repo:*', { StringEquals: AUD, StringLike: { sub: 'repo:*' } }, ['critical any-repository'], ['any repository']],
    ['*', { StringEquals: AUD, StringLike: { sub: '*' } }, ['critical any-repository'], ['any repository']],
    [
      'repo:*/*:*',
      { StringEquals: AUD, StringLike: { sub: 'repo:*/*:*' } },
      ['critical any-repository'],
      ['any repository'],
    ],
    [
      'a name that anyone can have',
      { StringEquals: AUD, StringLike: { sub: 'repo:*/site:ref:refs/heads/main' } },
      ['critical any-repository'],
      ['any repository'],
    ],
    [
      'an environment that anyone can create',
      { StringEquals: AUD, StringLike: { sub: '*:environment:production' } },
      ['critical any-repository'],
      ['any repository'],
    ],
    [
      'an id behind a wildcard',
      { StringEquals: AUD, StringLike: { sub: 'repo:*@1/*' } },
      ['critical any-repository'],
      ['any repository'],
    ],
    [
      'a variable',
      { StringEquals: { ...AUD, sub: 'repo:${aws:PrincipalTag/x}/site:pull_request' } },
      ['critical any-repository'],
      ['any repository'],
    ],
    [
      'a template that anyone can use',
      { StringEquals: { ...AUD, sub: 'environment:production' } },
      ['critical any-repository'],
      ['any repository'],
    ],
    ['repo:octo*', { StringEquals: AUD, StringLike: { sub: 'repo:octo*' } }, ['critical short-prefix'], ['repo:octo*']],
    [
      'repo:octo*/site:*',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo*/site:*' } },
      ['critical short-prefix'],
      ['repo:octo*/site:*'],
    ],
    [
      'one sign of an owner',
      { StringEquals: AUD, StringLike: { sub: 'repo:oct?/site:*' } },
      ['critical short-prefix'],
      ['repo:oct?/site:*'],
    ],
    [
      'a subject without regard to case',
      { StringEquals: AUD, StringEqualsIgnoreCase: { sub: 'Repo:Octo/Site:Pull_Request' } },
      ['medium pull-request-write', 'low mutable-name'],
      ['Repo:Octo/Site:Pull_Request'],
    ],
    [
      'the same next to a pattern in different case',
      {
        StringEquals: AUD,
        StringEqualsIgnoreCase: { sub: 'repo:OCTO/site:pull_request' },
        StringLike: { sub: 'repo:octo/*' },
      },
      ['medium pull-request-write', 'low mutable-name'],
      ['repo:OCTO/site:pull_request'],
    ],
    [
      'only a workflow',
      { StringEquals: { ...AUD, job_workflow_ref: 'octo/ci/.github/workflows/a.yml@refs/heads/main' } },
      ['medium workflow-only'],
      ['job_workflow_ref octo/ci/.github/workflows/a.yml@refs/heads/main'],
    ],
    [
      'repo:octo/*',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo/*' } },
      ['medium owner-wildcard'],
      ['repo:octo/*'],
    ],
    [
      'repo:octo@1/*',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo@1/*' } },
      ['medium owner-wildcard'],
      ['repo:octo@1/*'],
    ],
    [
      'repo:octo/site*',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo/site*' } },
      ['medium owner-wildcard'],
      ['repo:octo/site*'],
    ],
    [
      'an owner by its id',
      { StringEquals: { ...AUD, repository_owner_id: '1' }, StringLike: { sub: 'repo:*:environment:production' } },
      ['medium owner-wildcard'],
      ['repo:*:environment:production with repository_owner_id 1'],
    ],
    [
      'every job of a repository',
      { StringEquals: { ...AUD, ...IDS }, StringLike: { sub: 'repo:octo/site:*' } },
      ['medium pull-request-write'],
      ['repo:octo/site:*'],
    ],
    [
      'pull requests',
      { StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:pull_request' } },
      ['medium pull-request-write'],
      ['repo:octo@1/site@2:pull_request'],
    ],
    [
      'a repository only by its id',
      { StringEquals: { ...AUD, repository_id: '2' } },
      ['medium pull-request-write'],
      ['repository_id 2'],
    ],
    [
      'any branch',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo@1/site@2:ref:refs/heads/*' } },
      ['low any-branch'],
      ['repo:octo@1/site@2:ref:refs/heads/*'],
    ],
    [
      'any environment, also one that a workflow creates by naming it',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo@1/site@2:environment:*' } },
      ['low any-branch'],
      ['repo:octo@1/site@2:environment:*'],
    ],
    [
      'the start of an environment',
      { StringEquals: { ...AUD, ...IDS }, StringLike: { environment: 'prod*' } },
      ['low any-branch'],
      ['repository_owner_id 1, repository_id 2, environment prod*'],
    ],
    [
      'any tag, even on an unprotected branch',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo@1/site@2:ref:refs/tags/*' } },
      ['low any-branch'],
      ['repo:octo@1/site@2:ref:refs/tags/*'],
    ],
    [
      'any tag by its claim',
      { StringEquals: { ...AUD, ...IDS }, StringLike: { ref: 'refs/tags/*' } },
      ['low any-branch'],
      ['repository_owner_id 1, repository_id 2, ref refs/tags/*'],
    ],
    [
      'only ForAllValues',
      { StringEquals: AUD, 'ForAllValues:StringLike': { sub: 'repo:octo@1/site@2:ref:refs/heads/main' } },
      ['medium set-operator'],
      ['repo:octo@1/site@2:ref:refs/heads/main'],
    ],
    [
      'ForAllValues on a claim that a token may lack',
      { StringEquals: AUD, 'ForAllValues:StringEquals': { environment: 'production' } },
      ['critical no-subject'],
      ['any repository'],
    ],
    [
      'no audience',
      { StringEquals: { sub: 'repo:octo@1/site@2:ref:refs/heads/main' } },
      ['low missing-audience'],
      ['repo:octo@1/site@2:ref:refs/heads/main'],
    ],
    [
      'any audience',
      { StringEquals: { sub: 'repo:octo@1/site@2:ref:refs/heads/main' }, StringLike: { aud: '*' } },
      ['low missing-audience'],
      ['repo:octo@1/site@2:ref:refs/heads/main'],
    ],
    [
      'a different audience',
      { StringEquals: { aud: 'https://github.com/octo', sub: 'repo:octo@1/site@2:ref:refs/heads/main' } },
      ['low wrong-audience'],
      ['repo:octo@1/site@2:ref:refs/heads/main'],
    ],
    [
      'a name without ids',
      { StringEquals: { ...AUD, sub: 'repo:octo/site:ref:refs/heads/main' } },
      ['low mutable-name'],
      ['repo:octo/site:ref:refs/heads/main'],
    ],
    [
      'a name with any id',
      { StringEquals: AUD, StringLike: { sub: 'repo:octo@*/site@*:ref:refs/heads/main' } },
      ['medium owner-wildcard'],
      ['repo:octo@*/site@*:ref:refs/heads/main'],
    ],
    [
      'all except one',
      { StringEquals: AUD, StringNotLike: { sub: 'repo:evil/*' } },
      ['critical no-subject'],
      ['any repository'],
    ],
    [
      'a claim that may be left out',
      { StringEquals: AUD, StringEqualsIfExists: { environment: 'production' } },
      ['critical no-subject'],
      ['any repository'],
    ],
  ];

describe('an insecure trust policy', () => {
  it.each(SHAPES)('%s', (_, conditions, findings, admits) => {
    const role = audited(trustOf(conditions));
    expect(findingsOf(role)).toEqual(findings);
    expect(role.admits.map(({ pattern }) => pattern)).toEqual(admits);
    expect(role.severity).toBe(findings[0]?.split(' ')[0]);
    for (const { message, fix } of role.findings) expect(`${message} ${fix}`).not.toMatch(/[{}]|undefined/);
  });

  it('covers each section of docs/audit.md', () => {
    const covered = SHAPES.flatMap(([, , findings]) => findings.map((finding) => finding.split(' ')[1]));
    const testedElsewhere = ['any-principal', 'orphaned-role', 'unused-provider', 'provider-url'];
    expect([...new Set([...covered, ...testedElsewhere])].sort()).toEqual(Object.keys(FINDINGS).sort());
  });

  it.each([
    ['anyone', { Principal: '*' }],
    ['anyone of AWS', { Principal: { AWS: '*' } }],
    ['anyone of any provider', { Principal: { Federated: '*' } }],
    ['anyone except one', { Principal: undefined, NotPrincipal: { Federated: 'arn:aws:iam::1:oidc-provider/x' } }],
  ])('a principal that is %s', (_, statement) => {
    const trust = trustOf(
      { StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:ref:refs/heads/main' } },
      GITHUB,
      statement,
    );
    // Only GitHub's tokens have this claim as subject.
    expect(findingsOf(audited(trust))).toEqual(['low any-principal']);
    expect(audited(trust).notes).toEqual([]);
    const role = audited(trust, {}, [providerOf(GITHUB), providerOf('gitlab.com')]);
    expect([findingsOf(role), role.notes]).toEqual([['low any-principal'], []]);
    const open = (conditions: Conditions) => findingsOf(audited(trustOf(conditions, GITHUB, statement)));
    expect(open({})).toContain('critical any-principal');
    expect(open({ StringEqualsIfExists: { ...AUD, sub: 'repo:octo@1/site@2:ref:refs/heads/main' } })).toContain(
      'critical any-principal',
    );
    expect(open({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })).toContain('critical any-principal');
  });
});

describe('the suggested trust policy for a pattern of refs or environments', () => {
  it.each(['environment', 'ref'])('contains a branch instead of the pattern in the claim %s', (claim) => {
    const value = claim === 'ref' ? 'refs/tags/*' : 'prod*';
    const role = audited(trustOf({ StringEquals: { ...AUD, ...IDS }, StringLike: { [claim]: value } }));
    const closed = JSON.stringify(role.closed);
    expect([closed.includes('ref:refs/heads/BRANCH'), closed.includes(value)]).toEqual([true, false]);
  });

  it.each<[string, Conditions, readonly string[]]>([
    [
      'an environment',
      { StringLike: { sub: 'repo:octo-org/*' }, StringEquals: { environment: 'production' } },
      ['repo:octo-org/REPOSITORY:environment:production'],
    ],
    [
      'an environment of every repository',
      { StringLike: { sub: 'repo:*' }, StringEquals: { environment: 'a:b' } },
      ['repo:OWNER/REPOSITORY:environment:a%3Ab'],
    ],
    [
      'environments',
      { StringLike: { sub: 'repo:octo-org/*' }, StringEquals: { environment: ['a', 'b'], ref: 'refs/heads/main' } },
      ['repo:octo-org/REPOSITORY:environment:a', 'repo:octo-org/REPOSITORY:environment:b'],
    ],
    [
      'a ref',
      { StringLike: { sub: 'repo:octo-org/*' }, StringEquals: { ref: 'refs/heads/main' } },
      ['repo:octo-org/REPOSITORY:ref:refs/heads/main'],
    ],
  ])('contains the only possible subject of a job that a claim identifies by %s', (_, conditions, subjects) => {
    const closed = JSON.stringify(audited(trustOf(conditions), { policies: ADMIN }).closed);
    expect(closed).toContain(`:sub":${JSON.stringify(subjects.length === 1 ? subjects[0] : subjects)}`);
    expect(closed).not.toContain('BRANCH');
  });

  it('keeps the pattern if it excludes pull requests', () => {
    const conditions = { StringEquals: { sub: 'repo:octo/site:pull_request' }, StringLike: { ref: 'refs/heads/*' } };
    const role = audited(trustOf(conditions), { policies: ADMIN });
    expect(JSON.stringify(role.closed)).toContain('refs/heads/*');
  });
});

describe('the suggested trust policy for a statement', () => {
  it('leaves its other principals as they are', () => {
    const cluster = providerOf('oidc.eks.eu-west-2.amazonaws.com/id/ABCDEF').arn;
    const admin = 'arn:aws:iam::123456789012:role/admin';
    const Action = ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'];
    const Principal = { Federated: [providerOf(GITHUB).arn, cluster], AWS: admin };
    const { closed } = audited(trustOf({}, GITHUB, { Principal, Action }));
    const [unchanged, ci, ...more] = statementsOf(closed ?? null);
    expect(unchanged).toEqual({ Effect: 'Allow', Principal: { Federated: cluster, AWS: admin }, Action });
    expect([ci?.Principal, ci?.Action, more]).toEqual([
      { Federated: providerOf(GITHUB).arn },
      'sts:AssumeRoleWithWebIdentity',
      [],
    ]);
    const everyone = audited(trustOf({}, GITHUB, { Principal: { AWS: ['*', admin] }, Action }));
    expect(statementsOf(everyone.closed ?? null)[0]?.Principal).toEqual({ AWS: admin });
  });

  it('keeps its conditions on other keys, and those that exclude something', () => {
    const conditions = {
      StringEquals: { ...AUD, 'aws:RequestedRegion': 'eu-west-2', 'iam:ResourceTag/Ci': 'yes' },
      StringLike: { sub: 'repo:octo@1/*' },
      StringNotLike: { sub: 'repo:octo@1/fork:*' },
      IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
    };
    const { closed } = audited(trustOf(conditions));
    expect(statementsOf(closed ?? null).map(({ Condition }) => Condition)).toEqual([
      {
        StringEquals: {
          [`${GITHUB}:aud`]: 'sts.amazonaws.com',
          [`${GITHUB}:sub`]: 'repo:octo@1/REPOSITORY:ref:refs/heads/BRANCH',
          'aws:RequestedRegion': 'eu-west-2',
          'iam:ResourceTag/Ci': 'yes',
        },
        StringNotLike: { [`${GITHUB}:sub`]: 'repo:octo@1/fork:*' },
        IpAddress: { 'aws:SourceIp': '192.0.2.0/24' },
      },
    ]);
  });

  it.each([
    ['alone', {}, 'StringEqualsIgnoreCase'],
    ['beside one that does not', { StringLike: { sub: 'repo:Octo/Site:*' } }, 'StringEquals'],
  ])('keeps an operator that ignores case %s, since GitHub may spell the name otherwise', (_, more, operator) => {
    const sub = 'repo:Octo/Site:ref:refs/heads/main';
    const { closed } = audited(trustOf({ StringEquals: AUD, StringEqualsIgnoreCase: { sub }, ...more }));
    const [statement] = statementsOf(closed ?? null);
    const compared = { [`${GITHUB}:sub`]: sub };
    expect(statement?.Condition).toMatchObject({ [operator]: compared });
    const other = operator === 'StringEquals' ? 'StringEqualsIgnoreCase' : 'StringEquals';
    expect(statement?.Condition).not.toMatchObject({ [other]: compared });
  });
});

describe('a secure trust policy', () => {
  it.each<readonly [string, Conditions]>([
    ['one branch by ids', { StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:ref:refs/heads/main' } }],
    ['one branch with additional ids', { StringEquals: { ...AUD, ...IDS, sub: 'repo:octo/site:ref:refs/heads/main' } }],
    ['tags', { StringEquals: AUD, StringLike: { sub: 'repo:octo@1/site@2:ref:refs/tags/v*' } }],
    ['branches of a name', { StringEquals: AUD, StringLike: { sub: 'repo:octo@1/site@2:ref:refs/heads/release/*' } }],
    ['an environment', { StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:environment:production' } }],
    ['any case', { StringEqualsIgnoreCase: { ...AUD, sub: 'repo:octo@1/site@2:ref:refs/heads/main' } }],
    [
      'both forms',
      {
        StringEquals: { ...AUD, sub: ['repo:octo/site:ref:refs/heads/main', 'repo:octo@1/site@2:ref:refs/heads/main'] },
      },
    ],
    [
      'every job, limited to a branch',
      { StringEquals: { ...AUD, ...IDS, ref: 'refs/heads/main' }, StringLike: { sub: 'repo:octo/site:*' } },
    ],
    [
      'every job, limited to an environment',
      { StringEquals: { ...AUD, ...IDS, environment: 'production' }, StringLike: { sub: 'repo:octo/site:*' } },
    ],
    [
      'a narrow subject next to a wide one',
      { StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:ref:refs/heads/main' }, StringLike: { sub: 'repo:octo@1/*' } },
    ],
    ['a template with an id', { StringEquals: AUD, StringLike: { sub: 'repository_id:2:environment:production' } }],
  ])('%s', (_, conditions) => {
    const role = audited(trustOf(conditions), { policies: ADMIN });
    expect([findingsOf(role), role.severity, role.closed]).toEqual([[], 'none', undefined]);
  });

  it('is a read-only role for pull requests', () => {
    const trust = trustOf({ StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:pull_request' } });
    expect(findingsOf(audited(trust, { policies: READER }))).toEqual([]);
  });

  it('may have a statement that denies everything that does not match', () => {
    const document = trustOf({ StringEquals: AUD }) as { Statement: object[] };
    const [allow] = document.Statement;
    const deny = trustOf({ StringNotEquals: { sub: 'repo:octo@1/site@2:ref:refs/heads/main' } }, GITHUB, {
      Effect: 'Deny',
    });
    const [denial] = (deny as { Statement: object[] }).Statement;
    expect(findingsOf(audited({ Version: '2012-10-17', Statement: [allow, denial] } as never))).toEqual([]);
  });
});

describe('other platforms', () => {
  const circle = 'oidc.circleci.com/org/11111111-2222-3333-4444-555555555555';
  const bitbucket = 'api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc';
  it.each<readonly [what: string, issuer: string, Conditions, findings: readonly string[]]>([
    ['GitLab without a subject', 'gitlab.com', {}, ['critical no-subject', 'low missing-audience']],
    [
      'GitLab, any project',
      'gitlab.com',
      { StringLike: { sub: 'project_path:*' } },
      ['critical any-repository', 'low missing-audience'],
    ],
    [
      'GitLab, a prefix',
      'gitlab.com',
      { StringEquals: AUD, StringLike: { sub: 'project_path:ac*' } },
      ['critical short-prefix'],
    ],
    [
      'GitLab, a group',
      'gitlab.com',
      { StringEquals: AUD, StringLike: { sub: 'project_path:acme/*' } },
      ['medium owner-wildcard'],
    ],
    [
      'GitLab, a group of a group',
      'gitlab.com',
      { StringEquals: AUD, StringLike: { sub: 'project_path:acme/team/*:ref_type:branch:ref:main' } },
      ['medium owner-wildcard'],
    ],
    [
      'GitLab, a project by its name',
      'gitlab.com',
      { StringEquals: { ...AUD, sub: 'project_path:acme/site:ref_type:branch:ref:main' } },
      ['medium mutable-name'],
    ],
    [
      'GitLab, any branch',
      'gitlab.com',
      { StringEquals: { ...AUD, project_id: '5' }, StringLike: { sub: 'project_path:acme/site:*' } },
      ['low any-branch'],
    ],
    [
      'GitLab, protected branches',
      'gitlab.com',
      {
        StringEquals: { ...AUD, project_id: '5', ref_protected: 'true' },
        StringLike: { sub: 'project_path:acme/site:*' },
      },
      [],
    ],
    [
      'GitLab, right',
      'gitlab.com',
      { StringEquals: { ...AUD, project_id: '5', sub: 'project_path:acme/site:ref_type:branch:ref:main' } },
      [],
    ],
    ['a GitLab server', 'gitlab.example.com', { StringLike: { sub: 'project_path:*' } }, ['medium owner-wildcard']],
    [
      'HCP Terraform, everyone',
      'app.terraform.io',
      { StringEquals: AUD, StringLike: { sub: 'organization:*' } },
      ['critical any-repository'],
    ],
    [
      'HCP Terraform, a prefix',
      'app.terraform.io',
      { StringEquals: AUD, StringLike: { sub: 'organization:acme*' } },
      ['critical short-prefix'],
    ],
    [
      'HCP Terraform, an organization',
      'app.terraform.io',
      { StringEquals: AUD, StringLike: { sub: 'organization:acme:*' } },
      ['medium owner-wildcard'],
    ],
    [
      'HCP Terraform, a workspace',
      'app.terraform.io',
      { StringEquals: AUD, StringLike: { sub: 'organization:acme:project:*:workspace:prod:run_phase:*' } },
      [],
    ],
    [
      'Buildkite, an organization',
      'agent.buildkite.com',
      { StringEquals: AUD, StringLike: { sub: 'organization:acme:*' } },
      ['medium owner-wildcard'],
    ],
    [
      'Buildkite, a pipeline by a session tag',
      'agent.buildkite.com',
      {
        StringEquals: { ...AUD, 'aws:RequestTag/pipeline_id': 'u', 'aws:RequestTag/build_branch': 'main' },
        StringLike: { sub: 'organization:acme:pipeline:deploy:ref:refs/heads/main:*' },
      },
      [],
    ],
    [
      'Buildkite, a pipeline of anyone',
      'agent.buildkite.com',
      { StringEquals: { ...AUD, pipeline_slug: 'deploy' } },
      ['critical any-repository'],
    ],
    ['CircleCI without a subject', circle, {}, ['medium no-subject']],
    [
      'CircleCI, a project',
      circle,
      { StringLike: { sub: 'org/11111111-2222-3333-4444-555555555555/project/9/user/*' } },
      [],
    ],
    ['CircleCI, a project by its claim', circle, { StringEquals: { 'oidc.circleci.com/project-id': '9' } }, []],
    ['Bitbucket without a subject', bitbucket, {}, ['medium no-subject']],
    ['Bitbucket, a repository', bitbucket, { StringLike: { sub: '{11111111-2222-3333-4444-555555555555}:*' } }, []],
    [
      'an enterprise of GitHub',
      `${GITHUB}/acme`,
      { StringEquals: AUD, StringLike: { sub: 'repo:*' } },
      ['medium owner-wildcard'],
    ],
    [
      'an enterprise with an address',
      'token.actions.acme.ghe.com',
      { StringEquals: { ...AUD, sub: 'repo:o/r:ref:refs/heads/main' } },
      [],
    ],
    [
      'a server of GitHub',
      'github.example.com/_services/token',
      { StringEquals: AUD, StringLike: { sub: 'repo:o/*' } },
      ['medium owner-wildcard'],
    ],
  ])('%s', (_, issuer, conditions, findings) => {
    const role = audited(trustOf(conditions, issuer), { policies: WRITER }, [providerOf(issuer)]);
    expect(findingsOf(role)).toEqual(findings);
    for (const { message, fix } of role.findings) expect(`${message} ${fix}`).not.toMatch(/\{[a-z]\w*\}|undefined/);
  });

  it('have a suggested trust policy, with values from their URL and their provider', () => {
    const closed = (issuer: string, audiences: readonly string[]) =>
      JSON.stringify(audited(trustOf({}, issuer), {}, [providerOf(issuer, audiences)]).closed);
    expect(closed(circle, ['11111111-2222-3333-4444-555555555555'])).toContain(
      `"${circle}:aud":"11111111-2222-3333-4444-555555555555"},"StringLike":{"${circle}:sub":"org/11111111-2222-3333-4444-555555555555/project/PROJECT_ID/user/*"`,
    );
    expect(closed('gitlab.com', ['https://gitlab.com'])).toContain('"gitlab.com:aud":"https://gitlab.com"');
    expect(closed('gitlab.com', ['a', 'b'])).toContain('"gitlab.com:aud":"AUDIENCE"');
    // With an audience that the provider lacks, no job could log in any more.
    expect(closed(GITHUB, ['https://github.com/octo'])).toContain(`"${GITHUB}:aud":"https://github.com/octo"`);
    expect(closed(GITHUB, ['https://github.com/octo', 'sts.amazonaws.com'])).toContain(
      `"${GITHUB}:aud":"sts.amazonaws.com"`,
    );
    expect(closed(GITHUB, [])).toContain(`"${GITHUB}:aud":"sts.amazonaws.com"`);
  });

  it('do not include a cluster, a user pool and an application', () => {
    const eks = 'oidc.eks.eu-west-2.amazonaws.com/id/ABCDEF';
    expect(audited(trustOf({}, eks), {}, []).admits).toEqual([]);
  });
});

describe('a note', () => {
  const notes = (conditions: Conditions, providers = [providerOf(GITHUB)]) =>
    audited(trustOf(conditions), {}, providers).notes.map(({ id }) => id);
  it.each<readonly [keyof typeof NOTES, Conditions]>([
    ['environment-rules', { StringEquals: { ...AUD, sub: 'repo:octo@1/site@2:environment:production' } }],
    [
      'legacy-subject',
      { StringEquals: { ...AUD, sub: ['repo:o/r:ref:refs/heads/m', 'repo:o@1/r@2:ref:refs/heads/m'] } },
    ],
    ['nobody', { StringEquals: { ...AUD, sub: 'refs/heads/main' } }],
    ['nobody', { StringEquals: { ...AUD, repository_owner: 'octo' } }],
    ['nobody', { StringEquals: { ...AUD, sub: 'repo:octo/site' } }],
    // Literal stars.
    ['nobody', { StringEquals: { ...AUD, sub: 'repo:*' } }],
    ['nobody', { StringEqualsIgnoreCase: { ...AUD, sub: 'repo:octo/site:*' } }],
    ['nobody', { StringEquals: AUD, StringLike: { sub: 'repo:octo/site:${*}' } }],
    [
      'other-conditions',
      { StringEquals: { ...AUD, sub: 'repo:o@1/r@2:ref:refs/heads/m' }, IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    ],
  ])('%s', (id, conditions) => {
    expect(notes(conditions)).toEqual([id]);
  });

  it('says that the provider does not exist', () => {
    expect(notes({ StringEquals: { ...AUD, sub: 'repo:o@1/r@2:ref:refs/heads/m' } }, [])).toEqual(['missing-provider']);
  });
});

describe('the account of a role', () => {
  it('determines the severity: who can assume it, and what it may do', () => {
    const severities = (conditions: Conditions) =>
      [ADMIN, WRITER, READER, [], [{ document: undefined }]].map(
        (policies) => audited(trustOf(conditions), { policies }).severity,
      );
    expect(severities({ StringEquals: AUD })).toEqual(['critical', 'critical', 'high', 'high', 'critical']);
    expect(severities({ StringEquals: AUD, StringLike: { sub: 'repo:o/*' } })).toEqual([
      'high',
      'medium',
      'low',
      'low',
      'medium',
    ]);
    expect(severities({ StringEquals: { ...AUD, sub: 'repo:o@1/r@2:pull_request' } })).toEqual([
      'high',
      'medium',
      'none',
      'none',
      'medium',
    ]);
    expect(severities({ StringEquals: AUD, StringLike: { sub: 'repo:o@1/r@2:ref:refs/heads/*' } })).toEqual([
      'medium',
      'low',
      'none',
      'none',
      'low',
    ]);
  });

  it('explains the fix in the config, and that bootstrap fixes drift', () => {
    const trust = trustOf({ StringEquals: { ...AUD, sub: 'repo:octo/site:ref:refs/heads/main' } });
    const fix = (drifted: boolean) => audited(trust, { managed: 'config', drifted }).findings[0]?.fix;
    expect(fix(false)).toContain('Add "ownerId" and "repositoryId"');
    expect(fix(true)).toBe('The trust policy is not that of the config; `crc bootstrap` restores it.');
  });

  it('includes the role that crc created and that is no longer in the config', () => {
    const trust = trustOf({ StringEquals: { ...AUD, sub: 'repo:o@1/r@2:ref:refs/heads/m' } });
    const orphaned = audited(trust, { managed: 'crc', orphanOf: 'resume' });
    expect(findingsOf(orphaned)).toEqual(['low orphaned-role']);
    // `--orphans` alone deletes all of them, and another config of the project may have this one.
    expect(orphaned.findings[0]?.fix).toMatch(
      new RegExp(`^If another config .* ignore this\\..* --orphans --only role/${orphaned.name}\``),
    );
  });
});
