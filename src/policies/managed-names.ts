const READ_ONLY = /ReadOnly|ViewOnly|SecurityAudit/;

/**
 * `AdministratorAccess` from `arn:aws:iam::aws:policy/AdministratorAccess`, for AWS managed and customer managed
 * policies.
 */
export function policyNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Judged by its name, since the document of a managed policy is only in AWS. */
export function isReadOnlyPolicy(arn: string): boolean {
  return READ_ONLY.test(policyNameOf(arn));
}
