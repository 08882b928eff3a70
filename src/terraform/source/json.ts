import { type Node, type ParseError, parseTree } from 'jsonc-parser';
import type { Json } from '../../json.ts';
import type { Source, SourceArgument, SourceBlock } from './parse.ts';

/** The number of labels by block type. */
const LABELS: Readonly<Record<string, number>> = {
  terraform: 0,
  provider: 1,
  module: 1,
  variable: 1,
  resource: 2,
  data: 2,
};

/** Nested blocks. Other nested blocks that crc uses are treated as arguments, since JSON does not distinguish them. */
const INNER: Readonly<Record<string, number>> = {
  backend: 1,
  cloud: 0,
  required_providers: 0,
  endpoints: 0,
  assume_role_with_web_identity: 0,
  dynamic: 1,
  lifecycle: 0,
  provisioner: 1,
};

/** The blocks in a `.tf.json` file that crc uses: https://developer.hashicorp.com/terraform/language/syntax/json */
export function jsonBlocks(text: string): Source {
  const errors: ParseError[] = [];
  // Terraform's JSON has neither comments nor trailing commas.
  const root = parseTree(text, errors, { disallowComments: true });
  if (root === undefined) return { blocks: [], errorLine: 1 };
  const objects = root.type === 'array' ? (root.children ?? []) : [root];
  const blocks = objects
    .flatMap(properties)
    .flatMap(({ name, value }) => (Object.hasOwn(LABELS, name) ? blocksOf(name, LABELS[name] ?? 0, value, text) : []));
  const isMark = ({ offset }: ParseError) => offset === 0 && text.startsWith('\uFEFF');
  const broken = errors.find((error) => !isMark(error)) ?? objects.find(({ type }) => type !== 'object');
  return { blocks, errorLine: broken === undefined ? undefined : lineAt(broken, text) };
}

interface Property {
  readonly name: string;
  readonly value: Node;
}

function properties(node: Node): readonly Property[] {
  return (node.children ?? []).flatMap(({ children: [name, value] = [] }) =>
    name === undefined || value === undefined ? [] : [{ name: String(name.value), value }],
  );
}

/** From `{ "s3": { … } }`, or from a list of such objects. */
function blocksOf(
  type: string,
  depth: number,
  node: Node,
  text: string,
  labels: readonly string[] = [],
): readonly SourceBlock[] {
  if (node.type === 'array') return (node.children ?? []).flatMap((item) => blocksOf(type, depth, item, text, labels));
  if (node.type !== 'object') return [];
  if (labels.length < depth) {
    return properties(node).flatMap(({ name, value }) => blocksOf(type, depth, value, text, [...labels, name]));
  }
  const inner = properties(node);
  return [
    {
      type,
      labels,
      arguments: Object.fromEntries(
        inner
          .filter(({ name }) => !Object.hasOwn(INNER, name))
          .map(({ name, value }) => [name, argumentOf(value, text)]),
      ),
      blocks: inner.flatMap(({ name, value }) =>
        Object.hasOwn(INNER, name) ? blocksOf(name, INNER[name] ?? 0, value, text) : [],
      ),
      line: lineAt(node, text),
    },
  ];
}

function argumentOf(node: Node, text: string): SourceArgument {
  return {
    value: literalOf(node),
    text: text.slice(node.offset, node.offset + node.length),
  };
}

/** A string may be a template. */
function literalOf(node: Node): Json | undefined {
  if (node.type === 'array') {
    const items = (node.children ?? []).map(literalOf);
    return items.every((item) => item !== undefined) ? items : undefined;
  }
  if (node.type === 'object') {
    const entries = properties(node).map(({ name, value }) => [name, literalOf(value)] as const);
    return entries.every(([, value]) => value !== undefined) ? (Object.fromEntries(entries) as Json) : undefined;
  }
  return typeof node.value === 'string' && /[$%]\{/.test(node.value) ? undefined : node.value;
}

function lineAt({ offset }: Pick<Node, 'offset'>, text: string): number {
  return text.slice(0, offset).split('\n').length;
}
