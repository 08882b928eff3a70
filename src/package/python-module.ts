import type { Node } from 'web-tree-sitter';

/** What a Python module's text shows without running it. */
export interface PythonModule {
  /** Names defined, assigned or imported at the top level, with the origin of imported ones. */
  readonly names: ReadonlyMap<string, Origin | undefined>;
  /** Modules whose names it all imports: `from core import *`. */
  readonly wildcards: readonly string[];
  /** Modules that it imports: `core`, `lib.core`, `.core`. */
  readonly imports: readonly string[];
  /** The first part of those that it imports whenever it is loaded: not in a function, a condition or a `try`. */
  readonly required: readonly string[];
  /** Whether it may define more names at run time. */
  readonly isDynamic: boolean;
  /** Line and column, from 1, of the first syntax error. */
  readonly syntaxError: Place | undefined;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** `from core import handler as main`: module `core`, name `handler`. Without a name, the module itself. */
export interface Origin {
  readonly module: string;
  readonly name?: string;
}

/** In bytes: larger modules are data, whose syntax tree takes seconds and half a gigabyte for each megabyte. */
const MAX_MODULE_BYTES = 1024 * 1024;

export function isTooLong(text: Uint8Array): boolean {
  return text.length > MAX_MODULE_BYTES;
}

/** A module that is not analyzed may define any name. */
const UNKNOWN: PythonModule = {
  names: new Map(),
  wildcards: [],
  imports: [],
  required: [],
  isDynamic: true,
  syntaxError: undefined,
};

/** A function that analyzes modules from their text; loads the parser first. */
export async function moduleReader(): Promise<(text: Uint8Array) => PythonModule> {
  const { treeParser } = await import('../tree-sitter.ts');
  const parse = await treeParser('python');
  return (text) => {
    if (isTooLong(text)) return UNKNOWN;
    const tree = parse(new TextDecoder().decode(text));
    const module = pythonModule(tree.rootNode);
    tree.delete();
    return module;
  };
}

/** Analyzes a module's syntax tree. https://docs.python.org/3/reference/simple_stmts.html#import */
export function pythonModule(root: Node): PythonModule {
  const content: Content = { names: new Map(), wildcards: [], imports: [], isDynamic: false };
  lookInside(root, content, true);
  return { ...content, required: requiredBy(root), syntaxError: firstError(root) ?? content.python2 };
}

function requiredBy(root: Node): readonly string[] {
  const modules = root.namedChildren.flatMap((child) => {
    if (child?.type === 'import_from_statement') return child.childForFieldName('module_name')?.text ?? [];
    if (child?.type !== 'import_statement') return [];
    return child.childrenForFieldName('name').flatMap((name) => (name?.childForFieldName('name') ?? name)?.text ?? []);
  });
  return [...new Set(modules.flatMap((module) => (module.startsWith('.') ? [] : (module.split('.')[0] ?? []))))];
}

interface Content {
  readonly names: Map<string, Origin | undefined>;
  readonly wildcards: string[];
  readonly imports: string[];
  isDynamic: boolean;
  /** The grammar accepts Python 2 statements, which no runtime supports. */
  python2?: Place;
}

function lookInside(node: Node, content: Content, isTop: boolean): void {
  for (const child of node.namedChildren) if (child !== null) look(child, content, isTop);
}

function look(node: Node, content: Content, isTop: boolean): void {
  switch (node.type) {
    case 'import_statement':
    case 'import_from_statement':
      noteImport(node, content, isTop);
      return;
    case 'function_definition':
    case 'class_definition': {
      const name = node.childForFieldName('name')?.text;
      if (isTop && name !== undefined) content.names.set(name, undefined);
      // PEP 562: the module can provide names that it does not define.
      if (isTop && name === '__getattr__') content.isDynamic = true;
      lookInside(node, content, false);
      return;
    }
    case 'print_statement':
    case 'exec_statement':
      content.python2 ??= placeOf(node);
      return;
    case 'global_statement':
      for (const name of node.namedChildren) if (name !== null) content.names.set(name.text, undefined);
      return;
    case 'assignment':
    case 'named_expression':
    case 'for_statement':
    case 'type_alias_statement': {
      const target = node.childForFieldName('left') ?? node.childForFieldName('name');
      if (isTop && target !== null) for (const name of identifiersOf(target)) content.names.set(name, undefined);
      lookInside(node, content, isTop);
      return;
    }
    case 'as_pattern_target':
      if (isTop) for (const name of identifiersOf(node)) content.names.set(name, undefined);
      return;
    case 'call':
      if (/^(globals|vars|setattr|exec)$/.test(node.childForFieldName('function')?.text ?? ''))
        content.isDynamic = true;
      lookInside(node, content, isTop);
      return;
    default:
      lookInside(node, content, isTop && node.type !== 'lambda');
  }
}

function noteImport(node: Node, content: Content, isTop: boolean): void {
  const from = node.childForFieldName('module_name')?.text;
  if (from !== undefined) content.imports.push(from);
  if (isTop && from !== undefined && node.namedChildren.some((child) => child?.type === 'wildcard_import')) {
    content.wildcards.push(from);
  }
  for (const child of node.childrenForFieldName('name')) {
    if (child === null) continue;
    const name = child.childForFieldName('name')?.text ?? child.text;
    const alias = child.childForFieldName('alias')?.text;
    // `from . import core` imports a module, and `import lib.core` defines the name `lib`.
    content.imports.push(from === undefined ? name : `${from}${from.endsWith('.') ? '' : '.'}${name}`);
    const bound = alias ?? (from === undefined ? (name.split('.')[0] ?? name) : name);
    if (isTop) content.names.set(bound, from === undefined ? { module: name } : { module: from, name });
  }
}

function identifiersOf(node: Node): readonly string[] {
  if (node.type === 'identifier') return [node.text];
  if (node.type === 'attribute' || node.type === 'subscript') return [];
  return node.namedChildren.flatMap((child) => (child === null ? [] : identifiersOf(child)));
}

function placeOf({ startPosition: { row, column } }: Node): Place {
  return { line: row + 1, column: column + 1 };
}

function firstError(node: Node): Place | undefined {
  if (!node.hasError) return undefined;
  // The grammar lacks defaults of type parameters, which Python 3.13 has (https://peps.python.org/pep-0696/).
  if (node.type === 'type_parameter') return undefined;
  if (node.isError || node.isMissing) return placeOf(node);
  for (const child of node.children) {
    const error = child === null ? undefined : firstError(child);
    if (error !== undefined) return error;
  }
  return undefined;
}
