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

/** All causes that `crc explain` tells apart, in the order in which a login meets them. */
export const CAUSES = {
  'id-token-missing': {
    message: NO_TOKEN,
    cause: 'The job may not ask GitHub for a token: neither it nor the workflow has "id-token: write".',
    mend: 'Add "permissions: { id-token: write, contents: read }" to the job {job}.',
    command: 'crc workflow',
    source: `${ISSUES}/564`,
  },
  'id-token-replaced': {
    message: NO_TOKEN,
    cause:
      'The workflow grants "id-token: write", but the job {job} has a permissions block of its own, which replaces the workflow’s: what it does not name is not granted.',
    mend: 'Add "id-token: write" to the permissions of the job {job}.',
    command: 'crc workflow',
    source:
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/modify-the-github_token',
  },
  fork: {
    message: NO_TOKEN,
    cause: 'A pull request from a fork gets no token: GitHub grants forks no "id-token: write".',
    mend: 'Let the job run for the repository’s own branches alone: if: github.event.pull_request.head.repo.full_name == github.repository',
    command: 'crc workflow',
    source: 'https://github.com/JuliaCloud/AWS.jl/issues/634',
  },
  'role-variable-empty': {
    message: NO_CREDENTIALS,
    cause:
      'role-to-assume of the job {job} is empty ({value}): the variable is not set for this repository, or not visible in this run.',
    mend: 'Set the variable in the repository; `crc outputs` prints the lines that do it.',
    command: 'crc outputs',
    source: `${ISSUES}/202`,
  },
  'role-not-arn': {
    message: 'Source Account ID is needed if the Role Name is provided and not the Role Arn.',
    cause: 'role-to-assume of the job {job} is a name, not an ARN.',
    mend: 'Write the whole ARN: {roleArn}',
    command: 'crc outputs',
    source: 'https://github.com/aws-actions/configure-aws-credentials/blob/main/src/assumeRole.ts',
  },
  'token-expired': {
    message:
      'Could not assume role with OIDC: Token expired: current date/time must be before the expiration date/time',
    cause: 'The token expired at {expiry}.',
    mend: 'Take a token from a run that has just started; GitHub’s live for some minutes.',
    command: 'crc explain --token FILE',
    source: `${ISSUES}/1848`,
  },
  'provider-issuer': {
    message: NO_PROVIDER,
    cause: 'The token was issued by {issuer}, and the config’s identity provider is {url}: to AWS these are two.',
    mend: 'Write that URL as oidcProvider.url of the config, and bootstrap.',
    command: 'crc bootstrap',
    source: GITHUB_OIDC,
  },
  'provider-missing': {
    message: NO_PROVIDER,
    cause: 'The account {account} has no identity provider {url}.',
    mend: 'Make it: crc makes it with everything else in the config.',
    command: 'crc bootstrap',
    source: `${ISSUES}/280`,
  },
  'provider-trailing-slash': {
    message: NO_PROVIDER,
    cause:
      'There is {found}, which is not {wanted}: to AWS a URL with a slash at its end, or in other letters, is another one.',
    mend: 'Use {wanted} everywhere: make that provider, trust it in the role, and remove the other one when nothing uses it any more.',
    command: 'crc bootstrap',
    source: `${ISSUES}/1043`,
  },
  'provider-other-account': {
    message: NOT_AUTHORIZED,
    cause:
      'The role trusts the identity provider of another account, {found}. Provider and role must be in the same account.',
    mend: 'Trust {wanted}.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_providers_create_oidc.html`,
  },
  'provider-audience': {
    message: 'Could not assume role with OIDC: Incorrect token audience',
    cause: 'The token is for the audience {audience}, and the identity provider takes {wanted} only.',
    mend: 'Add the audience to oidcProvider.audiences of the config and bootstrap, or leave out "audience" in the workflow.',
    command: 'crc bootstrap --only oidc-provider',
    source: `${ISSUES}/775`,
  },
  'role-other-account': {
    message: NOT_AUTHORIZED,
    cause:
      'The job {job} asks for {found}, which is in the account {otherAccount}, and these credentials are of {account}.',
    mend: 'Write {roleArn} in the workflow, or run crc with credentials of that account.',
    command: 'crc outputs',
    source: `${ISSUES}/511`,
  },
  'role-missing': {
    message: NOT_AUTHORIZED,
    cause:
      'There is no role {role} in the account {account}. AWS says the same of a role that is not there as of one that may not be assumed.',
    mend: 'Make it, if the config has it; else correct the name.',
    command: 'crc bootstrap',
    source: `${ISSUES}/454`,
  },
  'explicit-deny': {
    message: NOT_AUTHORIZED,
    cause: 'Statement {statement} of the trust policy denies it.',
    mend: 'Take the statement out of the trust policy, or narrow it.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_evaluation-logic.html`,
  },
  principal: {
    message: NOT_AUTHORIZED,
    cause: 'No statement of the trust policy is for the identity provider {wanted}; it trusts {found}.',
    mend: 'Trust the identity provider.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_create_for-idp_oidc.html`,
  },
  action: {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy allows {found}, and a job of GitHub needs sts:AssumeRoleWithWebIdentity.',
    mend: 'Allow sts:AssumeRoleWithWebIdentity.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_create_for-idp_oidc.html`,
  },
  'unknown-key': {
    message: NOT_AUTHORIZED,
    cause: 'The condition on {key} can never hold: {why}. IAM takes such a condition without a word, and denies.',
    mend: 'Take the condition out; what it was to say, say with sub.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  },
  'two-operators': {
    message: NOT_AUTHORIZED,
    cause:
      'The statement has two conditions on sub, under {operators}: both must hold, and this subject fits one of them only.',
    mend: 'Put all subjects into one StringLike list.',
    command: BOOTSTRAP_ROLE,
    source: 'https://github.com/terraform-aws-modules/terraform-aws-iam/issues/633',
  },
  'wildcard-in-string-equals': {
    message: NOT_AUTHORIZED,
    cause: '{operator} takes * and ? for plain characters, so {wanted} fits no subject at all.',
    mend: 'Use StringLike.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/1137`,
  },
  'audience-condition': {
    message: NOT_AUTHORIZED,
    cause: 'The token’s audience is {value}, and the trust policy wants {wanted}.',
    mend: 'Want the audience that the login sends, which is sts.amazonaws.com unless the workflow says otherwise.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/306`,
  },
  case: {
    message: NOT_AUTHORIZED,
    cause: 'The job presents {value}, and the trust policy wants {wanted}: IAM tells capital from small letters.',
    mend: 'Write it in {where} as GitHub does: {value}',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/318`,
  },
  'subject-form': {
    message: NOT_AUTHORIZED,
    cause:
      'The job presents the {form} subject {value}, and the trust policy wants {wanted}. Repositories that were created, renamed or transferred after 2026-07-15 have their ids in the subject.',
    mend: "Give {where} both ids, ownerId and repositoryId, so that the role trusts both forms: gh api repos/{repository} --jq '{o: .owner.id, r: .id}'",
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'environment-subject': {
    message: NOT_AUTHORIZED,
    cause:
      'The job has an environment, which takes the place of everything else in the subject: it presents {context}, and the role trusts {wanted}.',
    mend: 'Add "{context}" to {where}, or take "environment:" out of the job.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/690`,
  },
  'environment-missing': {
    message: NOT_AUTHORIZED,
    cause: 'The role trusts jobs with an environment alone ({wanted}), and this job has none: it presents {context}.',
    mend: 'Write "environment:" with that name into the job, or add "{context}" to {where}.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/690`,
  },
  'other-environment': {
    message: NOT_AUTHORIZED,
    cause:
      'The job’s environment is another than the role trusts: it presents {context}, and the role trusts {wanted}.',
    mend: 'Add "{context}" to {where}, or name the right environment in the job.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'pull-request-subject': {
    message: NOT_AUTHORIZED,
    cause: 'A pull request presents {context}, which names no branch, and the role trusts {wanted}.',
    mend: 'Add "pull_request" to {where}, better to that of a role that only reads: any pull request of the repository could assume it.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/377`,
  },
  'tag-subject': {
    message: NOT_AUTHORIZED,
    cause: 'A run for a tag presents {context}, and the role trusts {wanted}.',
    mend: 'Add "{context}", or a pattern like "ref:refs/tags/v*", to {where}.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'branch-subject': {
    message: NOT_AUTHORIZED,
    cause: 'The run is for a branch that the role does not trust: it presents {context}, and the role trusts {wanted}.',
    mend: 'Add "{context}" to {where}, or run the job for a branch that is trusted.',
    command: BOOTSTRAP_ROLE,
    source: GITHUB_OIDC,
  },
  'reusable-workflow': {
    message: NOT_AUTHORIZED,
    cause:
      'In a reusable workflow sub, ref and repository are those of the calling workflow ({value}); only job_workflow_ref names the called one. The trust policy wants {wanted}.',
    mend: 'Trust the subject of the calling repository in {where}.',
    command: BOOTSTRAP_ROLE,
    source:
      'https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-with-reusable-workflows',
  },
  'other-repository': {
    message: NOT_AUTHORIZED,
    cause:
      'The job is of the repository {repository}, and the role trusts {wanted}. A renamed or transferred repository presents its new name.',
    mend: 'Write {repository} as trust.repository, if it is to be trusted.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/511`,
  },
  'custom-template': {
    message: NOT_AUTHORIZED,
    cause:
      'The repository’s subjects follow a template of its own: the job presents {value}, and the trust policy wants {wanted}.',
    mend: 'Let the repository use GitHub’s default again: gh api -X PUT repos/{repository}/actions/oidc/customization/sub -F use_default=true',
    command: 'crc explain',
    source: GITHUB_OIDC,
  },
  'set-operator': {
    message: NOT_AUTHORIZED,
    cause:
      '{operator} on {key}: GitHub’s claims have one value each. ForAllValues holds for a token without the claim, ForAnyValue for none without it, so neither says what it seems to.',
    mend: 'Use the operator without ForAllValues or ForAnyValue.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_condition-single-vs-multi-valued-context-keys.html`,
  },
  'claim-mismatch': {
    message: NOT_AUTHORIZED,
    cause: 'The trust policy wants {key} to be {wanted}, and the token has {value}.',
    mend: 'Take the condition out, or bring it in line with the token.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_iam-condition-keys.html#condition-keys-wif`,
  },
  'other-condition': {
    message: NOT_AUTHORIZED,
    cause: 'Whether the condition {operator} on {key} holds is known to AWS only when the token is presented.',
    mend: 'Take the condition out to see whether it is the reason.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/reference_policies_condition-keys.html`,
  },
  'session-too-long': {
    message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    cause: 'The job {job} asks for a session of {value} seconds, and the role allows {wanted}.',
    mend: 'Raise maxSessionSeconds of the role in the config, or lower role-duration-seconds in the workflow.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/354`,
  },
  'not-visible': {
    message: NOT_AUTHORIZED,
    cause:
      'Provider, audience and trust policy let the job in. What still can deny is not visible from here: a service control policy or resource control policy of the organization, and the role’s permissions boundary for what it does afterwards.',
    mend: 'Ask the administrators of the organization for policies that deny sts:AssumeRoleWithWebIdentity; a role just made needs up to a minute.',
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
