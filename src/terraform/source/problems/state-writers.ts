import { bucketArn } from '../../../aws/arns.ts';
import { asJson } from '../../../policies/canonical.ts';
import { isReadOnlyPolicy } from '../../../policies/managed-names.ts';
import { allows } from '../../../policies/rights.ts';
import type { BackendsConfig } from './problem.ts';

/**
 * Whether a role may write a state's object: through its states, its own statements, or a managed policy. The content
 * of a managed policy is in AWS, so any that is not read-only counts.
 */
export function mayWriteState(
  { state, statements, inlinePolicies, managedPolicyArns }: BackendsConfig['roles'][number],
  { stateBucket }: Pick<BackendsConfig, 'stateBucket'>,
  key: string,
): boolean {
  const object = `${bucketArn(stateBucket, stateBucket.name)}/${key}`;
  return (
    state.some((entry) => entry.access === 'write' && (entry.key === key || isInWorkspaceOf(entry, key))) ||
    managedPolicyArns.some((arn) => !isReadOnlyPolicy(arn)) ||
    [statements, ...Object.values(inlinePolicies)].some((list) =>
      allows(asJson({ Statement: list }), 's3:PutObject', object),
    )
  );
}

/** Whether an object may be a workspace of a state: a role with the state has permissions on PREFIX/…/KEY. */
export function isInWorkspaceOf(
  { key, workspaceKeyPrefix }: BackendsConfig['roles'][number]['state'][number],
  object: string,
): boolean {
  const [start, end] = [`${workspaceKeyPrefix}/`, `/${key}`];
  return object.startsWith(start) && object.endsWith(end) && object.length > start.length + end.length;
}
