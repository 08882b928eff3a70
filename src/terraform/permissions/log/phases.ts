import type { Phase } from '../call.ts';
import type { LoggedCall } from './read.ts';

/** Prefixes of read-only operations. */
const READS =
  /^(Get|List|Describe|Head|BatchGet|Query|Scan|Search|Lookup|Select|Test|Validate|Check|Poll|Simulate|Decode)/;

/** Prefixes of operations that delete a resource. */
const REMOVES =
  /^(BatchDelete|Delete|Terminate|Release|Deregister|Schedule\w*Deletion|Detach|Disassociate|Remove|Cancel|Purge|Abort|Revoke|Deactivate|Disable|Unsubscribe)/;

/** Prefixes of operations that change a resource. Changes can add and remove tags. */
const CHANGES =
  /^(Create|Put|Update|Modify|Set|Tag|Attach|Associate|Register|Run|Start|Add|Enable|Subscribe|Publish|Upload|Complete|Authorize|Allocate|Import|Copy|Change|Invoke|Request)/;

/**
 * The phase of the calls for one Terraform request to the provider, if the log does not show the command. A resource is
 * being destroyed if something is deleted and nothing is created. Anything but an apply only reads.
 */
export function phaseOfRequest(calls: readonly LoggedCall[]): Phase {
  const [first] = calls;
  const isApply = first?.rpc === 'ApplyResourceChange' || first?.rpc === undefined;
  if (!isApply) return 'plan';
  const operations = calls.map(({ operation }) => operation);
  if (operations.some((name) => CHANGES.test(name))) return 'apply';
  if (operations.some((name) => REMOVES.test(name))) return 'destroy';
  if (first?.rpc === undefined) return operations.every((name) => READS.test(name)) ? 'plan' : 'apply';
  return first.command === 'destroy' ? 'destroy' : 'apply';
}

/** Groups calls by the Terraform request that caused them; a call without one is its own group. */
export function byRequest(calls: readonly LoggedCall[]): readonly (readonly LoggedCall[])[] {
  const groups = new Map<string, LoggedCall[]>();
  calls.forEach((call, at) => {
    const key = call.requestId ?? `call ${at}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [call]);
    else group.push(call);
  });
  return [...groups.values()];
}
