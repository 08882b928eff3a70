const READ_ONLY = /ReadOnly|ViewOnly|SecurityAudit/;

/** `AdministratorAccess` of `arn:aws:iam::aws:policy/AdministratorAccess`, of AWS's own policies and others' alike. */
export function policyNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** By its name: what a managed policy says is in AWS. */
export function isReadOnlyPolicy(arn: string): boolean {
  return READ_ONLY.test(policyNameOf(arn));
}
