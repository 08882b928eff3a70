import { argumentsOf, around, field, nodesOf, type PythonNode } from './python-tree.ts';

/** What gives a name its value. */
export type Binding =
  | { readonly kind: 'value'; readonly node: PythonNode }
  /** `from module import name`; without a name, the module itself. */
  | { readonly kind: 'import'; readonly module: string; readonly name: string | undefined }
  | {
      readonly kind: 'parameter';
      readonly owner: PythonNode;
      readonly index: number;
      readonly standard: PythonNode | undefined;
    }
  /** A value that crc does not track: from a loop, from unpacking a list. */
  | { readonly kind: 'unknown' };

/**
 * The names in a module, a function or a class.
 * https://docs.python.org/3/reference/executionmodel.html#resolution-of-names
 */
export class PythonScope {
  readonly bindings = new Map<string, Binding[]>();
  /** Names that a function declares as global. */
  readonly globals = new Set<string>();
  /** Modules whose names it all imports. */
  readonly wildcards: string[] = [];
  /** The module, the function or the class. */
  readonly node: PythonNode;

  constructor(node: PythonNode) {
    this.node = node;
  }

  bind(name: string, binding: Binding): void {
    this.bindings.set(name, [...(this.bindings.get(name) ?? []), binding]);
  }
}

const SCOPES = ['module', 'function_definition', 'lambda', 'class_definition'] as const;

/** The scopes in a module, by node. */
export function scopesOf(root: PythonNode): ReadonlyMap<PythonNode, PythonScope> {
  const scopes = new Map<PythonNode, PythonScope>();
  const nodes = nodesOf(root);
  const isScope = ({ type }: PythonNode) => SCOPES.some((scope) => scope === type);
  for (const node of nodes) if (isScope(node)) scopes.set(node, new PythonScope(node));
  const module = new PythonScope(root);
  scopes.set(root, scopes.get(root) ?? module);
  const scopeOf = (node: PythonNode) => scopes.get(around(node, ...SCOPES) ?? root) ?? module;
  for (const node of nodes) {
    if (node.type === 'global_statement') for (const { text } of node.children) scopeOf(node).globals.add(text);
  }
  const bindIn = (scope: PythonScope, name: string, binding: Binding) =>
    (scope.globals.has(name) ? (scopes.get(root) ?? module) : scope).bind(name, binding);
  for (const node of nodes) {
    const scope = scopeOf(node);
    for (const [name, binding] of boundBy(node)) bindIn(scope, name, binding);
    if (node.type === 'import_from_statement' && node.children.some(({ type }) => type === 'wildcard_import')) {
      scope.wildcards.push(field(node, 'module_name')?.text ?? '');
    }
    const own = scopes.get(node);
    if (own !== undefined) for (const [name, binding] of parametersOf(node)) own.bind(name, binding);
  }
  return scopes;
}

function boundBy(node: PythonNode): readonly (readonly [string, Binding])[] {
  switch (node.type) {
    case 'function_definition':
    case 'class_definition': {
      const name = field(node, 'name')?.text;
      return name === undefined ? [] : [[name, { kind: 'value', node }]];
    }
    case 'assignment':
      return assigned(field(node, 'left'), field(node, 'right'));
    case 'named_expression':
      return assigned(field(node, 'name'), field(node, 'value'));
    case 'as_pattern':
      return assigned(field(node, 'alias')?.children[0], node.children[0]);
    case 'for_statement':
    case 'for_in_clause':
      return assigned(field(node, 'left'), undefined);
    case 'import_statement':
    case 'import_from_statement':
      return imported(node);
    default:
      return [];
  }
}

function assigned(
  target: PythonNode | undefined,
  value: PythonNode | undefined,
): readonly (readonly [string, Binding])[] {
  if (target === undefined) return [];
  if (target.type === 'identifier') {
    return [[target.text, value === undefined ? { kind: 'unknown' } : { kind: 'value', node: value }]];
  }
  if (target.type === 'attribute' || target.type === 'subscript') return [];
  // `a, b = x, y`
  const values = value?.type === 'expression_list' || value?.type === 'tuple' ? value.children : [];
  const isFitting = values.length === target.children.length;
  return target.children.flatMap((child, index) => assigned(child, isFitting ? values[index] : undefined));
}

function imported(node: PythonNode): readonly (readonly [string, Binding])[] {
  const from = field(node, 'module_name')?.text;
  return (node.fields.name ?? []).map((child) => {
    const name = field(child, 'name')?.text ?? child.text;
    const alias = field(child, 'alias')?.text;
    if (from !== undefined) return [alias ?? name, { kind: 'import', module: from, name }];
    // `import lib.core` defines the name `lib`.
    const [first = name] = name.split('.');
    return [alias ?? first, { kind: 'import', module: alias === undefined ? first : name, name: undefined }];
  });
}

function parametersOf(owner: PythonNode): readonly (readonly [string, Binding])[] {
  const parameters = field(owner, 'parameters')?.children ?? [];
  return parameters.flatMap((parameter, index): readonly (readonly [string, Binding])[] => {
    const named = field(parameter, 'name') ?? parameter.children[0] ?? parameter;
    const { text: name, type } = parameter.type === 'identifier' ? parameter : named;
    if (type !== 'identifier') return [];
    return [[name, { kind: 'parameter', owner, index, standard: field(parameter, 'value') }]];
  });
}

/** The argument for a parameter in a call. `shift`: parameters that the call omits, such as `self`. */
export function argumentFor(call: PythonNode, name: string, index: number, shift: number): PythonNode | undefined {
  const { positional, named } = argumentsOf(call);
  return named[name] ?? positional[index - shift];
}

/** Innermost first. A class's names are not visible in its methods; a default is evaluated outside its function. */
export function scopesAround(node: PythonNode, scopes: ReadonlyMap<PythonNode, PythonScope>): readonly PythonScope[] {
  const visible: PythonScope[] = [];
  let below = node;
  let isInFunction = false;
  for (let at = node.parent; at !== undefined; below = at, at = at.parent) {
    const scope = scopes.get(at);
    if (scope === undefined || field(at, 'parameters') === below) continue;
    const isFunction = at.type === 'function_definition' || at.type === 'lambda';
    if (isFunction || at.parent === undefined || !isInFunction) visible.push(scope);
    isInFunction ||= isFunction;
  }
  return visible;
}
