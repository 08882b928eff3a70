import { BOOTSTRAP_ROLE, type Cause, GITHUB_OIDC, IAM, ISSUES, NOT_AUTHORIZED } from './cause.ts';

const NO_PROVIDER =
  'Could not assume role with OIDC: No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com';
const NO_TOKEN =
  'It looks like you might be trying to authenticate with OIDC. Did you mean to set the `id-token` permission?';
const NO_CREDENTIALS =
  'Credentials could not be loaded, please check your action inputs: Could not load credentials from any providers';

/** What fails before the trust policy is evaluated: the token, the provider, the role. */
export const LOGIN_CAUSES = {
  'id-token-missing': {
    message: NO_TOKEN,
    cause:
      'The job is not allowed to request a token from GitHub: neither the job nor the workflow has "id-token: write".',
    fix: 'Add "permissions: { id-token: write, contents: read }" to the job {job}.',
    command: 'crc explain --workflow FILE',
    source: `${ISSUES}/564`,
  },
  'id-token-replaced': {
    message: NO_TOKEN,
    cause:
      'The workflow grants "id-token: write", but the job {job} has its own permissions block, which replaces the workflow’s and does not grant it.',
    fix: 'Add "id-token: write" to the permissions of the job {job}.',
    command: 'crc explain --workflow FILE',
    source:
      'https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/modify-the-github_token',
  },
  'id-token-of-caller': {
    message: NO_TOKEN,
    cause:
      'The job {job} calls a workflow that needs "id-token: write", but does not have it. A called workflow gets at most what the calling job has.',
    fix: 'Add "permissions: { id-token: write, contents: read }" to the calling job {job}.',
    command: 'crc explain --workflow FILE',
    source: 'https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations',
  },
  'id-token-refused': {
    message: "The workflow is requesting 'id-token: write', but is only allowed 'id-token: none'.",
    cause:
      'The called workflow asks for "id-token: write", but the calling job {job} does not have it, so GitHub refuses the whole run at its start.',
    fix: 'Add "permissions: { id-token: write, contents: read }" to the calling job {job}.',
    command: 'crc explain --workflow FILE',
    source: 'https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations',
  },
  fork: {
    message: NO_TOKEN,
    cause:
      'Pull requests from forks get no token: GitHub does not grant them "id-token: write", unless a private repository allows it.',
    fix: 'Skip the job for forks: `if: github.event.pull_request.head.repo.full_name == github.repository`',
    command: 'crc explain --workflow FILE',
    source: 'https://github.com/JuliaCloud/AWS.jl/issues/634',
  },
  'role-variable-empty': {
    message: NO_CREDENTIALS,
    cause:
      'role-to-assume of the job {job} is empty ({value}): the variable is not set in this repository, or not available to this run.',
    fix: 'Write the ARN into the workflow, or set the variable in the repository: `gh variable set NAME --body ARN`. `crc outputs` prints the ARNs.',
    command: 'crc outputs',
    source: `${ISSUES}/202`,
  },
  'role-unknown': {
    message: NOT_AUTHORIZED,
    cause:
      'crc does not know which role the workflow asks for ({value}), and none of the repository’s roles ({roles}) lets this job in.',
    fix: 'Write the ARN into the workflow, or set it as a variable of the repository, which crc reads with gh: an ARN is no secret. Or check one role with --role NAME.',
    command: 'crc outputs',
    source: 'https://github.com/aws-actions/configure-aws-credentials#assuming-a-role',
  },
  'role-not-arn': {
    message: 'Source Account ID is needed if the Role Name is provided and not the Role Arn.',
    cause: 'role-to-assume of the job {job} is a name, not an ARN.',
    fix: 'Use the full ARN: {roleArn}',
    command: 'crc outputs',
    source: 'https://github.com/aws-actions/configure-aws-credentials/blob/main/src/assumeRole.ts',
  },
  'token-expired': {
    message:
      'Could not assume role with OIDC: Token expired: current date/time must be before the expiration date/time',
    cause: 'The token expired at {expiry}.',
    fix: 'Use a token from a run that has just started: GitHub’s tokens are valid for a few minutes.',
    command: 'crc explain --token FILE',
    source: `${ISSUES}/1848`,
  },
  'provider-issuer': {
    message: NO_PROVIDER,
    cause:
      'The token was issued by {issuer}, but the identity provider in the config is {url}. AWS treats them as different providers.',
    fix: 'Use the token of a GitHub Actions job. If that issuer is your own GitHub Enterprise, set oidcProvider.url in the config to it and run `crc bootstrap`. Do not trust any other: its owner could assume the roles.',
    command: 'crc bootstrap',
    source: GITHUB_OIDC,
  },
  'provider-missing': {
    message: NO_PROVIDER,
    cause: 'Account {account} has no identity provider {url}.',
    fix: 'Create it with `crc bootstrap`.',
    command: 'crc bootstrap',
    source: `${ISSUES}/280`,
  },
  'provider-trailing-slash': {
    message: NO_PROVIDER,
    cause:
      'The account has the identity provider {actual}, but the role needs {wanted}. AWS treats URLs that differ in case or in a trailing slash as different providers.',
    fix: 'Create {wanted} with `crc bootstrap`, and delete the other provider once no role uses it.',
    command: 'crc bootstrap',
    source: `${ISSUES}/1043`,
  },
  'provider-other-account': {
    message: NOT_AUTHORIZED,
    cause:
      'The role trusts the identity provider of a different account, {actual}. Provider and role must be in the same account.',
    fix: 'Trust {wanted}.',
    command: BOOTSTRAP_ROLE,
    source: `${IAM}/id_roles_providers_create_oidc.html`,
  },
  'provider-audience': {
    message: 'Could not assume role with OIDC: Incorrect token audience',
    cause: 'The token is for the audience {audience}, but the identity provider accepts only {wanted}.',
    fix: 'Set "audience" in the workflow to one that the provider accepts, or add {audience} to oidcProvider.audiences in the config and run `crc bootstrap`.',
    command: 'crc bootstrap --only oidc-provider',
    source: `${ISSUES}/775`,
  },
  'role-other-account': {
    message: NOT_AUTHORIZED,
    cause:
      'The job {job} asks for {actual} in account {otherAccount}, but these credentials are for account {account}.',
    fix: 'Use {roleArn} in the workflow, or run crc with credentials for that account.',
    command: 'crc outputs',
    source: `${ISSUES}/511`,
  },
  'role-other-arn': {
    message: NOT_AUTHORIZED,
    cause:
      'The job {job} asks for {actual}, but the ARN of the role is {roleArn}: AWS finds a role by its whole ARN, path included.',
    fix: 'Use {roleArn} in the workflow.',
    command: 'crc outputs',
    source: `${IAM}/reference_identifiers.html#identifiers-friendly-names`,
  },
  'role-missing': {
    message: NOT_AUTHORIZED,
    cause: 'The role {role} does not exist in account {account}. (AWS reports a missing role as not authorized.)',
    fix: 'Create it with `crc bootstrap`; if it is not in the config, fix its name.',
    command: 'crc bootstrap',
    source: `${ISSUES}/454`,
  },
  'session-too-long': {
    message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    cause: 'The job {job} asks for a session of {value} seconds, but the role allows {wanted}.',
    fix: 'Lower role-duration-seconds in the workflow, or raise maxSessionSeconds of the role in the config.',
    command: BOOTSTRAP_ROLE,
    source: `${ISSUES}/354`,
  },
} as const satisfies Readonly<Record<string, Cause>>;
