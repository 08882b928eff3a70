import { counted } from '../counted.ts';
import { isJsonList, isJsonObject, type Json, type JsonObject } from '../json.ts';
import { foreign } from './foreign.ts';

type Document = { readonly Statement: readonly Json[] };

/** A leaf's value on one line: a string unchanged, an empty value as `none`. */
export function inline(value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value === '' ? '""' : foreign(value);
  if (isJsonList(value)) return value.length === 0 ? 'none' : value.map(inline).join(', ');
  if (isDocument(value))
    return statementBlocks(value)
      .map((lines) => asRead(lines).join(' '))
      .join('; ');
  return JSON.stringify(value);
}

/** A leaf's current and expected value: `1 (expected 5)`. */
export function expectedText({ live, want }: { readonly live: Json; readonly want: Json }): string {
  return `${inline(live)} ${expected(want)}`;
}

/** `(expected 5)`. Placeholders for environment values have their own brackets. */
export function expected(want: Json): string {
  return want === SECRET ? '(expected as in the config)' : `(expected ${inline(want)})`;
}

const SECRET = '(as in the config)';

export function isDocument(value: Json): value is Document {
  return isJsonObject(value) && isJsonList(value.Statement ?? null);
}

/**
 * A policy document as text, one block of lines per statement: the effect and the actions, then resources (`on`),
 * principals (`to`) and conditions (`if`), each on its own line so that blocks can be compared line by line. For
 * display, pass a block to `asRead`.
 */
export function statementBlocks(document: Json): readonly (readonly string[])[] {
  return isDocument(document) ? document.Statement.map(statementLines) : [];
}

function statementLines(statement: Json): readonly string[] {
  if (!isJsonObject(statement)) return [JSON.stringify(statement)];
  const { Effect, Condition } = statement;
  return [
    `${texts(Effect).join()} ${actionText(statement)}`,
    ...listLines('on', statement, 'Resource'),
    ...listLines('to', statement, 'Principal'),
    ...conditionLines(Condition ?? null),
  ];
}

function actionText({ Action, NotAction }: JsonObject): string {
  return NotAction === undefined ? texts(Action).join(', ') : `all but ${texts(NotAction).join(', ')}`;
}

function listLines(word: string, statement: JsonObject, key: string): readonly string[] {
  return [
    ...texts(statement[key]).map((text) => `${word} ${text}`),
    ...texts(statement[`Not${key}`]).map((text) => `${word} all but ${text}`),
  ];
}

/** One complete line per value, so that two documents can be compared line by line. */
function conditionLines(condition: Json): readonly string[] {
  return entries(condition).flatMap(([operator, keys]) =>
    entries(keys).flatMap(([key, values]) => texts(values).map((value) => `if ${operator} ${key} = ${value}`)),
  );
}

/** The lines of a statement for display: further values of the same condition key are shown as alternatives (`or`). */
export function asRead(lines: readonly string[]): readonly string[] {
  const keyOf = (line: string | undefined) => /^if .*? = /.exec(line ?? '')?.[0];
  return lines.map((line, index) => {
    const key = keyOf(line);
    return key === undefined || key !== keyOf(lines[index - 1]) ? line : `or ${line.slice(key.length)}`;
  });
}

/** `12 actions on 9 ARNs (7 statements)`; for a trust policy, who is allowed. */
export function documentInBrief(document: Json): string {
  const statements = isDocument(document) ? document.Statement.filter(isJsonObject) : [];
  return statements.some(({ Principal, NotPrincipal }) => (Principal ?? NotPrincipal) !== undefined)
    ? statements.map(whom).join('; ')
    : rights(statements);
}

/** The subjects of GitHub's jobs, or the service. */
function whom({ Effect, Principal, NotPrincipal, Condition }: JsonObject): string {
  const subjects = entries(Condition ?? null).flatMap(([, keys]) =>
    entries(keys).flatMap(([key, values]) => (key.endsWith(':sub') ? texts(values) : [])),
  );
  const principals = [
    ...texts(Principal).map((text) => text.replace(/^(Service|Federated|AWS) /, '')),
    ...texts(NotPrincipal).map((text) => `all but ${text}`),
  ];
  const who = (subjects.length > 0 ? subjects : principals).join(' or ');
  return Effect === 'Allow' ? who : `${texts(Effect).join()} ${who}`;
}

/** Actions with a wildcard and "all resources" are named, since they cover more than one. */
function rights(statements: readonly JsonObject[]): string {
  const all = (key: string) => [...new Set(statements.flatMap((statement) => texts(statement[key])))];
  const actions = all('Action');
  const broad = [
    ...actions.filter((action) => action.includes('*')),
    ...all('NotAction').map((action) => `all but ${action}`),
  ];
  const exact = actions.length - actions.filter((action) => action.includes('*')).length;
  const resources = all('Resource');
  const arns = resources.filter((resource) => resource !== '*').length;
  const on = [
    ...(arns === 0 ? [] : [counted(arns, 'ARN')]),
    ...(resources.includes('*') ? ['all resources (*)'] : []),
    ...all('NotResource').map((resource) => `all but ${resource}`),
  ];
  const denied = statements.filter(({ Effect }) => Effect === 'Deny').length;
  const what = [...(exact === 0 ? [] : [counted(exact, 'action')]), ...broad].join(', ');
  const how = `${counted(statements.length, 'statement')}${denied === 0 ? '' : `, ${denied} of them Deny`}`;
  return `${what} on ${on.join(' and ')} (${how})`;
}

/** `"*"`, `["a", "b"]`, `{ "AWS": ["1", "2"] }` as a list of words. */
function texts(value: Json | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (isJsonList(value)) return value.flatMap(texts);
  if (isJsonObject(value))
    return entries(value).flatMap(([key, inner]) => texts(inner).map((text) => `${key} ${text}`));
  return [foreign(String(value))];
}

function entries(value: Json): readonly [string, Json][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}
