const CONFIGURE = 'https://github.com/aws-actions/configure-aws-credentials';
const ASSUME = 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html';

/** A message from a job that cannot log in, for a reason visible neither in the account nor in the workflow. */
export interface OtherMessage {
  /** As in the log, or its characteristic part. */
  readonly message: string;
  readonly cause: string;
  readonly fix: string;
  readonly source: string;
}

/** Problems that `crc explain` cannot detect, and how to fix them. */
export const OTHER_MESSAGES: readonly OtherMessage[] = [
  {
    message: "Couldn't retrieve verification key from your identity provider",
    cause:
      'AWS could not reach GitHub to verify the token. This is temporary, and more frequent when many jobs start at once.',
    fix: 'Run the job again.',
    source: `${CONFIGURE}/issues/299`,
  },
  {
    message: 'getIDToken call failed',
    cause: 'GitHub did not respond to the token request.',
    fix: 'Run the job again. https://www.githubstatus.com shows outages.',
    source: `${CONFIGURE}/blob/main/src/index.ts`,
  },
  {
    message: 'ExpiredToken',
    cause:
      'The action requests one token and retries with it until it expires: AWS could not be reached for several minutes.',
    fix: 'Check the network of the runner, then run the job again.',
    source: `${CONFIGURE}/issues/1848`,
  },
  {
    message: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    cause: 'The issuer is a GitHub Enterprise Server: for github.com, AWS has not checked thumbprints since July 2023.',
    fix: 'Add its thumbprint to oidcProvider.thumbprints and run `crc bootstrap --only oidc-provider`.',
    source: `${CONFIGURE}/issues/763`,
  },
  {
    message: 'MalformedPolicyDocument: Trust policy … must evaluate … token.actions.githubusercontent.com:sub',
    cause: 'IAM rejects a trust policy for GitHub that does not restrict which repositories it trusts.',
    fix: 'Let crc create it: `crc bootstrap --only role/NAME`.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html',
  },
  {
    message: 'EntityAlreadyExists: Provider with url https://token.actions.githubusercontent.com already exists.',
    cause:
      'An account can have only one identity provider per URL, and something other than crc is trying to create a second one.',
    fix: 'Use the existing one: `crc bootstrap --only oidc-provider` adds to it and removes nothing.',
    source: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html',
  },
  {
    message: 'Role session name must be between 2 and 64 characters',
    cause: 'role-session-name in the workflow is too long, or has characters other than letters, digits and =,.@-_+.',
    fix: 'Shorten it: the id of the run is enough.',
    source: `${CONFIGURE}/blob/main/src/index.ts`,
  },
  {
    message: 'Region is not valid',
    cause: 'aws-region in the workflow is empty or misspelled; usually its variable is not set.',
    fix: 'Write the region into the workflow, or set the variable in the repository: `gh variable set NAME --body REGION`',
    source: `${CONFIGURE}/blob/main/src/index.ts`,
  },
  {
    message: 'RegionDisabledException',
    cause: 'The job logs in to a region that is not enabled in the account.',
    fix: 'Enable the region, or set aws-region to one that is enabled.',
    source: ASSUME,
  },
  {
    message: 'The account ID of the provided credentials does not match any of the expected account IDs',
    cause: 'The login works, but the role’s account is not in allowed-account-ids of the workflow.',
    fix: 'Compare allowed-account-ids with the ARNs that `crc outputs` prints.',
    source: `${CONFIGURE}/blob/main/src/helpers.ts`,
  },
  {
    message: 'Credentials loaded by the SDK do not match the expected access key ID configured by the action',
    cause: 'The runner already has other credentials in its environment, from a self-hosted runner or an earlier step.',
    fix: 'Add unset-current-credentials: true to the step.',
    source: `${CONFIGURE}/blob/main/src/CredentialsClient.ts`,
  },
];
