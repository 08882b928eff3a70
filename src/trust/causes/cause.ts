/** Why GitHub cannot assume a role. Placeholders in braces are filled in. */
export interface Cause {
  /** The message in the job's log, or the error from AWS. */
  readonly message: string;
  /** The cause in plain words. */
  readonly cause: string;
  /** What to change, and where. */
  readonly fix: string;
  readonly command: string;
  /** Where this is documented. */
  readonly source: string;
}

export const NOT_AUTHORIZED =
  'Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity';
export const BOOTSTRAP_ROLE = 'crc bootstrap --only role/{role}';
/** For a role that crc did not create for this project. */
export const PLAN_ROLE = 'crc plan --only role/{role}';
export const PLAN_ADOPTION = 'crc plan --adopt --only role/{role}';
export const ISSUES = 'https://github.com/aws-actions/configure-aws-credentials/issues';
export const GITHUB_OIDC = 'https://docs.github.com/en/actions/reference/security/oidc';
export const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
