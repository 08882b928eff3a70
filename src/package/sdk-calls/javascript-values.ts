import type { AnyNode, CallExpression, Identifier, MemberExpression, NewExpression } from 'acorn';
import type { Definition, Variable } from 'eslint-scope';
import { keyName } from '../acorn-nodes.ts';
import { Approximation, onlyOf } from './approximation.ts';
import type { SourceText } from './call.ts';
import { type Lookup, memberOf, type Value } from './javascript-members.ts';
import { isPassedThrough } from './javascript-sdk.ts';
import {
  acornNode,
  type CallNode,
  type ClassNode,
  type FunctionNode,
  isFunction,
  type JavaScriptTree,
  takenBy,
} from './javascript-tree.ts';
import { JavaScriptWrites } from './javascript-writes.ts';

/** The bundler's own functions that return their argument. */
const SAME = /^(__toESM|__toCommonJS)\d*$/;

/**
 * Resolves names, members, functions and classes to their possible values without running anything. All possible values
 * of a name are one set: the order of execution is ignored.
 */
export class JavaScriptValues implements Lookup {
  readonly #tree: JavaScriptTree;
  readonly #values = new Approximation<AnyNode, Value>((node) => this.#evaluate(node));
  readonly #writes: JavaScriptWrites;
  readonly #returned = new Map<AnyNode, AnyNode[]>();
  /** Calls by called function. */
  #calls: ReadonlyMap<AnyNode, readonly CallNode[]> = new Map();

