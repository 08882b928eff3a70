import type { Config } from '../config/schema.ts';
import { type Plan, plan } from '../engine/plan.ts';
import type { RemovalPlan } from '../engine/remove.ts';
import type { Resource } from '../engine/resource.ts';
import type { Consent, Finding } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';
import type { FunctionPackage } from '../package/package.ts';
import type { Context, MissingRight } from '../resources/context.ts';
import type { AliasMove } from '../resources/function/alias.ts';
import { type ResourceGroup, resourceGroups, resourcesOf } from '../resources/index.ts';
import { wantedTags } from '../resources/tags.ts';
import { differs } from '../ui/waiting.ts';
import { type Connection, type ConnectOptions, connect, inAccount } from './connection.ts';
import { lockTableUsers } from './lock-table-users.ts';
import type { ResourceOptions } from './options.ts';
import type { Orphans } from './orphans.ts';
import { checkKnown, chosen, members, type Selection, wantedIds } from './selection.ts';
import { explained } from './views.ts';

/** A connection, the resources in the config, and what is needed to plan and apply them. */
export interface Session extends Connection {
  /** Ids that are only read because a selected resource needs them. A plan may add to them. */
  readonly readOnly: ReadonlySet<string>;
  /** Reads everything concurrently. @throws if the credentials are unusable or belong to another account. */
  plan(consent: Consent): Promise<Plan<CrcError>>;
  /** Ids that are only read because they depend on the selection, are removed before it, or were not selected. */
  readonly users: ReadonlySet<string>;
  /** Plans the removal of everything, or of orphans. @throws as `plan` does. */
  planRemoval(look: (resources: readonly Resource[]) => Promise<RemovalPlan>): Promise<RemovalPlan>;
  /** Reads orphans: resources of this project that are no longer in the config. @throws as `plan` does. */
  orphans(): Promise<Orphans>;
  /** The packages of the functions that the run covers, by name. */
  readonly packages: ReadonlyMap<string, FunctionPackage>;
  /** The aliases that this run has moved so far. */
  readonly aliasMoves: readonly AliasMove[];
  /** The number of resources in the config that the command covers. */
  readonly total: number;
}

export interface SessionOptions extends ConnectOptions, Selection {
  readonly options: ResourceOptions;
  /** Builds the functions and compares them with what is deployed. */
  readonly build?: boolean | undefined;
  /** Removes only resources that are no longer in the config. */
  readonly removesOrphans?: boolean | undefined;
  /** Checks the config before anything is sent. @throws the problem. */
  readonly check?: (config: Config) => void;
}

/** For runs that do not look for orphans. */
export const NO_ORPHANS: Orphans = { orphans: [], unread: [] };

/**
 * Loads the config and creates clients. Sends only GetCallerIdentity, and DescribeKey if the config has a key alias.
 */
