import { createHash } from 'node:crypto';
import { readState, type StateContent, type StateInstance } from './content.ts';

/** The changes between two versions of a state: addresses and attribute names, never values. */
export interface StateDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly moved: readonly { readonly from: string; readonly to: string }[];
  readonly changed: readonly { readonly address: string; readonly attributes: readonly string[] }[];
}

/** A version whose bytes can be read more than once; `undefined` if it does not exist. */
export type StateBytes = () => Promise<AsyncIterable<Uint8Array>>;

export interface StateComparison {
  readonly from: StateContent;
  readonly to: StateContent;
  /** Undefined if one of the two cannot be read. */
  readonly diff: StateDiff | undefined;
}

/**
 * Compares two versions of a state. Each is streamed once for its addresses, and a second time for the attributes of
 * changed ones, if any. Only digests are kept in memory.
 */
export async function compareStates(from: StateBytes, to: StateBytes): Promise<StateComparison> {
  const before = new Map<string, Summary>();
  const after = new Map<string, Summary>();
  const fromContent = await readState(await from(), (instance) => before.set(instance.address, summaryOf(instance)));
  const toContent = await readState(await to(), (instance) => after.set(instance.address, summaryOf(instance)));
  if (fromContent.kind !== 'state' || toContent.kind !== 'state') {
    return { from: fromContent, to: toContent, diff: undefined };
  }
  const moved = movedOf(before, after);
  const oldAddress = new Map(moved.map((move) => [move.to, move.from]));
  const changed = [...after].flatMap(([address, { digest }]) => {
    const old = before.get(oldAddress.get(address) ?? address);
    return old === undefined || old.digest === digest ? [] : [address];
  });
  const attributes = changed.length === 0 ? new Map() : await changedAttributes(from, to, changed, oldAddress);
  const movedFrom = new Set(moved.map((move) => move.from));
  return {
    from: fromContent,
    to: toContent,
    diff: {
      added: [...after.keys()].filter((address) => !before.has(address) && !oldAddress.has(address)),
      removed: [...before.keys()].filter((address) => !after.has(address) && !movedFrom.has(address)),
      moved,
      changed: changed.map((address) => ({ address, attributes: attributes.get(address) ?? [] })),
    },
  };
}

export function isEmptyDiff({ added, removed, moved, changed }: StateDiff): boolean {
  return added.length + removed.length + moved.length + changed.length === 0;
}

interface Summary {
  readonly type: string;
  /** Of all attributes. */
  readonly digest: string;
  /** Of the attribute `id`, which does not change when an address is moved; undefined without one. */
  readonly id: string | undefined;
}

function summaryOf({ type, attributes }: StateInstance): Summary {
  const { id } = attributes;
  return { type, digest: digestOf(attributes), id: id === undefined || id === null ? undefined : digestOf([type, id]) };
}

/** A deleted and a new address are the same resource if type and id match and nothing else has them. */
function movedOf(before: ReadonlyMap<string, Summary>, after: ReadonlyMap<string, Summary>): StateDiff['moved'] {
  const deleted = byId([...before].filter(([address]) => !after.has(address)));
  const created = byId([...after].filter(([address]) => !before.has(address)));
  return [...created].flatMap(([id, to]) => {
    const from = deleted.get(id);
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
}

/** The only address for each id; undefined for an id that several have. */
function byId(summaries: readonly (readonly [string, Summary])[]): ReadonlyMap<string, string | undefined> {
  const addresses = new Map<string, string | undefined>();
  for (const [address, { id }] of summaries) {
    if (id !== undefined) addresses.set(id, addresses.has(id) ? undefined : address);
  }
  return addresses;
}

async function changedAttributes(
  from: StateBytes,
  to: StateBytes,
  changed: readonly string[],
  oldAddress: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const newAddress = new Map(changed.map((address) => [oldAddress.get(address) ?? address, address]));
  const before = new Map<string, ReadonlyMap<string, string>>();
  await readState(await from(), ({ address, attributes }) => {
    const now = newAddress.get(address);
    if (now !== undefined) before.set(now, digestsOf(attributes));
  });
  const names = new Map<string, readonly string[]>();
  const wanted = new Set(changed);
  await readState(await to(), ({ address, attributes }) => {
    if (wanted.has(address)) names.set(address, differing(before.get(address) ?? new Map(), digestsOf(attributes)));
  });
  return names;
}

function digestsOf(attributes: StateInstance['attributes']): ReadonlyMap<string, string> {
  const set = Object.entries(attributes).filter(([, value]) => value !== null && value !== undefined);
  return new Map(set.map(([name, value]) => [name, digestOf(value)]));
}

function differing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

/** The number of digest bytes to keep: enough that among millions of values, no two different ones collide. */
const DIGEST_BYTES = 12;

/** Equality as in Terraform: the order of keys is irrelevant, and null means absent. */
function digestOf(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => sorted(inner)) ?? 'null';
  return createHash('sha256').update(text).digest().subarray(0, DIGEST_BYTES).toString('base64');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
