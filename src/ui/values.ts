import type { Json } from '../engine/types.ts';
import { foreign } from './foreign.ts';

type JsonObject = { readonly [key: string]: Json };
type Document = { readonly Statement: readonly Json[] };

/** A leaf's value in one line: a string as it is, nothing as `none`. */
export function inline(value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value === '' ? '""' : foreign(value);
  if (isList(value)) return value.length === 0 ? 'none' : value.map(inline).join(', ');
  if (isDocument(value))
    return statementBlocks(value)
      .map((lines) => lines.join(' '))
      .join('; ');
  return JSON.stringify(value);
}

export function isDocument(value: Json): value is Document {
  return isObject(value) && isList(value.Statement ?? null);
}

/**
 * A policy document in words, a block of lines for each statement: what it allows first, then `on` which resources, `to`
 * whom and `if` which conditions, each on its own line so that two blocks can be compared line by line.
 */
export function statementBlocks(document: Json): readonly (readonly string[])[] {
  return isDocument(document) ? document.Statement.map(statementLines) : [];
}

function statementLines(statement: Json): readonly string[] {
  if (!isObject(statement)) return [JSON.stringify(statement)];
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
    ...texts(statement[key]).map((one) => `${word} ${one}`),
    ...texts(statement[`Not${key}`]).map((one) => `${word} all but ${one}`),
  ];
}

/** Values of one key are alternatives. */
function conditionLines(condition: Json): readonly string[] {
  return entries(condition).flatMap(([operator, keys]) =>
    entries(keys).flatMap(([key, values]) =>
      texts(values).map((value, index) => (index === 0 ? `if ${operator} ${key} = ${value}` : `or ${value}`)),
    ),
  );
}

/** `"*"`, `["a", "b"]`, `{ "AWS": ["1", "2"] }` as a list of words. */
function texts(value: Json | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  if (isList(value)) return value.flatMap(texts);
  if (isObject(value)) return entries(value).flatMap(([key, inner]) => texts(inner).map((one) => `${key} ${one}`));
  return [foreign(String(value))];
}

function entries(value: Json): readonly [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
