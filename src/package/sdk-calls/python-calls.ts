import type { Value } from './python-members.ts';
import { field, type PythonNode } from './python-tree.ts';

/** A call, and the number of parameters that it omits, such as `self`. */
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
      const owner = target(value);
      if (owner === undefined) continue;
      const shift = value.kind === 'class' || (value.kind === 'function' && value.of !== undefined) ? 1 : 0;
      calls.set(owner, [...(calls.get(owner) ?? []), { node, shift }]);
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
