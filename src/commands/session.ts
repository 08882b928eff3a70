import { setImmediate } from 'node:timers/promises';
import { explain } from '../aws/explain.ts';
import type { Config, FunctionConfig } from '../config/schema.ts';
import { Blocked, NotConverged } from '../engine/apply.ts';
import { isInterruption } from '../engine/interrupted.ts';
import { type Plan, plan } from '../engine/plan.ts';
import type { RemovalPlan } from '../engine/remove.ts';
import type { Resource } from '../engine/resource.ts';
import type { Consent, Report, Result } from '../engine/types.ts';
import { CrcError, systemError } from '../errors.ts';
import type { AliasMove, Context } from '../resources/context.ts';
import { functionResourceIds } from '../resources/function-ids.ts';
import { type ResourceGroup, resourceGroups, resourcesOf } from '../resources/index.ts';
import { wantedTags } from '../resources/tags.ts';
import type { Io } from '../ui/io.ts';
import type { OutcomeView, ResourceView } from '../ui/view.ts';
import { type Connection, connect } from './connection.ts';
import { keepMemoryLow } from './memory.ts';
import type { GlobalOptions } from './options.ts';

/** A connection, the resources that the config asks for, and all that it takes to plan and apply them. */
export interface Session extends Connection {
  /** Ids that are only read, since a selected resource needs them. */
  readonly readOnly: ReadonlySet<string>;
  /** Reads everything at once. Throws when the credentials are unusable or another account's. */
  plan(consent: Consent): Promise<Plan>;
  /** Ids that are only looked at, since they need what is selected, or are removed before it. */
  readonly users: ReadonlySet<string>;
  /** Looks at what the removal of everything means. Throws as `plan` does. */
  planRemoval(look: (resources: readonly Resource[]) => Promise<RemovalPlan>): Promise<RemovalPlan>;
  /** The aliases that this run has moved so far. */
  readonly aliasMoves: readonly AliasMove[];
}

