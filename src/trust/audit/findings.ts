import { GITHUB_OIDC, IAM } from '../causes/cause.ts';

/** A problem with a role or a provider, as documented in docs/audit.md. Words in braces are filled in. */
export interface Shape {
  readonly title: string;
  readonly message: string;
  /** How to fix a role that is not in the config. */
  readonly fix: string;
  /** How to fix it in the config, if that differs. */
  readonly inConfig?: string;
  /** Why it matters. */
  readonly why: string;
  /** The severity, and what it depends on. */
  readonly severity: string;
  /** An example policy with the problem. */
  readonly example: string;
  readonly source: string;
}

const WHO_TIMES_POWER = 'Critical for a role that writes, high for one that only reads.';
const ONE_OWNER = 'High for an administrator, medium for a role that writes, low for one that only reads.';
const CONTROLS = `${IAM}/id_roles_providers_oidc_secure-by-default.html`;
const SET_OPERATORS = `${IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html`;

/** Findings by id, widest first. */
export const FINDINGS = {
  'no-subject': {
    title: 'No condition on who the token is for',
    message: '{Who} can assume it: the trust policy has no condition on {key}.',
    fix: 'Add a condition on {key} with the {project} that it is for ({example}).',
    why:
      'The identity provider only proves that a token comes from the platform. Without a condition on `sub`, or ' +
      'on another claim that identifies a customer, the token of any customer is accepted. Since June 2025, AWS ' +
      'refuses to create such a role, but it does not change existing ones.',
    severity: WHO_TIMES_POWER,
    example: 'only `token.actions.githubusercontent.com:aud` under `Condition`',
    source: CONTROLS,
  },
  'any-repository': {
    title: 'A subject that matches everyone',
    message: '{Who} can assume it, since {subject} fits all of them.',
    fix: 'Name the {project} that it is for ({example}).',
    why:
      'A wildcard in place of the owner accepts every customer of the platform. A name after it limits nothing: ' +
      'anyone can create a repository, a branch or an environment with that name.',
    severity: WHO_TIMES_POWER,
    example: '`repo:*`, `repo:*/site:*`, `*:environment:production`',
    source: CONTROLS,
  },
  'short-prefix': {
    title: 'An incomplete name',
    message: 'Anyone can register a name that fits {subject}, and assume it.',
    fix: 'Write the whole name, and end it ({example}).',
    why:
      'The wildcard is part of the owner’s name, so it also matches other names that start the same way. Anyone ' +
      'can register such a name: `repo:octo*` matches `octo-evil/anything`.',
    severity: WHO_TIMES_POWER,
    example: '`repo:octo*`, `organization:acme*`',
    source: SET_OPERATORS.replace('single-vs-multi-valued-context-keys', 'operators'),
  },
  'any-principal': {
    title: 'A principal that includes everyone',
    message: 'The principal of statement {statement} is everyone, not an identity provider: {limit}.',
    fix: 'Name the identity provider under Principal.Federated.',
    why:
      '`Principal: "*"` and `NotPrincipal` include every identity provider in the account, even ones that are ' +
      'created later. If `sts:AssumeRole` is among the actions, they include every AWS account.',
    severity: `${WHO_TIMES_POWER} Low if a condition requires a claim that only the tokens of one provider have.`,
    example: 'a `Principal` of `*`',
    source: `${IAM}/reference_policies_elements_principal.html`,
  },
  'workflow-only': {
    title: 'A workflow instead of a repository',
    message: 'Any repository that may call the workflow can assume it ({subject}).',
    fix: 'Add a condition on {key} with the repositories that may call it ({example}).',
    why:
      '`job_workflow_ref` shows which reusable workflow a job runs, but not which repository called it. Anyone ' +
      'can call a workflow in a public repository, with inputs of their choice.',
    severity: ONE_OWNER,
    example: 'only `job_workflow_ref` under `Condition`',
    source:
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows',
  },
  'owner-wildcard': {
    title: 'Every repository of an owner',
    message: 'Any {project} of the {owner} can assume it ({subject}), also one that is created tomorrow.',
    fix: 'Name the {project} that it is for ({example}).',
    why:
      'Every member of an organization who may create a repository can use the role, and so can every ' +
      'collaborator on any of its repositories, and forks within the organization.',
    severity: ONE_OWNER,
    example: '`repo:octo-org/*`, `repo:octo-org/site*`',
    source: GITHUB_OIDC,
  },
  'pull-request-write': {
    title: 'Pull requests with write access',
    message: 'Pull requests of {name} can assume it ({subject}), and it {power}.',
    fix: 'Give pull requests a role that only reads, and let this one trust an environment or a branch ({example}).',
    inConfig:
      'Give pull requests a role that only reads, and remove "pull_request" or "*" from the subjects of this one.',
    why:
      'A job for a pull request runs code that has not been reviewed. The subject `repo:owner/name:*` allows this ' +
      'too, since the wildcard also matches `pull_request`.',
    severity: 'High for an administrator, medium for a role that writes. A role that only reads is not reported.',
    example: '`repo:octo-org/site:*` or `repo:octo-org/site:pull_request` on a role that deploys',
    source: GITHUB_OIDC,
  },
  'any-branch': {
    title: 'Any branch',
    message: 'Any branch of {name} can assume it ({subject}), and it {power}.',
    fix: 'Name the branch ({example}), or an environment whose rules limit the branches.',
    inConfig: 'Name the branch in the subjects, or an environment whose rules limit the branches.',
    why:
      'Anyone with push access can push their own branch or tag, and so bypass reviews of the main branch. If a ' +
      'workflow names an environment that does not exist, GitHub creates it without rules, so a wildcard in an ' +
      'environment’s name accepts any branch too.',
    severity: 'Medium for an administrator, low for a role that writes. A role that only reads is not reported.',
    example: '`repo:octo-org/site:ref:refs/heads/*`, `repo:octo-org/site:environment:*`',
    source: GITHUB_OIDC,
  },
  'set-operator': {
    title: 'Only ForAllValues',
    message: 'ForAllValues is true for a token without {claims}, and nothing else limits that.',
    fix: 'Write the operator without ForAllValues.',
    why:
      '`ForAllValues` checks every value that is present, and is true if there is none. A claim has one value, so ' +
      'a plain operator means the same but is false without the claim. The role is only protected because every ' +
      'token currently has `sub` and `aud`.',
    severity: 'Medium for a role that writes, low for one that only reads.',
    example: '`"ForAllValues:StringLike": { "token.actions.githubusercontent.com:sub": "repo:octo-org/site:*" }`',
    source: SET_OPERATORS,
  },
  'missing-audience': {
    title: 'No condition on the audience',
    message: 'The trust policy has no condition on {key}: each audience of the provider will do ({audiences}).',
    fix: 'Add StringEquals {key} with the audience of AWS: {audience}.',
    why:
      'A token is issued for one recipient, its audience. Without the condition, tokens for any audience of the ' +
      'provider are accepted, so another service that a job logs in to could use the job’s token to log in to ' +
      'AWS.',
    severity: 'Low. Medium if the provider has more than one audience and the role writes.',
    example: 'only `token.actions.githubusercontent.com:sub` under `Condition`',
    source: `${IAM}/id_roles_create_for-idp_oidc.html`,
  },
  'mutable-name': {
    title: 'A name without ids',
    message: '{name} is only known by its name, which others can register once it is renamed or deleted.',
    fix: 'Add the ids, which nobody else can get, to the trust policy: {ids}.',
    inConfig: 'Add "ownerId" and "repositoryId" to the trust of the role; `gh api repos/{name} --jq {jq}` prints both.',
    why:
      'Names of owners and projects can be registered again after they are given up. The new owner gets ' +
      'tokens with the same subject. GitHub adds ids to the subjects of repositories that were created, renamed ' +
      'or transferred after 15 July 2026. GitLab does not, and AWS recommends conditions on its id claims.',
    severity: 'Low. Medium on GitLab for a role that writes, since its subjects have no ids.',
    example: '`repo:octo-org/site:ref:refs/heads/main` alone',
    source: GITHUB_OIDC,
  },
  'wrong-audience': {
    title: 'An audience that the provider does not have',
    message: 'Nobody can log in: the trust policy wants the audience {wanted}, and the provider has {audiences}.',
    fix: 'Add the audience to the provider, or delete the role if nobody uses it.',
    why:
      'AWS first checks the audience against the provider, then against the trust policy. A role that nobody uses ' +
      'is an unnecessary risk.',
    severity: 'Low.',
    example: '`sts.amazonaws.com` in the trust policy, and only `https://github.com/octo-org` in the provider',
    source: `${IAM}/id_roles_providers_create_oidc.html`,
  },
  'orphaned-role': {
    title: 'A role that crc created and that is not in the config',
    message: 'crc created it for the project {project}, and the config does not have it any more.',
    fix: 'If another config of the project has it, ignore this. Otherwise delete it with `crc destroy --orphans --only role/{role}`, or add it to the roles of the config again.',
    why: 'Nobody maintains it: `crc verify` only warns about it, since it compares only what is in the config.',
    severity: 'Low.',
    example: 'a role that was renamed in crc.config.json',
    source: `${IAM}/best-practices.html`,
  },
  'unused-provider': {
    title: 'A provider that no role trusts',
    message: 'No role trusts this identity provider.',
    fix: 'Delete it if nobody needs it: `aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {arn}`.',
    why:
      'Anyone who may create a role can give the platform access without creating a provider, which reviewers ' +
      'would notice.',
    severity: 'Low.',
    example: 'the provider of a platform that a team no longer uses',
    source: `${IAM}/id_roles_providers_create_oidc.html`,
  },
  'provider-url': {
    title: 'A provider that matches no token',
    message: 'Its URL ends with a slash, and that of the tokens does not: nobody can log in through it.',
    fix: 'Create one without the slash, and let the roles trust that one.',
    why: 'AWS compares the provider’s URL with the issuer of a token as text, so the two are different providers.',
    severity: 'Low.',
    example: '`https://token.actions.githubusercontent.com/`',
    source: `${IAM}/id_roles_providers_create_oidc.html`,
  },
} as const satisfies Readonly<Record<string, Shape>>;

