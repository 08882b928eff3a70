import { Approximation, onlyOf } from './approximation.ts';
import type { SourceText } from './call.ts';
import { type Call, callsByFunction, wrappedByDecorator } from './python-calls.ts';
import { constantOf, isPartialFunction, libraryCall, withDefault } from './python-library.ts';
import { type Lookup, memberOf, type PythonModules, type Value } from './python-members.ts';
import { argumentFor, type Binding, type PythonScope, scopesAround, scopesOf } from './python-scopes.ts';
import { IDENTIFIER_NAMES, methodResult } from './python-sdk.ts';
import {
  type Arguments,
  argumentsOf,
  classOf,
  decoratorsOf,
  entriesOf,
  field,
  fieldIndex,
  nodesOf,
  type PythonNode,
  stringText,
} from './python-tree.ts';
import { type Attributes, attributesByClass, returnedValues } from './python-writes.ts';

/**
 * Resolves names, attributes, functions and classes through all modules to their possible values without running
 * anything. All possible values of a name are one set: the order of execution is ignored.
 */
export class PythonValues implements Lookup {
  readonly modules: PythonModules;
  readonly #scopes = new Map<PythonNode, PythonScope>();
  readonly #paths = new Map<PythonNode, string>();
  readonly #returned: ReadonlyMap<PythonNode, readonly PythonNode[]>;
  /** What is assigned to `self.name`, by class. */
  #attributes: Attributes = new Map();
  readonly #values = new Approximation<PythonNode, Value>((node) => this.#evaluate(node));
  /** Calls by called function, or by class if it has no `__init__`. */
  #calls: ReadonlyMap<PythonNode, readonly Call[]> = new Map();
  /** The functions that each decorator wraps. */
  #wrapped: ReadonlyMap<PythonNode, readonly PythonNode[]> = new Map();

