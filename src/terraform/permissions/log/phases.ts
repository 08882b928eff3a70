import type { Phase } from '../call.ts';
import type { LoggedCall } from './read.ts';

/** How operations begin that change nothing. */
const READS =
  /^(Get|List|Describe|Head|BatchGet|Query|Scan|Search|Lookup|Select|Test|Validate|Check|Poll|Simulate|Decode)/;

/** How operations begin with which a resource goes. */
const REMOVES =
  /^(BatchDelete|Delete|Terminate|Release|Deregister|Schedule\w*Deletion|Detach|Disassociate|Remove|Cancel|Purge|Abort|Revoke|Deactivate|Disable|Unsubscribe)/;

/** How operations begin of which a resource is left with something else. Tags go and come with changes alike. */
const CHANGES =
  /^(Create|Put|Update|Modify|Set|Tag|Attach|Associate|Register|Run|Start|Add|Enable|Subscribe|Publish|Upload|Complete|Authorize|Allocate|Import|Copy|Change|Invoke|Request)/;

/**
 * The phase of calls that were made for one request of Terraform to the provider, in a log that does not say what was run.
 * A resource is removed where something is deleted and nothing is created; everything but the apply of a change only reads.
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

/** The calls in groups by the request of Terraform that they were made for; a call of none is a group of its own. */
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
