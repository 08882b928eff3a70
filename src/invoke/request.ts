import type { FunctionConfig } from '../config/schema.ts';
import type { CorsSettings } from '../resources/function/cors.ts';

/** A request as sent by a page of the site. */
export interface PageRequest {
  /** `https://resume.example.com`: the site. */
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** The headers that the page sets; names in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The content type that a browser sets for text from a page (https://fetch.spec.whatwg.org/#bodyinit-unions). */
const OF_TEXT = 'text/plain;charset=UTF-8';

/** The request from `test` in the config; by default a GET, or a method that CORS allows. */
export function requestOf(test: FunctionConfig['test'], cors: CorsSettings | undefined): PageRequest {
  const body = test?.body === '' ? undefined : test?.body;
  const given = Object.entries(test?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    origin: siteOrigin(cors),
    method: test?.method ?? allowedMethod(cors),
    path: test?.path ?? '/',
    query: test?.query ?? {},
    headers: { ...(body === undefined ? {} : { 'content-type': OF_TEXT }), ...Object.fromEntries(given) },
    body,
  };
}

/** `/visits?page=cv`, encoded as in a URL. */
export function pathOf({ path, query }: Pick<PageRequest, 'path' | 'query'>): string {
  return `${encodeURI(path)}${Object.keys(query).length === 0 ? '' : `?${queryString({ query })}`}`;
}

export function queryString({ query }: Pick<PageRequest, 'query'>): string {
  return new URLSearchParams(query).toString();
}

/** The site's origin; an example if all are allowed. */
function siteOrigin(cors: CorsSettings | undefined): string {
  const named = cors?.allowOrigins?.find((origin) => origin !== '*');
  return named?.replace('*', 'www') ?? 'https://example.com';
}

function allowedMethod(cors: CorsSettings | undefined): string {
  const [first = 'GET'] = cors?.allowMethods ?? [];
  return cors?.allowMethods?.includes('GET') || first === '*' ? 'GET' : first;
}
