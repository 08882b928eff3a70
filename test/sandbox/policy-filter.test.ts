import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoopbackServer } from '../../src/sandbox/loopback.ts';
import { startPolicyFilter } from '../../src/sandbox/policy-filter.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const allow = { Sid: 'Mine', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' };
const deny = { Sid: 'Always', Effect: 'Deny', Principal: '*', Action: 's3:DeleteBucket', Resource: '*' };
const tls = { ...deny, Sid: 'Tls', Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
const policy = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

describe('the filter in front of Moto', () => {
  /** Received requests. In place of Moto, bodies are stored by path. */
  const arrived: { readonly method: string; readonly url: string; readonly body: string }[] = [];
  const kept = new Map<string, string>();
  let server: TestServer;
  let filter: LoopbackServer;

  beforeEach(async () => {
    arrived.length = 0;
    kept.clear();
    server = await startServer(async (request, response) => {
      const { method = '', url = '' } = request;
      const body = (await buffer(request)).toString();
      arrived.push({ method, url, body });
      if (method === 'PUT') kept.set(url, body);
      if (method === 'DELETE') kept.delete(url);
      const answer = method === 'PUT' ? '' : kept.get(url);
      response.writeHead(answer === undefined ? 404 : 200, { 'x-of': 'moto' }).end(answer);
    });
    filter = await startPolicyFilter(server.endpoint);
  });
  afterEach(async () => {
    await filter.stop();
    await server.stop();
  });

  const send = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${filter.endpoint}${path}`, { method, body });
    return [response.status, await response.text()];
  };

  it('hides a conditional Deny from Moto, and returns it to anyone who reads the policy', async () => {
    const document = policy(allow, tls, deny);
    expect(await send('PUT', '/bucket?policy', document)).toEqual([200, '']);
    expect(arrived).toEqual([{ method: 'PUT', url: '/bucket?policy', body: policy(allow, deny) }]);
    expect(await send('GET', '/bucket?policy')).toEqual([200, document]);
    expect(await send('GET', '/other?policy')).toEqual([404, '']);
  });

  it('notices that a policy was deleted or replaced', async () => {
    await send('PUT', '/bucket?policy', policy(tls));
    await send('DELETE', '/bucket?policy');
    expect(await send('GET', '/bucket?policy')).toEqual([404, '']);
    await send('PUT', '/bucket?policy', policy(allow));
    expect(await send('GET', '/bucket?policy')).toEqual([200, policy(allow)]);
  });

  it('forwards everything else unchanged, including large bodies and other documents', async () => {
    const largeBody = 'x'.repeat(3_000_000);
    await send('PUT', '/bucket/key', largeBody);
    await send('PUT', '/bucket?policy', 'no JSON');
    await send('PUT', '/bucket?policy', '"text"');
    expect(arrived.map(({ body }) => body)).toEqual([largeBody, 'no JSON', '"text"']);
    expect(await send('GET', '/bucket/key')).toEqual([200, largeBody]);
    const head = await fetch(`${filter.endpoint}/bucket/key`, { method: 'HEAD' });
    expect([head.status, head.headers.get('x-of')]).toEqual([200, 'moto']);
  });

  it('reports that Moto has stopped', async () => {
    await server.stop();
    expect(await send('GET', '/bucket/key')).toEqual([502, 'The sandbox cannot reach Moto: ECONNREFUSED.\n']);
  });
});
