import type { Tree } from 'web-tree-sitter';
import { onlyOf } from './approximation.ts';
import { inOrder, type Operation, type SdkCall, type SourceText } from './call.ts';
import { isPartialFunction } from './python-library.ts';
import type { PythonModules } from './python-members.ts';
import { type BotoObject, identified, methodOperation } from './python-sdk.ts';
import {
  type Arguments,
  argumentsOf,
  around,
  field,
  nodesOf,
  type PythonNode,
  pairsOf,
  pythonTree,
  stringText,
} from './python-tree.ts';
import { PythonValues } from './python-values.ts';

/** The modules of a function, as text. */
export interface PythonSource extends Omit<PythonModules, 'roots' | 'hasIn'> {
  readonly texts: ReadonlyMap<string, string>;
}

/** Client methods that do not call the service. */
const OF_THE_CLIENT: ReadonlySet<string> = new Set(['can_paginate', 'close', 'get_paginator', 'get_waiter']);

/** The boto3 calls in a function's modules. What is unknown before it runs is left out. */
export function pythonCalls({ texts, ...modules }: PythonSource, parse: (text: string) => Tree): readonly SdkCall[] {
  const roots = new Map(
    [...texts].map(([path, text]) => {
      const tree = parse(text);
      const root = pythonTree(tree.rootNode);
      tree.delete();
      return [path, root];
    }),
  );
  const values = new PythonValues({
    ...modules,
    roots,
    hasIn: (folder) => [...roots.keys()].some((path) => path.startsWith(`${folder}/`)),
  });
  const calls = [...roots].flatMap(([path, root]) =>
    nodesOf(root)
      .filter((node) => node.type === 'call' && !isOfScript(node))
      .flatMap((node) => calledBy(node, values).map((called) => ({ ...called, path, line: node.line }))),
  );
  return inOrder(calls);
}

function calledBy(call: PythonNode, values: PythonValues): readonly Omit<SdkCall, 'path' | 'line'>[] {
  const given = argumentsOf(call);
  const [wrapped, ...rest] = given.positional;
  const direct = field(call, 'function');
  // What `functools.partial` wraps is called with these arguments, wherever that is.
  const isPartial = direct !== undefined && values.of(direct).some(isPartialFunction);
  const called = isPartial ? wrapped : direct;
  if (called === undefined) return [];
  const own = isPartial ? { ...given, positional: rest } : given;
  const text = (called.type === 'attribute' ? field(called, 'attribute') : called)?.text ?? '';
  return values.of(called).flatMap((value) => {
    if (value.kind !== 'method' || OF_THE_CLIENT.has(value.name)) return [];
    const operation = operationOf(value.of, value.name, own, values);
    if (operation === undefined) return [];
    const parameters = { ...identified(value.of), ...namedTexts(own, value, values) };
    return [{ ...operation, text, parameters, parts: partsOf(own, values) }];
  });
}

function operationOf(
  object: BotoObject,
  method: string,
  { positional, named }: Arguments,
  values: PythonValues,
): Operation | undefined {
  if (object.kind !== 'client' || method !== 'generate_presigned_url') return methodOperation(object, method);
  const signed = values.text(positional[0] ?? named.ClientMethod);
  return signed !== undefined && 'value' in signed ? methodOperation(object, signed.value) : undefined;
}

/**
 * The names of positional arguments: only boto3's own methods take any.
 * https://docs.aws.amazon.com/boto3/latest/guide/s3-uploading-files.html
 */
const POSITIONAL: Readonly<Record<string, readonly string[]>> = {
  'Bucket copy': ['CopySource', 'Key'],
  'Bucket download_file': ['Key'],
  'Bucket download_fileobj': ['Key'],
  'Bucket upload_file': ['Filename', 'Key'],
  'Bucket upload_fileobj': ['Fileobj', 'Key'],
  'client copy': ['CopySource', 'Bucket', 'Key'],
  'client download_file': ['Bucket', 'Key'],
  'client download_fileobj': ['Bucket', 'Key'],
  'client generate_presigned_post': ['Bucket', 'Key'],
  'client upload_file': ['Filename', 'Bucket', 'Key'],
  'client upload_fileobj': ['Fileobj', 'Bucket', 'Key'],
};

function namedTexts(
  { positional, named }: Arguments,
  { of, name: method }: { readonly of: BotoObject; readonly name: string },
  values: PythonValues,
): Readonly<Record<string, SourceText>> {
  const params = method === 'generate_presigned_url' ? (named.Params ?? positional[1]) : undefined;
  const dictionary = params === undefined ? undefined : onlyOf(values.of(params));
  const given = [
    ...Object.entries(named),
    ...(POSITIONAL[`${of.kind === 'resource' ? of.type : of.kind} ${method}`] ?? []).flatMap((name, index) => {
      const argument = positional[index];
      return argument === undefined ? [] : [[name, argument] as const];
    }),
    ...(dictionary?.kind === 'dictionary' ? entries(dictionary.node) : []),
  ];
  return Object.fromEntries(
    given.flatMap(([name, node]) => {
      const text = values.text(node);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

function entries(dictionary: PythonNode): readonly (readonly [string, PythonNode])[] {
  return pairsOf(dictionary).flatMap(({ key, value }) => {
    const name = stringText(key);
    return name === undefined ? [] : [[name, value] as const];
  });
}

/** The kinds of items in `TransactItems`; undefined if one of them is not in the call. */
function partsOf({ named: { TransactItems } }: Arguments, values: PythonValues): readonly string[] | undefined {
  const items = TransactItems === undefined ? undefined : onlyOf(values.of(TransactItems));
  if (items?.kind !== 'list') return undefined;
  const parts = items.node.children.map((element) => {
    const item = onlyOf(values.of(element));
    const key = item?.kind === 'dictionary' ? field(item.node.children[0], 'key') : undefined;
    return key === undefined ? undefined : stringText(key);
  });
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

/** Whether it is below `if __name__ == "__main__":`, which Lambda does not run. */
function isOfScript(node: PythonNode): boolean {
  for (let at = around(node, 'if_statement'); at !== undefined; at = around(at, 'if_statement')) {
    const condition = field(at, 'condition');
    const sides = condition?.type === 'comparison_operator' ? condition.children : [];
    if (sides.some(({ text }) => text === '__name__') && sides.some((side) => stringText(side) === '__main__'))
      return true;
  }
  return false;
}
