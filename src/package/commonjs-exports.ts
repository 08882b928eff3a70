import { extname, posix } from 'node:path';
import { type AnyNode, type Expression, parse } from 'acorn';
import { closest } from '../closest.ts';
import { CrcError } from '../errors.ts';
import { keyName, nodesIn } from './acorn-nodes.ts';
import type { Handler } from './handler.ts';
import type { PackageFile } from './package-file.ts';

/**
 * @throws CrcError if a CommonJS module clearly shows its exports, and the handler is not among them. Other kinds of
 * exports (a loop, Object.assign, another module) can only be determined by running it.
 */
export async function checkCommonJsExport(
  entry: string,
  {
    files,
    handler: { name },
    source,
  }: { readonly files: readonly PackageFile[]; readonly handler: Handler; readonly source: string },
): Promise<void> {
  const file = files.find(({ path }) => path === entry);
  if (file === undefined) return;
  const exported = await commonJsExports(new TextDecoder().decode(file.bytes), extname(entry));
  if (exported === undefined || exported.has(name)) return;
  const meant = closest(name, [...exported]);
  throw new CrcError(`${posix.join(source, entry)} does not export "${name}", the name in "handler".`, {
    hint:
      meant === undefined
        ? `Add \`exports.${name} = async (event) => {…};\` there, or fix "handler" in the config.`
        : `It exports "${meant}". Rename it, or fix "handler" in the config.`,
  });
}

/** The names that a CommonJS module exports; undefined if they cannot be determined from its text. */
export async function commonJsExports(text: string, extension: string): Promise<ReadonlySet<string> | undefined> {
  const { transform } = await import('esbuild');
  const loader = extension.endsWith('x') ? 'tsx' : extension.endsWith('ts') ? 'ts' : 'js';
  const { code } = await transform(text, { loader, format: 'cjs', logLevel: 'silent' });
  const exported: Exports = { names: new Set(), isPlain: true };
  const program = parse(code, {
    ecmaVersion: 'latest',
    sourceType: 'script',
    allowHashBang: true,
    allowReturnOutsideFunction: true,
  });
  look(program, exported);
  return exported.isPlain ? exported.names : undefined;
}

interface Exports {
  readonly names: Set<string>;
  isPlain: boolean;
}

function look(node: AnyNode, exported: Exports): void {
  if (node.type === 'AssignmentExpression' && noteAssignment(node, exported)) {
    look(node.right, exported);
    return;
  }
  // Reading an export does not add one.
  if (node.type === 'MemberExpression' && isExports(node.object) && keyName(node.property, node.computed)) return;
  if (node.type === 'CallExpression' && noteProperty(node, exported)) return;
  // In any other place, `exports` may get names that cannot be seen here.
  if (isExports(node) || (node.type === 'Identifier' && node.name === 'module')) exported.isPlain = false;
  for (const child of childrenOf(node)) look(child, exported);
}

/** `exports.a = …`, `module.exports.a = …`, `module.exports = { a }`. False for any other assignment. */
function noteAssignment(
  { left, right }: Extract<AnyNode, { type: 'AssignmentExpression' }>,
  exported: Exports,
): boolean {
  if (left.type === 'MemberExpression' && isExports(left.object)) {
    const name = keyName(left.property, left.computed);
    if (name === undefined) exported.isPlain = false;
    else exported.names.add(name);
    return true;
  }
  if (!isExports(left)) return false;
  const value = lastValue(right);
  if (value.type === 'ObjectExpression') noteObject(value, exported);
  else if (!['ArrowFunctionExpression', 'FunctionExpression', 'ClassExpression', 'Literal'].includes(value.type)) {
    exported.isPlain = false;
  }
  return true;
}

function noteObject({ properties }: Extract<AnyNode, { type: 'ObjectExpression' }>, exported: Exports): void {
  for (const property of properties) {
    const name = property.type === 'Property' ? keyName(property.key, property.computed) : undefined;
    if (name === undefined) exported.isPlain = false;
    else exported.names.add(name);
  }
}

/** `Object.defineProperty(exports, "a", …)`, as emitted by compilers. */
function noteProperty(
  { callee, arguments: given }: Extract<AnyNode, { type: 'CallExpression' }>,
  exported: Exports,
): boolean {
  const [target, key] = given;
  const isDefine = callee.type === 'MemberExpression' && keyName(callee.property, callee.computed) === 'defineProperty';
  if (!isDefine || target === undefined || !isExports(target)) return false;
  if (key?.type === 'Literal' && typeof key.value === 'string') exported.names.add(key.value);
  else exported.isPlain = false;
  return true;
}

/** The value assigned by `a = b = {…}`. */
function lastValue(node: Expression): Expression {
  return node.type === 'AssignmentExpression' ? lastValue(node.right) : node;
}

function isExports(node: AnyNode): boolean {
  if (node.type === 'Identifier') return node.name === 'exports';
  return (
    node.type === 'MemberExpression' &&
    node.object.type === 'Identifier' &&
    node.object.name === 'module' &&
    keyName(node.property, node.computed) === 'exports'
  );
}

/** Names of properties and methods are not variables. */
function childrenOf(node: AnyNode): readonly AnyNode[] {
  return Object.entries(node).flatMap(([field, value]) => {
    const isName =
      (field === 'property' && node.type === 'MemberExpression' && !node.computed) ||
      (field === 'key' && (node.type === 'Property' || node.type === 'MethodDefinition') && !node.computed);
    return isName ? [] : nodesIn(value);
  });
}
