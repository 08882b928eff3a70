import type { Address } from './types.ts';

/**
 * `unchanged`: nothing to do. `blocked`: not written, since something it needs, or the user's consent, is missing.
 * `not-started`: the run was stopped before its first write, and the next run continues.
 */
export type Outcome = 'unchanged' | 'created' | 'updated' | 'failed' | 'blocked' | 'not-started';

/**
 * `kept`: as intended. `absent`: there was nothing to remove. `not-started`: the run was stopped before
 * anything of it was removed.
 */
export type RemovalOutcome = 'removed' | 'absent' | 'kept' | 'blocked' | 'failed' | 'not-started';

/** True for a resource that is not in the wanted state after the run. */
export function isIncomplete(outcome: Outcome | RemovalOutcome): boolean {
  return outcome === 'failed' || outcome === 'blocked' || outcome === 'not-started';
}

/** What `removeAll` did with one resource, or would do, and why not. */
export interface RemovalResult {
  readonly id: string;
  readonly outcome: RemovalOutcome;
  /** For what is kept or blocked. */
  readonly why?: string;
  readonly error?: unknown;
}

/** What `apply` did with one resource, and why it failed or is blocked. */
export interface Result {
  readonly id: string;
  readonly outcome: Outcome;
  /** For what is in place. */
  readonly address?: Address;
  readonly error?: unknown;
}

/** Events that the engine reports while it works; `ui/` turns them into spinners, lines or nothing. */
export type Event =
  | { readonly kind: 'reading'; readonly total: number }
  | { readonly kind: 'read'; readonly done: number; readonly total: number }
  | { readonly kind: 'writing'; readonly id: string; readonly what: string }
  | { readonly kind: 'written'; readonly result: Result | RemovalResult };

export type Report = (event: Event) => void;
