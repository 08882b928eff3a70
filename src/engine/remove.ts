import { enumerated } from '../enumerated.ts';
import { Blocked, Waiting } from './apply.ts';
import { inTurn } from './concurrency.ts';
import { isInterruption } from './interrupted.ts';
import { isIncomplete, type RemovalResult, type Report } from './outcome.ts';
import { type Reading, readAll } from './read-all.ts';
import type { Resource } from './resource.ts';
import type { Removal } from './types.ts';

/** A resource and what removing it would do; undefined if it does not exist. */
export interface PlannedRemoval {
  readonly resource: Resource;
  readonly removal: Removal | undefined;
  /** Why it could not be read. */
  readonly error?: unknown;
}

export type RemovalPlan = readonly PlannedRemoval[];

export interface RemoveOptions {
  readonly report: Report;
  /** When aborted, no further removal is started. */
  readonly signal: AbortSignal;
  /**
   * Ids that are only in the plan because they depend on selected resources, or are removed before them. They are not
   * removed themselves.
   */
  readonly readOnly: ReadonlySet<string>;
}

/**
 * Reads all resources in parallel and returns what removing each would do. Never throws because of a response from AWS.
 * Once `signal` is aborted, no further read is started.
 */
export async function planRemoval(
  resources: readonly Resource[],
  report: Report,
  signal?: AbortSignal,
): Promise<RemovalPlan> {
  const reading: Reading<PlannedRemoval> = {
    read: async (resource) => ({ resource, removal: await resource.inspectRemoval() }),
    unread: (resource, error) => ({ resource, removal: undefined, error }),
  };
  return await readAll(resources, reading, report, signal);
}

/**
 * What `removeAll` would do with each resource if every call succeeded, taking dependencies between resources into
 * account. Sends nothing.
 */
export async function foresee(plan: RemovalPlan, readOnly: ReadonlySet<string>): Promise<readonly RemovalResult[]> {
  return await inOrder(plan, readOnly, async ({ resource: { id } }) => ({ id, outcome: 'removed' }));
}

/** The results of a plan from which nothing at all may be removed. */
export function refuseRemovals(plan: RemovalPlan, readOnly: ReadonlySet<string>): readonly RemovalResult[] {
  const none: Results = { users: [], before: [] };
  return plan
    .map(
      (planned) => verdictOf(planned, none, readOnly) ?? ({ id: planned.resource.id, outcome: 'not-started' } as const),
    )
    .filter(({ id }) => !readOnly.has(id));
}

/**
 * Carries out a removal plan in the reverse order of `needs` and in the order of `removedAfter`: a resource is removed
 * once everything that needs it is gone. Never throws because of a response from AWS. Returns one result per resource,
 * in the plan's order.
 */
export async function removeAll(plan: RemovalPlan, options: RemoveOptions): Promise<readonly RemovalResult[]> {
  const { report, signal, readOnly } = options;
  const turn = inTurn();
  return await inOrder(plan, readOnly, async ({ resource: { id }, removal }) => {
    const result = await turn(async (): Promise<RemovalResult> => {
      if (signal.aborted) return { id, outcome: 'not-started' };
      try {
        report({ kind: 'writing', id, what: 'delete' });
        await removal?.remove();
        return { id, outcome: 'removed' };
      } catch (error) {
        return { id, outcome: error instanceof Blocked ? 'blocked' : 'failed', error };
      }
    });
    report({ kind: 'written', result });
    return result;
  });
}

/** Removes one resource that may be removed, or reports that it would. */
type Act = (planned: PlannedRemoval) => Promise<RemovalResult>;

/** Results of the resources related to this one. */
interface Results {
  /** The results of its dependents. */
  readonly users: readonly RemovalResult[];
  /** The results of the resources that are removed first. */
  readonly before: readonly RemovalResult[];
}

async function inOrder(plan: RemovalPlan, readOnly: ReadonlySet<string>, act: Act): Promise<readonly RemovalResult[]> {
  const running = new Map<string, Promise<RemovalResult>>();
  const start = (planned: PlannedRemoval): Promise<RemovalResult> => {
    const { id, removedAfter } = planned.resource;
    const known = running.get(id);
    if (known !== undefined) return known;
    const promise = (async () => {
      const [users, before] = await Promise.all([
        Promise.all(plan.filter(({ resource }) => resource.needs.includes(id)).map(start)),
        Promise.all(plan.filter(({ resource }) => removedAfter.includes(resource.id)).map(start)),
      ]);
      return verdictOf(planned, { users, before }, readOnly) ?? (await act(planned));
    })();
    running.set(id, promise);
    return promise;
  };
  return (await Promise.all(plan.map(start))).filter(({ id }) => !readOnly.has(id));
}

/** Why a resource is not removed; undefined if it may be. */
function verdictOf(
  { resource: { id }, removal, error }: PlannedRemoval,
  { users, before }: Results,
  readOnly: ReadonlySet<string>,
): RemovalResult | undefined {
  if (error !== undefined)
    return isInterruption(error) ? { id, outcome: 'not-started' } : { id, outcome: 'failed', error };
  if (removal === undefined) return { id, outcome: 'absent' };
  if (removal.blocked !== undefined) return blocked(id, new Blocked(removal.blocked));
  if (removal.kept !== undefined) return { id, outcome: 'kept', why: removal.kept };
  if (readOnly.has(id)) return { id, outcome: 'kept', why: 'not selected with --only' };
  if ([...users, ...before].some(({ outcome }) => outcome === 'not-started')) return { id, outcome: 'not-started' };
  const first = before.filter(({ outcome }) => isIncomplete(outcome)).map((result) => result.id);
  if (first.length > 0) return blocked(id, new Waiting(`${enumerated(first)} must be deleted first`));
  const stuck = users.filter(
    (user) => isIncomplete(user.outcome) || (user.outcome === 'kept' && readOnly.has(user.id)),
  );
  if (stuck.length > 0) {
    const why = needing(stuck);
    return blocked(id, stuck.every(({ outcome }) => isIncomplete(outcome)) ? new Waiting(why) : new Blocked(why));
  }
  const kept = users.filter(({ outcome }) => outcome === 'kept');
  return kept.length === 0 ? undefined : { id, outcome: 'kept', why: needing(kept) };
}

function needing(users: readonly RemovalResult[]): string {
  return `${enumerated(users.map(({ id }) => id))} still ${users.length === 1 ? 'depends' : 'depend'} on it`;
}

function blocked(id: string, error: Blocked): RemovalResult {
  return { id, outcome: 'blocked', why: error.message, error };
}
