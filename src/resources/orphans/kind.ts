import type { Place } from '../../aws/arns.ts';
import type { ServiceName } from '../../aws/services.ts';
import type { Config } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import type { Grant } from '../../engine/types.ts';
import type { Context, LockTableUsers } from '../context.ts';
import type { FunctionUsers } from './users.ts';

/** What an entry of the list leaves in the account when the config does not name it any more: kinds, or why there are none. */
export type Orphans = readonly NamedKind[] | `none: ${string}`;

export interface NamedKind {
  readonly kind: OrphanKind;
  /** Names of this kind that the entry still asks for. Several entries may create resources of one kind. */
  named(config: Config): readonly (string | undefined)[];
}

/** A kind of resource that can be found and deleted without the config. Loaded with the list: code comes with `listing` and `load`. */
export interface OrphanKind {
  /** How ids begin: `table` for `table/Visits`. */
  readonly prefix: string;
  /** `AWS::DynamoDB::Table` */
  readonly type: string;
  /** Says what a listing that failed may lack: `tables`. Omitted: it says so of another kind that this one comes with. */
  readonly plural?: string;
  /**
   * How those of the project are found. A pattern of ARNs, with the name as its first group: among all that has the project's tag, in
   * one call for all such kinds. A function, for what the tagging API does not know: it lists those that are worth a call each.
   */
  readonly listing: RegExp | ListCandidates;
  /** Services that reading and deleting one calls. */
  readonly services: readonly ServiceName[];
  /** What a listing function calls, and what reads the tags of each. Names are not known before: it is on all of the kind. */
  finding(place: Place): readonly Grant[];
  /** What deletes them, besides. `own` confines a grant to what has the project's tag. */
  removing(place: Place, own: (grant: Grant) => Grant): readonly Grant[];
  load(): Promise<CreateOrphan>;
}

/** Kinds by region, each with the names that the config has of it there. */
export type OrphanKinds = ReadonlyMap<string, KindsInRegion>;

export type KindsInRegion = ReadonlyMap<OrphanKind, ReadonlySet<string>>;

/** Lists those that `named` does not have. May throw what AWS answers. */
export type ListCandidates = (
  named: ReadonlySet<string>,
  config: Config,
  context: Context,
) => Promise<readonly Candidate[]>;

/** What may have left the config. It may belong to others, or be gone: only reading it shows that. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
}

/** What one that left the config is, to `verify` and `destroy --orphans`: see `orphan`. */
export type CreateOrphan = (candidate: Candidate, surroundings: Surroundings, context: Context) => Resource;

/** What may still use something that left the config. */
export interface Surroundings {
  readonly config: Config;
  readonly users: FunctionUsers;
  readonly lockTableUsers: LockTableUsers;
}
