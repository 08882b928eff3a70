import type { Outcome } from '../engine/outcome.ts';
import type { Address, Finding } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';

/** The findings for one resource, with an explained error: the form that renderers take. */
export type ExplainedFinding = Finding<CrcError>;

/** What became of one resource. */
export interface OutcomeView {
  readonly id: string;
  readonly outcome: Outcome;
  readonly error?: CrcError;
  /** It was updated, and then taken back: the version before is live again. */
  readonly undone?: boolean;
  /** The flag that is all it takes: what blocks it is said once for all that lack it. */
  readonly lacks?: 'adopt' | 'prune';
  readonly address?: Address;
}

/** What a command was about and how long it took. */
export interface RunView {
  readonly command: string;
  readonly accountId: string;
  readonly region: string;
  /** The region of the state bucket and its lock table; undefined where that is the same. */
  readonly stateRegion?: string | undefined;
  /** Path of the config, when it was found above the working directory. */
  readonly configFile?: string;
  /** What functions that were built call and their roles do not allow; undefined where none was built. */
  readonly missingRights?: readonly object[] | undefined;
  readonly apiCalls: { readonly read: number; readonly write: number };
  readonly durationMs: number;
}