  constructor(modules: PythonModules) {
    this.modules = modules;
    for (const [path, root] of modules.roots) {
      this.#paths.set(root, path);
      for (const [node, scope] of scopesOf(root)) this.#scopes.set(node, scope);
    }
    const nodes = [...modules.roots.values()].flatMap(nodesOf);
    this.#returned = returnedValues(nodes);
    const assignments = nodes.filter(({ type }) => type === 'assignment');
    const callNodes = nodes.filter(({ type }) => type === 'call');
    const decorated = nodes.filter(({ type }) => type === 'decorated_definition');
    const of = (node: PythonNode) => this.of(node);
    this.#values.untilStable(() => {
      const calls = callsByFunction(callNodes, of, (value) => this.#functionOf(value));
      this.#attributes = attributesByClass(assignments, of);
      this.#calls = calls;
      this.#wrapped = wrappedByDecorator(decorated, of);
    });
  }

  #functionOf(value: Value): PythonNode | undefined {
    if (value.kind === 'class') return this.#method(value.node, '__init__') ?? value.node;
    return value.kind === 'function' ? value.node : undefined;
  }

  of(node: PythonNode): readonly Value[] {
    return this.#values.of(node);
  }

  /** The string value of an expression, if only one is possible. */
  text(node: PythonNode | undefined): SourceText | undefined {
    const only = node === undefined ? undefined : onlyOf(this.of(node));
    return only?.kind === 'text' ? only.text : undefined;
  }

  /** The file that a node is in. */
  pathOf(node: PythonNode): string {
    let root = node;
    while (root.parent !== undefined) root = root.parent;
    return this.#paths.get(root) ?? '';
  }

  #evaluate(node: PythonNode): readonly Value[] {
    const [first, second, third] = node.children;
    const either = (...nodes: readonly (PythonNode | undefined)[]) =>
      nodes.flatMap((alternative) => (alternative === undefined ? [] : this.of(alternative)));
    switch (node.type) {
      case 'identifier':
        return this.#name(node);
      case 'attribute':
        return this.#attribute(node);
      case 'call':
        return this.#call(node);
      case 'subscript':
        return this.#subscript(node);
      case 'string': {
        const value = stringText(node);
        return value === undefined ? [] : [{ kind: 'text', text: { value } }];
      }
      case 'function_definition':
      case 'lambda':
        return [{ kind: 'function', node, of: undefined }];
      case 'class_definition':
        return [{ kind: 'class', node }];
      case 'dictionary':
        return [{ kind: 'dictionary', node }];
      case 'list':
        return [{ kind: 'list', node }];
      case 'await':
      case 'parenthesized_expression':
      case 'as_pattern':
        return either(first);
      case 'assignment':
        return either(field(node, 'right'));
      case 'named_expression':
        return either(field(node, 'value'));
      case 'conditional_expression':
        return either(first, third);
      case 'boolean_operator': {
        const text = withDefault(either(first), second, this);
        return text ?? either(first, second);
      }
      default:
        return [];
    }
  }

  #name(node: PythonNode): readonly Value[] {
    for (const scope of scopesAround(node, this.#scopes)) {
      const isModule = scope.node.parent === undefined;
      if (!isModule && scope.globals.has(node.text)) continue;
      if (isModule) return this.ofModule(scope, node.text);
      const bindings = scope.bindings.get(node.text);
      if (bindings !== undefined) return bindings.flatMap((binding) => this.bound(binding, node.text, scope.node));
    }
    return [];
  }

  ofModule(scope: PythonScope, name: string): readonly Value[] {
    const bindings = scope.bindings.get(name);
    if (bindings !== undefined) return bindings.flatMap((binding) => this.bound(binding, name, scope.node));
    return scope.wildcards.flatMap((from) => this.#imported(from, name, scope.node));
  }

  bound(binding: Binding, name: string, from: PythonNode): readonly Value[] {
    switch (binding.kind) {
      case 'value':
        return this.of(binding.node);
      case 'import':
        return this.#imported(binding.module, binding.name, from);
      case 'parameter':
        return this.#parameter(binding, name);
      default:
        return [];
    }
  }

  #imported(module: string, name: string | undefined, from: PythonNode): readonly Value[] {
    const resolved = this.modules.resolve(module, this.pathOf(from));
    const isOwn = module.startsWith('.') || this.modules.fileOf(resolved) !== undefined || this.modules.hasIn(resolved);
    const imported: Value = isOwn ? { kind: 'module', name: resolved } : { kind: 'library', path: module };
    return name === undefined ? [imported] : this.#member(imported, name);
  }

  #parameter(binding: Binding & { readonly kind: 'parameter' }, name: string): readonly Value[] {
    const { owner, index, standard } = binding;
    const owningClass = classOf(owner);
    if (index === 0 && owningClass !== undefined && !decoratorsOf(owner).includes('staticmethod')) {
      const kind = decoratorsOf(owner).includes('classmethod') ? 'class' : 'instance';
      return [{ kind, node: owningClass }];
    }
    const given = (this.#calls.get(owner) ?? []).flatMap(
      ({ node, shift }) => argumentFor(node, name, index, shift) ?? [],
    );
    const wrapped = index === 0 ? (this.#wrapped.get(owner) ?? []) : [];
    return [...given, ...wrapped, ...(standard === undefined ? [] : [standard])].flatMap((value) => this.of(value));
  }

  scope(node: PythonNode): PythonScope | undefined {
    return this.#scopes.get(node);
  }

  written(owner: PythonNode, name: string): readonly Value[] {
    const index = fieldIndex(owner, name);
    const given =
      index === undefined
        ? []
        : (this.#calls.get(owner) ?? []).flatMap(({ node }) => argumentFor(node, name, index, 0) ?? []);
    return [...given, ...(this.#attributes.get(owner)?.get(name) ?? [])].flatMap((value) => this.of(value));
  }

  #attribute(node: PythonNode): readonly Value[] {
    const object = field(node, 'object');
    const name = field(node, 'attribute')?.text;
    return object === undefined || name === undefined
      ? []
      : this.of(object).flatMap((value) => this.#member(value, name));
  }

  #member(value: Value, name: string): readonly Value[] {
    return memberOf(value, name, this);
  }

  #method(node: PythonNode, name: string): PythonNode | undefined {
    const [method] = memberOf({ kind: 'class', node }, name, this);
    return method?.kind === 'function' ? method.node : undefined;
  }

  #subscript(node: PythonNode): readonly Value[] {
    const object = field(node, 'value');
    const key = constantOf(this.text(field(node, 'subscript')));
    return (object === undefined ? [] : this.of(object)).flatMap((value): readonly Value[] => {
      if (value.kind === 'dictionary') return entriesOf(value.node, key).flatMap((entry) => this.of(entry));
      const isVariable = value.kind === 'library' && value.path === 'os.environ' && key !== undefined;
      return isVariable ? [{ kind: 'text', text: { variable: key } }] : [];
    });
  }

  #calledBy(value: Value, call: PythonNode): readonly Value[] {
    return isPartialFunction(value) ? [{ kind: 'partial', node: call }] : this.called(value, argumentsOf(call));
  }

  #call(node: PythonNode): readonly Value[] {
    const called = field(node, 'function');
    return called === undefined ? [] : this.of(called).flatMap((value) => this.#calledBy(value, node));
  }

  called(value: Value, given: Arguments): readonly Value[] {
    switch (value.kind) {
      case 'function':
        return this.result(value.node);
      case 'class':
        return [{ kind: 'instance', node: value.node }];
      case 'library':
        return libraryCall(value.path, given, this);
      case 'partial': {
        const { positional, named } = argumentsOf(value.node);
        const [called, ...first] = positional;
        const together = { positional: [...first, ...given.positional], named: { ...named, ...given.named } };
        return called === undefined ? [] : this.of(called).flatMap((own) => this.called(own, together));
      }
      case 'method': {
        const names = IDENTIFIER_NAMES.flatMap((name) => given.named[name] ?? []);
        const texts = [...given.positional, ...names].map((argument) => this.text(argument));
        const result = methodResult(value.of, value.name, texts);
        return result === undefined ? [] : [result];
      }
      case 'lookup': {
        const [key, standard] = given.positional;
        const entries = entriesOf(value.node, constantOf(this.text(key)));
        return [...entries, ...(standard === undefined ? [] : [standard])].flatMap((entry) => this.of(entry));
      }
      default:
        return [];
    }
  }

  /** A function's return value. */
  result(node: PythonNode): readonly Value[] {
    if (node.type === 'lambda') return (node.fields.body ?? []).flatMap((body) => this.of(body));
    return (this.#returned.get(node) ?? []).flatMap((value) => this.of(value));
  }
}
