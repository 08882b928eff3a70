import { HttpRequest } from '@smithy/core/protocols';
import { parsedJson } from '../parsed-json.ts';
import { Handler } from './handler.ts';

/** In milliseconds, for a response, including redirects. */
const TIMEOUT = 5_000;

/** Maximum number of redirects. */
const MAX_REDIRECTIONS = 3;

/**
 * Reads a JSON document from a public address, through the same proxies as requests to AWS, without credentials. `body`
 * is undefined if the response is not JSON. Only follows redirects on the same host. @throws if no response arrives in
 * time.
 */
export async function getJson(url: URL): Promise<{ readonly status: number; readonly body: unknown }> {
  const handler = new Handler();
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    let at = url;
    for (let left = MAX_REDIRECTIONS; ; left -= 1) {
      const { response } = await handler.handle(requestFor(at), { abortSignal: signal });
      const next = left > 0 ? redirection(at, response.headers.location, response.statusCode) : undefined;
      if (next === undefined)
        return { status: response.statusCode, body: parsedJson(Buffer.from(response.body).toString()) };
      at = next;
    }
  } finally {
    handler.destroy();
  }
}

function requestFor({ protocol, hostname, port, pathname, host }: URL): HttpRequest {
  return new HttpRequest({
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? undefined : Number(port),
    path: pathname,
    headers: { host, accept: 'application/vnd.github+json', 'user-agent': 'crc-bootstrap' },
  });
}

function redirection(from: URL, location: string | undefined, status: number): URL | undefined {
  if (![301, 302, 307, 308].includes(status) || location === undefined || !URL.canParse(location, from.href))
    return undefined;
  const to = new URL(location, from);
  return to.origin === from.origin ? to : undefined;
}
