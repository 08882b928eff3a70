import { isDeepStrictEqual } from 'node:util';
import { applyEdits, type FormattingOptions, type JSONPath, modify, parse } from 'jsonc-parser';

/** A statement of a role, of which only its name matters here. */
export interface NamedStatement {
  readonly Sid?: string | undefined;
}

/** What one role is to have in place of the statements that crc wrote for it before. */
export interface RoleStatements {
  /** Index in the config's roles. */
  readonly role: number;
  readonly statements: readonly NamedStatement[];
}

/** How the names of statements begin that crc wrote. All others are the user's own. */
export const WRITTEN_SID = 'FromTerraform';

export function isWrittenByCrc({ Sid = '' }: NamedStatement): boolean {
  return Sid.startsWith(WRITTEN_SID);
}

/**
 * A config's text with these statements: those of the same name are replaced where they stand, others that crc wrote are taken out,
 * and new ones come last. Comments, order and everything else stay as they are.
 */
export function withStatements(given: string, roles: readonly RoleStatements[]): string {
  const mark = given.startsWith('\uFEFF') ? '\uFEFF' : '';
  let text = given.slice(mark.length);
  for (const { role, statements } of roles) text = withRole(text, ['roles', role, 'statements'], statements);
  return `${mark}${text}`;
}

function withRole(given: string, path: JSONPath, statements: readonly NamedStatement[]): string {
  let text = given;
  const edit = (at: JSONPath, value: unknown, isArrayInsertion = false) => {
    text = applyEdits(text, modify(text, at, value, { formattingOptions: formattingOf(given), isArrayInsertion }));
  };
  const before = statementsAt(text, path);
  if (before === undefined) {
    if (statements.length > 0) edit(path, statements);
    return text;
  }
  const wanted = new Map(statements.map((statement) => [statement.Sid, statement]));
  // From the last one, so that those before it keep their places.
  for (const [at, old] of [...before.entries()].reverse()) {
    if (!isWrittenByCrc(old)) continue;
    const now = wanted.get(old.Sid);
    if (now === undefined) edit([...path, at], undefined);
    else if (!isDeepStrictEqual(old, now)) edit([...path, at], now);
  }
  const kept = new Set(before.map(({ Sid }) => Sid));
  const added = statements.filter(({ Sid }) => !kept.has(Sid));
  for (const statement of added) edit([...path, statementsAt(text, path)?.length ?? 0], statement, true);
  return text;
}

function statementsAt(text: string, path: JSONPath): readonly NamedStatement[] | undefined {
  const value = path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[step] : undefined,
    parse(text, [], { allowTrailingComma: true }),
  );
  return Array.isArray(value) ? (value as readonly NamedStatement[]) : undefined;
}

/** As the file is written: its first indentation, and its line breaks. */
function formattingOf(text: string): FormattingOptions {
  const [, indent = '  '] = /\n([ \t]+)\S/.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}
