/** A value of an expression of GitHub Actions. */
export type Known = string | number | boolean | null | readonly Known[] | { readonly [key: string]: Known };

/** What a value is, as far as it is known before the run: one value, one of several, or not known. */
export interface Possible {
  /** Values that it can have. One without `rest`: it is that. */
  readonly values: readonly Known[];
  /** It can be something else as well. */
  readonly rest?: Rest | undefined;
}

/** Unknown texts; what is known about them narrows what they can be. */
export interface Rest {
  /** All of them start so. */
  readonly prefix: string;
  /** None of them is one of these, */
  readonly not: readonly string[];
  /** nor starts so. */
  readonly notPrefixes: readonly string[];
  /** What they are made of, with `${{ }}` where that is not known. */
  readonly written?: string | undefined;
}

/** Nothing is known of it. */
export const OPEN: Possible = { values: [], rest: { prefix: '', not: [], notPrefixes: [] } };
export const EITHER: Possible = { values: [true, false] };
export const NOTHING: Possible = { values: [null] };

/** More than these are taken for anything. */
const MAX_VALUES = 256;

export function known(value: Known): Possible {
  return { values: [value] };
}

/** The one value that it has; undefined where it is not known to be one. */
export function soleValue({ values, rest }: Possible): Known | undefined {
  return rest === undefined && values.length === 1 ? values[0] : undefined;
}

/** Either of them. */
export function union(all: readonly Possible[]): Possible {
  const values = new Map(
    all.flatMap((possible) => possible.values.map((value) => [JSON.stringify(value), value] as const)),
  );
  const rests = all.flatMap(({ rest }) => rest ?? []);
  const [first] = rests;
  if (values.size > MAX_VALUES) return OPEN;
  return { values: [...values.values()], rest: rests.length > 1 ? OPEN.rest : first };
}

/** What a function of one value makes of each; `ofRest`: of what is not known. */
export function mapped(
  { values, rest }: Possible,
  of: (value: Known) => Possible,
  ofRest: (rest: Rest) => Possible = () => OPEN,
): Possible {
  return union([...values.map(of), ...(rest === undefined ? [] : [ofRest(rest)])]);
}

/** What a function of several values makes of each combination; not known where one of them is not. */
export function combined(all: readonly Possible[], of: (values: readonly Known[]) => Possible): Possible {
  const count = all.reduce((product, { values }) => product * Math.max(values.length, 1), 1);
  if (count > MAX_VALUES) return OPEN;
  let combinations: readonly (readonly Known[])[] = [[]];
  for (const { values } of all)
    combinations = combinations.flatMap((combination) => values.map((value) => [...combination, value]));
  const results = combinations.map(of);
  return union(all.some(({ rest }) => rest !== undefined) ? [...results, OPEN] : results);
}

/** As GitHub takes a value for a condition. */
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

/** A value as the text that GitHub puts in its place. */
export function asText(value: Known): string {
  if (value === null) return '';
  if (typeof value === 'object') return Array.isArray(value) ? 'Array' : 'Object';
  return String(value);
}
