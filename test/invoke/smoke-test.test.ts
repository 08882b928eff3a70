import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RemoteSmokeTest, testLocally, testOnAws } from '../../src/invoke/smoke-test.ts';
import { awsError, fakeAws } from '../helpers/fake-aws.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';
import { folderWith } from '../helpers/folder.ts';
import { localInvocation } from '../helpers/local.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const NAME = 'IncrementVisits';
const ORIGIN = 'https://resume.example.com';
const CORS = { allowOrigins: [ORIGIN], allowMethods: ['GET'] };

let server: TestServer;
let requests: IncomingMessage[];
let respond: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  requests = [];
  server = await startServer((request, response) => {
    requests.push(request);
    respond(request, response);
  });
});
afterEach(async () => {
  await server.stop();
});

const answer =
  (status: number, body: string, headers: Record<string, string | string[]> = {}) =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
const visit = (total: number) => `{"Id":"cv","VisitTotal":${total}}`;
const counted = (total: number) => ({ payload: JSON.stringify({ statusCode: 200, body: visit(total) }) });
const allowed = { 'access-control-allow-origin': ORIGIN };

interface BenchOptions {
  readonly invoke?: ReturnType<typeof fakeLambda>['invoke'];
  readonly cors?: object;
  readonly url?: boolean;
  readonly test?: RemoteSmokeTest['test'];
  readonly authType?: 'NONE' | 'AWS_IAM';
  readonly role?: string;
  readonly table?: RemoteSmokeTest['table'];
  readonly reservedConcurrency?: number;
}

function bench(options: BenchOptions = {}) {
  const lambda = fakeLambda();
  lambda.handlers.CreateFunction?.({ FunctionName: NAME, Code: { ZipFile: Buffer.from('x') } });
  lambda.handlers.CreateAlias?.({ FunctionName: NAME, Name: 'live', FunctionVersion: '$LATEST' });
  lambda.invoke = options.invoke ?? (() => counted(7));
  const aws = fakeAws({
    lambda: { ...lambda.handlers, GetFunctionUrlConfig: () => ({ FunctionUrl: `${server.endpoint}/` }) },
  });
  const reported: string[] = [];
  const cors = 'cors' in options ? options.cors : CORS;
  return {
    aws,
    reported,
    test: (deadline = 0, signal = new AbortController().signal, newRights = false) =>
      testOnAws(aws.clients, {
        functionName: NAME,
        timeoutSeconds: 10,
        url: options.url === false ? undefined : { authType: options.authType ?? 'NONE', cors },
        region: 'eu-west-2',
        test: options.test,
        role: options.role,
        table: options.table,
        reservedConcurrency: options.reservedConcurrency,
        newRights,
        show: (line) => reported.push(line),
        signal,
        deadline,
        firstPause: 1,
      }),
  };
}

