import { diff, leaves } from './diff.ts';
import type {
  Actions,
  Brief,
  Change,
  Extra,
  Facts,
  Fixed,
  Foreign,
  Json,
  Live,
  OneWay,
  Removal,
  Setter,
  Spec,
} from './types.ts';

/** One write that is due: the fact it sets, and the call. */
export interface Step {
  readonly fact: string;
  run(): Promise<void>;
}

/** One resource at one moment, compared with what is wanted. */
export interface Inspection {
  readonly exists: boolean;
  /** Set when nothing may be written to it without adoption. */
  readonly foreign?: Foreign;
  /** Differences of facts, those that must not be made as `conflict`. */
  readonly changes: readonly Change[];
  readonly steps: readonly Step[];
  readonly extras: readonly Extra[];
  readonly notes: readonly string[];
  /** Dangers of what is there. */
  readonly warnings: readonly string[];
  /** What the steps (or the creation) make irreversible. */
  readonly irreversible: readonly string[];
  readonly address?: string;
}

/** A `Spec` whose type of facts is of no interest any more: what the engine works with. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly needs: readonly string[];
  readonly removedAfter: readonly string[];
  readonly actions: Actions;
  /** Dangers of what the config asks for, whatever is there. */
  readonly warnings: readonly string[];
  /** Leaves of what is wanted, in order. */
  readonly want: readonly { readonly path: string; readonly value: Json }[];
  readonly brief: Brief;
  /** Those of `warnings` that say what is open to the public. */
  readonly exposures: readonly string[];
  /** Reads and compares. Throws what `read` throws. */
  inspect(): Promise<Inspection>;
  /** Answers with what is there now when that needs no reading. */
  create(): Promise<Inspection | undefined>;
  /** What its removal means; undefined = it does not exist. Throws what `read` throws. */
  inspectRemoval(): Promise<Removal | undefined>;
}

/** Turns what an author wrote into what the engine works with. */
export function resource<F extends Facts<F>, Others>(spec: Spec<F, Others>): Resource {
  const facts = Object.keys(spec.set) as (keyof F & string)[];
  const isWhole = (fact: keyof F) => spec.whole?.includes(fact) ?? false;
  return {
    id: spec.id,
    type: spec.type,
    name: spec.name,
    needs: spec.needs ?? [],
    removedAfter: spec.removedAfter ?? [],
    actions: spec.actions,
    warnings: [],
    exposures: [],
    brief: briefOf(spec),
    want: facts.flatMap((fact) => leaves(fact, spec.want[fact], isWhole(fact))),
    async create() {
      const live = await spec.create();
      return live === undefined ? undefined : inspectLive(live);
    },
    async inspectRemoval() {
      const live = await spec.read();
      if (live === undefined) return undefined;
      const removal = await spec.removal(live);
      return { ...removal, stays: removal.stays ?? live.foreign?.owner };
    },
    async inspect() {
      const live = await spec.read();
      if (live === undefined) return absent(facts.flatMap((fact) => irreversible(spec.set[fact], spec.want[fact])));
      return inspectLive(live);
    },
  };

  function inspectLive(live: Live<F, Others>): Inspection {
    const inspected = facts.map((fact) => inspectFact(spec, fact, live, isWhole(fact)));
    return {
      exists: true,
      foreign: live.foreign,
      changes: inspected.flatMap(({ changes }) => changes),
      steps: together(inspected.flatMap(({ steps }) => steps)),
      extras: live.extras ?? [],
      notes: live.notes ?? [],
      warnings: live.warnings ?? [],
      irreversible: inspected.flatMap((one) => one.irreversible),
      address: live.address,
    };
  }
}

function briefOf<F extends Facts<F>, Others>({ brief, want }: Spec<F, Others>): Brief {
  const facts = Object.keys(brief ?? {}) as (keyof F & string)[];
  return Object.fromEntries(facts.map((fact) => [fact, brief?.[fact]?.(want[fact])]));
}

function absent(irreversible: readonly string[]): Inspection {
  return { exists: false, changes: [], steps: [], extras: [], notes: [], warnings: [], irreversible };
}

interface FactStep extends Step {
  /** The setter as its author wrote it. */
  readonly by: unknown;
}

/** Facts with one and the same setter are set by one call. */
function together(steps: readonly FactStep[]): readonly Step[] {
  const first = steps.filter(({ by }, index) => steps.findIndex((other) => other.by === by) === index);
  return first.map(({ by, run }) => ({
    fact: steps
      .filter((other) => other.by === by)
      .map(({ fact }) => fact)
      .join(', '),
    run,
  }));
}

interface InspectedFact extends Pick<Inspection, 'changes' | 'irreversible'> {
  readonly steps: readonly FactStep[];
}

function inspectFact<F extends Facts<F>, Others>(
  spec: Spec<F, Others>,
  fact: keyof F & string,
  live: Live<F, Others>,
  whole: boolean,
): InspectedFact {
  const want = live.want?.[fact] ?? spec.want[fact];
  const differences = diff(fact, live.facts[fact], want, whole);
  if (differences.length === 0) return { changes: [], steps: [], irreversible: [] };

  const how = spec.set[fact];
  const why = refusal(how, live.facts[fact], want, live);
  if (why !== undefined) {
    const changes = differences.map((difference) => ({ kind: 'conflict' as const, ...difference, why }));
    return { changes, steps: [], irreversible: [] };
  }
  const set = setter(how);
  const meaning = spec.meaning?.[fact]?.(live.facts[fact]);
  return {
    changes: differences.map((difference) => ({
      kind: 'update' as const,
      ...difference,
      why: meaning,
    })),
    steps: set === undefined ? [] : [{ fact, by: set, run: () => set(want, live) }],
    irreversible: irreversible(how, want),
  };
}

type How<V, L> = Setter<V, L> | OneWay<V, L> | Fixed;

function refusal<V, L>(how: How<V, L>, live: V, want: V, whole: L): string | undefined {
  if (typeof how === 'function') return undefined;
  return 'fixed' in how ? how.fixed : how.refuse(live, want, whole);
}

function setter<V, L>(how: How<V, L>): Setter<V, L> | undefined {
  if (typeof how === 'function') return how;
  return 'fixed' in how ? undefined : how.set;
}

function irreversible<V, L>(how: How<V, L>, want: V): readonly string[] {
  const warning = typeof how !== 'function' && 'set' in how ? how.irreversible?.(want) : undefined;
  return warning === undefined ? [] : [warning];
}
