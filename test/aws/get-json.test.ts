import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { getJson } from '../../src/aws/get-json.ts';
import { publicRepository } from '../../src/github/public.ts';
import { startForwardProxy } from '../helpers/forward-proxy.ts';
import { startServer } from '../helpers/server.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const stop of stops.splice(0)) await stop();
});

async function serverThat(answers: RequestListener): Promise<string> {
  const { endpoint, stop } = await startServer(answers);
  stops.push(stop);
  return endpoint;
}

const json =
  (body: unknown, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

describe('a public JSON document', () => {
  it('is read without any credentials', async () => {
    vi.stubEnv('GH_TOKEN', 'ghs_secret');
    let headers: object = {};
    const at = await serverThat((request, response) => {
      headers = request.headers;
      json({ a: 1 })(request, response);
    });
    expect(await getJson(new URL(`${at}/x`))).toEqual({ status: 200, body: { a: 1 } });
    expect(JSON.stringify(headers)).not.toMatch(/authorization|ghs_secret/);
    expect(headers).toMatchObject({ 'user-agent': 'crc-bootstrap' });
  });

  it('uses the proxy in the environment', async () => {
    const at = await serverThat(json({ a: 1 }));
    const proxy = await startForwardProxy();
    stops.push(() => proxy.stop());
    vi.stubEnv('http_proxy', proxy.address);
    expect(await getJson(new URL(`${at}/x`))).toMatchObject({ body: { a: 1 } });
    expect(proxy.requests).toEqual([`GET ${at.slice('http://'.length)}`]);
  });

  it('follows redirects to another path, but not to another host', async () => {
    const other = await serverThat(json({ id: 'elsewhere' }));
    const at = await serverThat((request, response) => {
      const locations: Readonly<Record<string, string>> = { '/old': '/new', '/away': `${other}/x`, '/loop': '/loop' };
      const location = locations[request.url ?? ''];
      if (location === undefined) json({ id: 1 })(request, response);
      else response.writeHead(301, { location }).end('{}');
    });
    expect(await getJson(new URL(`${at}/old`))).toEqual({ status: 200, body: { id: 1 } });
    expect(await getJson(new URL(`${at}/away`))).toMatchObject({ status: 301 });
    expect(await getJson(new URL(`${at}/loop`))).toMatchObject({ status: 301 });
  });

  it('is undefined when an HTML page is returned', async () => {
    const at = await serverThat((_, response) => void response.end('<html>'));
    expect(await getJson(new URL(at))).toEqual({ status: 200, body: undefined });
  });

  it('is an error if the server is unreachable', async () => {
    await expect(getJson(new URL('http://127.0.0.1:1/x'))).rejects.toThrow();
  });
});

describe("GitHub's public API", () => {
  it.each([
    [{}, 'https://api.github.com/repos/o/r'],
    [{ GITHUB_API_URL: 'https://ghe.corp.example/api/v3' }, 'https://api.github.com/repos/o/r'],
    [
      { GITHUB_SERVER_URL: 'https://ghe.corp.example', GITHUB_API_URL: 'https://ghe.corp.example/api/v3' },
      'https://api.github.com/repos/o/r',
    ],
    [
      { GITHUB_SERVER_URL: 'https://github.com', GITHUB_API_URL: 'http://127.0.0.1:8080/' },
      'http://127.0.0.1:8080/repos/o/r',
    ],
  ])('with %j is %s', async (env, address) => {
    const requested: string[] = [];
    await publicRepository('o/r', env, async (url) => {
      requested.push(url.href);
      return { status: 404, body: undefined };
    });
    expect(requested).toEqual([address]);
  });
});
