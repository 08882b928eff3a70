import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  applyEdits,
  createScanner,
  type FormattingOptions,
  findNodeAtLocation,
  getNodeValue,
  type JSONPath,
  modify,
  type Node,
  parseTree,
} from 'jsonc-parser';

/** A statement of a role, of which only the name matters here. */
export interface NamedStatement {
  readonly Sid?: string | undefined;
}

/** The statements of one role that replace those that crc wrote before. */
export interface RoleStatements {
  /** Index in the config's roles. */
  readonly role: number;
  readonly statements: readonly NamedStatement[];
  /** Whose statements they replace; default: those without an origin in their name. */
  readonly origins?: readonly string[];
}

/** The prefix of statement names that crc writes. All other statements are the user's own. */
export const WRITTEN_SID = 'FromTerraform';

/** The digits after the prefix in the names of statements that are not for the first state of their role. */
const ORIGIN = /^FromTerraform([0-9a-f]{6})(?![0-9a-z])/;

/** Six hexadecimal digits that stand for a state, or for a program that uses it. Names of statements are letters and digits. */
export function originOf(...words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex').slice(0, 6);
}

/** A statement that crc writes, named after its origin; an empty one leaves the name as it is. */
export function withOrigin<S extends NamedStatement>(statement: S, origin: string): S {
  const { Sid = '' } = statement;
  return { ...statement, Sid: Sid.replace(WRITTEN_SID, `${WRITTEN_SID}${origin}`) };
}

/** Whether crc wrote a statement for one of these origins. A role can have several states, each with its own statements. */
export function isWrittenFor({ Sid = '' }: NamedStatement, origins: readonly string[]): boolean {
  return Sid.startsWith(WRITTEN_SID) && origins.includes(ORIGIN.exec(Sid)?.[1] ?? '');
}

/**
 * A config's text with these statements. Those with the same name are replaced in place, other statements of the same
 * origins are removed, and new ones are appended. Comments, order and everything else are preserved.
 */
export function withStatements(given: string, roles: readonly RoleStatements[]): string {
  const mark = given.startsWith('\uFEFF') ? '\uFEFF' : '';
  let text = given.slice(mark.length);
  for (const { role, statements, origins = [''] } of roles) {
    text = withRole(text, ['roles', role, 'statements'], statements, origins);
  }
  return `${mark}${text}`;
}

function withRole(
  given: string,
  path: JSONPath,
  statements: readonly NamedStatement[],
  origins: readonly string[],
): string {
  const before = elementsAt(given, path);
  if (before === undefined) {
    if (statements.length === 0) return given;
    return applyEdits(given, modify(given, path, statements, { formattingOptions: formattingOf(given) }));
  }
  const wanted = new Map(statements.map((statement) => [statement.Sid, statement]));
  let text = given;
  // Last to first, so that earlier offsets stay valid.
  for (const element of [...before].reverse()) {
    const old: NamedStatement = getNodeValue(element);
    if (!isWrittenFor(old, origins)) continue;
    const now = wanted.get(old.Sid);
    if (now === undefined) text = without(text, element);
    else if (!isDeepStrictEqual(old, now)) text = replaced(text, element, now);
  }
  const kept = new Set(before.map((element) => (getNodeValue(element) as NamedStatement).Sid));
  const added = statements.filter(({ Sid }) => !kept.has(Sid));
  return added.length === 0 ? text : extended(text, path, added);
}

function arrayAt(text: string, path: JSONPath): Node | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const node = tree === undefined ? undefined : findNodeAtLocation(tree, path);
  return node?.type === 'array' ? node : undefined;
}

function elementsAt(text: string, path: JSONPath): readonly Node[] | undefined {
  const array = arrayAt(text, path);
  return array === undefined ? undefined : (array.children ?? []);
}

const endOf = ({ offset, length }: Node) => offset + length;

function replaced(text: string, element: Node, value: NamedStatement): string {
  return `${text.slice(0, element.offset)}${written(value, text, element.offset)}${text.slice(endOf(element))}`;
}

/** Removes the element and its comma. Surrounding comments are kept; a line that would become empty is removed. */
function without(text: string, element: Node): string {
  const siblings = element.parent?.children ?? [];
  const previous = siblings[siblings.findIndex(({ offset }) => offset === element.offset) - 1];
  // For the last element, the comma before it.
  const comma = commaAfter(text, endOf(element)) ?? (previous && commaAfter(text, endOf(previous)));
  const start = element.offset;
  const isBefore = comma !== undefined && comma < start;
  const head = isBefore ? `${text.slice(0, comma)}${text.slice(comma + 1, start)}` : text.slice(0, start);
  const rest =
    comma === undefined || isBefore
      ? text.slice(endOf(element))
      : `${text.slice(endOf(element), comma)}${text.slice(comma + 1)}`;
  const [line = ''] = /[ \t]*$/.exec(head) ?? [];
  const [empty] = /^[ \t]*\r?\n/.exec(rest) ?? [];
  const above = head.slice(0, head.length - line.length);
  return empty !== undefined && above.endsWith('\n') ? `${above}${rest.slice(empty.length)}` : `${head}${rest}`;
}

/** Appends elements after the last one and its comments. */
function extended(text: string, path: JSONPath, values: readonly NamedStatement[]): string {
  const array = arrayAt(text, path);
  if (array === undefined) return text;
  const last = array.children?.at(-1);
  const close = endOf(array) - 1;
  const eol = formattingOf(text).eol ?? '\n';
  const indent = indentAt(text, last?.offset ?? array.offset) + (last === undefined ? unitOf(text) : '');
  const added = values.map((value) => `${indent}${written(value, text, undefined, indent)}`).join(`,${eol}`);
  const needsComma = last !== undefined && commaAfter(text, endOf(last)) === undefined;
  const between = last === undefined ? text.slice(array.offset + 1, close) : text.slice(endOf(last), close);
  const head = text.slice(0, last === undefined ? array.offset + 1 : endOf(last));
  const kept = `${needsComma ? ',' : ''}${between.trimEnd()}`;
  // Keep the file's style of trailing commas.
  const trailing = last !== undefined && !needsComma ? ',' : '';
  return `${head}${kept}${eol}${added}${trailing}${eol}${indentAt(text, array.offset)}${text.slice(close)}`;
}

function written(
  value: NamedStatement,
  text: string,
  offset: number | undefined,
  indent = indentAt(text, offset ?? 0),
): string {
  const eol = formattingOf(text).eol ?? '\n';
  return JSON.stringify(value, null, unitOf(text)).replaceAll('\n', `${eol}${indent}`);
}

/** The indentation of the line at an offset. */
function indentAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}

/** The offset of the comma after an element; undefined for the last one in a list without a trailing comma. */
function commaAfter(text: string, offset: number): number | undefined {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  return scanner.getTokenLength() > 0 && text[scanner.getTokenOffset()] === ',' ? scanner.getTokenOffset() : undefined;
}

function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
}

/** The file's own formatting: its first indentation and its line breaks. */
function formattingOf(text: string): FormattingOptions {
  const unit = unitOf(text);
  return {
    insertSpaces: !unit.startsWith('\t'),
    tabSize: unit.startsWith('\t') ? 1 : unit.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
