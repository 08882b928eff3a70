import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { asJson } from '../../src/policies/canonical.ts';
import { subjectsOf, trustPolicy } from '../../src/policies/trust.ts';
import { CAUSES, type CauseId } from '../../src/trust/causes/index.ts';
import type { Claim } from '../../src/trust/condition-keys.ts';
import { diagnose } from '../../src/trust/diagnose.ts';
import type { LiveProvider, Presentation, Target } from '../../src/trust/login.ts';
import { claimsOfSubject } from '../../src/trust/subject.ts';
import { ACCOUNT } from '../helpers/context.ts';

const URL = 'https://token.actions.githubusercontent.com';
const ISSUER = 'token.actions.githubusercontent.com';
const ARN = `arn:aws:iam::${ACCOUNT}:oidc-provider/${ISSUER}`;
const AUD = `${ISSUER}:aud`;
const SUB = `${ISSUER}:sub`;
const MAIN = 'repo:o/r:ref:refs/heads/main';
const NOT_AUTHORIZED = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';

const PROVIDER: LiveProvider = { arn: ARN, url: URL, audiences: ['sts.amazonaws.com'], otherProviders: [] };
const ROLE = { name: 'R', arn: `arn:aws:iam::${ACCOUNT}:role/R`, maxSessionSeconds: 3_600 };

/** The statement that crc would write, with some parts replaced. */
function trust(condition: Record<string, Record<string, Json>>, other: Record<string, Json> = {}): Json {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: ARN },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: condition,
        ...other,
      },
    ],
  };
}

const forSubject = (sub: Json, operator = 'StringEquals') =>
  operator === 'StringEquals'
    ? trust({ StringEquals: { [AUD]: 'sts.amazonaws.com', [SUB]: sub } })
    : trust({ StringEquals: { [AUD]: 'sts.amazonaws.com' }, [operator]: { [SUB]: sub } });

interface Case {
  readonly causes: readonly CauseId[];
  readonly title: string;
  readonly policy?: Json;
  readonly subject?: string;
  readonly presentation?: Partial<Presentation>;
  readonly claims?: Readonly<Record<string, string | null>>;
  readonly provider?: Partial<LiveProvider>;
  /** Part of the message in GitHub's log or from AWS. */
  readonly message: string;
  /** Part of the suggested fix. */
  readonly fix: string;
  /** Part of the cause. */
  readonly cause?: string;
}

