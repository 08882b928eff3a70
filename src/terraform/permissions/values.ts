import { isJsonList, isJsonObject, type Json } from '../../json.ts';
import type { RecordedRequest } from './call.ts';
import { plainName } from './services.ts';

export interface Value {
  /** The immediate key. */
  readonly key: string;
  readonly value: string;
  /** Whether the user chooses the key too, so that it says nothing: an environment variable, a tag. */
  readonly isFree?: boolean;
}

/** The strings in a request, by name. */
export interface Values {
  /** Every string in the request, in order. */
  readonly all: readonly Value[];
  /**
   * Top-level strings by normalized name: `tablename`; a REST path's `functions/visits` is under `functions` and
   * `function`.
   */
  named(name: string): readonly string[];
}

/** The strings in a request, whatever its protocol. */
export function valuesOf({ path, query, body }: RecordedRequest): Values {
  const inPath = pathValues(path);
  const inQuery = Object.entries(query).map(([key, value]) => ({ key, value }));
  const inBody = topLevel(body ?? null);
  const named = new Map<string, string[]>();
  for (const { key, value } of [...inPath, ...inQuery, ...inBody]) {
    const name = plainName(key);
    named.set(name, [...(named.get(name) ?? []), value]);
  }
  return {
    all: [...inPath, ...inQuery, ...deep(body ?? null, '', false)],
    named: (name) => named.get(plainName(name)) ?? [],
  };
}

/** `/2015-03-31/functions/visits/policy`: each segment by the previous one, as written (plural) and in the singular. */
function pathValues(path: string): readonly { key: string; value: string }[] {
  const start = path.indexOf('/arn:');
  if (start >= 0) return [{ key: 'arn', value: path.slice(start + 1) }];
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.flatMap((value, index) => {
    const key = segments[index - 1];
    if (key === undefined) return [];
    const singular = key.replace(/ies$/, 'y').replace(/s$/, '');
    return singular === key ? [{ key, value }] : [key, singular].map((name) => ({ key: name, value }));
  });
}

function topLevel(body: Json): readonly { key: string; value: string }[] {
  if (!isJsonObject(body)) return [];
  return Object.entries(body).flatMap(([key, value]) => {
    // Lists in a form: `ResourceId.1`, `Names.member.1`; deeper fields have more names after it.
    const name = key.replace(/(\.member)?\.\d+$/, '');
    if (name.includes('.')) return [];
    return (isJsonList(value) ? value : [value]).flatMap((element) =>
      isText(element) ? [{ key: name, value: String(element) }] : [],
    );
  });
}

/** Parameters with keys that the user chooses. */
const FREE =
  /^(environment|((runtime)?environment_?|stage)?variables|labels|metadata|tags?|tag_?list|tag_?set|tag_?specifications?)$/i;

function deep(value: Json, key: string, isFree: boolean): readonly Value[] {
  if (isText(value)) return [{ key, value: String(value), isFree }];
  if (isJsonList(value)) return value.flatMap((element) => deep(element, key, isFree));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    // A field of a form has the names of all that it is in.
    const names = name.replace(/(\.member)?\.\d+$/, '').split('.');
    return deep(inner, names.at(-1) ?? name, isFree || names.some((part) => FREE.test(part)));
  });
}

function isText(value: Json): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