export interface SessionOptions {
  readonly command: string;
  readonly options: GlobalOptions;
  /** Whether what the selected resources need is read as well. */
  readonly withNeeds: boolean;
  /** Only these functions and what they need. */
  readonly functions?: (config: Config) => readonly FunctionConfig[];
  /** Whether a removal may delete states. */
  readonly deleteState?: boolean;
  /** Looks at the config before anything is sent. Throws what is wrong. */
  readonly check?: (config: Config) => void;
  /** Only resources with these ids. */
  readonly ids?: (id: string) => boolean;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** Loads the config and makes clients. Sends nothing but the question whose credentials these are. */
export async function openSession(given: SessionOptions): Promise<Session> {
  const { options, signal } = given;
  const connection = await connect(given);
  const { config, progress } = connection;
  given.check?.(config);
  const aliasMoves: AliasMove[] = [];
  const groupsAt = (accountId: string) =>
    resourceGroups(
      config,
      contextOf(connection, accountId, signal, (move) => aliasMoves.push(move), given.deleteState),
    );
  const wanted = wantedIds(given, config);

  // An id that the config does not have is refused before anything is sent; ids do not depend on the account.
  const here = groupsAt(config.accountId ?? '');
  const known = here.flatMap(({ ids }) => ids).filter(wanted);
  checkKnown(known, options.only);
  keepMemoryLow(known.length);
  // The policy of a role that may run crc follows from all resources, and is refused, if at all, before anything is sent.
  if (config.roles.some(({ crc }) => crc.length > 0)) await members(here, () => true);

  // With the account in the config, everything is read while AWS is asked whose credentials these are.
  const identity = connection.identity();
  identity.catch(() => undefined);
  const groups = config.accountId === undefined ? groupsAt(await identity) : here;
  const only = options.only?.length ? options.only : undefined;
  const choice = only === undefined ? undefined : await chosen(groups, wanted, only, given);

  let looked = false;
  /** The first look is at the account that was asked for at the start; a later one follows an answer. */
  const checkAccount = async () => {
    const again = looked;
    looked = true;
    await identity;
    if (again) await connection.sameIdentity();
  };

  return {
    ...connection,
    aliasMoves,
    readOnly: new Set(choice?.needed.map(({ id }) => id)),
    users: new Set(choice?.users.map(({ id }) => id)),
    async plan(consent) {
      const planned =
        choice === undefined
          ? planGroups(groups, wanted, known.length, consent, progress.report, signal)
          : plan([...choice.needed, ...choice.selected], consent, progress.report, signal);
      const [done] = await Promise.all([planned, checkAccount()]);
      return done;
    },
    async planRemoval(look) {
      const all = choice === undefined ? await members(groups, wanted) : [...choice.selected, ...choice.users];
      const [planned] = await Promise.all([look(all), checkAccount()]);
      return planned;
    },
  };
}

/** All that the config asks for in one account. Sends nothing. */
export async function resourcesAt(
  connection: Connection,
  accountId: string,
  signal: AbortSignal,
): Promise<readonly Resource[]> {
  return await resourcesOf(connection.config, contextOf(connection, accountId, signal));
}

function contextOf(
  { config, clients, root, progress }: Connection,
  accountId: string,
  signal: AbortSignal,
  onAliasMoved: (move: AliasMove) => void = () => undefined,
  deleteState = false,
): Context {
  return {
    clients,
    place: { accountId, region: config.region },
    tags: wantedTags(config),
    signal,
    root,
    tell: progress.line,
    onAliasMoved,
    deleteState,
  };
}

function wantedIds({ ids, functions }: SessionOptions, config: Config): (id: string) => boolean {
  if (ids !== undefined) return ids;
  if (functions === undefined) return () => true;
  const wanted = functions(config).flatMap((one) => functionResourceIds(one, config.functions));
  return (id) => wanted.includes(id);
}

function checkKnown(known: readonly string[], only: readonly string[] = []): void {
  const unknown = only.filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  throw new CrcError(`--only: the config has no ${unknown.map((id) => `"${id}"`).join(' and no ')}.`, {
    hint: `It has ${known.join(', ')}.`,
  });
}

interface Choice {
  readonly selected: readonly Resource[];
  /** What the selected ones need. */
  readonly needed: readonly Resource[];
  /** What needs the selected ones, or is removed before them. */
  readonly users: readonly Resource[];
}

/** What --only names, and its neighbours; groups that have nothing of it are not even loaded. */
async function chosen(
  groups: readonly ResourceGroup[],
  wanted: (id: string) => boolean,
  only: readonly string[],
  { withNeeds, deleteState }: SessionOptions,
): Promise<Choice> {
  const having = (some: readonly string[]) => groups.filter(({ ids }) => ids.some((id) => some.includes(id)));
  const concerned = having(only);
  const own = await members(concerned, wanted);
  const selected = own.filter(({ id }) => only.includes(id));
  // Only a removal goes by it, and what it takes is in another group.
  const before = deleteState === undefined ? [] : selected.flatMap(({ removedAfter }) => removedAfter);
  const beside = having(before).filter((one) => !concerned.includes(one));
  const all = [...own, ...(await members(beside, wanted))];
  const others = all.filter((one) => !selected.includes(one));
  const needed = new Set(selected.flatMap(({ needs }) => needs));
  return {
    selected,
    needed: withNeeds ? others.filter(({ id }) => needed.has(id)) : [],
    users: others.filter((one) => before.includes(one.id) || selected.some(({ id }) => one.needs.includes(id))),
  };
}

async function members(
  groups: readonly ResourceGroup[],
  wanted: (id: string) => boolean,
): Promise<readonly Resource[]> {
  const loaded = await Promise.all(groups.filter(({ ids }) => ids.some(wanted)).map((one) => one.load()));
  return loaded.flat().filter(({ id }) => wanted(id));
}

/** One plan over all groups. Each is read as soon as it is loaded, so that the network works while the next one loads. */
async function planGroups(
  groups: readonly ResourceGroup[],
  wanted: (id: string) => boolean,
  total: number,
  consent: Consent,
  report: Report,
  signal: AbortSignal,
): Promise<Plan> {
  report({ kind: 'reading', total });
  let done = 0;
  const counted: Report = (event) => {
    if (event.kind === 'read') {
      done += 1;
      report({ ...event, done, total });
    } else if (event.kind !== 'reading') report(event);
  };
  const plans = new Map<ResourceGroup, Promise<Plan>>();
  for (const one of [...groups].sort((a, b) => a.weight - b.weight)) {
    plans.set(one, plan(await members([one], wanted), consent, counted, signal));
    // Its requests leave before the next code is compiled.
    await setImmediate();
  }
  return (await Promise.all(groups.map((one) => plans.get(one) ?? []))).flat();
}

/** A plan in the form that renderers take. */
export function resourceViews(planned: Plan): readonly ResourceView[] {
  return planned.map(({ resource, finding: { error, ...finding }, inspection }) => ({
    finding,
    needs: resource.needs,
    error: error === undefined ? undefined : asCrcError(error, resource),
    want: resource.want,
    notes: inspection?.notes ?? [],
    irreversible: finding.status === 'conflict' ? [] : (inspection?.irreversible ?? []),
  }));
}

export function outcomeViews(results: readonly Result[], planned: Plan): readonly OutcomeView[] {
  return results.map(({ id, outcome, error }) => ({
    id,
    outcome,
    error: error === undefined ? undefined : asCrcError(error, planned.find((one) => one.resource.id === id)?.resource),
  }));
}

export function asCrcError(error: unknown, resource: Resource | undefined): CrcError {
  if (error instanceof Blocked) {
    return new CrcError(error.message, {
      hint: 'Resolve this, and run crc bootstrap again.',
      cause: error,
    });
  }
  if (isInterruption(error)) {
    return new CrcError('Stopped before it was done.', { hint: 'Run it again to go on.', cause: error });
  }
  if (error instanceof NotConverged) {
    return new CrcError(`${error.message}.`, {
      hint: 'Something else may be changing it, or AWS is slow to show the change: run `crc verify` in a minute.',
      cause: error,
    });
  }
  return systemError(error) ?? explain(error, resource?.name);
}
