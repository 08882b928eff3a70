import type { Value } from './python-members.ts';
import { around, field, type PythonNode } from './python-tree.ts';

/** What is assigned to `self.name`, by class and name. */
export type Attributes = ReadonlyMap<PythonNode, ReadonlyMap<string, readonly PythonNode[]>>;

/** `self.table = …`, where `of` returns the class of `self`. */
export function attributesByClass(
  assignments: readonly PythonNode[],
  of: (node: PythonNode) => readonly Value[],
): Attributes {
  const byClass = new Map<PythonNode, Map<string, PythonNode[]>>();
  for (const node of assignments) {
    const left = field(node, 'left');
    const right = field(node, 'right');
    const object = left?.type === 'attribute' ? field(left, 'object') : undefined;
    const name = field(left, 'attribute')?.text;
    if (object?.type !== 'identifier' || right === undefined || name === undefined) continue;
    for (const value of of(object)) {
      if (value.kind !== 'instance' && value.kind !== 'class') continue;
      const attributes = byClass.get(value.node) ?? new Map<string, PythonNode[]>();
      byClass.set(value.node, attributes);
      attributes.set(name, [...(attributes.get(name) ?? []), right]);
    }
  }
  return byClass;
}

/** The values of `return` statements, by function. */
export function returnedValues(nodes: readonly PythonNode[]): ReadonlyMap<PythonNode, readonly PythonNode[]> {
  const returned = new Map<PythonNode, PythonNode[]>();
  for (const node of nodes) {
    const [value] = node.children;
    const owner = node.type === 'return_statement' ? around(node, 'function_definition') : undefined;
    if (owner !== undefined && value !== undefined) returned.set(owner, [...(returned.get(owner) ?? []), value]);
  }
  return returned;
}
