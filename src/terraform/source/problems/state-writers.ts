import { bucketArn } from '../../../aws/arns.ts';
import { asJson } from '../../../policies/canonical.ts';
import { isReadOnlyPolicy } from '../../../policies/managed-names.ts';
import { allows } from '../../../policies/rights.ts';
import type { BackendsConfig } from './problem.ts';

/**
 * Whether a role may write the object of a state: by its states, by its own statements, or by a managed policy. What such a policy
 * says is in AWS, so one that is not for reading counts.
 */
export function mayWriteState(
  { state, statements, inlinePolicies, managedPolicyArns }: BackendsConfig['roles'][number],
  { stateBucket }: Pick<BackendsConfig, 'stateBucket'>,
  key: string,
): boolean {
  const object = `${bucketArn(stateBucket, stateBucket.name)}/${key}`;
  return (
    state.some((entry) => entry.key === key && entry.access === 'write') ||
    managedPolicyArns.some((arn) => !isReadOnlyPolicy(arn)) ||
    [statements, ...Object.values(inlinePolicies)].some((list) =>
      allows(asJson({ Statement: list }), 's3:PutObject', object),
    )
  );
}
