import type { Config } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import { type Context, contextIn, type LockTableUsers } from '../context.ts';
import type { Listed } from './listing.ts';
import { unlisted } from './orphan.ts';
import { functionUsers } from './users.ts';

/**
 * Possible orphans, as resources: those of this project that are no longer in the config. Some may belong to other
 * owners, which reading them shows by their tags. A failed listing is a resource that cannot be read. Sends nothing.
 */
export async function orphanResources(
  listed: readonly Listed[],
  { config, lockTableUsers }: { readonly config: Config; readonly lockTableUsers: LockTableUsers },
  context: Context,
): Promise<readonly Resource[]> {
  const users = functionUsers(context, new Set(listed.map(({ id }) => id)));
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
