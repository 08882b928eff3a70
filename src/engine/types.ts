import type { Json } from '../json.ts';
import type { LeftOut, TerraformExport } from './terraform.ts';

/** Facts of a resource by name. One API call sets one fact; its leaves are what a diff shows (`settings.memoryMb`). */
export type Facts<F> = { readonly [K in keyof F]: Json };

/** What a difference means, where the values do not say it. */
export interface Meaning {
  /** All of it, as JSON and `--details` show it. */
  readonly why: string;
  /** The same in so few words that a screen holds it; undefined where `why` is as short. */
  readonly brief?: string | undefined;
}

/** Something on a resource that is not in the config; only `--prune` removes it. */
export interface Extra {
  readonly path: string;
  /** What it is, in a sentence: `an inline policy`, or `inline policies` for several. */
  readonly kind: { readonly singular: string; readonly plural: string };
  readonly live: Json;
  /** What it means, if its name does not say so. */
  readonly meaning?: Meaning | undefined;
  remove(): Promise<void>;
}

/** A resource that belongs to another owner: nothing is written to it until the user adopts it. */
export interface Foreign {
  /** The leaf that shows it (`tags.ManagedBy`), as it is and as it would be. */
  readonly path: string;
  readonly live: Json;
  readonly want: Json;
  /** Who owns it, as the end of a sentence after "it" or "kept:": `belongs to the project resume`. */
  readonly owner: string;
  /** Who owns it, and what to do. */
  readonly why: string;
}

/** A resource's live state, in the form of `Spec.want`. */
export interface Live<F extends Facts<F>, Details = unknown> {
  readonly facts: F;
  /** Set when the resource is not this config's to write to without adoption. */
  readonly foreign?: Foreign;
  readonly unlisted?: readonly Extra[];
  /** What belongs to others and has to be sent back along with a write (tags, policy statements, lifecycle rules). */
  readonly details: Details;
  /** Wanted values that only the resource itself has (the digest of what was last uploaded), in place of `Spec.want`'s. */
  readonly want?: Partial<F>;
  /** Information that is not drift. */
  readonly notes?: readonly string[];
  /** Risks that are not drift, and that crc does not fix. Each says what it is, why it matters and what to do. */
  readonly warnings?: readonly string[];
  /** The value of `Spec.address` where only AWS knows it: a URL. */
  readonly address?: string;
}

/**
 * Sets one fact with one API call (and the wait that call needs). Where one call sets several facts, they share one and the
 * same setter, and it runs once.
 */
export type Setter<V, L> = (want: V, live: L) => Promise<void>;

/** A fact that may only grow, or whose change cannot be taken back. */
export interface OneWay<V, L> {
  readonly set: Setter<V, L>;
  /** Why this change is not allowed, or undefined when it is. */
  refuse(live: V, want: V, resource: L): string | undefined;
  /** What cannot be undone once this is set; shown before the question. */
  irreversible?(want: V): string | undefined;
}

/** A fact that cannot be changed once the resource exists. */
export interface Fixed {
  /** Why, and what to do. */
  readonly fixed: string;
}

/** Facts in a few words, by their names; undefined for one that is not worth a word. */
export type Brief = Readonly<Record<string, string | undefined>>;

/** IAM actions on ARNs, as a policy statement names them. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** `{ StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } }` */
  readonly condition?: { readonly [operator: string]: { readonly [key: string]: string | readonly string[] } };
}

/** What a resource's calls need, by what they are for. */
export interface Actions {
  readonly read: readonly Grant[];
  /** What reads more of what is on it and not in the config. `crc deploy-function` does without. */
  readonly readUnlisted?: readonly Grant[];
  readonly write: readonly Grant[];
  /** Beyond those of `read`. */
  readonly remove: readonly Grant[];
  /**
   * The part of `write` that a role of CI gets: new code and new settings of what exists. Nothing that creates, adopts, opens to
   * others, or changes who may do what. Empty: `crc deploy-function` only reads it; undefined: it does not even do that.
   */
  readonly deploy?: readonly Grant[];
  /** What `crc deploy-function` does besides deploying: the smoke test and the rollback. */
  readonly test?: readonly Grant[];
  /** What `crc state` does with the states, locks and digests that are in it. */
  readonly states?: { readonly read: readonly Grant[]; readonly write: readonly Grant[] };
}

/** An address as `crc outputs` shows it, and the end of a run that wrote. */
export interface Address {
  /** What it is, for a person: `role GitHubActionsTerraformRole`. */
  readonly label: string;
  /** Where it stands in the JSON document of `crc outputs`: `['roles', 'GitHubActionsTerraformRole']`. */
  readonly path: readonly string[];
  /**
   * The words of the variable that it is on GitHub, in lowercase the output of a step: `['FUNCTION_URL', 'IncrementVisits']` is
   * FUNCTION_URL_INCREMENTVISITS.
   */
  readonly variable?: readonly string[];
  /**
   * A name or an ARN. Undefined: only AWS knows it, and `read` passes it on as `Live.address`. Null: it has none, and the document
   * says so.
   */
  readonly value?: string | null;
  /** When the end of a run that wrote shows it. Omitted: never, since the config says it. */
  readonly announced?: 'always' | 'when created';
}

