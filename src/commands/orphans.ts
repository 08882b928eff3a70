import { deniedAction } from '../aws/access-causes.ts';
import { type Plan, plan } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import type { Finding } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { listOrphans } from '../resources/orphans/listing.ts';
import type { Connection } from './connection.ts';
import { explained } from './views.ts';

/** What left the config, as `crc verify` shows it. */
export interface Orphans {
  /** In sync with nothing: each has the warning that it is still there. */
  readonly orphans: Plan<CrcError>;
  /** What could not be read, so that there may be more. */
  readonly unread: Plan<CrcError>;
}

/** What may have left the config. Code that reads and deletes it is loaded only where there is something. */
export async function orphanCandidates({ config, root }: Connection, context: Context): Promise<readonly Resource[]> {
  const listing = await listOrphans(config, context);
  if (listing.length === 0) return [];
  const [{ orphanResources }, { lockTableUsers }] = await Promise.all([
    import('../resources/orphans/index.ts'),
    import('./lock-table-users.ts'),
  ]);
  return await orphanResources(listing, { config, lockTableUsers: lockTableUsers(root) }, context);
}

/** Reads what may have left the config. What belongs to others, or is gone, is not part of the answer. */
export async function readOrphans(connection: Connection, context: Context): Promise<Orphans> {
  const all = await orphanCandidates(connection, context);
  const read = await plan(all, { adopt: false, prune: false }, () => undefined, connection.signal);
  const unread = read.filter(({ status }) => status === 'unread');
  return {
    orphans: explained(read.filter(({ status }) => status === 'in-sync')),
    unread: explained(unread).map((finding, index) => withRights(finding, unread[index]?.error)),
  };
}

/** Who may read what the config names may still lack the right to look for more: it says where that right comes from. */
function withRights(finding: Finding<CrcError>, cause: unknown): Finding<CrcError> {
  const { error } = finding;
  if (error === undefined || deniedAction(cause) === undefined) return finding;
  const hint = `${error.hint} \`crc permissions verify\` prints the whole policy; a role with "crc": ["verify"] gets it from \`crc bootstrap\`.`;
  return { ...finding, error: new CrcError(error.message, { hint, cause }) };
}
