import { deniedAction } from '../aws/access-causes.ts';
import { type Plan, plan } from '../engine/plan.ts';
import type { Resource } from '../engine/resource.ts';
import type { Finding } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import type { Context } from '../resources/context.ts';
import { listOrphans } from '../resources/orphans/listing.ts';
import type { Connection } from './connection.ts';
import { explained } from './views.ts';

/** Resources that are no longer in the config, as `crc verify` shows them. */
export interface Orphans {
  /** They have no status, only a warning that they still exist. */
  readonly orphans: Plan<CrcError>;
  /** What could not be read, so there may be more. */
  readonly unread: Plan<CrcError>;
}

/** Candidates that may no longer be in the config. Code that reads and deletes them is loaded only if there are any. */
export async function orphanCandidates({ config, root }: Connection, context: Context): Promise<readonly Resource[]> {
  const listing = await listOrphans(config, context);
  if (listing.length === 0) return [];
  const [{ orphanResources }, { lockTableUsers }] = await Promise.all([
    import('../resources/orphans/index.ts'),
    import('./lock-table-users.ts'),
  ]);
  return await orphanResources(listing, { config, lockTableUsers: lockTableUsers(root) }, context);
}

/** Reads the candidates. Those of other owners, and deleted ones, are left out. */
export async function readOrphans(connection: Connection, context: Context): Promise<Orphans> {
  const all = await orphanCandidates(connection, context);
  const read = await plan(all, { adopt: false, prune: false }, () => undefined, connection.signal);
  const unread = read.filter(({ status }) => status === 'unread');
  return {
    orphans: explained(read.filter(({ status }) => status === 'in-sync')),
    unread: explained(unread).map((finding, index) => withRights(finding, unread[index]?.error)),
  };
}

/** Permission to read what is in the config does not imply permission to search for more; adds how to get it. */
function withRights(finding: Finding<CrcError>, cause: unknown): Finding<CrcError> {
  const { error } = finding;
  if (error === undefined || deniedAction(cause) === undefined) return finding;
  const hint = `${error.hint} \`crc permissions verify\` prints the whole policy; a role with "crc": ["verify"] gets it from \`crc bootstrap\`.`;
  return { ...finding, error: new CrcError(error.message, { ...error, hint, cause }) };
}
