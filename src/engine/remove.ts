import { Blocked } from './apply.ts';
import { inTurn } from './concurrency.ts';
import { isInterruption } from './interrupted.ts';
import { type Reading, readAll } from './read-all.ts';
import type { Resource } from './resource.ts';
import type { Removal, RemovalOutcome, RemovalResult, Report } from './types.ts';

/** One resource, and what its removal means; undefined = it does not exist. */
export interface PlannedRemoval {
  readonly resource: Resource;
  readonly removal: Removal | undefined;
  /** Why it could not be read. */
  readonly error?: unknown;
}

export type RemovalPlan = readonly PlannedRemoval[];

export interface RemoveOptions {
  readonly report: Report;
  /** Aborted: no removal is started any more. */
  readonly signal: AbortSignal;
  /** Ids that are in the plan only because they need others: never removed. */
  readonly readOnly: ReadonlySet<string>;
}

/**
 * Reads all resources at once and says what the removal of each means. Never throws for what AWS answers. Once `signal` is
 * aborted no read is started any more.
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
 * Removes what the plan says, against `needs`: a resource goes when everything that needs it is gone. What stays keeps what it
 * needs. Never throws for what AWS answers; each resource has its result, in the plan's order.
 */
export async function removeAll(plan: RemovalPlan, options: RemoveOptions): Promise<readonly RemovalResult[]> {
  const { report, readOnly } = options;
  const running = new Map<string, Promise<RemovalResult>>();
  const turn = inTurn();
  const start = (planned: PlannedRemoval): Promise<RemovalResult> => {
    const { id } = planned.resource;
    const known = running.get(id);
    if (known !== undefined) return known;
    const promise = (async () => {
      const users = await Promise.all(plan.filter(({ resource }) => resource.needs.includes(id)).map(start));
      const result = await turn(() => removeOne(planned, users, options));
      if (!readOnly.has(id)) report({ kind: 'written', result });
      return result;
    })();
    running.set(id, promise);
    return promise;
  };
  return (await Promise.all(plan.map(start))).filter(({ id }) => !readOnly.has(id));
}

async function removeOne(
  { resource, removal, error }: PlannedRemoval,
  users: readonly RemovalResult[],
  { report, signal, readOnly }: RemoveOptions,
): Promise<RemovalResult> {
  const end = (outcome: RemovalOutcome, why?: unknown): RemovalResult => ({
    id: resource.id,
    outcome,
    ...(why === undefined ? {} : { error: why }),
  });
  if (error !== undefined) return isInterruption(error) ? end('not-started') : end('failed', error);
  if (removal === undefined) return end('absent');
  if (removal.stays !== undefined || readOnly.has(resource.id)) return end('kept');
  if (removal.held !== undefined) return end('blocked', new Blocked(removal.held));
  if (signal.aborted) return end('not-started');
  const left = users.filter(({ outcome }) => outcome !== 'removed' && outcome !== 'absent').map(({ id }) => id);
  if (left.length > 0) return end('blocked', new Blocked(`${left.join(' and ')} still needs it`));
  try {
    report({ kind: 'writing', id: resource.id, what: 'remove' });
    await removal.remove();
    return end('removed');
  } catch (failure) {
    return end('failed', failure);
  }
}
