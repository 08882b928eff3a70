import { afterAll, beforeAll, expect, it } from 'vitest';
import { callUrl } from '../../src/invoke/url.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const ORIGIN = 'https://resume.example.com';
let server: TestServer;
beforeAll(async () => {
  server = await startServer((request, response) => {
    response.writeHead(request.url === '/broken' ? 500 : 200, { 'access-control-allow-origin': ORIGIN });
    response.end(JSON.stringify({ Id: 'cv', VisitTotal: 1 }));
  });
});
afterAll(async () => {
  await server.stop();
});

const called = async (path: string, origin = ORIGIN) =>
  await callUrl({
    url: `${server.endpoint}${path}`,
    request: { origin, method: 'GET', path: '/', query: {}, headers: {}, body: undefined },
    cors: true,
    timeoutSeconds: 10,
    signal: new AbortController().signal,
    deadline: 0,
  });

it('reads what the URL returns', async () => {
  expect(await called('/')).toEqual({ ok: true, status: 200, body: '{"Id":"cv","VisitTotal":1}', problem: undefined });
});

it('shows the body of a failure', async () => {
  expect(await called('/broken')).toMatchObject({
    ok: false,
    body: '{"Id":"cv","VisitTotal":1}',
    problem: 'the URL returns 500',
  });
});

it('judges the response as the browser of the site would', async () => {
  expect(await called('/', 'https://other.example.com')).toMatchObject({
    ok: false,
    problem: `the response allows ${ORIGIN}, but not https://other.example.com: fix url.cors.allowOrigins`,
  });
});
