import { isObject } from '../json.ts';
/** What a function answered, whichever way it was called. */
export interface Answer {
  /** What it returned, as JSON; for an error what Lambda makes of it. */
  readonly payload: string;
  /** It threw, or ran out of time or memory. */
  readonly functionError: string | undefined;
  /** The end of what it logged. */
  readonly log: string;
}

/** What a function can know crc's own smoke tests by, and then change nothing: the visit counter adds 0. */
export const SMOKE_TEST_HEADERS = { 'x-crc-smoke-test': 'true' };

/** An answer as the function's URL gives it on. */
export interface HttpAnswer {
  readonly ok: boolean;
  /** Undefined when the function failed. */
  readonly statusCode: number | undefined;
  readonly body: string;
}

/**
 * What a function URL makes of an answer: `statusCode` and `body`, or 200 and all of it
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload).
 */
export function asHttp({ payload, functionError }: Pick<Answer, 'payload' | 'functionError'>): HttpAnswer {
  if (functionError !== undefined) return { ok: false, statusCode: undefined, body: errorText(payload) };
  const value = parsed(payload);
  if (!isObject(value) || typeof value.statusCode !== 'number') return { ok: true, statusCode: 200, body: payload };
  const { statusCode, body, isBase64Encoded } = value;
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  return {
    ok: statusCode < 400,
    statusCode,
    body: isBase64Encoded === true ? Buffer.from(text, 'base64').toString('utf8') : text,
  };
}

/** The event of a GET on a function URL, with more headers if any (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload). */
export function urlEvent(origin: string, headers: Readonly<Record<string, string>> = {}): object {
  const http = { method: 'GET', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'crc' };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: { origin, 'user-agent': 'crc', ...headers },
    requestContext: { accountId: 'anonymous', http, routeKey: '$default', stage: '$default' },
    isBase64Encoded: false,
  };
}

/** `VisitTotal` of a body that has one. */
export function visitTotal(body: string): number | undefined {
  const value = parsed(body);
  return isObject(value) && typeof value.VisitTotal === 'number' ? value.VisitTotal : undefined;
}

/** `TypeError: x is not a function`, of the object that Lambda makes of an error. */
function errorText(payload: string): string {
  const value = parsed(payload);
  if (!isObject(value) || typeof value.errorMessage !== 'string') return payload;
  return typeof value.errorType === 'string' ? `${value.errorType}: ${value.errorMessage}` : value.errorMessage;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
