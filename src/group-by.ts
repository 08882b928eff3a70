/** Groups values by key, in order of first appearance. */
export function groupBy<V>(values: readonly V[], keyOf: (value: V) => string): ReadonlyMap<string, readonly V[]> {
  const groups = new Map<string, V[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(value);
  }
  return groups;
}

/** The first value for each key, in order. */
export function uniqueBy<V>(values: readonly V[], keyOf: (value: V) => string): readonly V[] {
  const byKey = new Map<string, V>();
  for (const value of values) {
    const key = keyOf(value);
    if (!byKey.has(key)) byKey.set(key, value);
  }
  return [...byKey.values()];
}
