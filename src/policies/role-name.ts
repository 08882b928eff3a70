/** The role in `arn:aws:sts::123456789012:assumed-role/NAME/SESSION`, or in a role's ARN. */
export function roleOf(principal: string): string | undefined {
  const [, assumed] = /:assumed-role\/([^/]+)\//.exec(principal) ?? [];
  const [, own] = /:role\/(?:.*\/)?([^/]+)$/.exec(principal) ?? [];
  return assumed ?? own;
}
