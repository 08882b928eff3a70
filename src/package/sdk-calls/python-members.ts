import type { SourceText } from './call.ts';
import type { Binding, PythonScope } from './python-scopes.ts';
import { type BotoObject, collectionOf } from './python-sdk.ts';
import { decoratorsOf, field, type PythonNode } from './python-tree.ts';

/** What an expression may be when it runs, as far as the calls of an SDK depend on it. */
export type Value =
  | BotoObject
  /** A method of an object of boto3, not called yet. */
  | { readonly kind: 'method'; readonly of: BotoObject; readonly name: string }
  /** `boto3.session`; what is called has `()`. */
  | { readonly kind: 'library'; readonly path: string }
  | { readonly kind: 'text'; readonly text: SourceText }
  /** A module, or a folder of modules, of the function: `lib/db`. */
  | { readonly kind: 'module'; readonly name: string }
  /** `of`: the class whose method it is, where the instance is known. */
  | { readonly kind: 'function'; readonly node: PythonNode; readonly of: PythonNode | undefined }
  | { readonly kind: 'class' | 'instance'; readonly node: PythonNode }
  | { readonly kind: 'dictionary' | 'list'; readonly node: PythonNode };

/** The modules of a function: `lib/db` by the path of its file. */
export interface PythonModules {
  readonly roots: ReadonlyMap<string, PythonNode>;
  /** The file of a module, or undefined for one that is not of the function. */
  fileOf(module: string): string | undefined;
  /** Whether a folder has modules of the function. */
  hasIn(folder: string): boolean;
  /** `.core` in `lib/app.py` is `lib/core`. */
  resolve(module: string, from: string): string;
}

/** How attributes find out about what they consist of. */
export interface Lookup {
  readonly modules: PythonModules;
  of(node: PythonNode): readonly Value[];
  scope(node: PythonNode): PythonScope | undefined;
  /** A name of a module. */
  ofModule(scope: PythonScope, name: string): readonly Value[];
  bound(binding: Binding, name: string, from: PythonNode): readonly Value[];
  /** What a function answers with. */
  result(node: PythonNode): readonly Value[];
  /** What is written to an attribute of `self`. */
  written(owner: PythonNode, name: string): readonly Value[];
}

/** What an attribute of a value is. */
export function memberOf(value: Value, name: string, values: Lookup): readonly Value[] {
  switch (value.kind) {
    case 'library':
      return [{ kind: 'library', path: `${value.path}.${name}` }];
    case 'module':
      return memberOfModule(value.name, name, values);
    case 'class':
    case 'instance':
      return memberOfClass(value.node, name, value.kind === 'instance', values);
    case 'resource':
    case 'client':
    case 'caller': {
      if (name === 'meta' && value.kind === 'resource') return [value];
      if (name === 'client' && value.kind === 'resource') return [{ kind: 'client', service: value.service }];
      const collection = collectionOf(value, name);
      return [collection ?? { kind: 'method', of: value, name }];
    }
    default:
      return [];
  }
}

function memberOfModule(module: string, name: string, values: Lookup): readonly Value[] {
  const root = values.modules.roots.get(values.modules.fileOf(module) ?? '');
  const scope = root === undefined ? undefined : values.scope(root);
  const named = scope === undefined ? [] : values.ofModule(scope, name);
  const inside = `${module}/${name}`;
  const isModule = values.modules.fileOf(inside) !== undefined || values.modules.hasIn(inside);
  return named.length === 0 && isModule ? [{ kind: 'module', name: inside }] : named;
}

function memberOfClass(node: PythonNode, name: string, isInstance: boolean, values: Lookup): readonly Value[] {
  const own = (values.scope(node)?.bindings.get(name) ?? [])
    .flatMap((binding) => values.bound(binding, name, node))
    .flatMap((value) => {
      if (value.kind !== 'function' || !isInstance) return [value];
      return decoratorsOf(value.node).some((decorator) => decorator === 'property' || decorator === 'cached_property')
        ? values.result(value.node)
        : [{ ...value, of: decoratorsOf(value.node).includes('staticmethod') ? undefined : node }];
    });
  const written = values.written(node, name);
  if (own.length + written.length > 0) return [...own, ...written];
  return (field(node, 'superclasses')?.children ?? [])
    .flatMap((parent) => values.of(parent))
    .flatMap((parent) => (parent.kind === 'class' ? memberOfClass(parent.node, name, isInstance, values) : []));
}
