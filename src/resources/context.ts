import type { Clients } from '../aws/clients.ts';
import type { Place } from '../aws/names.ts';
import { OWNER_TAG } from '../engine/plan.ts';

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
  /** Whether a removal may delete states. */
  readonly deleteState: boolean;
  /** Hears that an alias was moved, for whoever may have to move it back. */
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

export type Tags = Readonly<Record<string, string>>;

/** The config's tags with crc's own. */
export function withOwner(tags: Tags): Tags {
  return { ...tags, [OWNER_TAG.key]: OWNER_TAG.value };
}

/** Why something stays that is not crc's. */
export const NOT_MINE = 'crc did not make it';

export function isMine(tags: Tags): boolean {
  return tags[OWNER_TAG.key] === OWNER_TAG.value;
}

/** The tags that crc sets, as they are; those of others are none of its business. */
export function ownTags(live: Tags, want: Tags): Tags {
  return Object.fromEntries(Object.entries(live).filter(([key]) => Object.hasOwn(want, key)));
}

interface SdkTag {
  readonly Key: string | undefined;
  readonly Value: string | undefined;
}

/** The SDK's list of tags as an object. */
export function fromTagList(list: readonly SdkTag[] | undefined): Tags {
  return Object.fromEntries((list ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? '']])));
}

/** Tags as S3, DynamoDB and IAM take them. */
export function toTagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
