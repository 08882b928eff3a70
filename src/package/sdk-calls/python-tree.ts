import type { Node } from 'web-tree-sitter';

/** A node of a module's syntax tree, as long as it is needed: those of the parser are other objects at each look. */
export interface PythonNode {
  readonly type: string;
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly parent: PythonNode | undefined;
  /** Without what is only a sign. */
  readonly children: readonly PythonNode[];
  /** The children with a name of their own in the grammar: `function`, `arguments`. */
  readonly fields: Readonly<Record<string, readonly PythonNode[]>>;
}

/** https://github.com/tree-sitter/tree-sitter-python/blob/master/src/node-types.json */
export function pythonTree(node: Node, parent?: PythonNode): PythonNode {
  const children: PythonNode[] = [];
  const fields: Record<string, PythonNode[]> = {};
  const copy = {
    type: node.type,
    text: node.text,
    line: node.startPosition.row + 1,
    parent,
    children,
    fields,
  };
  for (const [index, child] of node.children.entries()) {
    if (child === null || !child.isNamed || child.type === 'comment') continue;
    const copied = pythonTree(child, copy);
    children.push(copied);
    const field = node.fieldNameForChild(index);
    if (field !== null) fields[field] = [...(fields[field] ?? []), copied];
  }
  return copy;
}

export function field(node: PythonNode | undefined, name: string): PythonNode | undefined {
  return node?.fields[name]?.[0];
}

/** A node with all below it. */
export function nodesOf(root: PythonNode): readonly PythonNode[] {
  const nodes = [root];
  for (const node of nodes) nodes.push(...node.children);
  return nodes;
}

/** The nearest node of these types around a node. */
export function around(node: PythonNode, ...types: readonly string[]): PythonNode | undefined {
  let at = node.parent;
  while (at !== undefined && !types.includes(at.type)) at = at.parent;
  return at;
}

/** The text of a string that is the same in every run. */
export function stringText(node: PythonNode): string | undefined {
  if (node.type !== 'string' || node.children.some(({ type }) => type === 'interpolation')) return undefined;
  return node.children
    .filter(({ type }) => type === 'string_content')
    .map(({ text }) => text)
    .join('');
}

export interface Arguments {
  readonly positional: readonly PythonNode[];
  readonly named: Readonly<Record<string, PythonNode>>;
}

export function argumentsOf(call: PythonNode): Arguments {
  const given = field(call, 'arguments')?.children ?? [];
  const named = given.filter(({ type }) => type === 'keyword_argument');
  return {
    positional: given.filter(({ type }) => type !== 'keyword_argument' && type !== 'dictionary_splat'),
    named: Object.fromEntries(
      named.flatMap((argument) => {
        const value = field(argument, 'value');
        return value === undefined ? [] : [[field(argument, 'name')?.text ?? '', value]];
      }),
    ),
  };
}

/** `property`, `functools.cached_property(…)`: the last word of each decorator. */
export function decoratorsOf(definition: PythonNode): readonly string[] {
  if (definition.parent?.type !== 'decorated_definition') return [];
  return definition.parent.children
    .filter(({ type }) => type === 'decorator')
    .flatMap(({ children: [expression] }) => {
      const named = expression?.type === 'call' ? field(expression, 'function') : expression;
      return (named?.type === 'attribute' ? field(named, 'attribute') : named)?.text ?? [];
    });
}

/** The values of a key of a dictionary. */
export function entriesOf(dictionary: PythonNode, key: string): readonly PythonNode[] {
  return dictionary.children.flatMap((pair) => {
    const name = field(pair, 'key');
    const value = field(pair, 'value');
    if (pair.type !== 'pair' || name === undefined || value === undefined) return [];
    return stringText(name) === key ? [value] : [];
  });
}

/** The class whose method a function is. */
export function classOf(owner: PythonNode): PythonNode | undefined {
  const block = owner.parent?.type === 'decorated_definition' ? owner.parent.parent : owner.parent;
  return block?.type === 'block' && block.parent?.type === 'class_definition' ? block.parent : undefined;
}
