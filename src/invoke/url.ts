import { HttpRequest } from '@smithy/core/protocols';
import { Handler } from '../aws/handler.ts';
import { ProxyError } from '../aws/proxy.ts';
import { BackOff } from '../engine/back-off.ts';
import { SMOKE_TEST_HEADERS } from './answer.ts';

export interface UrlCall {
  readonly url: string;
  readonly method: string;
  /** The site that a browser would call from. */
  readonly origin: string;
  /** Whether the URL has CORS, and so must answer with exactly one allow-origin header. */
  readonly cors: boolean;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Milliseconds for a new URL and its permissions to be known everywhere. */
  readonly deadline: number;
}

export interface UrlAnswer {
  readonly ok: boolean;
  readonly status: number | undefined;
  readonly body: string;
  /** What is wrong with it, and what to do. */
  readonly problem: string | undefined;
}

const LONGEST_PAUSE = 5_000;

interface Received {
  readonly status: number | undefined;
  readonly body: string;
  /** Several headers of this name arrive joined with commas. */
  readonly allowOrigin: string | undefined;
}

/** Calls a function URL as the site's page would, and judges the answer as a browser would. */
export async function callUrl(call: UrlCall): Promise<UrlAnswer> {
  const backOff = new BackOff({ first: 500, longest: LONGEST_PAUSE, signal: call.signal });
  for (;;) {
    const received = await request(call);
    const passes = received.status === undefined || received.status === 403 || received.status === 404;
    if (!passes || backOff.elapsed + backOff.next > call.deadline) return judged(received, call);
    await backOff.pause();
  }
}

/** Through the proxies and under the deadlines of all requests to AWS. Follows no redirection: the answer is the function's own. */
async function request({ url, method, origin, timeoutSeconds, signal }: UrlCall): Promise<Received> {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  const handler = new Handler();
  try {
    const { response } = await handler.handle(
      new HttpRequest({
        protocol,
        hostname,
        port: port === '' ? undefined : Number(port),
        method,
        path: `${pathname}${search}`,
        headers: { origin, ...SMOKE_TEST_HEADERS },
      }),
      { abortSignal: signal, requestTimeout: (timeoutSeconds + 30) * 1_000 },
    );
    const allowOrigin = response.headers['access-control-allow-origin'];
    return { status: response.statusCode, body: Buffer.from(response.body).toString(), allowOrigin };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof ProxyError) {
      return { status: undefined, body: `the proxy ${error.proxy}: ${error.message}`, allowOrigin: undefined };
    }
    const { code, message } = error as { code?: string; message: string };
    return { status: undefined, body: code ?? message, allowOrigin: undefined };
  } finally {
    handler.destroy();
  }
}

function judged(received: Received, call: UrlCall): UrlAnswer {
  const { status, body } = received;
  const problem = problemOf(received, call);
  return { ok: problem === undefined, status, body, problem };
}

function problemOf({ status, body, allowOrigin }: Received, { cors, origin }: UrlCall): string | undefined {
  if (status === undefined) return `the URL cannot be reached from this machine (${body})`;
  if (status === 403) {
    return 'the URL returns 403 although both permissions exist: the new permissions may not be active yet (run it again in a minute), or a service control policy denies public function URLs';
  }
  if (status >= 400) return `the URL returns ${status}`;
  if (!cors) return undefined;
  if (allowOrigin === undefined) {
    return `the response has no access-control-allow-origin for ${origin}, so browsers block it: add the site to url.cors.allowOrigins`;
  }
  if (allowOrigin.includes(',')) {
    return `the response has access-control-allow-origin more than once (${allowOrigin}), so browsers block it: remove the header from the function, the function URL adds it`;
  }
  if (allowOrigin !== '*' && allowOrigin !== origin) {
    return `the response allows ${allowOrigin}, but not ${origin}: fix url.cors.allowOrigins`;
  }
  return undefined;
}
