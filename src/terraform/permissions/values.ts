import { isJsonList, isJsonObject, type Json } from '../../json.ts';
import type { RecordedRequest } from './call.ts';
import { plainName } from './services.ts';

/** The strings in a request, by name. */
export interface Values {
  /** Every string in the request with its immediate key, in order. */
  readonly all: readonly { readonly key: string; readonly value: string }[];
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
    all: [...inPath, ...inQuery, ...deep(body ?? null, '')],
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

function deep(value: Json, key: string): readonly { key: string; value: string }[] {
  if (isText(value)) return [{ key, value: String(value) }];
  if (isJsonList(value)) return value.flatMap((element) => deep(element, key));
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    deep(
      inner,
      name
        .replace(/(\.member)?\.\d+$/, '')
        .split('.')
        .at(-1) ?? name,
    ),
  );
}

function isText(value: Json): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
