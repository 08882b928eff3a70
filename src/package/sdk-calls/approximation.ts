/** Values that depend on one another need few rounds; what still changes by then is close enough for a warning. */
const MAX_ROUNDS = 10;

/**
 * What each node may be, where that depends on other nodes, in circles too: each round looks at a node once, by what the round
 * before has found, until nothing is new. So it takes time in proportion to the size of the source, whatever calls what.
 */
export class Approximation<Node extends object, Value extends { readonly kind: string }> {
  #known = new Map<Node, readonly Value[]>();
  readonly #seen = new Set<Node>();
  readonly #ids = new Map<object, number>();
  readonly #evaluate: (node: Node) => readonly Value[];
  #changed = false;

  constructor(evaluate: (node: Node) => readonly Value[]) {
    this.#evaluate = evaluate;
  }

  of(node: Node): readonly Value[] {
    const before = this.#known.get(node) ?? [];
    if (this.#seen.has(node)) return before;
    this.#seen.add(node);
    const values = [...new Map(this.#evaluate(node).map((value) => [this.#key(value), value])).values()];
    const keys = (list: readonly Value[]) => list.map((value) => this.#key(value)).join('\n');
    if (keys(values) !== keys(before)) this.#changed = true;
    this.#known.set(node, values);
    return values;
  }

  /** Runs rounds, in each of which `look` asks for what is of interest. */
  untilStable(look: () => void): void {
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      this.#seen.clear();
      this.#changed = false;
      look();
      if (!this.#changed) return;
    }
  }

  /** The same value has the same key: nodes are told apart by identity, all else by what it is. */
  #key(value: Value): string {
    return JSON.stringify(value, (_, part: unknown) => {
      if (!isNode(part)) return part;
      const id = this.#ids.get(part) ?? this.#ids.size;
      this.#ids.set(part, id);
      return id;
    });
  }
}

/** What something is, if it can be nothing else. */
export function onlyOf<T>(possible: readonly T[]): T | undefined {
  return possible.length === 1 ? possible[0] : undefined;
}

/** A node of one of the two parsers. */
function isNode(part: unknown): part is object {
  return typeof part === 'object' && part !== null && 'type' in part && ('start' in part || 'children' in part);
}
