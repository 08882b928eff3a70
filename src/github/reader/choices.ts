/**
 * Picks one of several values, always the same for a name within one variant: an input's option, a matrix combination.
 */
export type Choose = <T>(name: string, options: readonly T[]) => T;

/** The maximum number of variants of a job. GitHub itself limits a matrix to 256 jobs. */
const MAX_WAYS = 256;

/**
 * Calls `describe` for each combination of its choices and returns the results. Only choices that are actually made are
 * combined, so unused inputs cost nothing. With more than 256 combinations, `isWhole` is false and the rest are left
 * out.
 */
export function eachWay<R>(describe: (choose: Choose) => R): {
  readonly results: readonly R[];
  readonly isWhole: boolean;
} {
  const results: R[] = [];
  let trail: { readonly count: number; readonly at: number }[] = [];
  do {
    const taken = new Map<string, unknown>();
    const choose = <T>(name: string, options: readonly T[]): T => {
      const index = taken.has(name) ? (taken.get(name) as number) : (trail[taken.size]?.at ?? 0);
      if (!taken.has(name)) {
        if (trail[taken.size] === undefined) trail.push({ count: options.length, at: 0 });
        taken.set(name, index);
      }
      return options[index] as T;
    };
    results.push(describe(choose));
    while (trail.length > 0 && (trail.at(-1)?.at ?? 0) + 1 >= (trail.at(-1)?.count ?? 0)) trail = trail.slice(0, -1);
    const last = trail.at(-1);
    if (last !== undefined) trail = [...trail.slice(0, -1), { ...last, at: last.at + 1 }];
  } while (trail.length > 0 && results.length < MAX_WAYS);
  return { results, isWhole: trail.length === 0 };
}
