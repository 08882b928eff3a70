import type { AnyNode, Identifier, ObjectExpression } from 'acorn';
import type { Variable } from 'eslint-scope';
import { keyName } from '../acorn-nodes.ts';
import type { SourceText } from './call.ts';
import type { Library } from './javascript-sdk.ts';
import type { ClassNode, FunctionNode } from './javascript-tree.ts';

/** A possible value of an expression at run time, as far as SDK calls depend on it. */
export type Value =
  | Library
  /** A method of a library object that has not been called yet. */
  | { readonly kind: 'method'; readonly of: Library; readonly name: string }
  | { readonly kind: 'text'; readonly text: SourceText }
  | { readonly kind: 'environment' }
  | { readonly kind: 'object'; readonly node: ObjectExpression }
  | { readonly kind: 'array'; readonly elements: readonly AnyNode[] }
  | { readonly kind: 'function'; readonly node: FunctionNode }
  | { readonly kind: 'class'; readonly node: ClassNode }
  | { readonly kind: 'instance'; readonly node: ClassNode }
  /** One of the user's CommonJS modules, as the function that the bundler wrapped it in, and its exports. */
  | { readonly kind: 'module' | 'exports'; readonly node: FunctionNode };

/** How members look up the values that they depend on. */
export interface Lookup {
  of(node: AnyNode): readonly Value[];
  /** A property of an expression's value. */
  property(node: AnyNode, name: string): readonly Value[];
  /** A function's return value. */
  result(node: AnyNode): readonly Value[];
  /** What is assigned to a member of a variable or a class. */
  written(owner: Variable | AnyNode, name: string): readonly Value[];
  variable(name: Identifier): Variable | undefined;
}

/** The value of a member. */
export function memberOf(value: Value, name: string, values: Lookup): readonly Value[] {
  switch (value.kind) {
    case 'library': {
      if (value.isCreated) return [{ kind: 'method', of: value, name }];
      return [name === 'default' ? value : { ...value, path: [...value.path, name] }];
    }
    case 'environment':
      return [{ kind: 'text', text: { variable: name } }];
    case 'object':
      return propertyOf(value.node, name, values);
    case 'class':
    case 'instance':
      return memberOfClass(value.node, name, value.kind === 'class', values);
    case 'exports': {
      const exportedValues = exported(value.node, name, values);
      return name === 'default' && exportedValues.length === 0 ? [value] : exportedValues;
    }
    default:
      return [];
  }
}

function propertyOf(node: ObjectExpression, name: string, values: Lookup): readonly Value[] {
  return node.properties.flatMap((property) => {
    if (property.type === 'SpreadElement') return values.property(property.argument, name);
    if (keyName(property.key, property.computed) !== name) return [];
    return property.kind === 'get' ? values.result(property.value) : values.of(property.value);
  });
}

function memberOfClass(node: ClassNode, name: string, isStatic: boolean, values: Lookup): readonly Value[] {
  const own = node.body.body.flatMap((member): readonly Value[] => {
    if (member.type !== 'PropertyDefinition' && member.type !== 'MethodDefinition') return [];
    if (member.static !== isStatic || keyName(member.key, member.computed) !== name) return [];
    if (member.type === 'MethodDefinition' && member.kind === 'get') return values.result(member.value);
    return member.value === null || member.value === undefined ? [] : values.of(member.value);
  });
  const inherited =
    node.superClass === null || node.superClass === undefined
      ? []
      : values.of(node.superClass).flatMap((parent) => {
          if (parent.kind === 'class') return memberOfClass(parent.node, name, isStatic, values);
          // An inherited SDK class: its methods are calls.
          return parent.kind === 'library' && !isStatic ? memberOf({ ...parent, isCreated: true }, name, values) : [];
        });
  const all = [...own, ...values.written(node, name)];
  return all.length > 0 ? all : inherited;
}

/** `exports.name = …`, `module.exports = { name }` of a module. */
function exported(node: FunctionNode, name: string, values: Lookup): readonly Value[] {
  const [exports, module] = node.params.map((parameter) =>
    parameter.type === 'Identifier' ? values.variable(parameter) : undefined,
  );
  const direct = exports === undefined ? [] : values.written(exports, name);
  if (module === undefined) return direct;
  const ofModule = values.written(module, 'exports').flatMap((value) => memberOf(value, name, values));
  return [...direct, ...ofModule, ...values.written(module, `exports.${name}`)];
}
