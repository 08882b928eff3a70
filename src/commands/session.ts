import { explain } from '../aws/explain.ts';
import type { Config, FunctionConfig } from '../config/schema.ts';
import { Blocked, Interrupted, NotConverged } from '../engine/apply.ts';
import { type Plan, plan } from '../engine/plan.ts';
import type { RemovalPlan } from '../engine/remove.ts';
import type { Resource } from '../engine/resource.ts';
import type { Consent, Result } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import { type AliasMove, withOwner } from '../resources/context.ts';
import { functionResourceIds } from '../resources/functions.ts';
import { resourcesOf } from '../resources/index.ts';
import type { Io } from '../ui/io.ts';
import type { OutcomeView, ResourceView } from '../ui/view.ts';
import { type Connection, connect } from './connection.ts';
import type { GlobalOptions } from './options.ts';

/** A connection, the resources that the config asks for, and all that it takes to plan and apply them. */
export interface Session extends Connection {
  /** Ids that are only read, since a selected resource needs them. */
  readonly readOnly: ReadonlySet<string>;
  /** Reads everything at once. Throws when the credentials are unusable or another account's. */
  plan(consent: Consent): Promise<Plan>;
  /** Ids that are only looked at, since they need what is selected. */
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
  /** Only resources with these ids. */
  readonly ids?: (id: string) => boolean;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** Loads the config and makes clients and resources. Sends nothing but the question whose credentials these are. */
export async function openSession(given: SessionOptions): Promise<Session> {
  const { options, withNeeds, signal } = given;
  const connection = await connect(given);
  const { config, progress } = connection;
  const aliasMoves: AliasMove[] = [];

  const resourcesIn = (accountId: string) => {
    const all = resourcesAt(connection, accountId, signal, (move) => aliasMoves.push(move), given.deleteState);
    if (given.ids !== undefined) return all.filter(({ id }) => given.ids?.(id));
    if (given.functions === undefined) return all;
    const ids = given.functions(config).flatMap((one) => functionResourceIds(one, config.functions));
    return all.filter(({ id }) => ids.includes(id));
  };
  // An id that the config does not have is refused before anything is sent; ids do not depend on the account.
  const here = resourcesIn(config.accountId ?? '');
  select(here, options.only);

  // With the account in the config, everything is read while AWS is asked whose credentials these are.
  const identity = connection.identity();
  identity.catch(() => undefined);
  const all = config.accountId === undefined ? resourcesIn(await identity) : here;
  const selected = select(all, options.only);
  const needed = withNeeds ? neededBy(selected, all) : [];
  const users = usersOf(selected, all);

  return {
    ...connection,
    aliasMoves,
    readOnly: new Set(needed.map(({ id }) => id)),
    users: new Set(users.map(({ id }) => id)),
    async plan(consent) {
      const [planned] = await Promise.all([plan([...needed, ...selected], consent, progress.report), identity]);
      return planned;
    },
    async planRemoval(look) {
      const [planned] = await Promise.all([look([...selected, ...users]), identity]);
      return planned;
    },
  };
}

/** All that the config asks for in one account. Sends nothing. */
export function resourcesAt(
  { config, clients, root, progress }: Connection,
  accountId: string,
  signal: AbortSignal,
  onAliasMoved: (move: AliasMove) => void = () => undefined,
  deleteState = false,
): readonly Resource[] {
  return resourcesOf(config, {
    clients,
    place: { accountId, region: config.region },
    tags: withOwner(config.tags),
    signal,
    root,
    tell: progress.line,
    onAliasMoved,
    deleteState,
  });
}

function select(all: readonly Resource[], only: readonly string[] | undefined): readonly Resource[] {
  if (only === undefined || only.length === 0) return all;
  const unknown = only.filter((id) => !all.some((one) => one.id === id));
  if (unknown.length > 0) {
    throw new CrcError(`--only: the config has no ${unknown.map((id) => `"${id}"`).join(' and no ')}.`, {
      hint: `It has ${all.map(({ id }) => id).join(', ')}.`,
    });
  }
  return all.filter(({ id }) => only.includes(id));
}

function usersOf(selected: readonly Resource[], all: readonly Resource[]): readonly Resource[] {
  return all.filter((one) => !selected.includes(one) && selected.some(({ id }) => one.needs.includes(id)));
}

function neededBy(selected: readonly Resource[], all: readonly Resource[]): readonly Resource[] {
  const ids = new Set(selected.flatMap(({ needs }) => needs));
  return all.filter((one) => ids.has(one.id) && !selected.includes(one));
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
      hint: 'Settle this, and run crc bootstrap again.',
      cause: error,
    });
  }
  // A wait of the SDK that is told to stop ends with an AbortError.
  if (error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError')) {
    return new CrcError('It was stopped before it was done.', { hint: 'Run it again to go on.', cause: error });
  }
  if (error instanceof NotConverged) {
    return new CrcError(`${error.message}.`, {
      hint: 'Something else may be changing it, or AWS is slow to show the change: run `crc verify` in a minute.',
      cause: error,
    });
  }
  return explain(error, resource?.name);
}
