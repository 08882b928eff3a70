import type { Json } from '../engine/types.ts';

type Document = { readonly Statement: readonly Json[] };

/** A leaf's value in one line: a string as it is, nothing as `none`. */
export function inline(value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(inline).join(', ');
  return JSON.stringify(value);
}

export function isDocument(value: Json): value is Document {
  return typeof value === 'object' && value !== null && 'Statement' in value && Array.isArray(value.Statement);
}

/** A policy document, a line a statement: `Allow s3:GetObject on arn:… if StringEquals aws:ResourceAccount = …`. */
export function documentLines(document: Json): readonly string[] {
  return isDocument(document) ? document.Statement.map(statementLine) : [];
}

function statementLine(statement: Json): string {
  if (typeof statement !== 'object' || statement === null || Array.isArray(statement)) return JSON.stringify(statement);
  const { Sid, Effect, Condition, ...rest } = statement as { readonly [key: string]: Json };
  const part = (key: string, before = '', not = '') => {
    if (rest[key] !== undefined) return [`${before}${text(rest[key])}`];
    return rest[`Not${key}`] === undefined ? [] : [`${before}${not}${text(rest[`Not${key}`] ?? null)}`];
  };
  return [
    text(Effect ?? null),
    ...part('Action', '', 'all but '),
    ...part('Resource', 'on ', 'all but '),
    ...part('Principal', 'to ', 'all but '),
    ...(Condition === undefined ? [] : [`if ${conditionText(Condition)}`]),
  ].join(' ');
}

function conditionText(condition: Json): string {
  return entries(condition)
    .flatMap(([operator, keys]) => entries(keys).map(([key, value]) => `${operator} ${key} = ${text(value)}`))
    .join(' and ');
}

function text(value: Json): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(text).join(', ');
  return entries(value)
    .map(([key, inner]) => `${key} ${text(inner)}`)
    .join(', ');
}

function entries(value: Json): readonly [string, Json][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
