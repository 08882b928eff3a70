import type { Json } from '../json.ts';
import type { LeftOut, TerraformExport } from './terraform.ts';

/** Facts of a resource by name. One API call sets one fact. A diff shows the leaves of facts (`settings.memoryMb`). */
export type Facts<F> = { readonly [K in keyof F]: Json };

/** What a difference means, if the values do not show it. */
export interface Meaning {
  /** The full text, for JSON and `--details`. */
  readonly why: string;
  /** `why` in a few words for the screen; undefined if it is short enough. */
  readonly brief?: string | undefined;
}

/** Something on a resource that is not in the config; only `--prune` removes it. */
export interface UnlistedPart {
  readonly path: string;
  /** A noun phrase: `an inline policy`, or `inline policies` for several. */
  readonly kind: { readonly singular: string; readonly plural: string };
  readonly live: Json;
  /** What it means, unless its name says so. */
  readonly meaning?: Meaning | undefined;
  /** There is no room for it and all facts in the config together, so it is removed before they are set. */
  readonly isInTheWay?: boolean;
  remove(): Promise<void>;
}

/** A resource that belongs to another owner: nothing is written to it until the user adopts it. */
export interface Foreign {
  /** The leaf that shows the owner (`tags.ManagedBy`), with its current and its wanted value. */
  readonly path: string;
  readonly live: Json;
  readonly want: Json;
  /** The owner, as the end of a sentence after "it" or "kept:": `belongs to the project resume`. */
  readonly owner: string;
  /** The owner, and what to do. */
  readonly why: string;
}

/** A resource's live state, in the form of `Spec.want`. */
export interface Live<F extends Facts<F>, Details = unknown> {
  readonly facts: F;
  /** Set if the resource must not be written to without adoption. */
  readonly foreign?: Foreign;
  readonly unlisted?: readonly UnlistedPart[];
  /** Settings of others that must be sent back along with a write (tags, policy statements, lifecycle rules). */
  readonly details: Details;
  /**
   * Wanted values that only the resource itself has (the digest of the last upload), instead of those in `Spec.want`.
   */
  readonly want?: Partial<F>;
  /** Remarks that are neither drift nor a risk. */
  readonly notes?: readonly string[];
  /** Risks that are not drift, and that crc does not fix. Each says what it is, why it matters and what to do. */
  readonly warnings?: readonly string[];
  /** The value of `Spec.address` if only AWS knows it: a URL. */
  readonly address?: string;
}

/**
 * Sets one fact with one API call, and waits as long as that call requires. If one call sets several facts, they share
 * one setter, which runs once.
 */
export type Setter<V, L> = (want: V, live: L) => Promise<void>;

/** A fact that may only grow, or whose change cannot be undone. */
export interface OneWay<V, L> {
  readonly set: Setter<V, L>;
  /** Why this change is not allowed; undefined if it is. */
  refuse(live: V, want: V, resource: L): string | undefined;
  /** What cannot be undone once this is set; shown before the prompt. */
  irreversible?(want: V): string | undefined;
}

/** A fact that cannot be changed once the resource exists. */
export interface Fixed {
  /** Why, and what to do. */
  readonly fixed: string;
}

/** Short descriptions of facts, by name; undefined for one that needs no mention. */
export type Brief = Readonly<Record<string, string | undefined>>;

/** IAM actions on ARNs, as in a policy statement. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** `{ StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }` */
  readonly condition?: { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } };
}

/** The permissions of a resource's calls, by purpose. */
export interface Actions {
  readonly read: readonly Grant[];
  /** Reads additional settings that are not in the config. `crc deploy-function` does not need it. */
  readonly readUnlisted?: readonly Grant[];
  readonly write: readonly Grant[];
  /** In addition to those of `read`. */
  readonly remove: readonly Grant[];
  /**
   * The part of `write` that a CI role gets: new code and settings of existing functions. Nothing that creates, adopts,
   * grants access to others, or changes permissions. Empty: `crc deploy-function` only reads it; undefined: it does not
   * even read it.
   */
  readonly deploy?: readonly Grant[];
  /** What `crc deploy-function` does in addition to deploying: the smoke test and the rollback. */
  readonly test?: readonly Grant[];
  /** What `crc state` does with the states, locks and digests in it. */
  readonly states?: { readonly read: readonly Grant[]; readonly write: readonly Grant[] };
}

/** An address as shown by `crc outputs`, and at the end of a run that wrote. */
export interface Address {
  /** A label: `role GitHubActionsTerraformRole`. */
  readonly label: string;
  /** Its path in the JSON document of `crc outputs`: `['roles', 'GitHubActionsTerraformRole']`. */
  readonly path: readonly string[];
  /**
   * The words of its GitHub variable, which in lowercase are the step output: `['FUNCTION_URL', 'IncrementVisits']` is
   * FUNCTION_URL_INCREMENTVISITS.
   */
  readonly variable?: readonly string[];
  /**
   * A name or an ARN. Undefined: only AWS knows it, and `read` returns it as `Live.address`. Null: there is none, which
   * the document says.
   */
  readonly value?: string | null;
  /**
   * When it is shown at the end of a run that wrote, after the name in the resource's id; its value must say what it is.
   * Omitted: never, since the config already contains it.
   */
  readonly announced?: 'always' | 'when created';
}

/** What removing one resource would do, or why it is blocked. `blocked` takes precedence over `kept`. */
export interface Removal {
  /**
   * Why it is kept, as intended: shared, or data that was not selected. Anything `foreign` is kept for its owner in any
   * case.
   */
  readonly kept?: string;
  /** Why it cannot be deleted yet, and what to do about it. */
  readonly blocked?: string;
  /** What is deleted with it. */
  readonly notes?: readonly string[];
  /** Exactly what would be deleted, to check that a later read finds the same. */
  readonly snapshot?: string;
  /**
   * Removes whatever still exists of it. @throws `Blocked` if it may no longer be deleted; nothing of it has been
   * deleted then.
   */
  remove(): Promise<void>;
}

