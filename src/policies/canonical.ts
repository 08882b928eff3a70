import { isJsonObject, type Json, type JsonObject } from '../json.ts';

const LISTS = ['Action', 'NotAction', 'Resource', 'NotResource'];
const PRINCIPALS = ['Principal', 'NotPrincipal'];

/**
 * One form for all equivalent spellings of a policy document: a string or a list with one element, lists and statements
 * in any order and with repetitions, `"*"` or `{"AWS": "*"}`, an account id or its root ARN, `false` or `"false"`.
 * Nothing that IAM evaluates is lost; unknown elements are kept. AWS itself may return a different spelling from the
 * one it was sent (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
 */
export function canonical(document: Json): Json {
  if (!isJsonObject(document)) return document;
  const { Statement, Version, ...rest } = document;
  const statements = toList(Statement ?? []).map(canonicalStatement);
  return {
    ...rest,
    // Without a version, IAM assumes the old language, in which variables are plain text.
    Version: Version ?? '2008-10-17',
    Statement: sortedUnique(statements),
  };
}

/** A document or statement created by crc, as the plain JSON that is sent. */
export function asJson(document: object): Json {
  return JSON.parse(JSON.stringify(document)) as Json;
}

/** One statement in canonical form, with its `Sid`. */
export function canonicalStatement(statement: Json): Json {
  if (!isJsonObject(statement)) return statement;
  const entries = Object.entries(statement).map(([key, value]): [string, Json] => {
    if (LISTS.includes(key)) return [key, listOrOne(toList(value))];
    if (PRINCIPALS.includes(key)) return [key, canonicalPrincipal(value)];
    if (key === 'Condition') return [key, canonicalCondition(value)];
    return [key, value];
  });
  return sortedObject(entries.filter(([key, value]) => !(key === 'Condition' && isEmpty(value))));
}

function canonicalPrincipal(principal: Json): Json {
  if (!isJsonObject(principal)) return principal;
  const entries = Object.entries(principal).map(([type, value]): [string, Json] => [
    type,
    listOrOne(toList(value).map((principal) => (type === 'AWS' ? accountOf(principal) : principal))),
  ]);
  const [only] = entries;
  const anyone = entries.length === 1 && only?.[1] === '*' && (only[0] === 'AWS' || only[0] === '*');
  return anyone ? '*' : sortedObject(entries);
}

/** `arn:aws:iam::123456789012:root` and `123456789012` are the same principal. */
function accountOf(principal: Json): Json {
  const account = typeof principal === 'string' ? /^arn:[^:]+:iam::(\d{12}):root$/.exec(principal)?.[1] : undefined;
  return account ?? principal;
}

function canonicalCondition(condition: Json): Json {
  if (!isJsonObject(condition)) return condition;
  return sortedObject(
    Object.entries(plainEquals(condition)).map(([operator, keys]) => [
      operator,
      isJsonObject(keys)
        ? sortedObject(Object.entries(keys).map(([key, value]) => [key, listOrOne(toList(value).map(asText))]))
        : keys,
    ]),
  );
}

/** Characters that can stand for other text in a StringLike value: wildcards and policy variables. */
const PATTERN = /[*?$]/;

/**
 * StringLike without wildcards is equivalent to StringEquals: both are case-sensitive
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html). If
 * StringEquals has the key too, both are kept, since both must hold.
 */
function plainEquals(condition: JsonObject): JsonObject {
  const { StringLike: like, StringEquals: equals = {}, ...rest } = condition;
  if (!isJsonObject(like) || !isJsonObject(equals)) return condition;
  const isPlain = ([key, value]: [string, Json]) =>
    !Object.hasOwn(equals, key) &&
    toList(value)
      .map(asText)
      .every((entry) => typeof entry === 'string' && !PATTERN.test(entry));
  const plain = Object.entries(like).filter(isPlain);
  if (plain.length === 0) return condition;
  const patterns = Object.entries(like).filter((entry) => !isPlain(entry));
  return {
    ...rest,
    StringEquals: { ...equals, ...Object.fromEntries(plain) },
    ...(patterns.length === 0 ? {} : { StringLike: Object.fromEntries(patterns) }),
  };
}

function asText(value: Json): Json {
  return typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;
}

/** IAM treats a single value as a list with one element. */
export function toList(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}

function listOrOne(values: readonly Json[]): Json {
  const list = sortedUnique(values);
  const [first] = list;
  // A nested list is invalid, and is kept: flattened, it would become a different policy.
  return list.length === 1 && first !== undefined && !Array.isArray(first) ? first : list;
}

function sortedUnique(values: readonly Json[]): readonly Json[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function sortedObject(entries: readonly (readonly [string, Json])[]): JsonObject {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: Json): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}
