import { isIncomplete, type RemovalOutcome, type Result } from '../engine/outcome.ts';
import type { Plan } from '../engine/plan.ts';
import type { Status } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import type { RunStatus } from '../ui/json.ts';
import type { RemovalView } from '../ui/removal.ts';

/** `failed` if anything could not be read: unknown is never in sync. */
export function planStatus(plan: Plan): RunStatus {
  const statuses: readonly Status[] = plan.map(({ status }) => status);
  if (statuses.includes('unread')) return 'failed';
  return statuses.every((status) => status === 'in-sync') ? 'in-sync' : 'changes';
}

/** 0 no changes, 2 any difference, 1 something could not be read. */
export function planExitCode(plan: Plan): number {
  return { failed: 1, changes: 2, 'in-sync': 0, converged: 0 }[planStatus(plan)];
}

export function resultStatus(results: readonly Pick<Result, 'outcome'>[]): RunStatus {
  if (results.some(({ outcome }) => isIncomplete(outcome))) return 'failed';
  return results.every(({ outcome }) => outcome === 'unchanged') ? 'in-sync' : 'converged';
}

/** The status before a removal. */
export function inventoryStatus(views: readonly Pick<RemovalView, 'what'>[]): RunStatus {
  if (views.some(({ what }) => what === 'unread' || what === 'held')) return 'failed';
  return views.some(({ what }) => what === 'goes') ? 'changes' : 'in-sync';
}

export function removalStatus(outcomes: readonly { readonly outcome: RemovalOutcome }[]): RunStatus {
  return outcomes.some(({ outcome }) => isIncomplete(outcome)) ? 'failed' : 'converged';
}

/** An error that puts the whole run in doubt: nothing at all may be written. */
export function fatalError(plan: readonly { readonly error?: unknown }[]): CrcError | undefined {
  return plan.flatMap(({ error }) => (error instanceof CrcError && error.fatal ? [error] : []))[0];
}