/** What removing one resource would do, or why it is blocked. `blocked` goes before `kept`. */
export interface Removal {
  /** Why it is kept, as intended: shared, or data that was not asked for. What is `foreign` is kept for its owner in any case. */
  readonly kept?: string;
  /** Why it cannot be deleted yet, and what to do about it. */
  readonly blocked?: string;
  /** What is deleted with it. */
  readonly notes?: readonly string[];
  /** Exactly what would be deleted, to check that a later read finds the same. */
  readonly snapshot?: string;
  /**
   * Removes it, as far as it is still there. Throws `Blocked` when it must not be deleted any more: nothing of it has been
   * deleted then.
   */
  remove(): Promise<void>;
}

/**
 * One AWS resource as its author writes it. `F` holds exactly the facts that crc owns. TypeScript refuses a fact without
 * a setter and a reader of another form.
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
   * Ids whose removal comes first, and must not fail or be blocked, since they are of no use without this one: the users of a
   * state bucket need its lock table and their roles. What is kept on purpose lets this one go.
   */
  readonly removedAfter?: readonly string[];
  readonly want: F;
  /** Facts shown as one leaf, whatever is inside them: policy documents. */
  readonly opaque?: readonly (keyof F)[];
  /** Facts of which each entry is shown as one leaf: policy documents by name. */
  readonly opaqueEntries?: readonly (keyof F)[];
  /** What a difference of a fact, at one of its leaves (`settings.role`), means for a person; undefined when the values say it. */
  readonly meaning?: { readonly [K in keyof F]?: ((live: F[K], path: string) => Meaning | undefined) | undefined };
  /**
   * A fact of what will be created in a few words (`COMPLIANCE retention of 5 days`), or undefined for one that is not worth a
   * word. A fact without an entry is shown with its name and its leaves, so that none can be forgotten.
   */
  readonly brief?: { readonly [K in keyof F]?: (want: F[K]) => string | undefined };
  /** Undefined = does not exist. Whatever else AWS answers is thrown and makes the resource `unread`. */
  read(): Promise<Live<F, Details> | undefined>;
  /**
   * One call with all that this call takes, tags always. "Already exists" is no error: another process was faster. Answers with
   * what exists now when the call itself returns that; otherwise it is read before anything else is set.
   */
  create(): Promise<Live<F, Details> | undefined>;
  /** In the order in which they have to be set. */
  readonly set: {
    readonly [K in keyof F]: Setter<F[K], Live<F, Details>> | OneWay<F[K], Live<F, Details>> | Fixed;
  };
  /** Reads what exists and describes what removing it means. */
  removal(live: Live<F, Details>): Promise<Removal>;
  readonly actions: Actions;
  /** What `crc outputs` shows of it, or `none`. */
  readonly address: Address | 'none';
  /** What it is as Terraform code, or why `crc export` leaves it out. */
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

/** What a resource is and what is wanted of it, known before anything is read. */
export interface Description {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** Ids of what must be in place before it is written. */
  readonly needs: readonly string[];
  readonly actions: Actions;
  /** Leaves of what is wanted, in order. */
  readonly want: readonly { readonly path: string; readonly value: Json }[];
  readonly brief: Brief;
  /** Those of the warnings of the config that say what is open to the public. */
  readonly exposures: readonly string[];
}

/**
 * What was found about one resource, compared with what is wanted, as the user's consent allows it to change. One value that is
 * shown, printed as JSON or Markdown, compared, and carried out. `E`: how an error is kept.
 */
export interface Finding<E = unknown> extends Description {
  readonly status: Status;
  /** All that differs, whether or not it is carried out. */
  readonly changes: readonly Change[];
  /** Risks of what the config asks for, then of what exists. They never change the status. */
  readonly warnings: readonly string[];
  /** Information that is not drift. */
  readonly notes: readonly string[];
  /** What cannot be undone once the changes are carried out. */
  readonly irreversible: readonly string[];
  /** In conflict for no other reason than that another owner has it, so that `--adopt` is all it takes. */
  readonly adoptable: boolean;
  /** Undefined for what has none, or could not be read. */
  readonly address?: Address;
  /** Why it could not be read. */
  readonly error?: E;
  /** Carries it out. Undefined when there is nothing to write, or crc must not write: in sync, in conflict, unread. */
  readonly work?: Work;
}

/** One write that is due. */
export interface Step {
  /** The facts it sets, or what it removes: `settings, environment`. */
  readonly what: string;
  run(): Promise<void>;
}

/** Brings one resource to the wanted state, as far as the user consented. */
export interface Work {
  /** Creates what does not exist; answers with what is found then, when that needs no reading. */
  create(): Promise<Finding | undefined>;
  /** Writes to what exists, in order. */
  readonly steps: readonly Step[];
  /** What it has that the config does not name, and that is kept without consent: `an inline policy that is not in the config: A`. */
  readonly kept: string | undefined;
  /** Reads and compares again, under the same consent. Throws what `read` throws. */
  again(): Promise<Finding>;
}

/** What the user allowed. */
export interface Consent {
  /** Take over resources that belong to another owner. */
  readonly adopt: boolean;
  /** Remove what is not in the config from crc's own resources. */
  readonly prune: boolean;
}
