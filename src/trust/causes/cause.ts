/** Why GitHub cannot assume a role. Words in braces are filled in from what was found. */
export interface Cause {
  /** What the log of the job shows, or what AWS answers. */
  readonly message: string;
  /** In plain words. */
  readonly cause: string;
  /** What to change, and where. */
  readonly fix: string;
  readonly command: string;
  /** Where this is known from. */
  readonly source: string;
}

export const NOT_AUTHORIZED =
  'Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity';
export const BOOTSTRAP_ROLE = 'crc bootstrap --only role/{role}';
export const ISSUES = 'https://github.com/aws-actions/configure-aws-credentials/issues';
export const GITHUB_OIDC = 'https://docs.github.com/en/actions/reference/security/oidc';
export const IAM = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';
