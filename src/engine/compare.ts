import { diff } from './diff.ts';
import type { Change, Facts, Fixed, Live, OneWay, Setter, Spec, Step } from './types.ts';

/** The differences between the live and the wanted state, before consent is considered. */
export interface Comparison {
  /** Differences between facts. The kind of changes that are not allowed is `conflict`. */
  readonly changes: readonly Change[];
  /** Writes that set what differs and may be changed, in the order of `Spec.set`. */
  readonly steps: readonly Step[];
  /** What the writes make irreversible. */
  readonly irreversible: readonly string[];
}

/** Compares fact by fact. */
export function compare<F extends Facts<F>, Details>(spec: Spec<F, Details>, live: Live<F, Details>): Comparison {
  const compared = factsOf(spec).map((fact) => compareFact(spec, fact, live));
  return {
    changes: compared.flatMap(({ changes }) => changes),
    steps: together(compared.flatMap(({ steps }) => steps)),
    irreversible: compared.flatMap((fact) => fact.irreversible),
  };
}

/** Names of the facts, in the order in which they are set. */
export function factsOf<F extends Facts<F>, Details>({ set }: Spec<F, Details>): readonly (keyof F & string)[] {
  return Object.keys(set) as (keyof F & string)[];
}

/** What cannot be undone once the resource is created. */
export function irreversibleOnCreation<F extends Facts<F>, Details>(spec: Spec<F, Details>): readonly string[] {
  return factsOf(spec).flatMap((fact) => irreversible(spec.set[fact], spec.want[fact]));
}

/** The number of levels of a fact that are searched for leaves. */
export function depthOf<F extends Facts<F>, Details>(
  { opaque = [], opaqueEntries = [] }: Spec<F, Details>,
  fact: keyof F,
): number {
  if (opaque.includes(fact)) return 0;
  return opaqueEntries.includes(fact) ? 1 : Infinity;
}

interface FactStep extends Step {
  /** The setter as the resource's author wrote it. */
  readonly by: unknown;
}

/** Merges facts with the same setter, which one call sets. */
function together(steps: readonly FactStep[]): readonly Step[] {
  const first = steps.filter(({ by }, index) => steps.findIndex((other) => other.by === by) === index);
  return first.map(({ by, run }) => ({
    what: steps
      .filter((other) => other.by === by)
      .map(({ what }) => what)
      .join(', '),
    run,
  }));
}

interface FactComparison extends Comparison {
  readonly steps: readonly FactStep[];
}

const SAME: FactComparison = { changes: [], steps: [], irreversible: [] };

function compareFact<F extends Facts<F>, Details>(
  spec: Spec<F, Details>,
  fact: keyof F & string,
  live: Live<F, Details>,
): FactComparison {
  const want = live.want?.[fact] ?? spec.want[fact];
  const differences = diff(fact, live.facts[fact], want, depthOf(spec, fact));
  if (differences.length === 0) return SAME;

  const how = spec.set[fact];
  const refused = refusal(how, live.facts[fact], want, live);
  if (refused !== undefined) {
    return { ...SAME, changes: differences.map((difference) => ({ kind: 'conflict', ...difference, why: refused })) };
  }
  const set = setter(how);
  return {
    changes: differences.map((difference) => ({
      kind: 'update',
      ...difference,
      ...spec.meaning?.[fact]?.(live.facts[fact], difference.path),
    })),
    steps: set === undefined ? [] : [{ what: fact, by: set, run: () => set(want, live) }],
    irreversible: irreversible(how, want),
  };
}

type How<V, L> = Setter<V, L> | OneWay<V, L> | Fixed;

function refusal<V, L>(how: How<V, L>, live: V, want: V, resource: L): string | undefined {
  if (typeof how === 'function') return undefined;
  return 'fixed' in how ? how.fixed : how.refuse(live, want, resource);
}

function setter<V, L>(how: How<V, L>): Setter<V, L> | undefined {
  if (typeof how === 'function') return how;
  return 'fixed' in how ? undefined : how.set;
}

function irreversible<V, L>(how: How<V, L>, want: V): readonly string[] {
  const warning = typeof how !== 'function' && 'set' in how ? how.irreversible?.(want) : undefined;
  return warning === undefined ? [] : [warning];
}
