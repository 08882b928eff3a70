import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Clients } from '../../aws/clients.ts';
import { orAbsent } from '../../aws/error-names.ts';
import { aliasesOf, functionsInRegion } from '../../aws/functions.ts';
import { groupBy } from '../../group-by.ts';
import type { Context, FunctionUse } from '../context.ts';
import { NO_SUCH_FUNCTION } from '../function/errors.ts';

/**
 * Functions that would break without a resource, including those of other owners: `Visits`, or
 * `Visits (version 3, served by live)`.
 */
export interface FunctionUsers {
  /** Functions that run with the role, by default in the project's region. */
  ofRole(arn: string, region?: string): Promise<readonly string[]>;
  /** Functions with the name or the ARN of the table in their environment. */
  ofTable(name: string): Promise<readonly string[]>;
}

type FunctionClients = Pick<Clients, 'lambda' | 'load'>;

/** Whether a text contains the ARN of a table, or of one of its indexes. */
export function namesTable(text: string, name: string): boolean {
  return [...text.matchAll(/:table\/([\w.-]+)/g)].some(([, table]) => table === name);
}

/**
 * Reads the functions again for each check, since a role or table is checked again right before it is deleted.
 * `removed`: ids of what is deleted in the same run, whose functions are therefore not counted.
 */
export function functionUsers(
  { clients, place }: Pick<Context, 'clients' | 'place'>,
  removed: ReadonlySet<string>,
): FunctionUsers {
  const listings = new Map<string, Promise<readonly FunctionConfiguration[]>>();

  /** Concurrent checks share one listing. */
  async function listed(region: string, there: FunctionClients): Promise<readonly FunctionConfiguration[]> {
    const listing =
      listings.get(region) ??
      // An orphan may be in a different region from the project's functions; the clients of that region are then loaded.
      there
        .load('lambda')
        .then(() => functionsInRegion(there, 'ALL'))
        .finally(() => listings.delete(region));
    listings.set(region, listing);
    return await listing;
  }

  async function using(
    isUser: (candidate: FunctionConfiguration) => boolean,
    region = place.region,
  ): Promise<readonly string[]> {
    const isOwnRegion = region === place.region;
    const there = isOwnRegion ? clients : clients.inRegion(region);
    const versions = (await listed(region, there)).filter(isUser);
    const users: string[] = [];
    for (const [name, own] of groupBy(versions, ({ FunctionName = '' }) => FunctionName)) {
      if (isOwnRegion && removed.has(`function/${name}`)) continue;
      const isLatest = own.some(({ Version = '$LATEST' }) => Version === '$LATEST');
      const served = isLatest ? '' : await servedOf(own, name, there);
      if (served !== undefined) users.push(`${name}${served}`);
    }
    return users;
  }

  return {
    ofRole: (arn, region) => using(({ Role }) => Role === arn, region),
    ofTable: (name) =>
      using(({ Environment }) =>
        Object.values(Environment?.Variables ?? {}).some((value) => value === name || namesTable(value, name)),
      ),
  };
}

/**
 * One of the versions that an alias serves; undefined if there is none. After a rollback, `live` serves an earlier
 * version, with the role and environment that it was published with.
 */
async function servedOf(
  versions: readonly FunctionConfiguration[],
  functionName: string,
  clients: FunctionClients,
): Promise<string | undefined> {
  const aliases = await orAbsent(aliasesOf(clients, functionName), NO_SUCH_FUNCTION, []);
  for (const { Version = '' } of versions) {
    const alias = aliases.find(
      ({ FunctionVersion, RoutingConfig }) =>
        FunctionVersion === Version || Version in (RoutingConfig?.AdditionalVersionWeights ?? {}),
    );
    if (alias !== undefined) return ` (version ${Version}, served by ${alias.Name})`;
  }
  return undefined;
}

/** Describes who uses a role or a table. `removed`: see `functionUsers`; usually the ids in the config. */
export function functionUse(context: Pick<Context, 'clients' | 'place'>, removed: ReadonlySet<string>): FunctionUse {
  const users = functionUsers(context, removed);
  return async (used) => {
    const names = await ('role' in used ? users.ofRole(used.role) : users.ofTable(used.table));
    const how = 'role' in used ? 'runs with it' : 'names it in its environment';
    return names.length === 0 ? undefined : `a function that is not in the config ${how}: ${names.join(', ')}`;
  };
}
