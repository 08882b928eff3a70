import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../json.ts';

/** One leaf that differs. It is null on a side that lacks it. */
export interface Difference {
  readonly path: string;
  readonly live: Json;
  readonly want: Json;
}

/**
 * The leaves in which two values differ, with their paths. Objects are walked, everything else (lists too) is a leaf;
 * an object below `depth` is a leaf too, at 0 the value itself. Both sides must already be in one form: nothing is normalised here.
 */
export function diff(path: string, live: Json, want: Json, depth = Infinity): readonly Difference[] {
  // A group is compared with null ("does not exist") leaf by leaf; with any other leaf it is a leaf itself.
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
