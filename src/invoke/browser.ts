import type { CorsSettings } from '../resources/function/cors.ts';
import type { PageRequest } from './request.ts';

/**
 * What a browser requests before sending a request that a form could not send
 * (https://fetch.spec.whatwg.org/#cors-preflight-fetch).
 */
export interface Preflight {
  readonly method: string;
  /** Names in lowercase, sorted. */
  readonly headers: readonly string[];
}

/** The response headers that a browser checks; repeated headers are joined with commas. */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>;

/** https://fetch.spec.whatwg.org/#cors-safelisted-method */
const SIMPLE_METHODS = ['GET', 'HEAD', 'POST'];

/** https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
const SIMPLE_HEADERS = ['accept', 'accept-language', 'content-language'];
const SIMPLE_CONTENT = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'];

/** Undefined if the browser sends the request without a preflight. */
export function preflightOf({ method, headers }: PageRequest): Preflight | undefined {
  const unsafe = Object.entries(headers)
    .filter(([name, value]) => !isSimple(name, value))
    .map(([name]) => name)
    .sort();
  return SIMPLE_METHODS.includes(method) && unsafe.length === 0 ? undefined : { method, headers: unsafe };
}

function isSimple(name: string, value: string): boolean {
  if (name !== 'content-type') return SIMPLE_HEADERS.includes(name);
  return SIMPLE_CONTENT.includes(value.split(';')[0]?.trim().toLowerCase() ?? '');
}

/** Lambda's response to a preflight according to the URL's CORS settings, for a test without a URL. */
export function preflightByConfig(cors: CorsSettings, origin: string): ResponseHeaders {
  const { allowOrigins = [], allowMethods = [], allowHeaders = [] } = cors;
  return {
    'access-control-allow-origin': allowOrigins.includes('*') ? '*' : origin,
    'access-control-allow-methods': allowMethods.join(','),
    'access-control-allow-headers': allowHeaders.join(','),
  };
}

/** Why a browser does not send the request after this preflight response, and what to write in the config. */
export function preflightProblem(
  { method, headers }: Preflight,
  answer: ResponseHeaders,
  origin: string,
): string | undefined {
  const ofOrigin = originProblem(answer, origin);
  if (ofOrigin !== undefined) return ofOrigin;
  const asks = 'a browser asks before this request (OPTIONS), and';
  const methods = list(answer['access-control-allow-methods']).map((method) => method.toUpperCase());
  if (!SIMPLE_METHODS.includes(method) && !methods.includes(method) && !methods.includes('*')) {
    return `${asks} access-control-allow-methods has no ${method}: add "${method}" to url.cors.allowMethods`;
  }
  const names = list(answer['access-control-allow-headers']).map((name) => name.toLowerCase());
  // The wildcard does not include authorization: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
  const missing = headers.filter((name) => !names.includes(name) && (!names.includes('*') || name === 'authorization'));
  if (missing.length === 0) return undefined;
  const wanted = missing.map((name) => JSON.stringify(name)).join(', ');
  return `${asks} access-control-allow-headers has no ${missing.join(', ')}: add ${wanted} to url.cors.allowHeaders`;
}

/** Why a browser hides the response from the page. */
export function originProblem(headers: ResponseHeaders, origin: string): string | undefined {
  const allowed = headers['access-control-allow-origin'];
  if (allowed === undefined || allowed === '') {
    return `the response has no access-control-allow-origin for ${origin}, so browsers block it: add the site to url.cors.allowOrigins`;
  }
  if (allowed.includes(',')) {
    return `the response has access-control-allow-origin more than once (${allowed}), so browsers block it: remove the header from the function, the function URL adds it`;
  }
  if (allowed !== '*' && allowed !== origin) {
    return `the response allows ${allowed}, but not ${origin}: fix url.cors.allowOrigins`;
  }
  return undefined;
}

/**
 * The response headers that reach a browser if the URL has CORS settings too: both the function and the URL add a
 * header.
 */
export function withUrlCors(own: ResponseHeaders, cors: CorsSettings, origin: string): ResponseHeaders {
  const ofUrl = cors.allowOrigins?.includes('*') ? '*' : origin;
  const ofFunction = own['access-control-allow-origin'];
  return {
    ...own,
    'access-control-allow-origin': ofFunction === undefined ? ofUrl : `${ofFunction}, ${ofUrl}`,
  };
}

function list(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
