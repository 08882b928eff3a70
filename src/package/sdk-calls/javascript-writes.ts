import type { AnyNode, AssignmentExpression, CallExpression } from 'acorn';
import type { Variable } from 'eslint-scope';
import { keyName } from '../acorn-nodes.ts';
import type { JavaScriptTree } from './javascript-tree.ts';

/** What is assigned to `x.name`, by the variable `x` or the class of `this`, and the name. */
export class JavaScriptWrites {
  readonly #written = new Map<Variable | AnyNode, Map<string, AnyNode[]>>();
  readonly #tree: JavaScriptTree;

  constructor(tree: JavaScriptTree) {
    this.#tree = tree;
    for (const node of tree.nodes) {
      if (node.type === 'AssignmentExpression') this.#noteAssignment(node);
      if (node.type === 'CallExpression') this.#noteExports(node);
    }
  }

  to(owner: Variable | AnyNode, name: string): readonly AnyNode[] {
    return this.#written.get(owner)?.get(name) ?? [];
  }

  #noteAssignment({ left, right }: AssignmentExpression): void {
    if (left.type !== 'MemberExpression') return;
    const name = keyName(left.property, left.computed);
    if (name === undefined) return;
    const { object } = left;
    if (object.type === 'Identifier') this.#note(this.#tree.variable(object), name, right);
    if (object.type === 'ThisExpression') this.#note(this.#tree.thisAt(object), name, right);
    // `module.exports.name = …`
    if (object.type === 'MemberExpression' && object.object.type === 'Identifier') {
      const key = keyName(object.property, object.computed);
      this.#note(this.#tree.variable(object.object), `${key}.${name}`, right);
    }
  }

  /** The bundler's `__export(db_exports, { client: () => client })`. */
  #noteExports({ callee, arguments: [target, names] }: CallExpression): void {
    if (callee.type !== 'Identifier' || !/^__export\d*$/.test(callee.name)) return;
    if (target?.type !== 'Identifier' || names?.type !== 'ObjectExpression') return;
    for (const property of names.properties) {
      if (property.type !== 'Property' || property.value.type !== 'ArrowFunctionExpression') continue;
      const name = keyName(property.key, property.computed);
      if (name !== undefined) this.#note(this.#tree.variable(target), name, property.value.body);
    }
  }

  #note(owner: Variable | AnyNode | undefined, name: string, value: AnyNode): void {
    if (owner === undefined) return;
    const names = this.#written.get(owner) ?? new Map<string, AnyNode[]>();
    this.#written.set(owner, names);
    names.set(name, [...(names.get(name) ?? []), value]);
  }
}
