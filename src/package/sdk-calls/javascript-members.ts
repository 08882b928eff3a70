import type { AnyNode, Identifier, ObjectExpression } from 'acorn';
import type { Variable } from 'eslint-scope';
import { keyName } from '../acorn-nodes.ts';
import type { SourceText } from './call.ts';
import type { Library } from './javascript-sdk.ts';
import type { ClassNode, FunctionNode } from './javascript-tree.ts';

/** What an expression may be when it runs, as far as the calls of an SDK depend on it. */
export type Value =
  | Library
  /** A method of a library's object, not called yet. */
  | { readonly kind: 'method'; readonly of: Library; readonly name: string }
  | { readonly kind: 'text'; readonly text: SourceText }
  | { readonly kind: 'environment' }
  | { readonly kind: 'object'; readonly node: ObjectExpression }
  | { readonly kind: 'array'; readonly elements: readonly AnyNode[] }
  | { readonly kind: 'function'; readonly node: FunctionNode }
  | { readonly kind: 'class'; readonly node: ClassNode }
  | { readonly kind: 'instance'; readonly node: ClassNode }
  /** A CommonJS module of the user, as the function in which the bundler has put it, and what that module exports. */
  | { readonly kind: 'module' | 'exports'; readonly node: FunctionNode };

/** How members find out about what they consist of. */
export interface Lookup {
  of(node: AnyNode): readonly Value[];
  /** The value of a property of what an expression is. */
  property(node: AnyNode, name: string): readonly Value[];
  /** What a function answers with. */
  result(node: AnyNode): readonly Value[];
  /** What is written to a member of a variable, or of a class. */
  written(owner: Variable | AnyNode, name: string): readonly Value[];
  variable(name: Identifier): Variable | undefined;
}

/** What a member of a value is. */
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
          // A class of the SDK is inherited: its methods are calls.
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
