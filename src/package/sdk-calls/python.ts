import type { Tree } from 'web-tree-sitter';
import { onlyOf } from './approximation.ts';
import { inOrder, type Operation, type SdkCall, type SourceText } from './call.ts';
import type { PythonModules } from './python-members.ts';
import { type BotoObject, identified, methodOperation } from './python-sdk.ts';
import { argumentsOf, around, field, nodesOf, type PythonNode, pythonTree, stringText } from './python-tree.ts';
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
  const called = field(call, 'function');
  if (called === undefined) return [];
  const text = (called.type === 'attribute' ? field(called, 'attribute') : called)?.text ?? '';
  return values.of(called).flatMap((value) => {
    if (value.kind !== 'method' || OF_THE_CLIENT.has(value.name)) return [];
    const operation = operationOf(value.of, value.name, call, values);
    if (operation === undefined) return [];
    const parameters = { ...identified(value.of), ...namedTexts(call, values) };
    return [{ ...operation, text, parameters, parts: partsOf(call, values) }];
  });
}

function operationOf(
  object: BotoObject,
  method: string,
  call: PythonNode,
  values: PythonValues,
): Operation | undefined {
  if (object.kind !== 'client' || method !== 'generate_presigned_url') return methodOperation(object, method);
  const { positional, named } = argumentsOf(call);
  const signed = values.text(positional[0] ?? named.ClientMethod);
  return signed !== undefined && 'value' in signed ? methodOperation(object, signed.value) : undefined;
}

function namedTexts(call: PythonNode, values: PythonValues): Readonly<Record<string, SourceText>> {
  return Object.fromEntries(
    Object.entries(argumentsOf(call).named).flatMap(([name, node]) => {
      const text = values.text(node);
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

/** The kinds of items in `TransactItems`; undefined if one of them is not in the call. */
function partsOf(call: PythonNode, values: PythonValues): readonly string[] | undefined {
  const given = argumentsOf(call).named.TransactItems;
  const items = given === undefined ? undefined : onlyOf(values.of(given));
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