export async function openSession(given: SessionOptions): Promise<Session> {
  const { options, removesOrphans = false } = given;
  const connection = await connect(given);
  const { config, progress, signal } = connection;
  const aliasMoves: AliasMove[] = [];
  const packages = new Map<string, FunctionPackage>();
  const missingRights = new Map<string, readonly MissingRight[]>();
  const willWrite = (id: string) =>
    given.toWrite && wanted(id) && (options.only === undefined || options.only.includes(id));
  const groupsAt = (accountId: string) =>
    resourceGroups(config, contextOf(connection, accountId), {
      root: connection.root,
      packages,
      show: progress.line,
      willWrite,
      onAliasMoved: (move) => aliasMoves.push(move),
      onMissingRights: (functionName, rights) => missingRights.set(functionName, rights),
      deleteState: given.deleteState,
      build: given.build,
      lockTableUsers: lockTableUsers(connection.root),
    });

  // An id that is not in the config is rejected before anything is sent; ids do not depend on the account.
  const groupsOfConfig = groupsAt(config.accountId ?? '');
  const wanted = await wantedIds(given, config, groupsOfConfig);
  const known = groupsOfConfig.flatMap(({ ids }) => ids).filter(wanted);
  if (!removesOrphans) checkKnown(known, options.only);
  given.check?.(config);
  // The policy of a role that may run crc depends on all resources: an invalid one is rejected before anything is sent.
  if (config.roles.some(({ crc }) => crc.length > 0)) await members(groupsOfConfig, () => true);

  // If the config contains the account, everything is read while the identity is being checked.
  const identity = connection.identity();
  identity.catch(() => undefined);
  const groups = config.accountId === undefined ? groupsAt(await identity) : groupsOfConfig;
  const only = options.only?.length ? options.only : undefined;
  const choice = only === undefined || removesOrphans ? undefined : await chosen(groups, wanted, only, given);
  let total = known.length;
  const users = new Set(choice?.users.map(({ id }) => id));
  const readOnly = new Set(choice?.needed.map(({ id }) => id));
  const accountId = async () => config.accountId ?? (await identity);
  const checkAccount = accountCheck(connection, identity);
  return {
    ...connection,
    run: () => ({
      ...connection.run(),
      missingRights: missingRights.size === 0 ? undefined : [...missingRights.values()].flat(),
    }),
    aliasMoves,
    packages,
    get total() {
      return total;
    },
    readOnly,
    users,
    async plan(consent) {
      const all = choice === undefined ? await members(groups, wanted) : [...choice.needed, ...choice.selected];
      const findings = await inAccount(plan(all, consent, progress.report, signal), checkAccount());
      const needs = await needsOf(findings, { readOnly, groups, consent, signal });
      for (const { id } of needs) readOnly.add(id);
      return explained([...needs, ...findings]);
    },
    async orphans() {
      const { readOrphans } = await import('./orphans.ts');
      return await readOrphans(connection, contextOf(connection, await accountId()));
    },
    async planRemoval(look) {
      if (removesOrphans) {
        const { planOrphanRemovals } = await import('./orphan-removals.ts');
        const context = contextOf(connection, await accountId());
        const removals = await inAccount(planOrphanRemovals(connection, context, look, only), checkAccount());
        for (const id of removals.unselected) users.add(id);
        total = removals.plan.length;
        return removals.plan;
      }
      const all = choice === undefined ? await members(groups, wanted) : [...choice.selected, ...choice.users];
      return await inAccount(look(all), checkAccount());
    },
  };
}

/**
 * The first read uses the account requested at the start; a later one follows a prompt. @throws for a different
 * account.
 */
function accountCheck(connection: Connection, identity: Promise<string>): () => Promise<void> {
  let looked = false;
  return async () => {
    const again = looked;
    looked = true;
    await identity;
    if (again) await connection.sameIdentity();
  };
}

interface NeededInput {
  readonly readOnly: ReadonlySet<string>;
  readonly groups: readonly ResourceGroup[];
  readonly consent: Consent;
  readonly signal: AbortSignal;
}

/**
 * Findings of what the missing ones among `readOnly` need themselves, directly or not, so that one run names all that
 * --only has to select.
 */
async function needsOf(findings: Plan, { readOnly, groups, consent, signal }: NeededInput): Promise<Plan> {
  const read: Finding[] = [];
  for (let latest = findings.filter(({ id }) => readOnly.has(id)); latest.length > 0; ) {
    const known = new Set([...findings, ...read].map(({ id }) => id));
    const more = new Set(latest.filter(differs).flatMap(({ needs }) => needs.filter((id) => !known.has(id))));
    latest = [...(await plan(await members(groups, (id) => more.has(id)), consent, () => undefined, signal))];
    read.unshift(...latest);
  }
  return read;
}

/** All resources in the config for one account. Sends nothing. */
export async function resourcesAt(connection: Connection, accountId: string): Promise<readonly Resource[]> {
  const { config, root } = connection;
  return await resourcesOf(config, contextOf(connection, accountId), { root });
}

function contextOf({ config, clients, signal }: Connection, accountId: string): Context {
  return { clients, place: { accountId, region: config.region }, tags: wantedTags(config), signal };
}
