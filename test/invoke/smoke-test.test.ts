import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testOnAws } from '../../src/invoke/smoke-test.ts';
import { awsError, fakeAws } from '../helpers/fake-aws.ts';
import { fakeLambda } from '../helpers/fake-lambda.ts';

const NAME = 'IncrementVisits';
const ORIGIN = 'https://resume.example.com';
const CORS = { allowOrigins: [ORIGIN], allowMethods: ['GET'] };

let server: Server;
let requests: IncomingMessage[];
let respond: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    respond(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
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
  readonly authType?: 'NONE' | 'AWS_IAM';
}

function bench(with_: BenchOptions = {}) {
  const lambda = fakeLambda();
  lambda.handlers.CreateFunction?.({ FunctionName: NAME, Code: { ZipFile: Buffer.from('x') } });
  lambda.handlers.CreateAlias?.({ FunctionName: NAME, Name: 'live', FunctionVersion: '$LATEST' });
  lambda.invoke = with_.invoke ?? (() => counted(7));
  const { port } = server.address() as { port: number };
  const aws = fakeAws({
    lambda: { ...lambda.handlers, GetFunctionUrlConfig: () => ({ FunctionUrl: `http://127.0.0.1:${port}/` }) },
  });
  const told: string[] = [];
  const cors = 'cors' in with_ ? with_.cors : CORS;
  return {
    aws,
    told,
    test: (deadline = 0, signal = new AbortController().signal, newRights = false) =>
      testOnAws(aws.clients, {
        functionName: NAME,
        timeoutSeconds: 10,
        url: with_.url === false ? undefined : { authType: with_.authType ?? 'NONE', cors },
        newRights,
        tell: (line) => told.push(line),
        signal,
        deadline,
        firstPause: 1,
      }),
  };
}

describe('smoke test on AWS', () => {
  it('leaves alone a URL that takes signed requests only, and says so', async () => {
    const { aws, test } = bench({ authType: 'AWS_IAM' });
    const { ok, lines } = await test();
    expect([ok, lines.at(-1)]).toEqual([true, 'the URL was not called: it takes signed requests only (AWS_IAM)']);
    expect(aws.calls.map(({ operation }) => operation)).toEqual(['Invoke']);
  });

  it('calls the alias, then the public URL as the site would, with a header to tell a test by, and says when it was counted', async () => {
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

  it('says that it was not counted', async () => {
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
    expect(await test()).toEqual({ mode: 'remote', ok: false, lines: [line], log: 'at index.ts:3\n' });
    expect(requests).toEqual([]);
  });

  it('fails with words when the alias cannot be called', async () => {
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
    ['a 403 that stays', answer(403, '{"Message":"Forbidden"}'), /returns 403 although both permissions exist/],
  ])('fails on %s', async (_, response, problem) => {
    respond = response;
    const { ok, lines } = await bench().test();
    expect(ok).toBe(false);
    expect(lines.join('\n')).toMatch(problem);
  });

  it('waits for a new URL and its permissions, which do not reach the function before', async () => {
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

  it('waits for rights that this run gave to the role, and says so', async () => {
    const answers = [DENIED, DENIED, counted(1)];
    const { test, told } = bench({ url: false, invoke: () => answers.shift() ?? counted(2) });
    const { ok, lines, log } = await test(60_000, new AbortController().signal, true);
    expect([ok, answers, log]).toEqual([true, [], '']);
    expect(lines).toEqual([
      expect.stringMatching(/^waited \d+ s for the new permissions of the function's role$/),
      `alias live: 200 ${visit(1)}`,
    ]);
    expect(told[0]).toContain("waiting for the new permissions of the function's role");
  });

  it.each([
    ['a run that changed no rights', DENIED, false],
    ['another failure', { payload: '{"statusCode":500,"body":"no"}', log: 'TypeError: x is not a function' }, true],
  ])('does not wait after %s', async (_, invoked, newRights) => {
    const { aws, test } = bench({ url: false, invoke: () => invoked });
    expect((await test(60_000, new AbortController().signal, newRights)).ok).toBe(false);
    expect(aws.calls.filter(({ operation }) => operation === 'Invoke')).toHaveLength(1);
  });

  it('waits while AWS still prepares the function', async () => {
    const { aws, test } = bench({ url: false });
    aws.answer('lambda:Invoke', 'busy', 2);
    const { ok, lines } = await test(60_000);
    expect([ok, lines[0]]).toEqual([true, expect.stringMatching(/^waited \d+ s for the function to be ready$/)]);
  });

  it('gives up on rights that never come, with the log of the function', async () => {
    const { aws, test } = bench({ url: false, invoke: () => DENIED });
    const { ok, lines, log } = await test(20, new AbortController().signal, true);
    expect([ok, log, lines[0]]).toEqual([false, DENIED.log, expect.stringMatching(/^waited \d+ s for the new/)]);
    // After pauses of 1, 2, 4 and 8 ms the next one would be too long.
    expect(aws.calls.filter(({ operation }) => operation === 'Invoke')).toHaveLength(5);
  });

  it('is skipped, and says so, when it is told to stop while it waits for the URL', async () => {
    const controller = new AbortController();
    respond = (request, response) => {
      answer(403, '{}')(request, response);
      setTimeout(() => controller.abort(), 50);
    };
    const { mode, ok, lines } = await bench().test(60_000, controller.signal);
    expect([mode, ok]).toEqual(['skipped', true]);
    expect(lines).toEqual([expect.stringContaining(`crc invoke ${NAME}`)]);
  });

  it('says when the URL cannot be reached', async () => {
    respond = (request) => request.socket.destroy();
    const { ok, lines } = await bench().test();
    expect([ok, lines.join('\n')]).toEqual([
      false,
      expect.stringMatching(/no response[\s\S]*cannot be reached from this machine/),
    ]);
  });

  it.each([
    ['no URL: the alias alone', { url: false }, [], true],
    ['no CORS: any answer of 200', { cors: undefined }, ['GET'], true],
    ['POST only: a POST', { cors: { allowOrigins: ['*'], allowMethods: ['POST'] } }, ['POST'], true],
    ['a wildcard origin: some site of it', { cors: { allowOrigins: ['*'], allowMethods: ['*'] } }, ['GET'], true],
  ])('with %s', async (_, with_, methods, ok) => {
    respond = answer(
      200,
      'fine',
      'cors' in with_ && with_.cors !== undefined ? { 'access-control-allow-origin': '*' } : {},
    );
    const result = await bench(with_).test();
    expect([result.ok, requests.map(({ method }) => method)]).toEqual([ok, methods]);
  });

  it('says nothing of a counter when there is none', async () => {
    respond = answer(200, 'fine', allowed);
    const { lines } = await bench({ invoke: () => ({ payload: '"fine"' }) }).test();
    expect(lines.join('\n')).not.toContain('count');
    expect(lines[0]).toBe('alias live: 200 "fine"');
  });
});
