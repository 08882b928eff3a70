import type { Node, TreeCursor } from 'web-tree-sitter';

/** A lasting copy of a syntax tree node: the parser returns different objects on each access. */
export interface PythonNode {
  readonly type: string;
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  readonly parent: PythonNode | undefined;
  /** Without punctuation. */
  readonly children: readonly PythonNode[];
  /** The children with field names in the grammar: `function`, `arguments`. */
  readonly fields: Readonly<Record<string, readonly PythonNode[]>>;
}

/** https://github.com/tree-sitter/tree-sitter-python/blob/master/src/node-types.json */
export function pythonTree(root: Node): PythonNode {
  const cursor = root.walk();
  const tree = treeAt(cursor, undefined);
  cursor.delete();
  return tree;
}

/** A node would look through all its children for the field of one; a cursor knows it, however long a list is. */
function treeAt(cursor: TreeCursor, parent: PythonNode | undefined): PythonNode {
  const children: PythonNode[] = [];
  const fields: Record<string, PythonNode[]> = {};
  const copy = {
    type: cursor.nodeType,
    text: cursor.nodeText,
    line: cursor.startPosition.row + 1,
    parent,
    children,
    fields,
  };
  if (!cursor.gotoFirstChild()) return copy;
  do {
    if (!cursor.nodeIsNamed || cursor.nodeType === 'comment') continue;
    const name = cursor.currentFieldName;
    const child = treeAt(cursor, copy);
    children.push(child);
    if (name !== null) fields[name] = [...(fields[name] ?? []), child];
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
  return copy;
}

export function field(node: PythonNode | undefined, name: string): PythonNode | undefined {
  return node?.fields[name]?.[0];
}

/** A node and all its descendants. */
export function nodesOf(root: PythonNode): readonly PythonNode[] {
  const nodes = [root];
  for (const node of nodes) for (const child of node.children) nodes.push(child);
  return nodes;
}

/** The innermost node of these types around a node. */
export function around(node: PythonNode, ...types: readonly string[]): PythonNode | undefined {
  let at = node.parent;
  while (at !== undefined && !types.includes(at.type)) at = at.parent;
  return at;
}

/** The value of a constant string. */
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

/** `property`, `functools.cached_property(…)`: the last name in each decorator. */
export function decoratorsOf(definition: PythonNode): readonly string[] {
  if (definition.parent?.type !== 'decorated_definition') return [];
  return definition.parent.children
    .filter(({ type }) => type === 'decorator')
    .flatMap(({ children: [expression] }) => {
      const named = expression?.type === 'call' ? field(expression, 'function') : expression;
      return (named?.type === 'attribute' ? field(named, 'attribute') : named)?.text ?? [];
    });
}

/** The keys and values that are written in a dictionary. */
export function pairsOf(dictionary: PythonNode): readonly { readonly key: PythonNode; readonly value: PythonNode }[] {
  return dictionary.children.flatMap((pair) => {
    const key = field(pair, 'key');
    const value = field(pair, 'value');
    return pair.type !== 'pair' || key === undefined || value === undefined ? [] : [{ key, value }];
  });
}

/**
 * The values for a key in a dictionary. If the key is not known, any of them is possible; constants are then left out,
 * since a table may have thousands.
 */
export function entriesOf(dictionary: PythonNode, key: string | undefined): readonly PythonNode[] {
  return pairsOf(dictionary)
    .filter((pair) => (key === undefined ? !CONSTANTS.has(pair.value.type) : stringText(pair.key) === key))
    .map(({ value }) => value);
}

const CONSTANTS: ReadonlySet<string> = new Set(['string', 'integer', 'float', 'true', 'false', 'none']);

/** The place of a field among those of a class without `__init__`, such as a dataclass, whose calls set them. */
export function fieldIndex(node: PythonNode, name: string): number | undefined {
  const fields = (field(node, 'body')?.children ?? [])
    .flatMap(({ children: [statement] }) => statement ?? [])
    .filter((statement) => statement.type === 'assignment' && field(statement, 'type') !== undefined);
  const index = fields.findIndex((assignment) => field(assignment, 'left')?.text === name);
  return index === -1 ? undefined : index;
}

/** The class that a method belongs to. */
export function classOf(owner: PythonNode): PythonNode | undefined {
  const block = owner.parent?.type === 'decorated_definition' ? owner.parent.parent : owner.parent;
  return block?.type === 'block' && block.parent?.type === 'class_definition' ? block.parent : undefined;
}
