import type { Config } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import { type Context, contextIn, type LockTableUsers } from '../context.ts';
import type { Listed } from './listing.ts';
import { unlisted } from './orphan.ts';
import { functionUsers } from './users.ts';

/**
 * What may have left the config, as resources: those of this project that the config does not name. Some may belong to others: reading
 * one compares its tags. What could not be listed is a resource that cannot be read. Sends nothing.
 */
export async function orphanResources(
  listed: readonly Listed[],
  { config, lockTableUsers }: { readonly config: Config; readonly lockTableUsers: LockTableUsers },
  context: Context,
): Promise<readonly Resource[]> {
  const users = functionUsers(context.clients, new Set(listed.map(({ id }) => id)));
  return await Promise.all(
    listed.map(async (candidate) => {
      if ('error' in candidate) return unlisted(candidate, candidate.error);
      const { kind, region } = candidate;
      const at = contextIn(region, context);
      const [create] = await Promise.all([kind.load(), at.clients.load(...kind.services)]);
      return create(candidate, { config, users, lockTableUsers }, at);
    }),
  );
}
