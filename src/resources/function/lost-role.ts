import { deniedAction } from '../../aws/access-causes.ts';
import type { Meaning } from '../../engine/types.ts';
import type { Json } from '../../json.ts';
import { lostRights } from '../../policies/rights.ts';
import { statementsOf } from '../../policies/strangers.ts';
import { rightsMeaning } from '../rights-meaning.ts';
import type { RoleTarget } from '../role/calls.ts';
import { policiesOfRole } from '../role/policies.ts';

/** An execution role that crc manages. */
export interface ManagedRole {
  readonly policy: Json;
  /** The config keys that grant more permissions. */
  readonly allowedBy: string;
}

/**
 * The permissions that a function loses when the role in the config replaces its role, as far as they can be read, and
 * how to keep them.
 */
export async function lostWithRole(
  target: RoleTarget,
  { policy, allowedBy }: ManagedRole,
  keepRole: string,
): Promise<Meaning> {
  try {
    const documents = await policiesOfRole(target);
    if (documents === undefined) return { why: `the role ${target.name} does not exist any more` };
    const lost = lostRights({ Statement: documents.flatMap(statementsOf) }, policy);
    return (
      rightsMeaning(
        lost,
        (rights) =>
          `the role allows more than the new one: ${rights}; to keep a right, allow it with ${allowedBy}; ${keepRole}`,
      ) ?? { why: `the new role allows all that this one does; ${keepRole}` }
    );
  } catch (error) {
    const action = deniedAction(error);
    if (action === undefined) throw error;
    // The list only helps the user decide. Failing to read it must not stop an adoption.
    return { why: `what the function loses with that role could not be read: ${action} on it is denied; ${keepRole}` };
  }
}