  constructor(tree: JavaScriptTree) {
    this.#tree = tree;
    this.#writes = new JavaScriptWrites(tree);
    for (const node of tree.nodes) this.#noteReturn(node);
    this.#values.untilStable(() => {
      this.#calls = this.#callsByFunction();
    });
  }

  #callsByFunction(): ReadonlyMap<AnyNode, readonly CallNode[]> {
    const calls = new Map<AnyNode, CallNode[]>();
    for (const node of this.#tree.nodes) {
      if (node.type !== 'CallExpression' && node.type !== 'NewExpression') continue;
      for (const value of this.of(node.callee)) {
        const called = value.kind === 'class' ? constructorOf(value.node) : value.kind === 'function' && value.node;
        if (called) calls.set(called, [...(calls.get(called) ?? []), node]);
      }
    }
    return calls;
  }

  of(node: AnyNode): readonly Value[] {
    return this.#values.of(node);
  }

  /** The string value of an expression, if only one is possible. */
  text(node: AnyNode): SourceText | undefined {
    const only = onlyOf(this.of(node));
    return only?.kind === 'text' ? only.text : undefined;
  }

  /** A property of an expression's value. */
  property(node: AnyNode, name: string): readonly Value[] {
    return this.of(node).flatMap((value) => this.#member(value, name));
  }

  #evaluate(node: AnyNode): readonly Value[] {
    switch (node.type) {
      case 'Identifier':
        return this.#name(node);
      case 'MemberExpression':
        return this.#memberOf(node);
      case 'ThisExpression':
        return this.#this(node);
      case 'CallExpression':
        return this.#call(node);
      case 'NewExpression':
        return this.#created(node);
      case 'ImportExpression':
        return this.#module(node.source);
      case 'Literal':
        return typeof node.value === 'string' ? [{ kind: 'text', text: { value: node.value } }] : [];
      case 'TemplateLiteral':
        return node.expressions.length === 0
          ? [{ kind: 'text', text: { value: node.quasis[0]?.value.cooked ?? '' } }]
          : [];
      case 'ObjectExpression':
        return [{ kind: 'object', node }];
      case 'ArrayExpression':
        return [{ kind: 'array', elements: node.elements.flatMap((element) => element ?? []) }];
      case 'ClassDeclaration':
      case 'ClassExpression':
        return [{ kind: 'class', node }];
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return [{ kind: 'function', node }];
      case 'AwaitExpression':
        return this.of(node.argument);
      case 'ChainExpression':
        return this.of(node.expression);
      case 'AssignmentExpression':
        return this.of(node.right);
      case 'SequenceExpression':
        return node.expressions.slice(-1).flatMap((last) => this.of(last));
      case 'ConditionalExpression':
        return [...this.of(node.consequent), ...this.of(node.alternate)];
      case 'LogicalExpression':
        return this.#either(node.left, node.right);
      default:
        return [];
    }
  }

  /** `process.env.TABLE_NAME ?? 'Visits'` is one text. */
  #either(left: AnyNode, right: AnyNode): readonly Value[] {
    const text = this.text(right);
    const first = onlyOf(this.of(left));
    if (first?.kind !== 'text' || !('variable' in first.text)) return [...this.of(left), ...this.of(right)];
    const otherwise = text !== undefined && 'value' in text ? text.value : undefined;
    return otherwise === undefined ? [] : [{ kind: 'text', text: { variable: first.text.variable, otherwise } }];
  }

  #name(node: Identifier): readonly Value[] {
    const variable = this.#tree.variable(node);
    if (variable === undefined) return [];
    const written = variable.references.flatMap((reference) => {
      const { writeExpr, init, partial } = reference as typeof reference & { partial?: boolean };
      const isPlain = writeExpr !== null && writeExpr !== undefined && init !== true && partial !== true;
      return isPlain ? this.of(acornNode(writeExpr)) : [];
    });
    return [...variable.defs.flatMap((definition) => this.#defined(definition, variable.name)), ...written];
  }

  #defined(definition: Definition, name: string): readonly Value[] {
    const node = acornNode(definition.node);
    switch (node.type) {
      case 'ImportSpecifier':
      case 'ImportDefaultSpecifier':
      case 'ImportNamespaceSpecifier': {
        const declaration = this.#tree.parent(node);
        if (declaration?.type !== 'ImportDeclaration') return [];
        const module = this.#module(declaration.source);
        if (node.type !== 'ImportSpecifier') return module;
        const imported = keyName(node.imported, false);
        return imported === undefined ? [] : module.flatMap((value) => this.#member(value, imported));
      }
      case 'VariableDeclarator': {
        const taken = takenBy(node.id, name);
        if (taken === undefined) return [];
        const given = node.init === null || node.init === undefined ? [] : this.of(node.init);
        return [...this.#taken(given, taken.keys), ...taken.defaults.flatMap((value) => this.of(value))];
      }
      case 'ClassDeclaration':
      case 'ClassExpression':
        return [{ kind: 'class', node }];
      default:
        if (!isFunction(node)) return [];
        return definition.type === 'Parameter' ? this.#parameter(node, name) : [{ kind: 'function', node }];
    }
  }

  #parameter(node: FunctionNode, name: string): readonly Value[] {
    return node.params.flatMap((parameter, index) => {
      const taken = takenBy(parameter, name);
      if (taken === undefined) return [];
      const passed = (this.#calls.get(node) ?? []).flatMap((call) => call.arguments[index] ?? []);
      const given = [...passed, ...(index === 0 ? this.#awaited(node) : [])].flatMap((value) => this.of(value));
      return [...this.#taken(given, taken.keys), ...taken.defaults.flatMap((value) => this.of(value))];
    });
  }

  /** `import('…').then((sdk) => …)` */
  #awaited(node: FunctionNode): readonly AnyNode[] {
    const call = this.#tree.parent(node);
    if (call?.type !== 'CallExpression' || call.callee.type !== 'MemberExpression') return [];
    const { object, property, computed } = call.callee;
    return call.arguments[0] === node && keyName(property, computed) === 'then' ? [object] : [];
  }

  #taken(values: readonly Value[], keys: readonly string[]): readonly Value[] {
    return keys.reduce((reached, key) => reached.flatMap((value) => this.#member(value, key)), values);
  }

  #this(node: AnyNode): readonly Value[] {
    const owner = this.#tree.thisAt(node);
    if (owner?.type === 'ObjectExpression') return [{ kind: 'object', node: owner }];
    return owner?.type === 'ClassDeclaration' || owner?.type === 'ClassExpression'
      ? [{ kind: 'instance', node: owner }]
      : [];
  }

  #module(specifier: AnyNode): readonly Value[] {
    const text = this.text(specifier);
    return text !== undefined && 'value' in text
      ? [{ kind: 'library', module: text.value, path: [], isCreated: false }]
      : [];
  }

  #memberOf(node: MemberExpression): readonly Value[] {
    const name = keyName(node.property, node.computed);
    if (name === undefined) return [];
    const { object } = node;
    if (object.type === 'Identifier' && object.name === 'process' && this.#tree.variable(object) === undefined) {
      return name === 'env' ? [{ kind: 'environment' }] : [];
    }
    const variable = object.type === 'Identifier' ? this.#tree.variable(object) : undefined;
    const written = variable === undefined ? [] : this.written(variable, name);
    return [...this.of(object).flatMap((value) => this.#member(value, name)), ...written];
  }

  variable(name: Identifier): Variable | undefined {
    return this.#tree.variable(name);
  }

  written(owner: Variable | AnyNode, name: string): readonly Value[] {
    return this.#writes.to(owner, name).flatMap((value) => this.of(value));
  }

  #member(value: Value, name: string): readonly Value[] {
    return memberOf(value, name, this);
  }

  #call(node: CallExpression): readonly Value[] {
    const { callee } = node;
    const [first] = node.arguments;
    if (callee.type === 'Identifier' && /^(__)?require\d*$/.test(callee.name) && first !== undefined) {
      return this.#module(first);
    }
    if (callee.type === 'Identifier' && SAME.test(callee.name)) return first === undefined ? [] : this.of(first);
    if (callee.type === 'Identifier' && /^__commonJS\d*$/.test(callee.name)) return wrappedModule(first);
    if (callee.type === 'MemberExpression') {
      const name = keyName(callee.property, callee.computed);
      // `Object.freeze(clients)`
      if (callee.object.type === 'Identifier' && callee.object.name === 'Object' && name === 'freeze') {
        return first === undefined ? [] : this.of(first);
      }
      if (name === 'then' && first !== undefined) {
        return this.of(first).flatMap((value) => (value.kind === 'function' ? this.result(value.node) : []));
      }
    }
    return this.of(callee).flatMap((value) => {
      if (value.kind === 'function') return this.result(value.node);
      if (value.kind === 'module') return [{ ...value, kind: 'exports' }];
      if (value.kind !== 'library') return [];
      if (isPassedThrough(value)) return first === undefined ? [] : this.of(first);
      // `DynamoDBDocument.from(client)`
      return value.path.at(-1) === 'from' ? [{ ...value, path: value.path.slice(0, -1), isCreated: true }] : [];
    });
  }

  #created(node: NewExpression): readonly Value[] {
    return this.of(node.callee).flatMap((value): readonly Value[] => {
      if (value.kind === 'class') return [{ kind: 'instance', node: value.node }];
      return value.kind === 'library' ? [{ ...value, isCreated: true }] : [];
    });
  }

  /** A function's return value. */
  result(node: AnyNode): readonly Value[] {
    if (!isFunction(node)) return [];
    if (node.body.type !== 'BlockStatement') return this.of(node.body);
    return (this.#returned.get(node) ?? []).flatMap((value) => this.of(value));
  }

  #noteReturn(node: AnyNode): void {
    if (node.type !== 'ReturnStatement' || node.argument === null || node.argument === undefined) return;
    const around = this.#tree.functionAround(node);
    if (around !== undefined) this.#returned.set(around, [...(this.#returned.get(around) ?? []), node.argument]);
  }
}

function constructorOf(node: ClassNode): AnyNode | undefined {
  const method = node.body.body.find((member) => member.type === 'MethodDefinition' && member.kind === 'constructor');
  return method?.type === 'MethodDefinition' ? method.value : undefined;
}

/** `__commonJS({ "db.js"(exports, module) {…} })` */
function wrappedModule(modules: AnyNode | undefined): readonly Value[] {
  if (modules?.type !== 'ObjectExpression') return [];
  return modules.properties.flatMap((property) =>
    property.type === 'Property' && isFunction(property.value) ? [{ kind: 'module', node: property.value }] : [],
  );
}
