import type { Brief, Finding, Json, Outcome } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';

/** All that renderers need to know about one resource. */
export interface ResourceView {
  readonly finding: Omit<Finding, 'error'>;
  /** Ids of what it needs. */
  readonly needs: readonly string[];
  /** Why it could not be read. */
  readonly error?: CrcError;
  /** The leaves of what is wanted: shown for what is to be created. */
  readonly want: readonly { readonly path: string; readonly value: Json }[];
  /** Facts of what is wanted in a few words, by the fact's name; undefined for one that is not worth a word. */
  readonly brief: Brief;
  readonly notes: readonly string[];
  readonly irreversible: readonly string[];
  /** Those of its warnings that say what is open to the public. */
  readonly exposures: readonly string[];
  /** The only conflict is that another owner has it, so that `--adopt` is all it takes. */
  readonly adoptable?: boolean;
}

/** What became of one resource. */
export interface OutcomeView {
  readonly id: string;
  readonly outcome: Outcome;
  readonly error?: CrcError;
  /** It was updated, and then taken back: the version before is live again. */
  readonly undone?: boolean;
  /** The flag that is all it takes: what blocks it is said once for all that lack it. */
  readonly lacks?: 'adopt' | 'prune';
  /** The address that only AWS knows: a URL. */
  readonly address?: string;
}

/** What a command was about and how long it took. */
export interface RunView {
  readonly command: string;
  readonly accountId: string;
  readonly region: string;
  /** Path of the config, when it was found above the working directory. */
  readonly configFile?: string;
  readonly apiCalls: { readonly read: number; readonly write: number };
  readonly durationMs: number;
}
