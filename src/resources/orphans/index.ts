import { providerArn } from '../../aws/arns.ts';
import type { Config } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import { type Context, contextIn } from '../context.ts';
import type { OrphanListing } from './listing.ts';
import { unlisted } from './orphan.ts';
import { orphanRole } from './roles.ts';
import { type LockTableUsers, orphanFunction, orphanLogGroup, orphanTable } from './tagged.ts';
import { functionUsers } from './users.ts';

/**
 * What may have left the config, as resources: those of this project that the config does not name. Some may belong to others: reading
 * one compares its tags. What could not be listed is a resource that cannot be read. Sends nothing.
 */
export async function orphanResources(
  { roles, functions, logGroups, tables, failures }: OrphanListing,
  { config, lockTableUsers }: { readonly config: Config; readonly lockTableUsers: LockTableUsers },
  context: Context,
): Promise<readonly Resource[]> {
  await context.clients.load('iam', 'lambda', 'logs');
  await Promise.all(tables.map(({ region }) => contextIn(region, context).clients.load('dynamodb')));
  const provider = providerArn(context.place, config.oidcProvider.url);
  const users = functionUsers(context.clients, new Set(functions));
  return [
    ...roles.map((role) => orphanRole(role, { provider, users }, context)),
    ...failures.map((failure) => unlisted(failure, failure.error)),
    ...functions.map((name) => orphanFunction(name, context)),
    ...logGroups.map((name) => orphanLogGroup(name, context)),
    ...tables.map((table) => orphanTable(table, { users, lockTableUsers }, context)),
  ];
}
