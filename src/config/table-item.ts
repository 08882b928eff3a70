import type { Check } from './names.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes */
export const attributeName: Check = (name) =>
  name.length >= 1 && name.length <= 255 ? undefined : 'must have 1 to 255 characters';

/** The maximum length of a string partition key, in bytes. */
const MAX_KEY = 2_048;

interface Problem {
  /** The path within the item. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Key {
  readonly hashKey: string;
  readonly hashKeyType: 'S' | 'N';
}

/** Why DynamoDB would reject an item or store something else; undefined if it is valid. */
export function itemProblem(
  item: Readonly<Record<string, unknown>>,
  { hashKey, hashKeyType }: Key,
): Problem | undefined {
  const key = item[hashKey];
  const path = [hashKey];
  if (key === undefined)
    return { path, message: `is the partition key of the table, and is required; add "${hashKey}"` };
  if (hashKeyType === 'N') {
    if (typeof key !== 'number') return { path, message: 'must be a number, since hashKeyType is "N"' };
  } else {
    if (typeof key === 'number') return { path, message: `must be a string; write "${key}", or "hashKeyType": "N"` };
    if (typeof key !== 'string') return { path, message: 'must be a string: it is the partition key' };
    if (key === '') return { path, message: 'must not be empty: it is the partition key' };
    if (Buffer.byteLength(key) > MAX_KEY)
      return { path, message: `must be at most ${MAX_KEY} bytes as a partition key` };
  }
  return inexactNumber(item, []);
}

/** An integer that JSON cannot represent exactly, so a different one would be written. */
function inexactNumber(value: unknown, path: readonly (string | number)[]): Problem | undefined {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
    return { path, message: 'has more digits than a JSON number can represent; write it as a string' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  for (const [key, inner] of entries) {
    const problem = inexactNumber(inner, [...path, key]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
