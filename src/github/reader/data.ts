import { data, wellKnownFunctions } from '@actions/expressions';
import { type Known, known, mapped, OPEN, type Possible } from './possible.ts';

/** GitHub's own functions. */
export function called(name: string, args: readonly Known[]): Possible {
  const definition = wellKnownFunctions[name];
  if (definition === undefined) return OPEN;
  try {
    return known(fromData(definition.call(...args.map(toData))));
  } catch {
    // The run would fail here: `fromJSON` of invalid JSON.
    return OPEN;
  }
}

export function toData(value: Known): data.ExpressionData {
  return JSON.parse(JSON.stringify(value), data.reviver) as data.ExpressionData;
}

function fromData(value: data.ExpressionData): Known {
  return JSON.parse(JSON.stringify(value, data.replacer)) as Known;
}

/** `object[index]`; names are compared case-insensitively. */
export function entryOf(of: Known, index: Known): Known {
  if (Array.isArray(of)) return (typeof index === 'number' ? of[index] : undefined) ?? null;
  if (of === null || typeof of !== 'object' || index === null || typeof index === 'object') return null;
  const name = String(index).toLowerCase();
  return Object.entries(of).find(([key]) => key.toLowerCase() === name)?.[1] ?? null;
}

/** The value at a path within a value. */
export function entryAt(of: Possible, path: readonly string[]): Possible {
  return path.reduce<Possible>(
    (value, name) =>
      mapped(value, (container) =>
        known(entryOf(container, /^\d+$/.test(name) && Array.isArray(container) ? Number(name) : name)),
      ),
    of,
  );
}
