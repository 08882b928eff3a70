const CONFIGURE = 'https://github.com/aws-actions/configure-aws-credentials';
const ASSUME = 'https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html';

/** A message of a job that cannot log in whose reason neither the account nor the workflow tells. */
export interface OtherMessage {
  /** As it stands in the log, or its telling part. */
  readonly message: string;
  readonly cause: string;
  readonly mend: string;
  readonly source: string;
}

/** What `crc explain` cannot find out, and what mends it all the same. */
export const OTHER_MESSAGES: readonly OtherMessage[] = [
  {
    message: "Couldn't retrieve verification key from your identity provider",
    cause:
      'AWS could not reach GitHub to check the token. It passes; many jobs that start together meet it more often.',
    mend: 'Run the job again.',
    source: `${CONFIGURE}/issues/299`,
  },
  {
    message: 'getIDToken call failed',
    cause: 'GitHub did not answer the request for a token.',
    mend: 'Run the job again; see githubstatus.com.',
    source: `${CONFIGURE}/blob/main/src/index.ts`,
  },
  {
    message: 'ExpiredToken',
    cause: 'The action takes one token and tries with it until it has expired: AWS could not be reached for minutes.',
    mend: 'Look at the network of the runner, then run the job again.',
    source: `${CONFIGURE}/issues/1848`,
  },
  {
    message: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    cause:
      'AWS has not checked the thumbprint for github.com since July 2023: this is another issuer, a GitHub Enterprise Server.',
    mend: 'Add its thumbprint to oidcProvider.thumbprints and run `crc bootstrap --only oidc-provider`.',
    source: `${CONFIGURE}/issues/763`,
  },
  {
    message: 'MalformedPolicyDocument: Trust policy … must evaluate … token.actions.githubusercontent.com:sub',
    cause: 'IAM refuses a trust policy for GitHub that does not say whose jobs it is for.',
    mend: 'Let crc write it: `crc bootstrap --only role/NAME`.',
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html',
  },
  {
    message: 'EntityAlreadyExists: Provider with url https://token.actions.githubusercontent.com already exists.',
    cause: 'An account has one identity provider for each URL, and something else than crc tries to make a second.',
    mend: 'Use the one there is: `crc bootstrap --only oidc-provider` adds to it and takes nothing away.',
    source: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html',
  },
  {
    message: 'Role session name must be between 2 and 64 characters',
    cause: 'role-session-name in the workflow is too long, or has characters beyond letters, digits and =,.@-_+.',
    mend: 'Shorten it; the id of the run is enough.',
    source: `${CONFIGURE}/blob/main/src/index.ts`,
  },
  {
    message: 'Region is not valid',
    cause: 'aws-region in the workflow is empty or misspelt; most often its variable is not set.',
    mend: 'Set the variable: `crc outputs` prints the lines that do it.',
    source: `${CONFIGURE}/blob/main/src/index.ts`,
  },
  {
    message: 'RegionDisabledException',
    cause: 'The region is not enabled in the account, and the job logs in there.',
    mend: 'Enable the region, or write one that is enabled as aws-region.',
    source: ASSUME,
  },
  {
    message: 'The account ID of the provided credentials does not match any of the expected account IDs',
    cause: 'The login works, and the role is in another account than allowed-account-ids of the workflow.',
    mend: 'Compare allowed-account-ids with the ARNs of `crc outputs`.',
    source: `${CONFIGURE}/blob/main/src/helpers.ts`,
  },
  {
    message: 'Credentials loaded by the SDK do not match the expected access key ID configured by the action',
    cause: 'The runner has other credentials in its environment: a self-hosted one, or a step before.',
    mend: 'Write unset-current-credentials: true into the step.',
    source: `${CONFIGURE}/blob/main/src/CredentialsClient.ts`,
  },
];
