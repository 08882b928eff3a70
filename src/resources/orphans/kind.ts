import type { Place } from '../../aws/arns.ts';
import type { ServiceName } from '../../aws/services.ts';
import type { Config } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import type { Grant } from '../../engine/types.ts';
import type { Context, LockTableUsers } from '../context.ts';
import type { FunctionUsers } from './users.ts';

/** The kinds of orphans that an entry can leave in the account, or why there are none. */
export type Orphans = readonly NamedKind[] | `none: ${string}`;

export interface NamedKind {
  readonly kind: OrphanKind;
  /** Names of this kind that the config still has. Several entries can create the same kind. */
  named(config: Config): readonly (string | undefined)[];
}

/**
 * A kind of resource that can be found and deleted without the config. Loaded with the list; `listing` and `load` load
 * the rest of its code.
 */
export interface OrphanKind {
  /** The prefix of its ids: `table` for `table/Visits`. */
  readonly prefix: string;
  /** `AWS::DynamoDB::Table` */
  readonly type: string;
  /**
   * What a failed listing may be missing: `tables`. Omitted if another kind from the same listing reports it. The id of
   * a failed listing (`function/*`) is that of the first kind that has one, and users know it.
   */
  readonly plural?: string;
  /**
   * How the project's resources are found. A pattern for ARNs whose first group is the name: it selects from everything
   * with the project's tag, listed in one call for all such kinds. Or a function, for resources that the tagging API
   * does not support: it lists the ones worth a separate call.
   */
  readonly listing: RegExp | ListCandidates;
  /** Services called when reading and deleting one. */
  readonly services: readonly ServiceName[];
  /**
   * The permissions for a listing function and for reading the tags of each resource. Names are not known in advance,
   * so they are on all resources of the kind.
   */
  finding(place: Place): readonly Grant[];
  /** The additional permissions for deleting them. `own` limits a grant to resources with the project's tag. */
  removing(place: Place, own: (grant: Grant) => Grant): readonly Grant[];
  load(): Promise<CreateOrphan>;
}

/** Kinds by region, each with its names in the config there. */
export type OrphanKinds = ReadonlyMap<string, KindsInRegion>;

export type KindsInRegion = ReadonlyMap<OrphanKind, ReadonlySet<string>>;

/** Lists those that are not in `named`. May throw errors from AWS. */
export type ListCandidates = (
  named: ReadonlySet<string>,
  config: Config,
  context: Context,
) => Promise<readonly Candidate[]>;

/** A possible orphan. It may belong to another owner, or already be deleted: only reading it shows that. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
}

/** Creates the resource that `verify` and `destroy --orphans` use: see `orphan`. */
export type CreateOrphan = (candidate: Candidate, surroundings: Surroundings, context: Context) => Resource;

/** What may still use an orphan. */
export interface Surroundings {
  readonly config: Config;
  readonly users: FunctionUsers;
  readonly lockTableUsers: LockTableUsers;
}
