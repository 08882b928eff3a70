import type { Config } from '../config/schema.ts';
import type { Json } from '../json.ts';
import { statementsOf } from '../policies/strangers.ts';
import { TABLE_SIDS } from '../policies/terraform.ts';
import { lockedText } from '../terraform/state/locks.ts';
import { tableItems } from '../terraform/state/table-items.ts';
import type { Context, Run } from './context.ts';

/** Why a role's live policy must be kept; undefined if it may change. */
export type PolicyKept = (live: Json) => Promise<string | undefined>;

/**
 * With a different lock table in the config, or none, the roles lose their permissions on the old one. If anything
 * still locks in the old table, two runs could then write at once. So a policy is kept as long as a backend block in
 * the repository uses the table, or a state of the bucket is locked in it. Sends nothing if no permissions on a table
 * are lost.
 */
export function droppedLockTable(
  { lockTable, stateBucket }: Config,
  { clients }: Context,
  { lockTableUsers = async () => undefined }: Run,
): PolicyKept {
  const looked = new Map<string, Promise<string | undefined>>();

  async function usersOf({ name, region }: TableOfPolicy): Promise<string | undefined> {
    const used = await lockTableUsers(name);
    if (used !== undefined) return used;
    const there = clients.inRegion(region);
    await there.load('dynamodb');
    const { locks } = await tableItems(there.dynamodb, name);
    return lockedText(locks.filter(({ path }) => path.startsWith(`${stateBucket.name}/`)));
  }

  return async (live) => {
    const dropped = lockTablesOf(live).filter(({ name }) => name !== lockTable?.name);
    for (const table of dropped) {
      // All roles share one lookup.
      const looking = looked.get(table.arn) ?? usersOf(table);
      looked.set(table.arn, looking);
      const used = await looking;
      if (used !== undefined) return `the lock table ${table.name} is still in use: ${used}`;
    }
    return undefined;
  };
}

interface TableOfPolicy {
  readonly arn: string;
  readonly name: string;
  /** The bucket's region, which may differ from the project's. */
  readonly region: string;
}

/** The lock tables in a policy written by crc, by its own Sids: a statement of the user's can name other tables. */
function lockTablesOf(policy: Json): readonly TableOfPolicy[] {
  const arns = statementsOf(policy)
    .filter(({ Sid }) => typeof Sid === 'string' && TABLE_SIDS.includes(Sid))
    .flatMap(({ Resource }) => [Resource ?? []].flat().map(String));
  return [...new Set(arns)].flatMap((arn) => {
    const [, region, name] = /^arn:[^:]+:dynamodb:([^:]+):\d+:table\/([^/]+)$/.exec(arn) ?? [];
    return region === undefined || name === undefined ? [] : [{ arn, name, region }];
  });
}
