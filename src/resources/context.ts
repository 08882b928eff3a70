import type { Place } from '../aws/arns.ts';
import type { Clients } from '../aws/clients.ts';
import type { FunctionPackage } from '../package/package.ts';
import type { AliasMove } from './function/alias.ts';
import type { Tags } from './tags.ts';

/** What every resource needs. */
export interface Context {
  readonly clients: Clients;
  readonly place: Place;
  /** The config's tags and crc's own, for every resource that supports tags. */
  readonly tags: Tags;
  readonly signal: AbortSignal;
}

/** The context for a resource in a different region from the project's. */
export function contextIn(region: string, context: Context): Context {
  const { clients, place } = context;
  if (region === place.region) return context;
  return { ...context, clients: clients.inRegion(region), place: { ...place, region } };
}

/** What a run intends to do, and its listeners. Each resource receives only the parts that it needs. */
export interface Run {
  /** Absolute path of the folder with the config; sources of functions are relative to it. */
  readonly root: string;
  /**
   * Whether this run may write a resource. If so, everything that the files can show is checked while reading: a
   * package that does not build must fail before the first write. By default nothing is written.
   */
  readonly willWrite?: ((id: string) => boolean) | undefined;
  /** The packages of functions by name, so that each is built once in a run. Filled as functions are created. */
  readonly packages?: Map<string, FunctionPackage> | undefined;
  /** Whether functions are built and compared with AWS even if the hash of their source is unchanged. */
  readonly build?: boolean | undefined;
  /** Whether a removal may delete states; by default it may not. */
  readonly deleteState?: boolean | undefined;
  /** If omitted, users of the lock table are not checked. */
  readonly lockTableUsers?: LockTableUsers | undefined;
  /** If omitted, functions outside the config are not checked. */
  readonly functionUse?: FunctionUse | undefined;
  /** Shows information as it happens, such as the size of a package. */
  readonly show?: ((text: string) => void) | undefined;
  /** Called for each built function with the permissions that its source needs and its role lacks. */
  readonly onMissingRights?: ((functionName: string, rights: readonly MissingRight[]) => void) | undefined;
  /** Called when an alias was moved, so that a failed smoke test can move it back. */
  readonly onAliasMoved?: ((move: AliasMove) => void) | undefined;
}

/** The backend blocks in the repository that lock in a table, as text; undefined if there are none. */
export type LockTableUsers = (table: string) => Promise<string | undefined>;

/**
 * The functions that are not in the config and use a role (by its ARN) or a table in it, as the reason to keep it. Only
 * removals call it, which loads its code.
 */
export type FunctionUse = (used: { readonly role: string } | { readonly table: string }) => Promise<string | undefined>;

/** A permission that a call in the source of a function needs and its role does not grant. */
export interface MissingRight {
  /** Name of the function. */
  readonly function: string;
  /** `dynamodb:GetItem` */
  readonly action: string;
  /** An ARN, with `*` for parts that are not in the source. */
  readonly resource: string;
  /** As written in the source: `GetCommand`, `get_item`. */
  readonly call: string;
  /** Relative to the folder of the config. */
  readonly file: string;
  readonly line: number;
  /** What to add to the config: a value for "table.access", or an entry in "statements". */
  readonly allow: {
    readonly path: string;
    readonly value: string | { readonly Effect: string; readonly Action: string; readonly Resource: string };
  };
}