describe('smoke test on AWS', () => {
  it('skips a URL that accepts only signed requests, and reports it', async () => {
    const { aws, test } = bench({ authType: 'AWS_IAM' });
    const { ok, lines } = await test();
    expect([ok, lines.at(-1)]).toEqual([true, 'the URL was not called: it takes signed requests only (AWS_IAM)']);
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['Invoke']);
  });

  it('is skipped for a function that the config disables, which Lambda rejects every call of', async () => {
    const { aws, test } = bench({ reservedConcurrency: 0 });
    expect(await test()).toMatchObject({ mode: 'skipped', ok: true, lines: [expect.stringContaining('disables')] });
    expect(aws.calls).toEqual([]);
  });

  it('calls the alias, then the public URL as the site would, with a header that marks a test, and says when it was counted', async () => {
    respond = answer(200, visit(8), allowed);
    const { aws, test } = bench();
    const { mode, ok, lines, log } = await test();
    expect([mode, ok, log]).toEqual(['remote', true, '']);
    expect(lines).toEqual([
      `alias live: 200 ${visit(7)}`,
      expect.stringMatching(/^http:.*\(Origin https:\/\/resume\.example\.com\): 200 \{"Id":"cv","VisitTotal":8\}$/),
      'the count went from 7 to 8 during the test, whose requests have the header x-crc-smoke-test',
    ]);
    expect(requests.map(({ method, headers }) => [method, headers.origin, headers['x-crc-smoke-test']])).toEqual([
      ['GET', ORIGIN, 'true'],
    ]);
    const invoked = aws.calls.find(({ operation }) => operation === 'Invoke')?.input;
    expect(invoked).toMatchObject({ FunctionName: NAME, Qualifier: 'live', LogType: 'Tail' });
    expect(JSON.parse(Buffer.from(invoked?.Payload as Uint8Array).toString())).toMatchObject({
      version: '2.0',
      requestContext: { http: { method: 'GET' } },
      headers: { origin: ORIGIN, 'x-crc-smoke-test': 'true' },
    });
  });

  it('stays on the host of the URL, whatever the path', async () => {
    respond = answer(200, visit(8), allowed);
    const { ok } = await bench({ test: { method: 'GET', path: '//visits/é', query: { a: '/' } } }).test();
    expect([ok, requests.map(({ url }) => url)]).toEqual([true, ['//visits/%C3%A9?a=%2F']]);
  });

  it('reports that the test was not counted', async () => {
    respond = answer(200, visit(7), allowed);
    const { lines } = await bench().test();
    expect(lines.at(-1)).toBe('the count is still 7: the test did not raise it');
  });

  it.each([
    [
      'a function error',
      {
        payload: '{"errorType":"TypeError","errorMessage":"x is not a function"}',
        functionError: 'Unhandled',
        log: 'at index.ts:3\n',
      },
      'alias live: Unhandled TypeError: x is not a function',
    ],
    [
      'a status of 500',
      { payload: '{"statusCode":500,"body":"{\\"error\\":\\"no\\"}"}', log: 'at index.ts:3\n' },
      'alias live: 500 {"error":"no"}',
    ],
  ])('fails on %s, with the log, and does not call the URL', async (_, invoked, line) => {
    const { test } = bench({ invoke: () => invoked });
    const advice = expect.stringMatching(/^the test sent GET .*write it in "test" in the config$/);
    expect(await test()).toEqual({ mode: 'remote', ok: false, lines: [line, advice], log: 'at index.ts:3\n' });
    expect(requests).toEqual([]);
  });

  it('fails with an explanation when the alias cannot be called', async () => {
    const { aws, test } = bench();
    aws.fail('Invoke', awsError('AccessDeniedException', 403));
    const { ok, lines } = await test();
    expect([ok, lines[0]]).toEqual([false, expect.stringContaining('Access denied: ')]);
  });

  it.each([
    ['no allow-origin', answer(200, '{}'), /has no access-control-allow-origin/],
    [
      'two allow-origins',
      answer(200, '{}', { 'access-control-allow-origin': [ORIGIN, '*'] }),
      /more than once.*remove the header/,
    ],
    [
      "another's allow-origin",
      answer(200, '{}', { 'access-control-allow-origin': 'https://other.example.com' }),
      /allows https:\/\/other/,
    ],
    ['a server error', answer(502, 'Internal Server Error', allowed), /the URL returns 502/],
    ['a persistent 403', answer(403, '{"Message":"Forbidden"}'), /returns 403 although both permissions exist/],
  ])('fails on %s', async (_, response, problem) => {
    respond = response;
    const { ok, lines } = await bench().test();
    expect(ok).toBe(false);
    expect(lines.join('\n')).toMatch(problem);
  });

  it('waits for a new URL and its permissions, before which requests do not reach the function', async () => {
    let calls = 0;
    respond = (request, response) => {
      calls += 1;
      answer(calls === 1 ? 403 : 200, visit(8), allowed)(request, response);
    };
    const { ok, lines } = await bench().test(10_000);
    expect([ok, calls, lines.at(-1)]).toEqual([true, 2, expect.stringContaining('from 7 to 8')]);
  });

  const DENIED = {
    payload: '{"statusCode":500,"body":"{\\"error\\":\\"The visit could not be counted.\\"}"}',
    log: 'AccessDeniedException: User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: dynamodb:UpdateItem\n',
  };

  it('waits for permissions that this run granted to the role, and reports it', async () => {
    const answers = [DENIED, DENIED, counted(1)];
    const { test, reported } = bench({ url: false, invoke: () => answers.shift() ?? counted(2) });
    const { ok, lines, log } = await test(60_000, new AbortController().signal, true);
    expect([ok, answers, log]).toEqual([true, [], '']);
    expect(lines).toEqual([
      expect.stringMatching(/^waited \d+ s for the new permissions of the function's role$/),
      `alias live: 200 ${visit(1)}`,
    ]);
    expect(reported[0]).toContain("waiting for the new permissions of the function's role");
  });

  it('waits for access to the key of the environment variables, which a new role gets as late', async () => {
    let calls = 0;
    const invoke = () => {
      calls += 1;
      if (calls === 1) throw awsError('KMSAccessDeniedException', 502);
      return counted(1);
    };
    const signal = new AbortController().signal;
    expect((await bench({ url: false, invoke }).test(60_000, signal, true)).ok).toBe(true);
    calls = 0;
    expect((await bench({ url: false, invoke }).test(60_000, signal, false)).ok).toBe(false);
  });

  it.each([
    ['a run that changed no permissions', DENIED, false],
    ['another failure', { payload: '{"statusCode":500,"body":"no"}', log: 'TypeError: x is not a function' }, true],
  ])('does not wait after %s', async (_, invoked, newRights) => {
    const { aws, test } = bench({ url: false, invoke: () => invoked });
    expect((await test(60_000, new AbortController().signal, newRights)).ok).toBe(false);
    expect(aws.calls.filter(({ operation }) => operation === 'Invoke')).toHaveLength(1);
  });

  it('waits while AWS is still preparing the function', async () => {
    const { aws, test } = bench({ url: false });
    aws.answer('lambda:Invoke', 'busy', 2);
    const { ok, lines } = await test(60_000);
    expect([ok, lines[0]]).toEqual([true, expect.stringMatching(/^waited \d+ s for the function to be ready$/)]);
  });

  it('gives up on permissions that never arrive, with the log of the function', async () => {
    const { aws, test } = bench({ url: false, invoke: () => DENIED });
    const { ok, lines, log } = await test(20, new AbortController().signal, true);
    expect([ok, log, lines[0]]).toEqual([false, DENIED.log, expect.stringMatching(/^waited \d+ s for the new/)]);
    // After pauses of 1, 2, 4 and 8 ms, the next pause would exceed the limit.
    expect(aws.calls.filter(({ operation }) => operation === 'Invoke')).toHaveLength(5);
  });

  it('is skipped, with a message, when it is stopped while waiting for the URL', async () => {
    const controller = new AbortController();
    respond = (request, response) => {
      answer(403, '{}')(request, response);
      setTimeout(() => controller.abort(), 50);
    };
    const { mode, ok, lines } = await bench().test(60_000, controller.signal);
    expect([mode, ok]).toEqual(['skipped', true]);
    expect(lines).toEqual([expect.stringContaining(`crc invoke ${NAME}`)]);
  });

  it('reports a URL that cannot be reached', async () => {
    respond = (request) => request.socket.destroy();
    const { ok, lines } = await bench().test();
    expect([ok, lines.join('\n')]).toEqual([
      false,
      expect.stringMatching(/no response[\s\S]*cannot be reached from this machine/),
    ]);
  });

  it.each([
    ['no URL: only the alias', { url: false }, [], true],
    ['no CORS: any 200 response', { cors: undefined }, ['GET'], true],
    ['POST only: a POST', { cors: { allowOrigins: ['*'], allowMethods: ['POST'] } }, ['POST'], true],
    ['a wildcard origin: a matching site', { cors: { allowOrigins: ['*'], allowMethods: ['*'] } }, ['GET'], true],
  ])('with %s', async (_, options, methods, ok) => {
    respond = answer(
      200,
      'fine',
      'cors' in options && options.cors !== undefined ? { 'access-control-allow-origin': '*' } : {},
    );
    const result = await bench(options).test();
    expect([result.ok, requests.map(({ method }) => method)]).toEqual([ok, methods]);
  });

  it('does not mention a counter when there is none', async () => {
    respond = answer(200, 'fine', allowed);
    const { lines } = await bench({ invoke: () => ({ payload: '"fine"' }) }).test();
    expect(lines.join('\n')).not.toContain('count');
    expect(lines[0]).toBe('alias live: 200 "fine"');
  });
});

