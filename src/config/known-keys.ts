import type * as z from 'zod/mini';
import { closest } from '../closest.ts';

type Schema = z.core.$ZodTypes;

/** The keys of each object in a schema, by path: the empty path is the root, `roles[].trust` an object in each role. */
export function keysByPlace(schema: z.core.$ZodType): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>();
  for (const [place, some] of objectsOf(schema as Schema, '')) keys.set(place, [...(keys.get(place) ?? []), ...some]);
  return keys;
}

function objectsOf(schema: Schema, place: string): readonly (readonly [place: string, keys: readonly string[]])[] {
  const { def } = schema._zod;
  switch (def.type) {
    case 'object':
      return [
        [place, Object.keys(def.shape)],
        ...Object.entries(def.shape).flatMap(([key, inner]) =>
          objectsOf(inner as Schema, place === '' ? key : `${place}.${key}`),
        ),
      ];
    case 'array':
      return objectsOf(def.element as Schema, `${place}[]`);
    case 'optional':
    case 'default':
      return objectsOf(def.innerType as Schema, place);
    case 'union':
      return def.options.flatMap((option) => objectsOf(option as Schema, place));
    default:
      return [];
  }
}

/** Listing more places would not help. */
const MAX_PLACES = 2;

/**
 * The problem with a key that does not exist at this path, and what was probably meant: a key here with a similar
 * spelling, or the path where it belongs. `present` are the keys that are already used.
 */
export function unknownKeyProblem(
  key: string,
  place: string,
  present: ReadonlySet<string>,
  keys: ReadonlyMap<string, readonly string[]>,
): string {
  const keysOfPlace = keys.get(place) ?? [];
  const same = keysOfPlace.find((known) => isSpelledAlike(known, key));
  if (same !== undefined && present.has(same))
    return `is an unknown key, and "${same}" is there as well; remove one of them`;
  if (same !== undefined) return `is an unknown key; did you mean "${same}"?`;

  const elsewhere = [...keys].flatMap(([other, names]) => {
    const name = names.find((known) => isSpelledAlike(known, key));
    // An object and a list of such objects count as one place.
    const isList = other.endsWith('[]') && (keys.get(other.slice(0, -'[]'.length)) ?? []).includes(name ?? '');
    return name === undefined || isList ? [] : [{ other, name }];
  });
  const [first] = elsewhere;
  if (first !== undefined && elsewhere.length <= MAX_PLACES) {
    const places = elsewhere.map(({ other }) => (other === '' ? 'at the top level' : `in ${other}`));
    return `is an unknown key here; "${first.name}" belongs ${places.join(' or ')}`;
  }
  const near = closest(
    key,
    keysOfPlace.filter((known) => !present.has(known)),
  );
  return near === undefined
    ? `is an unknown key; the keys here are ${keysOfPlace.filter((known) => known !== '$schema').join(', ')}`
    : `is an unknown key; did you mean "${near}"?`;
}

/** `accountID`, `account_id` and `account-id` for `accountId`. */
function isSpelledAlike(a: string, b: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[_-]/g, '');
  return plain(a) === plain(b);
}
