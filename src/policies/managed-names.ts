const READ_ONLY = /ReadOnly|ViewOnly|SecurityAudit/;

/**
 * `AdministratorAccess` from `arn:aws:iam::aws:policy/AdministratorAccess`, for AWS managed and customer managed
 * policies.
 */
export function policyNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Whether a managed policy is read-only, judging by its name, since its document is only in AWS. */
export function isReadOnlyPolicy(arn: string): boolean {
  return READ_ONLY.test(policyNameOf(arn));
}