/** A test for a function that only accepts POST requests with JSON, as many pages send them. */
const POST: RemoteSmokeTest['test'] = {
  method: 'POST',
  path: '/visits',
  query: { page: 'cv' },
  headers: { 'Content-Type': 'application/json' },
  body: '{"page":"cv"}',
};
const POST_CORS = { allowOrigins: [ORIGIN], allowMethods: ['POST'], allowHeaders: ['content-type'] };
const PREFLIGHT = {
  ...allowed,
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'Content-Type',
};

describe('the smoke test with a request from the config', () => {
  const answering = (preflight: Record<string, string>, status = 200) => {
    const bodies: string[] = [];
    respond = (request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => bodies.push(chunk));
      request.on('end', () =>
        request.method === 'OPTIONS'
          ? answer(200, '', preflight)(request, response)
          : answer(status, visit(8), allowed)(request, response),
      );
    };
    return bodies;
  };

  it('is sent to the alias and, after a preflight like that of a browser, to the URL', async () => {
    const bodies = answering(PREFLIGHT);
    const { aws, test } = bench({ test: POST, cors: POST_CORS });
    const { ok, lines } = await test();
    expect([ok, lines]).toEqual([
      true,
      [
        `alias live (POST /visits?page=cv): 200 ${visit(7)}`,
        expect.stringMatching(/^preflight \(OPTIONS http:.*\/visits\?page=cv\): 200$/),
        expect.stringMatching(/^POST http:.*\/visits\?page=cv \(Origin https:\/\/resume.*\): 200/),
        expect.stringContaining('the count went from 7 to 8'),
      ],
    ]);
    expect(bodies).toEqual(['{"page":"cv"}']);
    const [preflight, request] = requests;
    expect([preflight?.method, preflight?.url, preflight?.headers]).toEqual([
      'OPTIONS',
      '/visits?page=cv',
      expect.objectContaining({
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      }),
    ]);
    // A browser's preflight request would not ask for crc's own header.
    expect(preflight?.headers).not.toHaveProperty('x-crc-smoke-test');
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'x-crc-smoke-test': 'true' });
    const invoked = aws.calls.find(({ operation }) => operation === 'Invoke')?.input;
    expect(JSON.parse(Buffer.from(invoked?.Payload as Uint8Array).toString())).toMatchObject({
      rawPath: '/visits',
      rawQueryString: 'page=cv',
      queryStringParameters: { page: 'cv' },
      headers: { 'content-type': 'application/json', 'content-length': '13' },
      requestContext: { http: { method: 'POST', path: '/visits' } },
      body: '{"page":"cv"}',
      isBase64Encoded: false,
    });
  });

  it.each([
    [
      'whose header is not allowed',
      { ...PREFLIGHT, 'access-control-allow-headers': '' },
      POST,
      /access-control-allow-headers has no content-type: add "content-type" to url\.cors\.allowHeaders/,
    ],
    [
      'whose method is not allowed',
      PREFLIGHT,
      { ...POST, method: 'PUT' },
      /access-control-allow-methods has no PUT: add "PUT" to url\.cors\.allowMethods/,
    ],
    [
      'from a different site',
      { ...PREFLIGHT, 'access-control-allow-origin': '' },
      POST,
      /no access-control-allow-origin/,
    ],
  ])(
    'fails on a preflight %s, and does not send the request, as no browser would',
    async (_, preflight, test, problem) => {
      answering(preflight);
      const { ok, lines } = await bench({ test, cors: POST_CORS }).test();
      expect([ok, lines.at(-1), requests.map(({ method }) => method)]).toEqual([
        false,
        expect.stringMatching(problem),
        ['OPTIONS'],
      ]);
    },
  );

  it.each([
    ['a GET with a header of JSON', { ...POST, method: 'GET', body: undefined }, ['OPTIONS', 'GET']],
    ['a POST of text, as fetch sends a string', { ...POST, headers: {} }, ['POST']],
    ['a DELETE', { ...POST, method: 'DELETE', headers: {}, body: undefined }, ['OPTIONS', 'DELETE']],
    ['a custom header', { ...POST, headers: { 'x-page': 'cv' } }, ['OPTIONS', 'POST']],
  ])('sends a preflight request if a browser would: %s', async (_, test, methods) => {
    answering({
      ...allowed,
      'access-control-allow-methods': '*',
      'access-control-allow-headers': '*',
    });
    expect((await bench({ test, cors: POST_CORS }).test()).ok).toBe(true);
    expect(requests.map(({ method }) => method)).toEqual(methods);
  });

  it.each([
    [
      'a status that is not a number',
      { statusCode: '200', body: '1' },
      /statusCode is "200", and must be a number; return 200/,
    ],
    [
      'headers that are not an object',
      { statusCode: 200, headers: ['a'], body: '1' },
      /headers is \["a"\], and must be an object/,
    ],
    [
      'a status that HTTP does not have',
      { statusCode: 2000 },
      /statusCode is 2000, and must be an HTTP status from 100 to 599/,
    ],
  ])('fails on %s, with which a URL answers 502', async (_, payload, problem) => {
    const invoke = () => ({ payload: JSON.stringify(payload) });
    const { ok, lines } = await bench({ test: POST, invoke }).test();
    expect([ok, lines[1], requests]).toEqual([false, expect.stringMatching(problem), []]);
    expect((await bench({ url: false, invoke }).test()).ok).toBe(payload.statusCode !== 2000);
  });
});

