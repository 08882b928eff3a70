import type { Config } from '../config/schema.ts';
import type { Json } from '../json.ts';
import { statementsOf } from '../policies/strangers.ts';
import { lockedText } from '../terraform/state/locks.ts';
import { tableItems } from '../terraform/state/table-items.ts';
import type { Context, Run } from './context.ts';

/** Why the live policy of a role must stay as it is; undefined when it may change. */
export type PolicyKept = (live: Json) => Promise<string | undefined>;

/**
 * A config that names another lock table, or none any more, takes the rights on the old one from its roles. As long as anything still
 * locks in it, that is the gap in which two write at once: so the policy is kept while a backend block of the repository names the
 * table, or a state of the bucket is locked in it. Asks nothing where no right on a table is lost.
 */
export function droppedLockTable(
  { lockTable, stateBucket }: Config,
  { clients }: Context,
  { lockTableUsers = async () => undefined }: Run,
): PolicyKept {
  const looked = new Map<string, Promise<string | undefined>>();

  async function usersOf(table: string): Promise<string | undefined> {
    const used = await lockTableUsers(table);
    if (used !== undefined) return used;
    await clients.load('dynamodb');
    const { locks } = await tableItems(clients.dynamodb, table);
    return lockedText(locks.filter(({ path }) => path.startsWith(`${stateBucket.name}/`)));
  }

  return async (live) => {
    const dropped = lockTablesOf(live).filter((table) => table !== lockTable?.name);
    for (const table of dropped) {
      // All roles share one look.
      const looking = looked.get(table) ?? usersOf(table);
      looked.set(table, looking);
      const used = await looking;
      if (used !== undefined) return `the lock table ${table} is still in use: ${used}`;
    }
    return undefined;
  };
}

/** Names of the tables in which a policy of crc lets Terraform lock: it names the items. */
function lockTablesOf(policy: Json): readonly string[] {
  const tables = statementsOf(policy)
    .filter(({ Effect, Condition }) => Effect === 'Allow' && JSON.stringify(Condition ?? null).includes(ITEMS))
    .flatMap(({ Resource }) => [Resource ?? []].flat())
    .flatMap((arn) => /^arn:[^:]+:dynamodb:[^:]+:\d+:table\/([^/]+)$/.exec(String(arn))?.[1] ?? []);
  return [...new Set(tables)];
}

const ITEMS = 'dynamodb:LeadingKeys';