/**
 * One AWS resource as its author writes it. `F` contains exactly the facts that crc manages. TypeScript rejects a fact
 * without a setter, and a reader of a different form.
 */
export interface Spec<F extends Facts<F>, Details = unknown> {
  /** `role/GitHubActionsTerraformRole` */
  readonly id: string;
  /** The CloudFormation type: `AWS::IAM::Role` */
  readonly type: string;
  readonly name: string;
  /** Ids that must be converged before this one is written. */
  readonly needs?: readonly string[];
  /**
   * Ids whose removal comes first, and must not fail or be blocked, since they are useless without this one: the users
   * of a state bucket need its lock table and their roles. Anything kept on purpose does not block this one.
   */
  readonly removedAfter?: readonly string[];
  readonly want: F;
  /** Facts shown as one leaf, whatever they contain: policy documents. */
  readonly opaque?: readonly (keyof F)[];
  /** Facts whose entries are each shown as one leaf: policy documents by name. */
  readonly opaqueEntries?: readonly (keyof F)[];
  /** What a difference in a fact, at one of its leaves (`settings.role`), means; undefined if the values show it. */
  readonly meaning?: { readonly [K in keyof F]?: ((live: F[K], path: string) => Meaning | undefined) | undefined };
  /**
   * A short description of a fact that will be created (`COMPLIANCE retention of 5 days`), or undefined for one that
   * needs no mention. A fact without an entry is shown with its name and its leaves, so that none can be forgotten.
   */
  readonly brief?: { readonly [K in keyof F]?: (want: F[K]) => string | undefined };
  /** Undefined if the resource does not exist. Any other error from AWS is thrown and makes the resource `unread`. */
  read(): Promise<Live<F, Details> | undefined>;
  /**
   * One call with everything it accepts, always including tags. "Already exists" is not an error: another process was
   * faster. Returns what exists now if the call itself returns it; otherwise it is read before anything else is set.
   */
  create(): Promise<Live<F, Details> | undefined>;
  /** In the order in which they must be set. */
  readonly set: {
    readonly [K in keyof F]: Setter<F[K], Live<F, Details>> | OneWay<F[K], Live<F, Details>> | Fixed;
  };
  /** What removing the resource would do. May read more of it, such as the versions in a bucket. */
  removal(live: Live<F, Details>): Promise<Removal>;
  readonly actions: Actions;
  /** What `crc outputs` shows of it, or `none`. */
  readonly address: Address | 'none';
  /** Its Terraform code, or why `crc export` leaves it out. */
  readonly terraform: TerraformExport | LeftOut;
}

export type Status = 'in-sync' | 'absent' | 'drifted' | 'conflict' | 'unread';

export type Change =
  | { readonly kind: 'create' }
  | ({
      readonly kind: 'update' | 'remove';
      readonly path: string;
      readonly live: Json;
      readonly want: Json;
    } & Partial<Meaning>)
  | {
      readonly kind: 'conflict';
      readonly path: string;
      readonly live: Json;
      readonly want: Json;
      readonly why: string;
    };

/** A resource and its wanted state, as known before anything is read. */
export interface Description {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** Ids of resources that must exist before it is written. */
  readonly needs: readonly string[];
  readonly actions: Actions;
  /** Leaves of the wanted facts, in order. */
  readonly want: readonly { readonly path: string; readonly value: Json }[];
  readonly brief: Brief;
  /** The config warnings that concern public access. */
  readonly exposures: readonly string[];
}

/**
 * The findings for one resource, compared with what is wanted, as far as the user's consent allows changes. One value
 * that is shown, printed as JSON or Markdown, compared, and carried out. `E`: how an error is represented.
 */
export interface Finding<E = unknown> extends Description {
  readonly status: Status;
  /** All differences, whether or not they are carried out. */
  readonly changes: readonly Change[];
  /** Risks of what the config asks for, then of what exists. They never change the status. */
  readonly warnings: readonly string[];
  /** Remarks that are neither drift nor a risk. */
  readonly notes: readonly string[];
  /** What cannot be undone once the changes are carried out. */
  readonly irreversible: readonly string[];
  /** The only conflict is that it belongs to another owner, so that `--adopt` is enough. */
  readonly adoptable: boolean;
  /** Undefined if it has none, or could not be read. */
  readonly address?: Address;
  /** Why it could not be read. */
  readonly error?: E;
  /** Carries it out. Undefined if there is nothing to write, or crc must not write: in sync, in conflict, unread. */
  readonly work?: Work;
}

/** One pending write. */
export interface Step {
  /** The facts that it sets, or what it removes: `settings, environment`. */
  readonly what: string;
  run(): Promise<void>;
}

/** Brings one resource to the wanted state, as far as the user consented. */
export interface Work {
  /** Creates what does not exist; returns the new state if no read is needed. */
  create(): Promise<Finding | undefined>;
  /** Writes to existing resources, in order. */
  readonly steps: readonly Step[];
  /** Extras that are kept for lack of consent: `an inline policy that is not in the config: A`. */
  readonly kept: string | undefined;
  /** Reads and compares again, with the same consent. @throws the errors of `read`. */
  again(): Promise<Finding>;
}

/** What the user allowed. */
export interface Consent {
  /** Adopt resources that belong to another owner. */
  readonly adopt: boolean;
  /** Remove what is not in the config from crc's own resources. */
  readonly prune: boolean;
}