describe('advice on permissions that a function lacks', () => {
  const DENIED =
    'User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: dynamodb:GetItem on resource: arn:aws:dynamodb:eu-west-2:123456789012:table/Visits because no identity-based policy allows the dynamodb:GetItem action';
  const failed = (errorMessage: string) => () => ({
    functionError: 'Unhandled',
    payload: JSON.stringify({ errorType: 'AccessDeniedException', errorMessage }),
  });
  const table = { name: 'Visits', hashKey: 'Id', hashKeyType: 'S', access: 'update', capacity: 'on-demand' } as const;

  it.each([
    ['of its table', { table }, DENIED, 'write "access": "read-write" in "table" in the config'],
    ['of a different service', { table }, DENIED.replaceAll('dynamodb:GetItem', 'ses:SendEmail'), '"statements"'],
    ['of a function without a table', {}, DENIED, 'allow it with "statements"'],
    ['of a custom role', { table, role: 'arn:aws:iam::123456789012:role/mine' }, DENIED, 'role/mine'],
  ])('shows where to allow an action %s, and does not mention the request', async (_, config, message, location) => {
    const { ok, lines } = await bench({ ...config, invoke: failed(message) }).test();
    expect([ok, lines.slice(1)]).toEqual([
      false,
      [
        expect.stringContaining(
          `the function's role does not allow ${message === DENIED ? 'dynamodb:GetItem' : 'ses:'}`,
        ),
      ],
    ]);
    expect(lines[1]).toContain(location);
  });

  it.each(['a service control policy', 'an identity-based policy'])(
    'is missing if %s denies the action',
    async (policy) => {
      const message = DENIED.replace(/because .*/, `with an explicit deny in ${policy}`);
      const { lines } = await bench({ table, invoke: failed(message) }).test();
      expect(lines.join()).not.toContain('does not allow');
    },
  );

  it('is shown even if the function hides the error and answers with 200', async () => {
    const log = `ERROR ${DENIED}`;
    const { lines } = await bench({ table, url: false, invoke: () => ({ ...counted(0), log }) }).test();
    expect(lines).toContainEqual(expect.stringContaining('does not allow dynamodb:GetItem'));
  });
});

