import type { AnyNode, Identifier, Pattern } from 'acorn';
import { analyze, type Variable } from 'eslint-scope';
import { keyName, nodesIn } from '../acorn-nodes.ts';

export type FunctionNode = Extract<
  AnyNode,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
>;
export type ClassNode = Extract<AnyNode, { type: 'ClassDeclaration' | 'ClassExpression' }>;
export type CallNode = Extract<AnyNode, { type: 'CallExpression' | 'NewExpression' }>;

/** A key on the path into a destructured value: `{ a: { b } } = …` takes `a`, then `b`. */
export interface Taken {
  readonly keys: readonly string[];
  /** Default values: `{ a = 1 }`. */
  readonly defaults: readonly AnyNode[];
}

/** A syntax tree with the parent of each node, and the variable that each name refers to. */
export class JavaScriptTree {
  readonly nodes: readonly AnyNode[];
  readonly #parents = new Map<AnyNode, AnyNode>();
  readonly #variables = new Map<AnyNode, Variable>();

  constructor(program: AnyNode) {
    const nodes = [program];
    for (const node of nodes) {
      for (const child of childrenOf(node)) {
        this.#parents.set(child, node);
        nodes.push(child);
      }
    }
    this.nodes = nodes;
    // Both libraries use the tree of https://github.com/estree/estree, but with their own types.
    const { scopes } = analyze(program as Parameters<typeof analyze>[0], {
      ecmaVersion: 2022,
      sourceType: 'module',
    });
    for (const { references, variables } of scopes) {
      for (const { identifier, resolved } of references) {
        if (resolved !== null) this.#variables.set(acornNode(identifier), resolved);
      }
      for (const variable of variables) {
        for (const name of variable.identifiers) this.#variables.set(acornNode(name), variable);
      }
    }
  }

  parent(node: AnyNode): AnyNode | undefined {
    return this.#parents.get(node);
  }

  /** Undefined for a global name. */
  variable(name: Identifier): Variable | undefined {
    return this.#variables.get(name);
  }

  /** The value of `this` at a node: a class, or the object whose method contains it. */
  thisAt(node: AnyNode): AnyNode | undefined {
    let at: AnyNode | undefined = node;
    while (at !== undefined) {
      const above = this.parent(at);
      const owner = above === undefined ? undefined : this.parent(above);
      if (at.type === 'PropertyDefinition' || at.type === 'StaticBlock') return owner;
      if (at.type === 'FunctionExpression' || at.type === 'FunctionDeclaration') {
        if (above?.type === 'MethodDefinition') return owner === undefined ? undefined : this.parent(owner);
        return above?.type === 'Property' ? owner : undefined;
      }
      at = above;
    }
    return undefined;
  }

  /** The innermost function around a node. */
  functionAround(node: AnyNode): FunctionNode | undefined {
    let at = this.parent(node);
    while (at !== undefined && !isFunction(at)) at = this.parent(at);
    return at;
  }
}

/** A node of this tree, as returned by the scope analysis. */
export function acornNode(node: object): AnyNode {
  return node as AnyNode;
}

export function isFunction(node: AnyNode): node is FunctionNode {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
}

/** The path by which a pattern takes a name's value; undefined if the pattern does not contain the name. */
export function takenBy(pattern: Pattern | AnyNode, name: string): Taken | undefined {
  switch (pattern.type) {
    case 'Identifier':
      return pattern.name === name ? { keys: [], defaults: [] } : undefined;
    case 'AssignmentPattern': {
      const taken = takenBy(pattern.left, name);
      if (taken === undefined) return undefined;
      return taken.keys.length > 0 ? taken : { ...taken, defaults: [...taken.defaults, pattern.right] };
    }
    case 'ObjectPattern':
      for (const property of pattern.properties) {
        if (property.type !== 'Property') continue;
        const key = keyName(property.key, property.computed);
        const taken = takenBy(property.value, name);
        if (taken !== undefined && key !== undefined) return { ...taken, keys: [key, ...taken.keys] };
      }
      return undefined;
    default:
      return undefined;
  }
}

function childrenOf(node: AnyNode): readonly AnyNode[] {
  return Object.values(node).flatMap(nodesIn);
}
