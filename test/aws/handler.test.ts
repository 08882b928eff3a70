import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpRequest } from '@smithy/core/protocols';
import { afterEach, describe, expect, it } from 'vitest';
import { CONNECTION_TIMEOUT, MAX_CONNECTIONS } from '../../src/aws/deadlines.ts';
import { Handler } from '../../src/aws/handler.ts';

const ending: (() => void)[] = [];
afterEach(() => {
  for (const end of ending.splice(0)) end();
});

async function serving(answer: (response: ServerResponse, request: IncomingMessage) => void): Promise<Server> {
  const server = createServer((request, response) => answer(response, request));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  ending.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

function handlerOf(stop?: AbortSignal): Handler {
  const handler = new Handler(stop);
  ending.push(() => handler.destroy());
  return handler;
}

function get(server: Server): HttpRequest {
  const { port } = server.address() as AddressInfo;
  return new HttpRequest({ protocol: 'http:', hostname: '127.0.0.1', port, path: '/', method: 'GET' });
}

/** Number of connections that the server has open. */
async function connections(server: Server): Promise<number> {
  return await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}

async function untilClosed(server: Server): Promise<void> {
  while ((await connections(server)) > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('the deadline of an attempt', () => {
  it.each<readonly [string, (response: ServerResponse) => void]>([
    ['nothing at all', () => undefined],
    ['headers and then nothing', (response) => response.flushHeaders()],
    [
      'half of the body and then nothing',
      (response) => response.writeHead(200, { 'content-length': '10' }).write('half'),
    ],
    [
      'a body that trickles',
      (response) => {
        const trickle = setInterval(() => response.write('.'), 10);
        response.once('close', () => clearInterval(trickle));
      },
    ],
  ])('ends a response with %s, and closes its connection', async (_, answer) => {
    const server = await serving(answer);
    const call = handlerOf().handle(get(server), { requestTimeout: 100 });
    await expect(call).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no complete answer within 0.1 seconds',
    });
    await untilClosed(server);
  });

  it.each<readonly [string, (response: ServerResponse) => void]>([
    ['before the length that it promised', (response) => response.writeHead(200, { 'content-length': '10' })],
    ['between chunks', (response) => response.writeHead(200)],
  ])('is not awaited when a body is cut off %s', async (_, start) => {
    const server = await serving((response) => {
      start(response);
      response.write('half', () => response.destroy());
    });
    await expect(handlerOf().handle(get(server))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('leaves a complete answer as it is', async () => {
    const server = await serving((response) => response.end('all of it'));
    const { response } = await handlerOf().handle(get(server));
    expect([response.statusCode, Buffer.from(response.body).toString()]).toEqual([200, 'all of it']);
  });

  it('does not run while waiting for a connection', async () => {
    const waiting: ServerResponse[] = [];
    let most = 0;
    const server = await serving((response) => {
      waiting.push(response);
      most = Math.max(most, waiting.length);
    });
    const handler = handlerOf();
    const all = Array.from({ length: MAX_CONNECTIONS + 20 }, () => handler.handle(get(server)));
    // Every connection is busy for longer than the connection timeout.
    const answering = setTimeout(() => {
      const interval = setInterval(() => {
        for (const response of waiting.splice(0)) response.end('ok');
      }, 10);
      ending.push(() => clearInterval(interval));
    }, CONNECTION_TIMEOUT + 500);
    const statuses = (await Promise.all(all)).map(({ response }) => response.statusCode);
    clearTimeout(answering);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(most).toBe(MAX_CONNECTIONS);
  });
});

describe('a run that is stopped', () => {
  it('sends nothing more', async () => {
    let requests = 0;
    const server = await serving((response) => {
      requests += 1;
      response.end();
    });
    await expect(handlerOf(AbortSignal.abort()).handle(get(server))).rejects.toMatchObject({ name: 'AbortError' });
    expect(requests).toBe(0);
  });

  it('lets requests in progress finish', async () => {
    const stop = new AbortController();
    const server = await serving((response) => {
      stop.abort();
      setImmediate(() => response.end('done'));
    });
    const { response } = await handlerOf(stop.signal).handle(get(server));
    expect(Buffer.from(response.body).toString()).toBe('done');
  });

  it('does not wait for the deadline of a stalled request', async () => {
    const stop = new AbortController();
    const server = await serving((response) => {
      response.write('half');
      stop.abort();
    });
    const call = handlerOf(stop.signal).handle(get(server), { requestTimeout: 600_000 });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await untilClosed(server);
  });
});
