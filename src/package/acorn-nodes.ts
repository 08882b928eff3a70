import type { AnyNode } from 'acorn';

/** The name of a property if it is constant: `a` in `x.a`, `x['a']` and `{ a: 1 }`. */
export function keyName(key: AnyNode, computed: boolean): string | undefined {
  if (key.type === 'Identifier' && !computed) return key.name;
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return key.type === 'Literal' && typeof key.value === 'string' ? key.value : undefined;
}

/** Whether a field's value is a node. */
export function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The nodes in a field of a node, which may hold one, several or none. */
export function nodesIn(value: unknown): readonly AnyNode[] {
  if (Array.isArray(value)) return value.filter(isNode);
  return isNode(value) ? [value] : [];
}
