import type { SourceText } from './call.ts';
import type { Binding, PythonScope } from './python-scopes.ts';
import { type BotoObject, collectionOf } from './python-sdk.ts';
import { decoratorsOf, field, type PythonNode } from './python-tree.ts';

/** A possible value of an expression at run time, as far as SDK calls depend on it. */
export type Value =
  | BotoObject
  /** A method of a boto3 object that has not been called yet. */
  | { readonly kind: 'method'; readonly of: BotoObject; readonly name: string }
  /** `boto3.session`; a call has `()`. */
  | { readonly kind: 'library'; readonly path: string }
  | { readonly kind: 'text'; readonly text: SourceText }
  /** A module of the function, or a folder of modules: `lib/db`. */
  | { readonly kind: 'module'; readonly name: string }
  /** `of`: the class of the instance, if the method's instance is known. */
  | { readonly kind: 'function'; readonly node: PythonNode; readonly of: PythonNode | undefined }
  | { readonly kind: 'class' | 'instance'; readonly node: PythonNode }
  | { readonly kind: 'dictionary' | 'list'; readonly node: PythonNode }
  /** The call that returned it: `functools.partial(boto3.client, 's3')`. */
  | { readonly kind: 'partial'; readonly node: PythonNode }
  /** The method `get` of a dictionary. */
  | { readonly kind: 'lookup'; readonly node: PythonNode };

/** The modules of a function, by path: `lib/db`. */
export interface PythonModules {
  readonly roots: ReadonlyMap<string, PythonNode>;
  /** The file of a module; undefined if it is not the function's own. */
  fileOf(module: string): string | undefined;
  /** Whether a folder contains modules of the function. */
  hasIn(folder: string): boolean;
  /** `.core` in `lib/app.py` is `lib/core`. */
  resolve(module: string, from: string): string;
}

/** How attributes look up the values that they depend on. */
export interface Lookup {
  readonly modules: PythonModules;
  of(node: PythonNode): readonly Value[];
  scope(node: PythonNode): PythonScope | undefined;
  /** A name in a module. */
  ofModule(scope: PythonScope, name: string): readonly Value[];
  bound(binding: Binding, name: string, from: PythonNode): readonly Value[];
  /** A function's return value. */
  result(node: PythonNode): readonly Value[];
  /** What is assigned to an attribute of `self`. */
  written(owner: PythonNode, name: string): readonly Value[];
}

/** The value of an attribute. */
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
    case 'dictionary':
      return name === 'get' ? [{ kind: 'lookup', node: value.node }] : [];
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