const CASES: readonly Case[] = [
  {
    causes: ['provider-missing'],
    title: 'no provider',
    provider: { audiences: undefined, otherProviders: [`arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`] },
    message: 'No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com',
    fix: 'Create it',
  },
  {
    causes: ['provider-trailing-slash'],
    title: 'a provider whose URL ends with a slash',
    provider: { audiences: undefined, otherProviders: [`${ARN}/`] },
    message: 'No OpenIDConnect provider found in your account',
    fix: `Create ${ARN}`,
  },
  {
    causes: ['provider-trailing-slash'],
    title: 'a trust policy whose provider ends with a slash',
    policy: trust({}, { Principal: { Federated: `${ARN}/` } }),
    message: 'No OpenIDConnect provider found in your account',
    fix: `Create ${ARN}`,
  },
  {
    causes: ['provider-other-account'],
    title: 'a trust policy with the provider of another account',
    policy: trust({}, { Principal: { Federated: ARN.replace(ACCOUNT, '999999999999') } }),
    message: NOT_AUTHORIZED,
    fix: `Trust ${ARN}`,
  },
  {
    causes: ['provider-audience'],
    title: 'a provider without the audience',
    provider: { audiences: ['https://github.com/o'] },
    message: 'Incorrect token audience',
    fix: 'oidcProvider.audiences',
  },
  {
    causes: ['provider-issuer'],
    title: 'a token of GitHub Enterprise',
    claims: { iss: 'https://token.actions.githubusercontent.com/my-enterprise' },
    message: 'No OpenIDConnect provider found in your account',
    fix: 'oidcProvider.url',
  },
  { causes: ['role-missing'], title: 'no role', policy: undefined, message: NOT_AUTHORIZED, fix: 'Create it' },
  {
    causes: ['role-other-account'],
    title: 'a role of another account',
    presentation: { roleArn: 'arn:aws:iam::999999999999:role/R', job: 'deploy' },
    message: NOT_AUTHORIZED,
    fix: ROLE.arn,
  },
  ...[
    ['with a path', `arn:aws:iam::${ACCOUNT}:role/ci/R`],
    ['of another partition', `arn:aws-cn:iam::${ACCOUNT}:role/R`],
  ].map(
    ([title, roleArn]): Case => ({
      causes: ['role-other-arn'],
      title: `the ARN of the role ${title}`,
      presentation: { roleArn, job: 'deploy' },
      message: NOT_AUTHORIZED,
      fix: ROLE.arn,
    }),
  ),
  {
    causes: ['audience-condition'],
    title: 'the policy requires the URL of the owner as aud',
    policy: trust({ StringEquals: { [AUD]: 'https://github.com/o', [SUB]: MAIN } }),
    message: NOT_AUTHORIZED,
    fix: 'sts.amazonaws.com',
  },
  {
    causes: ['wildcard-in-string-equals'],
    title: 'StringEquals with a wildcard',
    policy: forSubject('repo:o/*'),
    message: NOT_AUTHORIZED,
    fix: 'Use StringLike',
  },
  {
    causes: ['case'],
    title: 'the owner in different case',
    policy: forSubject('repo:O/r:ref:refs/heads/main'),
    message: NOT_AUTHORIZED,
    fix: MAIN,
  },
  {
    causes: ['case'],
    title: 'the repository in different case, with StringLike',
    policy: forSubject('repo:o/R:*', 'StringLike'),
    message: NOT_AUTHORIZED,
    fix: MAIN,
  },
  {
    causes: ['subject-form'],
    title: 'an immutable subject when the legacy one is trusted',
    policy: forSubject('repo:o/r:*', 'StringLike'),
    subject: 'repo:o@11/r@22:ref:refs/heads/main',
    message: NOT_AUTHORIZED,
    fix: 'ownerId and repositoryId',
  },
  {
    causes: ['subject-form'],
    title: 'a legacy subject when the immutable one is trusted',
    policy: forSubject('repo:o@11/r@22:ref:refs/heads/main'),
    message: NOT_AUTHORIZED,
    fix: 'ownerId and repositoryId',
  },
  {
    causes: ['environment-subject', 'subject-form'],
    title: 'an immutable subject with an environment when a legacy branch is trusted',
    policy: forSubject(MAIN),
    subject: 'repo:o@11/r@22:environment:production',
    message: NOT_AUTHORIZED,
    fix: 'environment:production',
  },
  {
    causes: ['environment-subject'],
    title: 'an environment of the job',
    policy: forSubject(MAIN),
    subject: 'repo:o/r:environment:production',
    message: NOT_AUTHORIZED,
    fix: 'Add "environment:production"',
  },
  {
    causes: ['environment-missing'],
    title: 'no environment when one is trusted',
    policy: forSubject('repo:o/r:environment:production'),
    message: NOT_AUTHORIZED,
    fix: 'environment:',
  },
  {
    causes: ['environment-missing'],
    title: 'no environment when its claim is required',
    policy: trust({ StringEquals: { [SUB]: MAIN, [`${ISSUER}:environment`]: 'production' } }),
    message: NOT_AUTHORIZED,
    fix: 'environment:',
  },
  {
    causes: ['case'],
    title: 'the environment in different case',
    policy: forSubject('repo:o/r:environment:production'),
    subject: 'repo:o/r:environment:Production',
    message: NOT_AUTHORIZED,
    fix: 'Production',
  },
  {
    causes: ['other-environment'],
    title: 'an environment with a different name',
    policy: forSubject('repo:o/r:environment:production'),
    subject: 'repo:o/r:environment:staging',
    message: NOT_AUTHORIZED,
    fix: 'environment:staging',
  },
  {
    causes: ['pull-request-subject'],
    title: 'a pull request when a branch is trusted',
    policy: forSubject(MAIN),
    subject: 'repo:o/r:pull_request',
    message: NOT_AUTHORIZED,
    fix: 'Add "pull_request"',
  },
  {
    causes: ['tag-subject'],
    title: 'a tag when a branch is trusted',
    policy: forSubject(MAIN),
    subject: 'repo:o/r:ref:refs/tags/v1',
    message: NOT_AUTHORIZED,
    fix: 'ref:refs/tags/v1',
  },
  {
    causes: ['branch-subject'],
    title: 'a different branch',
    policy: forSubject(MAIN),
    subject: 'repo:o/r:ref:refs/heads/feature',
    message: NOT_AUTHORIZED,
    fix: 'ref:refs/heads/feature',
  },
  {
    causes: ['other-repository'],
    title: 'a repository that was renamed',
    policy: forSubject('repo:o/before:*', 'StringLike'),
    message: NOT_AUTHORIZED,
    fix: 'set trust.repository to o/r',
  },
  {
    causes: ['reusable-workflow'],
    title: 'the repository of the called workflow in sub',
    policy: forSubject('repo:o/shared:*', 'StringLike'),
    claims: { job_workflow_ref: 'o/shared/.github/workflows/deploy.yml@refs/heads/main' },
    message: NOT_AUTHORIZED,
    fix: 'calling repository',
  },
  {
    causes: ['reusable-workflow'],
    title: 'a different called workflow',
    policy: trust({
      StringEquals: { [SUB]: MAIN },
      StringLike: { [`${ISSUER}:job_workflow_ref`]: 'o/shared/.github/workflows/deploy.yml@*' },
    }),
    claims: { job_workflow_ref: 'o/r/.github/workflows/own.yml@refs/heads/main' },
    message: NOT_AUTHORIZED,
    fix: 'calling repository',
  },
  {
    causes: ['custom-template'],
    title: 'a template for subjects, given as a subject alone',
    policy: forSubject(MAIN),
    subject: 'repository_owner:o:repository_visibility:private',
    message: NOT_AUTHORIZED,
    fix: 'repos/o/r/actions/oidc/customization/sub',
  },
  {
    causes: ['custom-template'],
    title: 'a template for subjects',
    policy: forSubject(MAIN),
    subject: 'repository_owner:o:repository_visibility:private',
    claims: { repository: 'o/r' },
    message: NOT_AUTHORIZED,
    fix: 'repos/o/r/actions/oidc/customization/sub',
  },
  {
    causes: ['unknown-key'],
    title: 'a condition on repository_owner',
    policy: trust({ StringEquals: { [SUB]: MAIN, [`${ISSUER}:repository_owner`]: 'o' } }),
    message: NOT_AUTHORIZED,
    fix: 'then remove the condition',
  },
  {
    causes: ['unknown-key'],
    title: "a condition on a different provider's key",
    policy: trust({ StringEquals: { [SUB]: MAIN, 'gitlab.com:sub': 'x' } }),
    message: NOT_AUTHORIZED,
    fix: 'then remove the condition',
  },
  {
    causes: ['set-operator'],
    title: 'ForAnyValue on a claim that the token does not have',
    policy: trust({
      StringEquals: { [SUB]: MAIN },
      'ForAnyValue:StringEquals': { [`${ISSUER}:environment`]: 'production' },
    }),
    message: NOT_AUTHORIZED,
    fix: 'Remove ForAllValues or ForAnyValue',
  },
  {
    causes: ['two-operators'],
    title: 'StringEquals and StringLike on sub',
    policy: trust({ StringEquals: { [SUB]: MAIN }, StringLike: { [SUB]: 'repo:o/r:environment:*' } }),
    message: NOT_AUTHORIZED,
    fix: 'one StringLike list',
  },
  {
    causes: ['excluded'],
    title: 'StringNotLike next to a matching StringLike',
    policy: trust({
      StringEquals: { [AUD]: 'sts.amazonaws.com' },
      StringLike: { [SUB]: 'repo:o/r:*' },
      StringNotLike: { [SUB]: 'repo:o/r:pull_request' },
    }),
    subject: 'repo:o/r:pull_request',
    message: NOT_AUTHORIZED,
    fix: 'remove repo:o/r:pull_request from StringNotLike',
  },
  {
    causes: ['wildcard-in-ignore-case'],
    title: 'StringEqualsIgnoreCase with a wildcard',
    policy: forSubject('repo:O/r:*', 'StringEqualsIgnoreCase'),
    message: NOT_AUTHORIZED,
    fix: 'Use StringLike',
  },
  ...[
    ['repo:o/r', 'nothing follows the repository; write "repo:o/r:*"'],
    ['o/r:*', '"repo:" is missing at its start; write "repo:o/r:*"'],
    ['repo:o/r:refs/heads/main', 'write "ref:refs/heads/main"'],
    ['repo:o/r:ref:refs/head/main', 'write "ref:refs/heads/main"'],
    ['repo:o/r:branch:main', 'write "ref:refs/heads/main"'],
    ['repo:o/r:ref:refs/pull/*', 'write "pull_request"'],
    ['repo:o/r:ref:refs/heads/main ', 'it has a space at its end; write "repo:o/r:ref:refs/heads/main"'],
    ['refs/heads/main', 'a subject begins with "repo:OWNER/NAME:"'],
    ['refs/heads/*', 'a subject begins with "repo:OWNER/NAME:"'],
    ['repo:<owner>/<repository>:*', 'a placeholder in it was never replaced'],
    ['repo:YOUR_ORG/YOUR_REPO:*', 'a placeholder in it was never replaced'],
    ['repo:${GitHub::owner}/${GitHub::repository}:*', 'a placeholder in it was never replaced'],
  ].map(
    ([subject = '', message = '']): Case => ({
      causes: ['never-sent'],
      title: `a subject that GitHub never sends: ${JSON.stringify(subject)}`,
      policy: forSubject(subject, 'StringLike'),
      message: NOT_AUTHORIZED,
      fix: 'trust.subjects of the role R',
      cause: message,
    }),
  ),
  {
    causes: ['claim-mismatch'],
    title: 'a different ref from the one in the policy',
    policy: trust({ StringEquals: { [SUB]: 'repo:o/r:environment:production', [`${ISSUER}:ref`]: 'refs/heads/main' } }),
    subject: 'repo:o/r:environment:production',
    claims: { ref: 'refs/heads/feature' },
    message: NOT_AUTHORIZED,
    fix: 'change the condition',
  },
  {
    causes: ['explicit-deny'],
    title: 'a Deny that matches',
    policy: {
      Version: '2012-10-17',
      Statement: [
        ...((forSubject(MAIN) as { Statement: Json[] }).Statement ?? []),
        {
          Sid: 'NoMain',
          Effect: 'Deny',
          Principal: '*',
          Action: '*',
          Condition: { StringLike: { [SUB]: '*:ref:refs/heads/main' } },
        },
      ],
    },
    message: NOT_AUTHORIZED,
    fix: 'narrow the statement',
  },
  {
    causes: ['principal'],
    title: 'a trust policy for EC2',
    policy: trust({}, { Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    message: NOT_AUTHORIZED,
    fix: 'Add the identity provider',
  },
  {
    causes: ['action'],
    title: 'sts:AssumeRole in place of sts:AssumeRoleWithWebIdentity',
    policy: trust({ StringEquals: { [SUB]: MAIN } }, { Action: 'sts:AssumeRole' }),
    message: NOT_AUTHORIZED,
    fix: 'sts:AssumeRoleWithWebIdentity',
  },
  {
    causes: ['session-too-long'],
    title: 'a session of two hours',
    presentation: { sessionSeconds: 7_200, job: 'deploy' },
    message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role',
    fix: 'maxSessionSeconds',
  },
];

/** A config that has the role but does not trust the job. */
const NOTHING: Json = { Version: '2012-10-17', Statement: [] };

function diagnosed({ policy, subject = MAIN, presentation, claims = {}, provider, ...rest }: Case) {
  const target: Target = {
    accountId: ACCOUNT,
    provider: { ...PROVIDER, ...provider },
    role: { ...ROLE, trust: 'policy' in rest || policy !== undefined ? policy : forSubject(MAIN) },
    wanted: NOTHING,
  };
  const known = new Map<string, Claim>([...claimsOfSubject(subject), ...Object.entries(claims)]);
  return diagnose({ audience: 'sts.amazonaws.com', claims: known, ...presentation }, target);
}

/** With `policy: undefined` the role does not exist. If the case has no `policy`, the role trusts the subject. */
function run(oneCase: Case) {
  if (!('policy' in oneCase) || oneCase.policy !== undefined) return diagnosed(oneCase);
  const target: Target = {
    accountId: ACCOUNT,
    provider: PROVIDER,
    role: { ...ROLE, trust: undefined },
    wanted: undefined,
  };
  return diagnose({ audience: 'sts.amazonaws.com', claims: claimsOfSubject(MAIN) }, target);
}

describe('why GitHub cannot assume a role', () => {
  it.each(CASES.map((oneCase) => [oneCase.title, oneCase] as const))('%s', (_, oneCase) => {
    const { verdict, causes } = run(oneCase);
    expect([verdict, causes.map(({ id }) => id)]).toEqual(['cannot', oneCase.causes]);
    expect(causes[0]?.message).toContain(oneCase.message);
    expect(causes[0]?.fix).toContain(oneCase.fix);
    expect(causes[0]?.cause).toContain(oneCase.cause ?? '');
    expect(JSON.stringify(causes)).not.toMatch(/\{\w+\}/);
  });

  it('has a case for every cause that follows from provider, role and policy', () => {
    const testedElsewhere: readonly CauseId[] = [
      // About workflows and tokens: test/integration/explain.test.ts
      'id-token-missing',
      'id-token-replaced',
      'fork',
      'role-variable-empty',
      'role-not-arn',
      'token-expired',
      // Only known during the run: test/commands/explain.test.ts
      'id-token-of-caller',
      'id-token-refused',
      'role-unknown',
      'audience-unknown',
      'environment-unknown',
      'ref-unknown',
      'caller-unknown',
      'template-unknown',
      'template-unread',
      'event-undocumented',
      // Only a warning: test/trust/reach.test.ts
      'set-operator-on-sub',
      // Tested below.
      'no-such-operator',
      'other-condition',
      'not-visible',
    ];
    const covered = new Set([...CASES.flatMap(({ causes }) => causes), ...testedElsewhere]);
    expect(Object.keys(CAUSES).filter((id) => !covered.has(id as CauseId))).toEqual([]);
  });

  it.each<[title: string, condition: Record<string, Record<string, Json>>]>([
    ['the address of the runner', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }],
    ['a tag of the role', { StringEquals: { [SUB]: MAIN, 'iam:ResourceTag/Ci': 'yes' } }],
    ['what an operator for numbers says of a known audience', { NumericEquals: { [`${ISSUER}:aud`]: '1' } }],
    ['what AWS documents for sessions only', { StringEquals: { [SUB]: MAIN, 'aws:FederatedProvider': ARN } }],
  ])('is not sure if only AWS knows %s', (_, condition) => {
    const policy = trust({ StringEquals: { [SUB]: MAIN }, ...condition });
    const { verdict, causes } = diagnosed({ causes: [], title: '', message: '', fix: '', policy });
    expect([verdict, causes.map(({ id }) => id)]).toEqual(['unknown', ['other-condition']]);
  });

  it('never suggests to remove the condition of a Deny, which would then deny everyone', () => {
    const { Statement, ...rest } = trust({ StringEquals: { [SUB]: MAIN } }) as { readonly Statement: readonly Json[] };
    const away = { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
    const denial = { Sid: 'Office', Effect: 'Deny', Principal: '*', Action: '*', Condition: away };
    const policy: Json = { ...rest, Statement: [...Statement, denial] };
    const { verdict, causes } = diagnosed({ causes: [], title: '', message: '', fix: '', policy });
    expect([verdict, causes.map(({ id, fix }) => [id, fix])]).toEqual([
      'unknown',
      [
        [
          'other-condition',
          'Statement 2 (Office) is a Deny: compare its condition with the request, which CloudTrail shows in the event AssumeRoleWithWebIdentity.',
        ],
      ],
    ]);
  });

  it('is not sure about an unknown operator, and suggests the intended one', () => {
    const policy = trust({ StringEquals: { [SUB]: MAIN }, ForAllValuesStringEquals: { [AUD]: 'sts.amazonaws.com' } });
    const { verdict, causes } = diagnosed({ causes: [], title: '', message: '', fix: '', policy });
    expect([verdict, causes.map(({ id, fix }) => [id, fix])]).toEqual([
      'unknown',
      [['no-such-operator', 'Use StringEquals.']],
    ]);
  });

  it('suggests bootstrap if the config already allows it', () => {
    const suggested = asJson(
      trustPolicy({
        providerArn: ARN,
        issuer: ISSUER,
        audiences: ['sts.amazonaws.com'],
        subjects: subjectsOf({ repository: 'o/r', subjects: ['ref:refs/heads/main'] }),
      }),
    );
    const target: Target = {
      accountId: ACCOUNT,
      provider: PROVIDER,
      role: { ...ROLE, trust: forSubject('repo:o/r:pull_request') },
      wanted: suggested,
    };
    const { causes } = diagnose({ audience: 'sts.amazonaws.com', claims: claimsOfSubject(MAIN) }, target);
    expect(causes.map(({ id, command }) => [id, command])).toEqual([['branch-subject', 'crc bootstrap --only role/R']]);
    expect(causes[0]?.fix).toContain('The config already allows it');
  });

  it.each([
    ['the exact subject', forSubject(MAIN)],
    ['a list with it', forSubject(['repo:o/r:pull_request', MAIN])],
    ['a wildcard under StringLike', forSubject('repo:o/r:*', 'StringLike')],
    [
      'other letters under StringEqualsIgnoreCase',
      forSubject('repo:O/R:ref:refs/heads/MAIN', 'StringEqualsIgnoreCase'),
    ],
    ['a key in other letters', trust({ StringEquals: { [SUB.toUpperCase()]: MAIN } })],
    ['Null in other letters', trust({ StringEquals: { [SUB]: MAIN }, Null: { [`${ISSUER}:environment`]: 'True' } })],
    ['a variable', forSubject(`repo:\${${ISSUER}:repository}:ref:refs/heads/main`)],
    ['the default of a variable', forSubject("repo:o/r:ref:refs/heads/${aws:PrincipalTag/branch, 'main'}")],
    ['no condition at all', trust({})],
  ])('allows what is trusted: %s', (_, policy) => {
    const { verdict, causes, decision } = diagnosed({ causes: [], title: '', message: '', fix: '', policy });
    expect([verdict, causes, decision?.statement]).toEqual(['can', [], '1']);
  });
});
