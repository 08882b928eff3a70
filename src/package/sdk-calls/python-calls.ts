import { isPartialFunction } from './python-library.ts';
import type { Value } from './python-members.ts';
import { argumentsOf, field, type PythonNode } from './python-tree.ts';

/** A call, and the number of parameters that it omits, such as `self`; negative if it has other arguments before. */
export interface Call {
  readonly node: PythonNode;
  readonly shift: number;
}

type Of = (node: PythonNode) => readonly Value[];

/** The calls of each function. `target`: the function that runs when a value is called. */
export function callsByFunction(
  nodes: readonly PythonNode[],
  of: Of,
  target: (value: Value) => PythonNode | undefined,
): ReadonlyMap<PythonNode, readonly Call[]> {
  const calls = new Map<PythonNode, Call[]>();
  for (const node of nodes) {
    const called = field(node, 'function');
    if (node.type !== 'call' || called === undefined) continue;
    for (const value of of(called)) {
      // `functools.partial(query, table)` sets an argument of `query`.
      const isPartial = isPartialFunction(value);
      const [wrapped] = isPartial ? argumentsOf(node).positional : [];
      for (const own of wrapped === undefined ? [value] : of(wrapped)) {
        const owner = target(own);
        if (owner === undefined) continue;
        const self = own.kind === 'class' || (own.kind === 'function' && own.of !== undefined) ? 1 : 0;
        calls.set(owner, [...(calls.get(owner) ?? []), { node, shift: isPartial ? self - 1 : self }]);
      }
    }
  }
  return calls;
}

/** The functions that each decorator wraps: its first argument. */
export function wrappedByDecorator(
  nodes: readonly PythonNode[],
  of: Of,
): ReadonlyMap<PythonNode, readonly PythonNode[]> {
  const wrapped = new Map<PythonNode, PythonNode[]>();
  for (const node of nodes) {
    const definition = field(node, 'definition');
    if (node.type !== 'decorated_definition' || definition === undefined) continue;
    for (const { type, children } of node.children) {
      const [expression] = type === 'decorator' ? children : [];
      for (const value of expression === undefined ? [] : of(expression)) {
        if (value.kind === 'function') wrapped.set(value.node, [...(wrapped.get(value.node) ?? []), definition]);
      }
    }
  }
  return wrapped;
}
