const NOT_AUTHORIZED = 'Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity';
const NO_PROVIDER =
  'Could not assume role with OIDC: No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com';
const NO_TOKEN =
  'It looks like you might be trying to authenticate with OIDC. Did you mean to set the `id-token` permission?';
const NO_CREDENTIALS =
  'Credentials could not be loaded, please check your action inputs: Could not load credentials from any providers';

const BOOTSTRAP_ROLE = 'crc bootstrap --only role/{role}';
const ISSUES = 'https://github.com/aws-actions/configure-aws-credentials/issues';
const GITHUB_OIDC = 'https://docs.github.com/en/actions/reference/security/oidc';
const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';

/** Why GitHub cannot assume a role. Words in braces are filled in from what was found. */
export interface Cause {
  /** What the log of the job shows, or what AWS answers. */
  readonly message: string;
  /** In plain words. */
  readonly cause: string;
  /** What to change, and where. */
  readonly mend: string;
  readonly command: string;
  /** Where this is known from. */
  readonly source: string;
}

/** All causes that `crc explain` distinguishes, in the order in which a login meets them. */
export const CAUSES = {
  'id-token-missing': {
    message: NO_TOKEN,
    cause:
      'The job is not allowed to request a token from GitHub: neither the job nor the workflow has "id-token: write".',
    mend: 'Add "permissions: { id-token: write, contents: read }" to the job {job}.',
    command: 'crc workflow',
    source: `${ISSUES}/564`,
  },
  'id-token-replaced': {
    message: NO_TOKEN,
    cause:
      'The workflow grants "id-token: write", but the job {job} has its own permissions block, which replaces the workflow’s and does not grant it.',
    mend: 'Add "id-token: write" to the permissions of the job {job}.',
    command: 'crc workflow',
    source:
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/modify-the-github_token',
  },
  fork: {
    message: NO_TOKEN,
    cause: 'Pull requests from forks get no token: GitHub never grants them "id-token: write".',
    mend: 'Skip the job for forks: `if: github.event.pull_request.head.repo.full_name == github.repository`',
    command: 'crc workflow',
    source: 'https://github.com/JuliaCloud/AWS.jl/issues/634',
  },
  'role-variable-empty': {
    message: NO_CREDENTIALS,
    cause:
      'role-to-assume of the job {job} is empty ({value}): the variable is not set in this repository, or not available to this run.',
    mend: 'Set the variable in the repository: `crc outputs` prints the commands.',
    command: 'crc outputs',
    source: `${ISSUES}/202`,
  },
  'role-not-arn': {
    message: 'Source Account ID is needed if the Role Name is provided and not the Role Arn.',
    cause: 'role-to-assume of the job {job} is a name, not an ARN.',
    mend: 'Use the full ARN: {roleArn}',
    command: 'crc outputs',
    source: 'https://github.com/aws-actions/configure-aws-credentials/blob/main/src/assumeRole.ts',
  },
  'token-expired': {
    message:
      'Could not assume role with OIDC: Token expired: current date/time must be before the expiration date/time',
    cause: 'The token expired at {expiry}.',
    mend: 'Use a token from a run that has just started: GitHub’s tokens are valid for a few minutes.',
    command: 'crc explain --token FILE',
    source: `${ISSUES}/1848`,
  },
  'provider-issuer': {
    message: NO_PROVIDER,
    cause:
      'The token was issued by {issuer}, but the identity provider in the config is {url}. AWS treats them as different providers.',
    mend: 'Set oidcProvider.url in the config to that issuer, then run `crc bootstrap`.',
    command: 'crc bootstrap',
    source: GITHUB_OIDC,
  },
  'provider-missing': {
    message: NO_PROVIDER,
    cause: 'Account {account} has no identity provider {url}.',
    mend: 'Create it with `crc bootstrap`.',
    command: 'crc bootstrap',
    source: `${ISSUES}/280`,
  },
  'provider-trailing-slash': {
    message: NO_PROVIDER,
    cause:
      'The account has the identity provider {found}, but the role needs {wanted}. AWS treats URLs that differ in case or in a trailing slash as different providers.',
    mend: 'Create {wanted} with `crc bootstrap`, and delete the other provider once no role uses it.',
    command: 'crc bootstrap',
    source: `${ISSUES}/1043`,
  },
  'provider-other-account': {
    message: NOT_AUTHORIZED,
    cause:
      'The role trusts the identity provider of a different account, {found}. Provider and role must be in the same account.',
    mend: 'Trust {wanted}.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_providers_create_oidc.html`,
  },
  'provider-audience': {
    message: 'Could not assume role with OIDC: Incorrect token audience',
    cause: 'The token is for the audience {audience}, but the identity provider accepts only {wanted}.',
    mend: 'Remove "audience" from the workflow, or add it to oidcProvider.audiences in the config and run `crc bootstrap`.',
    command: 'crc bootstrap --only oidc-provider',
    source: `${ISSUES}/775`,
  },
  'role-other-account': {
    message: NOT_AUTHORIZED,
    cause: 'The job {job} asks for {found} in account {otherAccount}, but these credentials are for account {account}.',
    mend: 'Use {roleArn} in the workflow, or run crc with credentials for that account.',
    command: 'crc outputs',
    source: `${ISSUES}/511`,
  },
  'role-missing': {
    message: NOT_AUTHORIZED,
    cause: 'The role {role} does not exist in account {account}. (AWS reports a missing role as not authorized.)',
    mend: 'Create it with `crc bootstrap`; if it is not in the config, fix its name.',
    command: 'crc bootstrap',
    source: `${ISSUES}/454`,
  },
  'explicit-deny': {
    message: NOT_AUTHORIZED,
    cause: 'Statement {statement} of the trust policy denies the request.',
    mend: 'Remove the statement from the trust policy, or narrow it.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_evaluation-logic.html`,
  },
  principal: {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy does not trust the identity provider {wanted}; it trusts {found}.',
    mend: 'Add the identity provider to the trust policy.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_create_for-idp_oidc.html`,
  },
  action: {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy allows {found}, but GitHub jobs need sts:AssumeRoleWithWebIdentity.',
    mend: 'Allow sts:AssumeRoleWithWebIdentity in the trust policy.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_create_for-idp_oidc.html`,
  },
  'unknown-key': {
    message: NOT_AUTHORIZED,
    cause:
      'The condition on {key} never matches: {why}. IAM accepts such a condition without a warning, then denies every request.',
    mend: 'Remove the condition; use sub to restrict access.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  },
  'two-operators': {
    message: NOT_AUTHORIZED,
    cause: 'The statement has two conditions on sub ({operators}). Both must match, but this subject matches only one.',
    mend: 'Put all subjects in one StringLike list.',
    command: BOOTSTRAP_ROLE,
    source: 'https://github.com/terraform-aws-modules/terraform-aws-iam/issues/633',
  },
  'wildcard-in-string-equals': {
    message: NOT_AUTHORIZED,
    cause: '{operator} does not support the wildcards * and ?, so {wanted} matches no subject.',
    mend: 'Use StringLike instead.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/1137`,
  },
  'audience-condition': {
    message: NOT_AUTHORIZED,
    cause: 'The token’s audience is {value}, but the trust policy requires {wanted}.',
    mend: 'Require the audience that the job uses: sts.amazonaws.com, unless the workflow sets "audience".',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/306`,
  },
  case: {
    message: NOT_AUTHORIZED,
    cause: 'The job presents {value}, but the trust policy requires {wanted}: IAM is case-sensitive.',
    mend: 'Use GitHub’s spelling in {where}: {value}',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/318`,
  },
  'subject-form': {
    message: NOT_AUTHORIZED,
    cause:
      'The job presents the {form} subject {value}, but the trust policy requires {wanted}. Repositories created, renamed or transferred after 2026-07-15 have their ids in the subject.',
    mend: "Add ownerId and repositoryId to {where}, so that the role trusts both forms. This prints them: `gh api repos/{repository} --jq '{o: .owner.id, r: .id}'`",
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'environment-subject': {
    message: NOT_AUTHORIZED,
    cause:
      'The job uses an environment, so its subject names the environment and nothing else: it presents {context}, but the role trusts {wanted}.',
    mend: 'Add "{context}" to {where}, or remove "environment:" from the job.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/690`,
  },
  'environment-missing': {
    message: NOT_AUTHORIZED,
    cause: 'The role trusts only jobs with an environment ({wanted}), but this job has none: it presents {context}.',
    mend: 'Add "environment:" with that name to the job, or add "{context}" to {where}.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/690`,
  },
  'other-environment': {
    message: NOT_AUTHORIZED,
    cause:
      'The job uses a different environment from the one the role trusts: it presents {context}, but the role trusts {wanted}.',
    mend: 'Add "{context}" to {where}, or change "environment:" in the job.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'pull-request-subject': {
    message: NOT_AUTHORIZED,
    cause: 'A pull request presents {context} instead of a branch, but the role trusts {wanted}.',
    mend: 'Add "pull_request" to {where}, preferably of a read-only role: every pull request in the repository could then assume it.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/377`,
  },
  'tag-subject': {
    message: NOT_AUTHORIZED,
    cause: 'A run for a tag presents {context}, but the role trusts {wanted}.',
    mend: 'Add "{context}", or a pattern like "ref:refs/tags/v*", to {where}.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'branch-subject': {
    message: NOT_AUTHORIZED,
    cause: 'The role does not trust the branch of this run: the job presents {context}, but the role trusts {wanted}.',
    mend: 'Add "{context}" to {where}, or run the job on a trusted branch.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'reusable-workflow': {
    message: NOT_AUTHORIZED,
    cause:
      'In a reusable workflow, sub, ref and repository belong to the calling workflow ({value}); only job_workflow_ref names the called one. The trust policy requires {wanted}.',
    mend: 'Trust the subject of the calling repository in {where}.',
    command: BOOTSTRAP_ROLE,
    source:
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows',
  },
  'other-repository': {
    message: NOT_AUTHORIZED,
    cause:
      'The job runs in the repository {repository}, but the role trusts {wanted}. A renamed or transferred repository presents its new name.',
    mend: 'To trust it, set trust.repository to {repository}.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/511`,
  },
  'custom-template': {
    message: NOT_AUTHORIZED,
    cause:
      'The repository uses a custom subject template: the job presents {value}, but the trust policy requires {wanted}.',
    mend: 'Restore GitHub’s default template: `gh api -X PUT repos/{repository}/actions/oidc/customization/sub -F use_default=true`',
    command: 'crc explain',
    source: GITHUB_OIDC,
  },
  'set-operator': {
    message: NOT_AUTHORIZED,
    cause:
      '{operator} on {key}: set operators are for keys with several values, but each of GitHub’s claims has one. ForAllValues also matches tokens without the claim, and ForAnyValue never does.',
    mend: 'Remove ForAllValues or ForAnyValue from the operator.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html`,
  },
  'claim-mismatch': {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy requires {key} to be {wanted}, but the token has {value}.',
    mend: 'Remove the condition, or change it to match the token.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  },
  'other-condition': {
    message: NOT_AUTHORIZED,
    cause: 'Only AWS can evaluate the condition {operator} on {key}, when the token is presented.',
    mend: 'Remove the condition to see whether it is the cause.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_condition-keys.html`,
  },
  'session-too-long': {
    message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    cause: 'The job {job} asks for a session of {value} seconds, but the role allows {wanted}.',
    mend: 'Lower role-duration-seconds in the workflow, or raise maxSessionSeconds of the role in the config.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/354`,
  },
  'not-visible': {
    message: NOT_AUTHORIZED,
    cause:
      'Provider, audience and trust policy allow the job. Something that crc cannot see may still deny it: a service control policy or resource control policy of the organization, or, after the login, the role’s permissions boundary.',
    mend: 'If the role is new, wait a minute and try again. Otherwise ask the administrators of your organization for policies that deny sts:AssumeRoleWithWebIdentity.',
    command:
      'aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRoleWithWebIdentity',
    source: `${ISSUES}/1446`,
  },
} as const satisfies Readonly<Record<string, Cause>>;

export type CauseId = keyof typeof CAUSES;

/** A cause with what was found filled in. */
export interface FoundCause extends Omit<Cause, 'source'> {
  readonly id: CauseId;
}

/** Fills a cause's braces in. Throws for a word that is not given: the table and its users belong together. */
export function found(id: CauseId, details: Readonly<Record<string, string>> = {}): FoundCause {
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = details[name];
      if (value === undefined) throw new Error(`the cause ${id} needs ${name}`);
      return value;
    });
  const { message, cause, mend, command } = CAUSES[id];
  return { id, message, cause: fill(cause), mend: fill(mend), command: fill(command) };
}
