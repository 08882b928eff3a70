import { randomBytes, randomUUID } from 'node:crypto';
import { ALIAS } from '../aws/arns.ts';
import { type PageRequest, queryString } from './request.ts';

/** What Lambda adds to a request, for the event. */
interface Arrival {
  readonly domainName: string;
  readonly requestId: string;
  readonly time: Date;
  /** The request's headers and those added by the browser and AWS; names in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
}

const SOURCE_IP = '127.0.0.1';
const USER_AGENT = 'crc';

/**
 * The event for a request to a function URL: payload format 2.0
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload).
 */
export function urlEvent(request: PageRequest, region: string, more: Readonly<Record<string, string>> = {}): object {
  const { method, path, query } = request;
  const apiId = 'abcdefghijklmnopqrstuvwxyz012345';
  const { domainName, requestId, time, headers } = arrivalOf(request, `${apiId}.lambda-url.${region}.on.aws`, more);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: encodeURI(path),
    rawQueryString: queryString(request),
    headers,
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: 'anonymous',
      apiId,
      domainName,
      domainPrefix: apiId,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: SOURCE_IP, userAgent: USER_AGENT },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: logTime(time),
      timeEpoch: time.getTime(),
    },
    ...bodyOf(request, headers),
  };
}

/**
 * The event of an API Gateway REST API: payload format 1.0, for functions that were written for it
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format).
 */
export function restEvent(request: PageRequest, region: string, accountId: string): object {
  const { method, path, query, body } = request;
  const apiId = 'abcdefghij';
  const { domainName, requestId, time, headers } = arrivalOf(
    request,
    `${apiId}.execute-api.${region}.amazonaws.com`,
    {},
  );
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [restName(name), value]));
  const orNull = (values: object) => (Object.keys(values).length === 0 ? null : values);
  return {
    resource: path,
    path,
    httpMethod: method,
    headers: named,
    multiValueHeaders: lists(named),
    queryStringParameters: orNull(query),
    multiValueQueryStringParameters: orNull(lists(query)),
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      accountId,
      apiId,
      domainName,
      domainPrefix: apiId,
      extendedRequestId: randomBytes(11).toString('base64'),
      httpMethod: method,
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: SOURCE_IP,
        user: null,
        userAgent: USER_AGENT,
        userArn: null,
      },
      path: `/${ALIAS}${path}`,
      protocol: 'HTTP/1.1',
      requestId,
      requestTime: logTime(time),
      requestTimeEpoch: time.getTime(),
      resourceId: 'abc123',
      resourcePath: path,
      stage: ALIAS,
    },
    body: body ?? null,
    isBase64Encoded: false,
  };
}

function arrivalOf(request: PageRequest, domainName: string, more: Readonly<Record<string, string>>): Arrival {
  const time = new Date();
  const seconds = Math.floor(time.getTime() / 1_000);
  return {
    domainName,
    requestId: randomUUID(),
    time,
    headers: {
      accept: '*/*',
      'accept-encoding': 'gzip, deflate, br',
      ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
      host: domainName,
      origin: request.origin,
      'user-agent': USER_AGENT,
      'x-amzn-trace-id': `Root=1-${seconds.toString(16).padStart(8, '0')}-${randomBytes(12).toString('hex')}`,
      'x-forwarded-for': SOURCE_IP,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...request.headers,
      ...more,
    },
  };
}

/** Content types that a function URL passes on as text; it encodes all others. */
const TEXT = /^(text\/|application\/(json|javascript|xml|[\w.+-]+\+(json|xml))\b)/i;

function bodyOf({ body }: PageRequest, headers: Readonly<Record<string, string>>): object {
  if (body === undefined) return { isBase64Encoded: false };
  const isText = TEXT.test(headers['content-type'] ?? '');
  return isText
    ? { body, isBase64Encoded: false }
    : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
}

/** `26/Nov/2026:05:03:58 +0000`: the time format of the Common Log Format. */
function logTime(time: Date): string {
  const [, day = '', month = '', year = ''] = /, (\d+) (\w+) (\d+)/.exec(time.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time.toISOString().slice(11, 19)} +0000`;
}

/** API Gateway uses its own case for headers that it adds, and keeps the browser's case for others. */
const REST_NAMES: ReadonlyMap<string, string> = new Map(
  ['Host', 'User-Agent', 'X-Amzn-Trace-Id', 'X-Forwarded-For', 'X-Forwarded-Port', 'X-Forwarded-Proto'].map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

function restName(name: string): string {
  return REST_NAMES.get(name) ?? name;
}

function lists(values: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
}
