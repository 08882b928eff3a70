import type { Outcome } from '../engine/outcome.ts';
import type { Address, Finding } from '../engine/types.ts';
import type { CrcError } from '../errors.ts';

/** The findings for one resource, with an explained error: the form that renderers take. */
export type ExplainedFinding = Finding<CrcError>;

/** Whether it has policies or a URL that are not in the config, whatever else differs. */
export function hasUnlisted({ status, changes }: ExplainedFinding): boolean {
  return status === 'drifted' && changes.some(({ kind }) => kind === 'remove');
}

/**
 * Whether `--adopt` alone would manage it, and nobody else loses it. crc created others for a different project, whose
 * roles and functions would lose their rights.
 */
export function isFreeToAdopt({ adoptable, changes }: Pick<Finding, 'adoptable' | 'changes'>): boolean {
  const isOfOtherProject = changes.some(
    (change) => change.kind === 'conflict' && change.path === 'tags.crc:project' && typeof change.live === 'string',
  );
  return adoptable && !isOfOtherProject;
}

/** The outcome for one resource. */
export interface OutcomeView {
  readonly id: string;
  readonly outcome: Outcome;
  readonly error?: CrcError;
  /** The update was rolled back: the previous version is live again. */
  readonly undone?: boolean;
  /** What it needs and --only leaves out. */
  readonly unselected?: readonly string[] | undefined;
  /** The flag that would unblock it. The reason is shown once for all resources that need the same flag. */
  readonly lacks?: 'adopt' | 'prune';
  /** It only waits for others, and needs no attention itself. */
  readonly waits?: boolean;
  readonly address?: Address;
}

/** The account and config of a run, and its cost. */
export interface RunView {
  readonly command: string;
  readonly accountId: string;
  readonly region: string;
  /** The region of the state bucket and its lock table, if it differs from `region`. */
  readonly stateRegion?: string | undefined;
  /** Path of the config, if it was found in a parent folder. */
  readonly configFile?: string;
  /** Permissions that built functions need and their roles do not grant; undefined if none was built. */
  readonly missingRights?: readonly object[] | undefined;
  readonly apiCalls: { readonly read: number; readonly write: number };
  readonly durationMs: number;
}
