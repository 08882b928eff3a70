import { HttpRequest } from '@smithy/core/protocols';
import { Handler } from '../aws/handler.ts';
import { ProxyError } from '../aws/proxy.ts';
import { BackOff } from '../engine/back-off.ts';
import { SMOKE_TEST_HEADERS } from './answer.ts';
import { originProblem, preflightOf, preflightProblem, type ResponseHeaders } from './browser.ts';
import type { PageRequest } from './request.ts';

export interface UrlCall {
  /** The function's URL, without the path of the request. */
  readonly url: string;
  /** What a page of the site sends. */
  readonly request: PageRequest;
  /** Whether the URL has CORS, and so must answer with exactly one allow-origin header. */
  readonly cors: boolean;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** In milliseconds, for a new URL and its permissions to take effect everywhere. */
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

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Received {
  readonly status: number | undefined;
  readonly body: string;
  /** Repeated headers are joined with commas. */
  readonly headers: ResponseHeaders;
}

/**
 * Asks a function URL whether a page of the site may send a request, as a browser does before a request that a form
 * could not send. Undefined if a browser would not ask.
 */
export async function callPreflight(call: UrlCall): Promise<UrlAnswer | undefined> {
  const { request, cors } = call;
  const preflight = preflightOf(request);
  if (preflight === undefined || !cors) return undefined;
  const requestedHeaders = { 'access-control-request-headers': preflight.headers.join(',') };
  const sent: Sent = {
    method: 'OPTIONS',
    headers: {
      origin: request.origin,
      'access-control-request-method': preflight.method,
      ...(preflight.headers.length === 0 ? {} : requestedHeaders),
    },
    body: undefined,
  };
  const { status, body, headers } = await answered(call, sent);
  const problem = statusProblem({ status, body }) ?? preflightProblem(preflight, headers, request.origin);
  return { ok: problem === undefined, status, body, problem };
}

/** Calls a function URL as the site's page would, and checks the response as a browser would. */
export async function callUrl(call: UrlCall): Promise<UrlAnswer> {
  const { method, headers: given, body: text, origin } = call.request;
  const { status, body, headers } = await answered(call, {
    method,
    headers: { origin, ...given, ...SMOKE_TEST_HEADERS },
    body: text,
  });
  const problem = statusProblem({ status, body }) ?? (call.cors ? originProblem(headers, origin) : undefined);
  return { ok: problem === undefined, status, body, problem };
}

/** The response after the URL and its permissions have taken effect everywhere. */
async function answered(call: UrlCall, sent: Sent): Promise<Received> {
  const backOff = new BackOff({ first: 500, longest: LONGEST_PAUSE, signal: call.signal });
  for (;;) {
    const received = await send(call, sent);
    const passes = received.status === undefined || received.status === 403 || received.status === 404;
    if (!passes || backOff.elapsed + backOff.next > call.deadline) return received;
    await backOff.pause();
  }
}

/**
 * Uses the proxies and deadlines of all requests to AWS. Does not follow redirects: the response is the function's own.
 */
async function send({ url, timeoutSeconds, signal }: UrlCall, { method, headers, body }: Sent): Promise<Received> {
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
        headers: { ...headers, ...lengthOf(body) },
        body,
      }),
      { abortSignal: signal, requestTimeout: (timeoutSeconds + 30) * 1_000 },
    );
    return { status: response.statusCode, body: Buffer.from(response.body).toString(), headers: response.headers };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof ProxyError) {
      return { status: undefined, body: `the proxy ${error.proxy}: ${error.message}`, headers: {} };
    }
    const { code, message } = error as { code?: string; message: string };
    return { status: undefined, body: code ?? message, headers: {} };
  } finally {
    handler.destroy();
  }
}

function lengthOf(body: string | undefined): Readonly<Record<string, string>> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function statusProblem({ status, body }: Pick<Received, 'status' | 'body'>): string | undefined {
  if (status === undefined) return `the URL cannot be reached from this machine (${body})`;
  if (status === 403) {
    return 'the URL returns 403 although both permissions exist: the new permissions may not be active yet (run it again in a minute), or a service control policy denies public function URLs';
  }
  return status >= 400 ? `the URL returns ${status}` : undefined;
}