export type FindingId = keyof typeof FINDINGS;

/** Notes for what is not a problem, or cannot be determined from the account. */
export const NOTES = {
  'environment-rules': {
    title: 'The rules of an environment',
    message:
      'Any branch can assume it through the environment {environment} of {name}, unless the environment has rules. AWS cannot see them.',
    why:
      'The subject of a job with an environment contains the environment, but not the branch. Which branches may ' +
      'use the environment, and who must approve, is configured on GitHub: Settings, Environments, Deployment ' +
      'branches and tags.',
    source: 'https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments',
  },
  'legacy-subject': {
    title: 'Both forms of a subject',
    message: 'Once GitHub sends the subjects of {name} with ids, the form without them can be removed.',
    why:
      'As long as the role trusts the form without ids, it trusts anyone who has the name. GitHub uses the form with ' +
      'ids for new and renamed repositories.',
    source: GITHUB_OIDC,
  },
  'missing-provider': {
    title: 'A provider that does not exist',
    message: 'The account has no identity provider {provider}: nobody can log in until there is one.',
    why: 'As soon as the provider is created, the role can be assumed, so it is audited as if the provider existed.',
    source: `${IAM}/id_roles_providers_create_oidc.html`,
  },
  nobody: {
    title: 'Conditions that no token satisfies',
    message: 'No token meets statement {statement}: {condition}.',
    why:
      'AWS has no such key for this provider, or the platform never sends such a value. The role is probably ' +
      'closed by mistake.',
    source: `${IAM}/reference_policies_iam-condition-keys.html`,
  },
  'other-conditions': {
    title: 'Other conditions',
    message:
      'Statement {statement} also has a condition on {keys}, which may limit it further. The severity does not count it.',
    why: 'crc does not know where requests come from, or what a caller sends in addition to the token.',
    source: `${IAM}/reference_policies_condition-keys.html`,
  },
  thumbprint: {
    title: 'A thumbprint that may matter',
    message:
      'AWS trusts the server by the thumbprint {thumbprints}, unless its certificate is signed by an authority that AWS knows.',
    why:
      'AWS ignores thumbprints for GitHub, GitLab.com and other public platforms. For your own server, the ' +
      'thumbprint in the provider may be decisive: compare it with the server’s certificate.',
    source: `${IAM}/id_roles_providers_create_oidc_verify-thumbprint.html`,
  },
} as const satisfies Readonly<Record<string, Omit<Shape, 'fix' | 'severity' | 'example'>>>;

export type NoteId = keyof typeof NOTES;

/** A text with its placeholders filled in. @throws if a word is missing. */
export function filled(text: string, words: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const word = words[name];
    if (word === undefined) throw new Error(`no word for {${name}} in: ${text}`);
    return word;
  });
}
