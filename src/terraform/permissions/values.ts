import { isJsonList, isJsonObject, type Json } from '../../json.ts';
import type { RecordedRequest } from './call.ts';
import { plainName } from './services.ts';

/** The texts of a request, by what they are called. */
export interface Values {
  /** Every text of the request with the key right before it, in the request's order. */
  readonly all: readonly { readonly key: string; readonly value: string }[];
  /** Texts of the first level by their plain name: `tablename`; a REST path's `functions/visits` is `functions` and `function`. */
  named(name: string): readonly string[];
}

/** What a request names, in whichever protocol it is written. */
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

/** `/2015-03-31/functions/visits/policy`: each segment by the one before it, in the plural as written and in the singular. */
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
    // A form's lists: `ResourceId.1`, `Names.member.1`; what is deeper has more names behind it.
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
