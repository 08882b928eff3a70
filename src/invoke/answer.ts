import { isObject } from '../json.ts';
import { parsedJson } from '../parsed-json.ts';
/** A function's response, however it was called. */
export interface Answer {
  /** The returned value as JSON; for an error, Lambda's error object. */
  readonly payload: string;
  /** Set if it threw, or ran out of time or memory. */
  readonly functionError: string | undefined;
  /** The end of its log. */
  readonly log: string;
}

/** Identifies crc's smoke tests, so that a function can avoid changes: the visit counter adds 0. */
export const SMOKE_TEST_HEADERS = { 'x-crc-smoke-test': 'true' };

/** The HTTP response that the function's URL sends. */
export interface HttpAnswer {
  readonly ok: boolean;
  /** Undefined if the function failed. */
  readonly statusCode: number | undefined;
  /** Header names are in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why the URL would not send this response, and what to return instead. */
  readonly refused?: string;
}

export interface AnswerReading {
  /**
   * The response is sent by a function URL, which rejects some responses that API Gateway or a direct caller accepts.
   */
  readonly byUrl: boolean;
}

/** The status that a URL sends instead of an invalid response. */
const BAD_GATEWAY = 502;

/**
 * Converts a response as a function URL does: `statusCode`, `headers` and `body`, or 200 and the whole value if it has
 * no `statusCode` (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload).
 */
export function asHttp(
  { payload, functionError }: Pick<Answer, 'payload' | 'functionError'>,
  { byUrl }: AnswerReading,
): HttpAnswer {
  if (functionError !== undefined) return { ok: false, statusCode: undefined, headers: {}, body: errorText(payload) };
  const value = parsedJson(payload);
  if (!isObject(value) || value.statusCode === undefined) {
    return { ok: true, statusCode: 200, headers: {}, body: payload };
  }
  const refused = byUrl ? refusedPart(value) : undefined;
  if (refused !== undefined) return { ok: false, statusCode: BAD_GATEWAY, headers: {}, body: payload, refused };
  const { body, headers, isBase64Encoded } = value;
  const statusCode = Number(value.statusCode);
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  return {
    ok: statusCode < 400,
    statusCode: Number.isInteger(statusCode) ? statusCode : BAD_GATEWAY,
    headers: isObject(headers) ? byName(headers) : {},
    body: isBase64Encoded === true ? Buffer.from(text, 'base64').toString('utf8') : text,
  };
}

/** The part of a response that makes a function URL return 502. */
function refusedPart({ statusCode, headers }: Readonly<Record<string, unknown>>): string | undefined {
  const is = (value: unknown) => JSON.stringify(value);
  if (typeof statusCode !== 'number') {
    return `a function URL answers ${BAD_GATEWAY}: statusCode is ${is(statusCode)}, and must be a number; return ${Number(statusCode) || 200}`;
  }
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
    return `a function URL answers ${BAD_GATEWAY}: statusCode is ${statusCode}, and must be an HTTP status from 100 to 599`;
  }
  if (headers !== undefined && headers !== null && !isObject(headers)) {
    return `a function URL answers ${BAD_GATEWAY}: headers is ${is(headers)}, and must be an object; return {"content-type": "application/json"}`;
  }
  return undefined;
}

function byName(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** `VisitTotal` from a body, if it has one. */
export function visitTotal(body: string): number | undefined {
  const value = parsedJson(body);
  return isObject(value) && typeof value.VisitTotal === 'number' ? value.VisitTotal : undefined;
}

/** `TypeError: x is not a function`, from Lambda's error object. */
function errorText(payload: string): string {
  const value = parsedJson(payload);
  if (!isObject(value) || typeof value.errorMessage !== 'string') return payload;
  return typeof value.errorType === 'string' ? `${value.errorType}: ${value.errorMessage}` : value.errorMessage;
}