describe('smoke test on this machine', () => {
  const POST_ONLY = `export const handler = async (event) => {
  if (event.requestContext.http.method !== 'POST') return { statusCode: 405, body: 'POST only' };
  const { page } = JSON.parse(event.body);
  return { statusCode: 200, body: JSON.stringify({ page }) };
};`;
  const run = (text: string, config: Parameters<typeof testLocally>[1]) => {
    const [major] = process.versions.node.split('.');
    const files = [{ path: 'index.mjs', bytes: Buffer.from(text) }];
    return testLocally(localInvocation({ files, folder: folderWith({}), runtime: `nodejs${major}.x` }), config);
  };
  const url = (cors: object) => ({ authType: 'NONE' as const, cors });

  it('of a function that only accepts POST passes with the request from the config, and otherwise says where to write it', async () => {
    const { ok, lines } = await run(POST_ONLY, { url: url(POST_CORS), test: POST });
    expect([ok, lines]).toEqual([true, ['the package on this machine (POST /visits?page=cv): 200 {"page":"cv"}']]);
    const withUrlOnly = await run(POST_ONLY, { url: url(CORS), test: undefined });
    expect([withUrlOnly.ok, withUrlOnly.lines]).toEqual([
      false,
      ['the package on this machine: 405 POST only', expect.stringMatching(/write it in "test" in the config$/)],
    ]);
  });

  it.each([
    [
      'a header that the URL does not allow',
      POST_ONLY,
      { ...POST_CORS, allowHeaders: [] },
      /allow-headers has no content-type/,
    ],
    [
      'its own CORS headers in addition to those of the URL',
      'export const handler = async () => ({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" }, body: "1" });',
      POST_CORS,
      /more than once \(\*, https:\/\/resume.*remove the header from the function/,
    ],
    [
      'headers that are not an object',
      'export const handler = async () => ({ statusCode: 200, headers: "none", body: "1" });',
      POST_CORS,
      /headers is "none", and must be an object/,
    ],
  ])('fails on %s, as a browser would', async (_, text, cors, problem) => {
    const { ok, lines } = await run(text, { url: url(cors), test: POST });
    expect([ok, lines.join('\n')]).toEqual([false, expect.stringMatching(problem)]);
  });

  it.each([
    [
      'a file that is not in the package',
      "import { readFileSync } from 'node:fs';\nreadFileSync('page.html');",
      'include',
    ],
    ['a missing module', "import 'nowhere';", undefined],
  ])('does not blame the request for %s', async (_, text, key) => {
    const { ok, lines } = await run(`${text}\nexport const handler = async () => ({});`, {
      test: undefined,
      url: undefined,
    });
    expect([ok, lines.slice(1)]).toEqual([
      false,
      key === undefined ? [] : [expect.stringContaining(`name it in "${key}"`)],
    ]);
  });

  it('is skipped when the run is stopped, without a statement about what is deployed', async () => {
    const stopping = new AbortController();
    const files = [
      {
        path: 'index.mjs',
        bytes: Buffer.from('export const handler = () => new Promise((resolve) => setInterval(resolve, 1e9));'),
      },
    ];
    const invocation = localInvocation({ files, folder: folderWith({}), signal: stopping.signal });
    const test = testLocally(invocation, { test: undefined, url: undefined });
    stopping.abort();
    expect(await test).toMatchObject({ mode: 'skipped', ok: true, lines: [expect.stringContaining('is untested')] });
  });

  it('lets a function set the headers itself if its URL has no CORS', async () => {
    const text =
      'export const handler = async () => ({ statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" }, body: "1" });';
    expect((await run(text, { url: { authType: 'NONE' }, test: POST })).ok).toBe(true);
  });
});
