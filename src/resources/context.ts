import type { Clients } from '../aws/clients.ts';
import type { Place } from '../aws/names.ts';
import type { Tags } from './tags.ts';

/** What every resource is made with. */
export interface Context {
  readonly clients: Clients;
  readonly place: Place;
  /** The config's tags and crc's own: what everything that takes tags gets. */
  readonly tags: Tags;
  readonly signal: AbortSignal;
  /** Absolute folder of the config: sources of functions are relative to it. */
  readonly root: string;
  /** Says something worth knowing while it happens: the size of a package. */
  readonly tell: (text: string) => void;
  /**
   * Whether a resource may be written by this run, so that what can be known from the files is found out while it is read: a
   * package that does not build must not be noticed after the first write.
   */
  readonly willWrite: (id: string) => boolean;
  /** Whether a removal may delete states. */
  readonly deleteState: boolean;
  /** Hears that an alias was moved, since a failed smoke test moves it back. */
  readonly onAliasMoved: (move: AliasMove) => void;
}

/** The alias of a function before and after crc moved it. */
export interface AliasMove {
  readonly functionName: string;
  /** Undefined: there was none. */
  readonly from: AliasTarget | undefined;
  readonly to: string;
}

/** What an alias points to. */
export interface AliasTarget {
  readonly version: string;
  readonly description: string;
  /** The share of the traffic that goes to other versions, by version: 0.1 is a tenth. */
  readonly weights?: Readonly<Record<string, number>>;
}
