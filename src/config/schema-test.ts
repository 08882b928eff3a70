import * as z from 'zod/mini';
import { closest } from '../closest.ts';
import type { Check } from './names.ts';
import { documentation, text } from './schema-values.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const method: Check = (name) => {
  if (METHODS.includes(name)) return undefined;
  if (METHODS.includes(name.toUpperCase())) return `must be uppercase; write "${name.toUpperCase()}"`;
  if (name.toUpperCase() === 'OPTIONS')
    return 'must be the method of the request itself; crc sends the preflight before it';
  const meant = closest(name, METHODS);
  return `must be one of ${METHODS.join(', ')}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
};

const path: Check = (value) => {
  if (!value.startsWith('/')) return `must begin with a slash; write ${JSON.stringify(`/${value}`)}`;
  if (value.includes('?')) return 'must not have a query; write it in query';
  return /[\p{Cc}\s#]/u.test(value) ? 'must not have spaces, control characters or "#"' : undefined;
};

/** Headers that only the browser can set, not a page (https://fetch.spec.whatwg.org/#forbidden-request-header). */
const OF_BROWSER =
  /^(accept-encoding|access-control-.*|connection|content-length|cookie|host|origin|referer|sec-.*|transfer-encoding)$/i;

const headerName: Check = (name) => {
  if (name.toLowerCase() === 'origin') return 'is sent by the browser: crc uses the first of url.cors.allowOrigins';
  if (OF_BROWSER.test(name)) return 'is sent by the browser, and a page cannot set it; leave it out';
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? undefined : 'must be the name of a header, for example "content-type"';
};

const headerValue: Check = (value) => (/[\p{Cc}]/u.test(value) ? 'must be one line' : undefined);

/** The request for the smoke test of a function. */
export const functionTest = z
  .strictObject({
    method: z
      ._default(text(method), 'GET')
      .register(documentation, { description: 'Method of the request.', examples: ['POST'], enum: METHODS }),
    path: z
      ._default(text(path), '/')
      .register(documentation, { description: 'Path of the request, without a query.', examples: ['/visits'] }),
    query: z
      ._default(z.record(z.string(), z.string()), {})
      .register(documentation, { description: 'Query parameters of the request.', examples: [{ page: 'cv' }] }),
    headers: z.optional(z.record(text(headerName), text(headerValue))).register(documentation, {
      description:
        'Headers that the page sets. Most of them, and a content-type of application/json, make the browser send a preflight first.',
      examples: [{ 'content-type': 'application/json' }],
    }),
    body: z.optional(z.string()).register(documentation, {
      description: 'Body of the request, as the page sends it.',
      examples: ['{"page":"cv"}'],
    }),
  })
  .check(
    z.superRefine(({ method: name, body }, context) => {
      if (body === undefined || body === '' || !['GET', 'HEAD'].includes(name)) return;
      const message = `cannot be sent with ${name}; set "method" to "POST", or leave the body out`;
      context.addIssue({ code: 'custom', path: ['body'], message });
    }),
  )
  .register(documentation, {
    description:
      'The request of the smoke test and of `crc invoke`. Without it: a GET of /, or the first method that CORS allows.',
  });
