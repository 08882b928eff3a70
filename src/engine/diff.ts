import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** A leaf that differs. Its value is null on the side where it is missing. */
export interface Difference {
  readonly path: string;
  readonly live: Json;
  readonly want: Json;
}

/**
 * The leaves in which two values differ, with their paths. Anything but an object is a leaf, including lists, and so
 * are objects below `depth` levels; with a depth of 0, the whole value is one leaf. Both sides must already be
 * normalized.
 */
export function diff(path: string, live: Json, want: Json, depth = Infinity): readonly Difference[] {
  // An object is compared with null ("does not exist") leaf by leaf. Compared with any other leaf, it is one leaf.
  if (depth === 0 || !isJsonObject(live ?? want) || !isJsonObject(want ?? live)) {
    return isDeepStrictEqual(live, want) ? [] : [{ path, live, want }];
  }
  const liveGroup = isJsonObject(live) ? live : {};
  const wantGroup = isJsonObject(want) ? want : {};
  const keys = new Set([...Object.keys(wantGroup), ...Object.keys(liveGroup)]);
  return [...keys].flatMap((key) => diff(`${path}.${key}`, own(liveGroup, key), own(wantGroup, key), depth - 1));
}

/** The leaves of a value with their paths, as `diff` names them. */
export function leaves(path: string, value: Json, depth = Infinity): readonly { path: string; value: Json }[] {
  if (depth === 0 || !isJsonObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leaves(`${path}.${key}`, inner, depth - 1));
}

function own(group: JsonObject, key: string): Json {
  return Object.hasOwn(group, key) ? (group[key] ?? null) : null;
}
