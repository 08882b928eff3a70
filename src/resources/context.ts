import type { Place } from '../aws/arns.ts';
import type { Clients } from '../aws/clients.ts';
import type { AliasMove } from './function/alias.ts';
import type { Tags } from './tags.ts';

/** What every resource is created with. */
export interface Context {
  readonly clients: Clients;
  readonly place: Place;
  /** The config's tags and crc's own: what everything that takes tags gets. */
  readonly tags: Tags;
  readonly signal: AbortSignal;
}

/** The same for what is in another region than the project. */
export function contextIn(region: string, context: Context): Context {
  const { clients, place } = context;
  if (region === place.region) return context;
  return { ...context, clients: clients.inRegion(region), place: { ...place, region } };
}

/** What one run means to do, and who follows it: of interest to the few resources that are given a part of it. */
export interface Run {
  /** Absolute folder of the config: sources of functions are relative to it. */
  readonly root: string;
  /**
   * Whether this run may write a resource, so that what can be known from the files is found out while it is read: a package
   * that does not build must not be noticed after the first write. By default it writes nothing.
   */
  readonly willWrite?: ((id: string) => boolean) | undefined;
  /** Whether functions are built, and compared with what AWS serves, although the hash of their source is as it was. */
  readonly build?: boolean | undefined;
  /** Whether a removal may delete states. By default it may not. */
  readonly deleteState?: boolean | undefined;
  /** By default nobody looks. */
  readonly lockTableUsers?: LockTableUsers | undefined;
  /** Shows something worth knowing while it happens: the size of a package. */
  readonly show?: ((text: string) => void) | undefined;
  /** Hears which rights the source of a function needs and its role lacks, of each function that is built. */
  readonly onMissingRights?: ((functionName: string, rights: readonly MissingRight[]) => void) | undefined;
  /** Hears that an alias was moved, since a failed smoke test moves it back. */
  readonly onAliasMoved?: ((move: AliasMove) => void) | undefined;
}

/** Which backend blocks of the repository lock in a table, in words; undefined when none does. */
export type LockTableUsers = (table: string) => Promise<string | undefined>;

/** A right that a call in the source of a function needs, and that the role of the function does not give. */
export interface MissingRight {
  /** Name of the function. */
  readonly function: string;
  /** `dynamodb:GetItem` */
  readonly action: string;
  /** An ARN, with `*` for what the source does not say. */
  readonly resource: string;
  /** As the source has it: `GetCommand`, `get_item`. */
  readonly call: string;
  /** From the folder of the config. */
  readonly file: string;
  readonly line: number;
  /** What to write in the config: a value of "table.access", or one more of "statements". */
  readonly allow: {
    readonly path: string;
    readonly value: string | { readonly Effect: string; readonly Action: string; readonly Resource: string };
  };
}
