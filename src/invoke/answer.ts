import { isObject } from '../json.ts';
import { parsedJson } from '../parsed-json.ts';
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
  /** By their names in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Why the URL would not give the answer on, and what to return instead. */
  readonly refused?: string;
}

export interface AnswerReading {
  /** It is given on by a function URL, which refuses what an API Gateway or nobody at all would take. */
  readonly byUrl: boolean;
}

/** What a URL answers with in place of what it cannot give on. */
const BAD_GATEWAY = 502;

/**
 * What a function URL makes of an answer: `statusCode`, `headers` and `body`, or 200 and all of it where it has no `statusCode`
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload).
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

/** The part of an answer for which a function URL answers with 502. */
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

/** `VisitTotal` of a body that has one. */
export function visitTotal(body: string): number | undefined {
  const value = parsedJson(body);
  return isObject(value) && typeof value.VisitTotal === 'number' ? value.VisitTotal : undefined;
}

/** `TypeError: x is not a function`, of the object that Lambda makes of an error. */
function errorText(payload: string): string {
  const value = parsedJson(payload);
  if (!isObject(value) || typeof value.errorMessage !== 'string') return payload;
  return typeof value.errorType === 'string' ? `${value.errorType}: ${value.errorMessage}` : value.errorMessage;
}
