import { choiceHint } from '../closest.ts';
import { type Plan, plan } from '../engine/plan.ts';
import type { RemovalPlan } from '../engine/remove.ts';
import type { Resource } from '../engine/resource.ts';
import { CrcError } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { orphanCandidates } from '../resources/orphans/index.ts';
import type { Connection } from './connection.ts';
import { lockTableUsers } from './lock-table-users.ts';
import { explained } from './views.ts';

/** What left the config, as `crc verify --strict` shows it. */
export interface Orphans {
  /** In sync with nothing: each has the warning that it is still there. */
  readonly orphans: Plan<CrcError>;
  /** What could not be read, so that there may be more. */
  readonly unread: Plan<CrcError>;
}

async function candidates({ config, root }: Connection, context: Context): Promise<readonly Resource[]> {
  return await orphanCandidates(config, context, lockTableUsers(root));
}

/** Reads what may have left the config. What belongs to others, or is gone, is not part of the answer. */
export async function readOrphans(connection: Connection, context: Context): Promise<Orphans> {
  const all = await candidates(connection, context);
  const read = explained(await plan(all, { adopt: false, prune: false }, () => undefined, connection.signal));
  return {
    orphans: read.filter(({ status }) => status === 'in-sync'),
    unread: read.filter(({ status }) => status === 'unread'),
  };
}

/** What deleting them means. */
export interface OrphanRemovals {
  readonly plan: RemovalPlan;
  /** Ids that `only` does not name. */
  readonly unselected: readonly string[];
}

/** Looks at what deleting what left the config means. Throws a CrcError for an unknown id in `only`. */
export async function planOrphanRemovals(
  connection: Connection,
  context: Context,
  look: (resources: readonly Resource[]) => Promise<RemovalPlan>,
  only: readonly string[] | undefined,
): Promise<OrphanRemovals> {
  const looked = await look(await candidates(connection, context));
  // An orphan itself is never kept: what is, belongs to others.
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
    `--only: ${named.join(', ')} ${named.length === 1 ? 'is' : 'are'} not among what left the config.`,
    {
      hint: ids.length === 0 ? 'Nothing has left the config.' : choiceHint(unknown, ids, '--only'),
    },
  );
}
