import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpRequest } from '@smithy/core/protocols';
import { afterEach, expect, it } from 'vitest';
import { CONNECTION_TIMEOUT, MAX_CONNECTIONS } from '../../src/aws/deadlines.ts';
import { Handler } from '../../src/aws/handler.ts';

const handler = new Handler();
const waiting: ServerResponse[] = [];
let most = 0;
const server = createServer((_, response) => {
  waiting.push(response);
  most = Math.max(most, waiting.length);
});
afterEach(() => {
  handler.destroy();
  server.close();
});

it('has no deadline for what waits for a connection', async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const request = () => new HttpRequest({ protocol: 'http:', hostname: '127.0.0.1', port, path: '/', method: 'GET' });
  const all = Array.from({ length: MAX_CONNECTIONS + 20 }, async () => {
    const { response } = await handler.handle(request());
    for await (const _ of response.body) void _;
    return response.statusCode;
  });
  // All connections are taken for longer than it may take to connect.
  const answering = setTimeout(() => {
    setInterval(() => {
      for (const response of waiting.splice(0)) response.end('ok');
    }, 10).unref();
  }, CONNECTION_TIMEOUT + 500);
  const statuses = await Promise.all(all);
  clearTimeout(answering);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(most).toBe(MAX_CONNECTIONS);
});
