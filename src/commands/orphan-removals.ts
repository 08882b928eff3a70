import { choiceHint } from '../closest.ts';
import type { RemovalPlan } from '../engine/remove.ts';
import type { Resource } from '../engine/resource.ts';
import { CrcError } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import type { Connection } from './connection.ts';
import { orphanCandidates } from './orphans.ts';

/** What deleting the resources that are no longer in the config would do. */
export interface OrphanRemovals {
  readonly plan: RemovalPlan;
  /** Ids that `only` does not select. */
  readonly unselected: readonly string[];
}

/**
 * Determines what deleting the resources that are no longer in the config would do. Throws a CrcError for an unknown id
 * in `only`.
 */
export async function planOrphanRemovals(
  connection: Connection,
  context: Context,
  look: (resources: readonly Resource[]) => Promise<RemovalPlan>,
  only: readonly string[] | undefined,
): Promise<OrphanRemovals> {
  const looked = await look(await orphanCandidates(connection, context));
  // An orphan itself is never kept: anything kept belongs to other owners.
  const own = looked.filter(({ removal, error }) => error !== undefined || (removal && removal.kept === undefined));
  const ids = own.map(({ resource }) => resource.id);
  if (only === undefined) return { plan: own, unselected: [] };
  checkAreOrphans(only, ids);
  return { plan: own, unselected: ids.filter((id) => !only.includes(id)) };
}

function checkAreOrphans(only: readonly string[], ids: readonly string[]): void {
  const unknown = only.filter((id) => !ids.includes(id));
  if (unknown.length === 0) return;
  const named = unknown.map((id) => `"${id}"`);
  throw new CrcError(
    `--only: ${named.join(', ')} ${named.length === 1 ? 'is' : 'are'} not among the resources to delete.`,
    {
      hint: ids.length === 0 ? 'All resources of this project are in the config.' : choiceHint(unknown, ids, '--only'),
    },
  );
}
