import { filledIn, type Scope } from './expressions.ts';
import { type Known, soleValue } from './possible.ts';
import { isNode, type Node, nodeOf } from './yaml-node.ts';

/** The value of `matrix` in one job. */
export interface Combination {
  readonly values: { readonly [name: string]: Known };
  /** Other names may have a value that is only known during the run. */
  readonly open: boolean;
}

/** GitHub's limit for the number of jobs in a matrix. */
const MAX_COMBINATIONS = 256;

const ANYTHING: Combination = { values: {}, open: true };

/**
 * The combinations of `strategy.matrix` according to GitHub's rules
 * (https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations): all
 * combinations of the axes, except those that match an entry of `exclude`. An entry of `include` extends every
 * combination that it does not contradict; if it contradicts all of them, it is an additional combination. Without a
 * matrix, there is one combination without values. With more than GitHub allows, any combination is possible.
 */
export function combinationsOf(strategy: unknown, scope: Scope): readonly Combination[] {
  const filledStrategy = typeof strategy === 'string' ? knownPart(strategy, scope) : strategy;
  if (typeof strategy === 'string' && !isNode(filledStrategy)) return [ANYTHING];
  const written = nodeOf(filledStrategy).matrix;
  if (written === undefined) return [{ values: {}, open: false }];
  const matrix = typeof written === 'string' ? knownPart(written, scope) : written;
  if (!isNode(matrix)) return [ANYTHING];
  const { include, exclude, ...axes } = matrix;
  const lists = Object.entries(axes).map(([name, list]) => ({ name, values: listOf(list, scope) }));
  const axesKnown = lists.flatMap(({ name, values }) => (values === undefined ? [] : [{ name, values }]));
  const added = include === undefined ? [] : listOf(include, scope);
  const removed = exclude === undefined ? [] : (listOf(exclude, scope) ?? []);
  const entries = (added ?? []).map(nodeOf);
  const open =
    axesKnown.length < lists.length ||
    added === undefined ||
    lists.some(({ values }) => values?.some(isPartly)) ||
    entries.some((entry) => Object.values(entry).some(isPartly));
  if (axesKnown.reduce((product, { values }) => product * values.length, 1) > MAX_COMBINATIONS) return [ANYTHING];
  let all: readonly Node[] = lists.length === 0 && include !== undefined ? [] : [{}];
  for (const { name, values } of axesKnown) {
    all = all.flatMap((combination) =>
      values.map((value) => (isPartly(value) ? combination : { ...combination, [name]: value })),
    );
  }
  const kept = all.filter(
    (combination) => !removed.map(nodeOf).some((entry) => agrees(combination, entry, Object.keys(entry))),
  );
  const combinations = withIncludes(kept, Object.keys(axes), entries);
  if (combinations.length > MAX_COMBINATIONS) return [ANYTHING];
  return combinations.map((values) => ({ values: values as Combination['values'], open }));
}

function withIncludes(originals: readonly Node[], axes: readonly string[], include: readonly Node[]): readonly Node[] {
  const extended: Node[] = [...originals];
  const added: Node[] = [];
  for (const entry of include) {
    const values = Object.fromEntries(Object.entries(entry).filter(([, value]) => !isPartly(value)));
    const own = Object.keys(entry).filter((name) => axes.includes(name));
    const extending = originals.flatMap((original, index) => (agrees(original, entry, own) ? [index] : []));
    for (const index of extending) extended[index] = { ...extended[index], ...values };
    if (extending.length === 0) added.push(values);
  }
  return [...extended, ...added];
}

/** Whether a combination has the values of an entry under some names. */
function agrees(combination: Node, entry: Node, names: readonly string[]): boolean {
  return names.every((name) => JSON.stringify(combination[name]) === JSON.stringify(entry[name]));
}

/** A value that is unknown, or partly unknown. */
const PARTLY: unique symbol = Symbol('only known during the run');

function isPartly(value: unknown): boolean {
  return value === PARTLY;
}

/** The entries of a list, with PARTLY for unknown ones; undefined if the list itself is unknown. */
function listOf(written: unknown, scope: Scope): readonly unknown[] | undefined {
  const list = typeof written === 'string' ? knownPart(written, scope) : written;
  if (!Array.isArray(list)) return undefined;
  return list.map((entry) => {
    if (!isNode(entry)) return knownPart(entry, scope);
    return Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, knownPart(value, scope)]));
  });
}

/** A part of the matrix with its expressions filled in; PARTLY if one of them is unknown. */
function knownPart(written: unknown, scope: Scope): unknown {
  if (typeof written === 'string') {
    if (!written.includes('${{')) return written;
    const value = soleValue(filledIn(written, scope));
    return value === undefined ? PARTLY : value;
  }
  if (typeof written !== 'object' || written === null) return written;
  const entries = Object.entries(written).map(([name, value]) => [name, knownPart(value, scope)] as const);
  if (entries.some(([, value]) => isPartly(value))) return PARTLY;
  return Array.isArray(written) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}
