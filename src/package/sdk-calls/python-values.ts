import { Approximation, onlyOf } from './approximation.ts';
import type { SourceText } from './call.ts';
import { type Lookup, memberOf, type PythonModules, type Value } from './python-members.ts';
import { argumentFor, type Binding, type PythonScope, scopesOf } from './python-scopes.ts';
import { creatorOf, IDENTIFIER_NAMES, methodResult } from './python-sdk.ts';
import {
  argumentsOf,
  classOf,
  decoratorsOf,
  entriesOf,
  field,
  nodesOf,
  type PythonNode,
  stringText,
} from './python-tree.ts';
import { type Attributes, attributesByClass, returnedValues } from './python-writes.ts';

/** A call, and the number of parameters that it omits, such as `self`. */
interface Call {
  readonly node: PythonNode;
  readonly shift: number;
}

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
  /** Calls by called function. */
  #calls: ReadonlyMap<PythonNode, readonly Call[]> = new Map();

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
    this.#values.untilStable(() => {
      const calls = this.#callsByFunction(callNodes);
      this.#attributes = attributesByClass(assignments, (node) => this.of(node));
      this.#calls = calls;
    });
  }

  #callsByFunction(nodes: readonly PythonNode[]): ReadonlyMap<PythonNode, readonly Call[]> {
    const calls = new Map<PythonNode, Call[]>();
    for (const node of nodes) {
      const called = field(node, 'function');
      for (const value of called === undefined ? [] : this.of(called)) {
        const target = this.#functionOf(value);
        if (target === undefined) continue;
        const shift = value.kind === 'class' || (value.kind === 'function' && value.of !== undefined) ? 1 : 0;
        calls.set(target, [...(calls.get(target) ?? []), { node, shift }]);
      }
    }
    return calls;
  }

  #functionOf(value: Value): PythonNode | undefined {
    if (value.kind === 'class') return this.#method(value.node, '__init__');
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
        const text = this.#withDefault(either(first), second);
        return text ?? either(first, second);
      }
      default:
        return [];
    }
  }

  /** `os.environ.get('TABLE_NAME') or 'Visits'` is one text. */
  #withDefault(values: readonly Value[], standard: PythonNode | undefined): readonly Value[] | undefined {
    const only = onlyOf(values);
    if (only?.kind !== 'text' || !('variable' in only.text)) return undefined;
    const text = this.text(standard);
    if (standard === undefined) return values;
    return text !== undefined && 'value' in text
      ? [{ kind: 'text', text: { variable: only.text.variable, otherwise: text.value } }]
      : [];
  }

  #name(node: PythonNode): readonly Value[] {
    for (const scope of this.#scopesAround(node)) {
      const isModule = scope.node.parent === undefined;
      if (!isModule && scope.globals.has(node.text)) continue;
      if (isModule) return this.ofModule(scope, node.text);
      const bindings = scope.bindings.get(node.text);
      if (bindings !== undefined) return bindings.flatMap((binding) => this.bound(binding, node.text, scope.node));
    }
    return [];
  }

  /** Innermost first. A class's names are not visible in its methods; a default is evaluated outside its function. */
  #scopesAround(node: PythonNode): readonly PythonScope[] {
    const scopes: PythonScope[] = [];
    let below = node;
    let isInFunction = false;
    for (let at = node.parent; at !== undefined; below = at, at = at.parent) {
      const scope = this.#scopes.get(at);
      if (scope === undefined || field(at, 'parameters') === below) continue;
      const isFunction = at.type === 'function_definition' || at.type === 'lambda';
      if (isFunction || at.parent === undefined || !isInFunction) scopes.push(scope);
      isInFunction ||= isFunction;
    }
    return scopes;
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
    return [...given, ...(standard === undefined ? [] : [standard])].flatMap((value) => this.of(value));
  }

  scope(node: PythonNode): PythonScope | undefined {
    return this.#scopes.get(node);
  }

  written(owner: PythonNode, name: string): readonly Value[] {
    return (this.#attributes.get(owner)?.get(name) ?? []).flatMap((value) => this.of(value));
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
    const key = this.text(field(node, 'subscript'));
    if (object === undefined || key === undefined || !('value' in key)) return [];
    return this.of(object).flatMap((value): readonly Value[] => {
      if (value.kind === 'library') {
        return value.path === 'os.environ' ? [{ kind: 'text', text: { variable: key.value } }] : [];
      }
      return value.kind === 'dictionary' ? entriesOf(value.node, key.value).flatMap((entry) => this.of(entry)) : [];
    });
  }

  #call(node: PythonNode): readonly Value[] {
    const called = field(node, 'function');
    return called === undefined ? [] : this.of(called).flatMap((value) => this.#called(value, node));
  }

  #called(value: Value, call: PythonNode): readonly Value[] {
    switch (value.kind) {
      case 'function':
        return this.result(value.node);
      case 'class':
        return [{ kind: 'instance', node: value.node }];
      case 'library':
        return this.#ofLibrary(value.path, call);
      case 'method': {
        const { positional, named } = argumentsOf(call);
        const names = IDENTIFIER_NAMES.flatMap((name) => named[name] ?? []);
        const given = [...positional, ...names].map((argument) => this.text(argument));
        const result = methodResult(value.of, value.name, given);
        return result === undefined ? [] : [result];
      }
      default:
        return [];
    }
  }

  #ofLibrary(path: string, call: PythonNode): readonly Value[] {
    const { positional, named } = argumentsOf(call);
    const [first, second] = positional;
    if (path === 'os.environ.get' || path === 'os.getenv') {
      const name = this.text(first);
      if (name === undefined || !('value' in name)) return [];
      return this.#withDefault([{ kind: 'text', text: { variable: name.value } }], second ?? named.default) ?? [];
    }
    const creator = creatorOf(path);
    if (creator === undefined) return [{ kind: 'library', path: `${path}()` }];
    const service = this.text(first ?? named.service_name);
    if (service === undefined || !('value' in service)) return [];
    return [
      creator === 'client'
        ? { kind: 'client', service: service.value }
        : { kind: 'resource', service: service.value, type: undefined, identifiers: [] },
    ];
  }

  /** A function's return value. */
  result(node: PythonNode): readonly Value[] {
    if (node.type === 'lambda') return (node.fields.body ?? []).flatMap((body) => this.of(body));
    return (this.#returned.get(node) ?? []).flatMap((value) => this.of(value));
  }
}
