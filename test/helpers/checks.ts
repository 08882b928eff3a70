import type { Grant } from '../../src/engine/types.ts';
import { fits } from '../../src/policies/glob.ts';
import { requestOf } from '../recorded/request.ts';
import type { SentCall } from './fake-aws.ts';
import { type Check, checksOf, iamPathOf, tagsCheckOf } from './wire.ts';

/** A call of a fake, and what AWS would authorize for its request. */
export interface CheckedCall {
  readonly call: SentCall;
  readonly checks: readonly Check[];
}

/** In order: a call that creates a role decides the path in the ARNs of those that follow. */
export async function checkedCalls(calls: readonly SentCall[]): Promise<readonly CheckedCall[]> {
  const requests = await Promise.all(calls.map(async (call) => ({ call, request: await requestOf(call) })));
  const paths = new Map<string, string>();
  return requests.map(({ call, request }) => {
    const path = call.service === 'iam' ? iamPathOf(request) : undefined;
    if (path !== undefined) paths.set(...path);
    return { call, checks: [...checksOf(request, paths), ...[tagsCheckOf(request) ?? []].flat()] };
  });
}

/** What the grants lack for these calls: `logs:DeleteLogGroup on arn:…`. */
export function notGranted(calls: readonly CheckedCall[], grants: readonly Grant[]): readonly string[] {
  const denied = calls
    .flatMap(({ checks }) => checks)
    .filter((check) => !grants.some((grant) => allows(grant, check)))
    .map(({ action, resource }) => `${action} on ${resource}`);
  return [...new Set(denied)];
}

/** The actions that the grants allow and none of these calls needs. */
export function notNeeded(calls: readonly CheckedCall[], grants: readonly Grant[]): readonly string[] {
  const needed = new Set(calls.flatMap(({ checks }) => checks.map(({ action }) => action)));
  return grants.flatMap(({ actions }) => actions).filter((action) => !needed.has(action));
}

/** `*` is only right where AWS checks no particular resource, which `checksOf` gives as `*` too. Elsewhere it is too wide. */
function allows({ actions, resources }: Grant, { action, resource }: Check): boolean {
  const patterns = resources.filter((pattern) => pattern !== '*' || resource === '*');
  return actions.includes(action) && patterns.some((pattern) => fits(pattern, resource));
}
