import { type AnyNode, parse } from 'acorn';
import { keyName } from '../acorn-nodes.ts';
import { onlyOf } from './approximation.ts';
import { inOrder, type Operation, type SdkCall, type SourceText } from './call.ts';
import type { Value } from './javascript-members.ts';
import { constructedOperation, functionOperation, type Library, methodOperation } from './javascript-sdk.ts';
import { type CallNode, JavaScriptTree } from './javascript-tree.ts';
import { JavaScriptValues } from './javascript-values.ts';
import { type OwnCode, type OwnCodeInput, ownCode } from './own-code.ts';

/** Version 2 methods whose argument is the name of the operation that they prepare. */
const SIGNING = /^getSignedUrl(Promise)?$/;

/** The AWS SDK calls (version 3 or 2) in a function's own code. What is unknown before it runs is left out. */
export async function javaScriptCalls(input: OwnCodeInput): Promise<readonly SdkCall[]> {
  return callsIn(await ownCode(input));
}

/** The AWS SDK calls in code that is already a single module. */
export function callsIn({ text, placeOf }: OwnCode): readonly SdkCall[] {
  const program = parse(text, { ecmaVersion: 'latest', sourceType: 'module', locations: true, ranges: true });
  const tree = new JavaScriptTree(program);
  const values = new JavaScriptValues(tree);
  const calls = tree.nodes.flatMap((node) => {
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return [];
    const place =
      node.loc === null || node.loc === undefined ? undefined : placeOf(node.loc.start.line - 1, node.loc.start.column);
    if (place === undefined) return [];
    return calledBy(node, values).map((called) => ({ ...called, ...place }));
  });
  return inOrder(calls);
}

type Called = Omit<SdkCall, 'path' | 'line'>;

function calledBy(node: CallNode, values: JavaScriptValues): readonly Called[] {
  const operations = values.of(node.callee).flatMap((value) => operationOf(node, value, values));
  return operations.map(({ parameters, ...operation }) => ({
    ...operation,
    text: textOf(node),
    ...given(parameters, values),
  }));
}

interface CalledOperation extends Operation {
  readonly parameters: AnyNode | undefined;
}

function operationOf(node: CallNode, value: Value, values: JavaScriptValues): readonly CalledOperation[] {
  const [first, second] = node.arguments;
  const calling = (operation: Operation | undefined, parameters: AnyNode | undefined): readonly CalledOperation[] =>
    operation === undefined ? [] : [{ ...operation, parameters }];
  if (value.kind === 'method') {
    if (!SIGNING.test(value.name)) return calling(methodOperation(value.of, value.name), first);
    const method = first === undefined ? undefined : values.text(first);
    return method !== undefined && 'value' in method ? calling(methodOperation(value.of, method.value), second) : [];
  }
  if (value.kind !== 'library' || value.isCreated) return [];
  if (node.type === 'CallExpression') return calling(functionOperation(value), second);
  return calling(constructedOperation(value), isUpload(value) ? propertyNode(first, 'params') : first);
}

function isUpload({ path }: Library): boolean {
  return path.at(-1) === 'Upload';
}

/** `UpdateItemCommand`, `client.updateItem` */
function textOf({ callee }: CallNode): string {
  if (callee.type === 'Identifier') return callee.name;
  if (callee.type !== 'MemberExpression') return 'a call';
  return keyName(callee.property, callee.computed) ?? 'a call';
}

function given(parameters: AnyNode | undefined, values: JavaScriptValues): Pick<SdkCall, 'parameters' | 'parts'> {
  const object = parameters === undefined ? undefined : onlyOf(values.of(parameters));
  if (object?.kind !== 'object') return { parameters: {}, parts: undefined };
  const texts = object.node.properties.flatMap((property): readonly [string, SourceText][] => {
    if (property.type !== 'Property') return [];
    const name = keyName(property.key, property.computed);
    const text = values.text(property.value);
    return name === undefined || text === undefined ? [] : [[name, text]];
  });
  return { parameters: Object.fromEntries(texts), parts: partsOf(object.node, values) };
}

/** The kinds of items in `TransactItems`; undefined if one of them is not in the call. */
function partsOf(parameters: AnyNode, values: JavaScriptValues): readonly string[] | undefined {
  const items = onlyOf(values.property(parameters, 'TransactItems'));
  if (items?.kind !== 'array') return undefined;
  const parts = items.elements.map((element) => {
    const item = onlyOf(values.of(element));
    if (item?.kind !== 'object') return undefined;
    const [property] = item.node.properties;
    return property?.type === 'Property' ? keyName(property.key, property.computed) : undefined;
  });
  return parts.includes(undefined) ? undefined : parts.flatMap((part) => part ?? []);
}

function propertyNode(node: AnyNode | undefined, name: string): AnyNode | undefined {
  if (node?.type !== 'ObjectExpression') return undefined;
  const property = node.properties.find(
    (candidate) => candidate.type === 'Property' && keyName(candidate.key, candidate.computed) === name,
  );
  return property?.type === 'Property' ? property.value : undefined;
}
