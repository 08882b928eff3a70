/** The maximum number of rounds. Interdependent values need few; after this many, results are precise enough. */
const MAX_ROUNDS = 10;

/**
 * The possible values of each node when they depend on other nodes, possibly in cycles. Each round evaluates a node
 * once, using the previous round's results, until nothing changes. So it takes time proportional to the size of the
 * source, whatever the call graph.
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

  /** Runs rounds; in each, `look` requests the nodes of interest. */
  untilStable(look: () => void): void {
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      this.#seen.clear();
      this.#changed = false;
      look();
      if (!this.#changed) return;
    }
  }

  /** Equal values have equal keys: nodes are compared by identity, everything else by content. */
  #key(value: Value): string {
    return JSON.stringify(value, (_, part: unknown) => {
      if (!isNode(part)) return part;
      const id = this.#ids.get(part) ?? this.#ids.size;
      this.#ids.set(part, id);
      return id;
    });
  }
}

/** The value, if there is only one possibility. */
export function onlyOf<T>(possible: readonly T[]): T | undefined {
  return possible.length === 1 ? possible[0] : undefined;
}

/** A node from one of the two parsers. */
function isNode(part: unknown): part is object {
  return typeof part === 'object' && part !== null && 'type' in part && ('start' in part || 'children' in part);
}
