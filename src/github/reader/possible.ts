/** A value of an expression of GitHub Actions. */
export type Known = string | number | boolean | null | readonly Known[] | { readonly [key: string]: Known };

/** What is known about a value before the run: one value, several possible ones, or nothing. */
export interface Possible {
  /** Its possible values. A single one without `rest` is the value. */
  readonly values: readonly Known[];
  /** Set if other values are possible too. */
  readonly rest?: Rest | undefined;
}

/** A set of unknown texts, narrowed by what is known about them. */
export interface Rest {
  /** All of them start with this. */
  readonly prefix: string;
  /** All of them end with this. */
  readonly suffix?: string | undefined;
  /** None of them is one of these. */
  readonly not: readonly string[];
  /** None of them starts with one of these. */
  readonly notPrefixes: readonly string[];
  /** Their source, with `${{ }}` for unknown parts. */
  readonly written?: string | undefined;
}

/** Nothing is known. */
export const OPEN: Possible = { values: [], rest: { prefix: '', not: [], notPrefixes: [] } };
export const EITHER: Possible = { values: [true, false] };
export const NOTHING: Possible = { values: [null] };

/** Larger sets are treated as unknown. */
const MAX_VALUES = 256;

export function known(value: Known): Possible {
  return { values: [value] };
}

/** Its only possible value; undefined if there may be others. */
export function soleValue({ values, rest }: Possible): Known | undefined {
  return rest === undefined && values.length === 1 ? values[0] : undefined;
}

/** Any of them. */
export function union(all: readonly Possible[]): Possible {
  const values = new Map(
    all.flatMap((possible) => possible.values.map((value) => [JSON.stringify(value), value] as const)),
  );
  const rests = all.flatMap(({ rest }) => rest ?? []);
  const [first] = rests;
  if (values.size > MAX_VALUES) return OPEN;
  return { values: [...values.values()], rest: rests.length > 1 ? OPEN.rest : first };
}

/** Applies a function of one argument to each value; `ofRest` handles unknown ones. */
export function mapped(
  { values, rest }: Possible,
  of: (value: Known) => Possible,
  ofRest: (rest: Rest) => Possible = () => OPEN,
): Possible {
  return union([...values.map(of), ...(rest === undefined ? [] : [ofRest(rest)])]);
}

/** Applies a function of several arguments to each combination; unknown if one of them is. */
export function combined(all: readonly Possible[], of: (values: readonly Known[]) => Possible): Possible {
  const count = all.reduce((product, { values }) => product * Math.max(values.length, 1), 1);
  if (count > MAX_VALUES) return OPEN;
  let combinations: readonly (readonly Known[])[] = [[]];
  for (const { values } of all)
    combinations = combinations.flatMap((combination) => values.map((value) => [...combination, value]));
  const results = combinations.map(of);
  return union(all.some(({ rest }) => rest !== undefined) ? [...results, OPEN] : results);
}

/** Whether GitHub treats a value as true in a condition. */
export function isTrue(value: Known): boolean {
  return value !== false && value !== 0 && value !== '' && value !== null && !Number.isNaN(value);
}

/** Whether it can be true, and whether it can be false. */
export function truth({ values, rest }: Possible): { readonly canHold: boolean; readonly canFail: boolean } {
  return {
    canHold: rest !== undefined || values.some(isTrue),
    canFail: (rest !== undefined && rest.prefix === '') || values.some((value) => !isTrue(value)),
  };
}

/** A value converted to text as GitHub does. */
export function asText(value: Known): string {
  if (value === null) return '';
  if (typeof value === 'object') return Array.isArray(value) ? 'Array' : 'Object';
  return String(value);
}
