import { describe, expect, it } from 'vitest';
import { restEvent, urlEvent } from '../../src/invoke/event.ts';
import { requestOf } from '../../src/invoke/request.ts';

const TEST = { method: 'POST', path: '/visits', query: { page: 'c v' }, headers: { 'X-Page': 'cv' }, body: 'ü' };
const CORS = { allowOrigins: ['https://*.example.com'], allowMethods: ['POST'] };

describe('the event of a function URL', () => {
  it('has every field that Lambda sets', () => {
    expect(urlEvent(requestOf(undefined, undefined), 'eu-west-2')).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/',
      rawQueryString: '',
      headers: {
        accept: '*/*',
        'accept-encoding': expect.any(String),
        host: expect.stringMatching(/^\w+\.lambda-url\.eu-west-2\.on\.aws$/),
        origin: 'https://example.com',
        'user-agent': 'crc',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      },
      requestContext: {
        accountId: 'anonymous',
        apiId: expect.any(String),
        domainName: expect.stringMatching(/\.on\.aws$/),
        domainPrefix: expect.any(String),
        http: { method: 'GET', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'crc' },
        requestId: expect.any(String),
        routeKey: '$default',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      isBase64Encoded: false,
    });
  });

  it('has the request of the config', () => {
    expect(urlEvent(requestOf(TEST, CORS), 'eu-west-2')).toMatchObject({
      rawPath: '/visits',
      rawQueryString: 'page=c+v',
      queryStringParameters: { page: 'c v' },
      headers: {
        origin: 'https://www.example.com',
        'x-page': 'cv',
        'content-length': '2',
        'content-type': 'text/plain;charset=UTF-8',
      },
      requestContext: { http: { method: 'POST', path: '/visits' } },
      body: 'ü',
      isBase64Encoded: false,
    });
  });

  it.each([
    ['application/json; charset=utf-8', false],
    ['application/ld+json', false],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
  ])('gives a body of %s in base64: %j', (type, isBase64Encoded) => {
    const request = requestOf({ ...TEST, headers: { 'content-type': type } }, CORS);
    const body = isBase64Encoded ? Buffer.from('ü').toString('base64') : 'ü';
    expect(urlEvent(request, 'eu-west-2')).toMatchObject({ body, isBase64Encoded });
  });

  it.each([
    [undefined, 'GET'],
    [{ allowMethods: ['POST'] }, 'POST'],
    [{ allowMethods: ['PUT', 'GET'] }, 'GET'],
    [{ allowMethods: ['*'] }, 'GET'],
  ])('without a request in the config, with CORS %j, is a %s', (cors, method) => {
    expect(requestOf(undefined, cors).method).toBe(method);
  });
});

describe('the event of a REST API', () => {
  it('has the fields of payload format 1.0', () => {
    const event = restEvent(requestOf(TEST, CORS), 'eu-west-2', '123456789012');
    expect(event).toMatchObject({
      resource: '/visits',
      path: '/visits',
      httpMethod: 'POST',
      headers: { Host: expect.stringMatching(/execute-api/), 'x-page': 'cv', origin: 'https://www.example.com' },
      multiValueHeaders: { 'x-page': ['cv'] },
      queryStringParameters: { page: 'c v' },
      multiValueQueryStringParameters: { page: ['c v'] },
      pathParameters: null,
      stageVariables: null,
      requestContext: {
        accountId: '123456789012',
        httpMethod: 'POST',
        identity: { sourceIp: '127.0.0.1', userAgent: 'crc' },
        path: '/live/visits',
        stage: 'live',
      },
      body: 'ü',
      isBase64Encoded: false,
    });
    expect(event).not.toHaveProperty('version');
  });

  it('has null if there is no query and no body', () => {
    expect(restEvent(requestOf(undefined, undefined), 'eu-west-2', '123456789012')).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      body: null,
    });
  });
});
