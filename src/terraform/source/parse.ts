import type { Node } from 'web-tree-sitter';
import type { Json } from '../../json.ts';
import { treeParser } from '../../tree-sitter.ts';

/** An argument in the source. */
export interface SourceArgument {
  /** Undefined if only Terraform can determine it: a reference, a call, or a template with either. */
  readonly value: Json | undefined;
  /** `var.region` */
  readonly text: string;
}

/** A block in a Terraform file. */
export interface SourceBlock {
  /** `backend` */
  readonly type: string;
  /** `s3` */
  readonly labels: readonly string[];
  readonly arguments: Readonly<Record<string, SourceArgument>>;
  readonly blocks: readonly SourceBlock[];
  /** Counted from 1. */
  readonly line: number;
}

export interface Source {
  readonly blocks: readonly SourceBlock[];
  /** The first line with a syntax error; the rest was parsed nevertheless. */
  readonly errorLine: number | undefined;
}

/** Parses a `.tf` file, or a file of arguments without a block (`.tfvars`, `.tfbackend`). */
export type SourceParser = (text: string) => Source & {
  readonly arguments: SourceBlock['arguments'];
  /** Every quoted string as written, including strings within templates. */
  readonly strings: readonly string[];
};

/** A parser for Terraform's language (https://developer.hashicorp.com/terraform/language/syntax/configuration). */
export async function sourceParser(): Promise<SourceParser> {
  const parse = await treeParser('terraform');
  return (text) => {
    const tree = parse(text);
    const { rootNode } = tree;
    const body = children(rootNode, 'body')[0];
    const source = {
      blocks: body === undefined ? [] : children(body, 'block').map(blockOf),
      arguments: body === undefined ? {} : argumentsOf(body),
      strings: quotedTexts(rootNode),
      errorLine: rootNode.hasError ? errorLineOf(rootNode) : undefined,
    };
    // The tree is in the parser's own memory, which Node does not garbage-collect.
    tree.delete();
    return source;
  };
}

function quotedTexts(node: Node): readonly string[] {
  return node
    .descendantsOfType(['string_lit', 'quoted_template'])
    .flatMap((quoted) => (quoted === null ? [] : [quoted.text.slice(1, -1)]));
}

function children(node: Node, type: string): readonly Node[] {
  return node.namedChildren.filter((child) => child.type === type);
}

function lineOf({ startPosition }: Node): number {
  return startPosition.row + 1;
}

function blockOf(node: Node): SourceBlock {
  const [type, ...labels] = node.namedChildren.filter((child) => ['identifier', 'string_lit'].includes(child.type));
  const body = children(node, 'body')[0];
  return {
    type: type?.text ?? '',
    labels: labels.map((label) => (label.type === 'identifier' ? label.text : textOf(label))),
    arguments: body === undefined ? {} : argumentsOf(body),
    blocks: body === undefined ? [] : children(body, 'block').map(blockOf),
    line: lineOf(node),
  };
}

function argumentsOf(body: Node): SourceBlock['arguments'] {
  return Object.fromEntries(
    children(body, 'attribute').flatMap((attribute) => {
      const [name, expression] = attribute.namedChildren.filter((child) => child.type !== 'comment');
      if (name === undefined || expression === undefined) return [];
      return [[name.text, { value: literalOf(expression), text: expression.text }]];
    }),
  );
}

/** The value of an expression if it is known without running Terraform. */
function literalOf(node: Node): Json | undefined {
  const inner = node.namedChildren.filter((child) => child.type !== 'comment');
  const [first] = inner;
  switch (node.type) {
    case 'expression':
    case 'literal_value':
    case 'collection_value':
      // `var.a` is an expression of several parts.
      return first !== undefined && inner.length === 1 ? literalOf(first) : undefined;
    case 'string_lit':
      return textOf(node);
    case 'numeric_lit':
      return Number(node.text);
    case 'bool_lit':
      return node.text === 'true';
    case 'null_lit':
      return null;
    case 'tuple': {
      const items = children(node, 'expression').map(literalOf);
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case 'object':
      return objectOf(node);
    default:
      return undefined;
  }
}

function objectOf(node: Node): Json | undefined {
  const entries = children(node, 'object_elem').map((element) => {
    const [key, value] = children(element, 'expression');
    if (key === undefined || value === undefined) return undefined;
    // A bare word is a key, not a reference.
    const name = literalOf(key) ?? (/^[\w-]+$/.test(key.text) ? key.text : undefined);
    const held = literalOf(value);
    return typeof name === 'string' && held !== undefined ? ([name, held] as const) : undefined;
  });
  return entries.every((entry) => entry !== undefined) ? Object.fromEntries(entries) : undefined;
}

const ESCAPE = /\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs;

const MAX_CODE_POINT = 0x10_ff_ff;

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** A string without its quotes and escapes. https://developer.hashicorp.com/terraform/language/expressions/strings */
function textOf(node: Node): string {
  return children(node, 'template_literal')
    .map(({ text }) => text)
    .join('')
    .replace(ESCAPE, (written: string, short?: string, long?: string, letter = '') => {
      const code = short ?? long;
      if (code === undefined) return LETTERS[letter] ?? letter;
      const point = Number.parseInt(code, 16);
      return point > MAX_CODE_POINT ? written : String.fromCodePoint(point);
    })
    .replace(/([$%])\1(?=\{)/g, '$1');
}

function errorLineOf(node: Node): number {
  const broken = node.children.find((child) => child.hasError || child.isError || child.isMissing);
  return broken === undefined || broken.isError || broken.isMissing ? lineOf(broken ?? node) : errorLineOf(broken);
}
