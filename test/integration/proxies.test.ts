import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProcessResult, spawnCli } from '../helpers/cli.ts';
import { backendConfig, writeConfig } from '../helpers/configs.ts';
import { errorDocumentSchema } from '../helpers/documents.ts';
import { type ForwardProxy, type ForwardProxyOptions, startForwardProxy } from '../helpers/forward-proxy.ts';

const CERTIFICATE = fileURLToPath(new URL('../helpers/tls/localhost-cert.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../helpers/tls/localhost-key.pem', import.meta.url));

const ACCOUNT = '999999999999';
const IDENTITY = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/me</Arn><UserId>AIDA</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

const running: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
});

/** A fake of AWS that only answers GetCallerIdentity. */
async function startAws(scheme: 'http' | 'https'): Promise<{ readonly endpoint: string; readonly requests: string[] }> {
  const requests: string[] = [];
  const answer: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.headers['proxy-authorization'] ?? ''}`);
    request.resume();
    request.on('end', () => response.end(IDENTITY));
  };
  const server: Server =
    scheme === 'http'
      ? createHttpServer(answer)
      : createHttpsServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) }, answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  running.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { endpoint: `${scheme}://localhost:${(server.address() as AddressInfo).port}`, requests };
}

async function forwardProxy(options?: ForwardProxyOptions): Promise<ForwardProxy> {
  const proxy = await startForwardProxy(options);
  running.push(() => proxy.stop());
  return proxy;
}

/** A run whose first call is GetCallerIdentity. */
async function verifyThrough(endpoint: string, env: Readonly<Record<string, string>>): Promise<ProcessResult> {
  // Node reads NODE_EXTRA_CA_CERTS only at start-up.
  return await spawnCli(['verify', '--json', '--verbose'], {
    cwd: writeConfig({ ...backendConfig(), accountId: undefined }),
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      NODE_EXTRA_CA_CERTS: CERTIFICATE,
      NO_PROXY: '',
      no_proxy: '',
      // Debug output of packages must not contain passwords either.
      DEBUG: '*',
      ...env,
    },
  });
}

describe.each([
  ['https', 'HTTPS_PROXY', 'CONNECT'],
  ['http', 'HTTP_PROXY', 'POST'],
] as const)('an endpoint over %s', (scheme, name, method) => {
  it.each([name, name.toLowerCase()])('is reached through %s', async (variable) => {
    const aws = await startAws(scheme);
    const proxy = await forwardProxy();
    await verifyThrough(aws.endpoint, { [variable]: proxy.address });
    expect(proxy.requests[0]).toBe(`${method} ${new URL(aws.endpoint).host}`);
    expect(aws.requests.length).toBeGreaterThan(0);
  });

  it('is bypassed if NO_PROXY matches', async () => {
    const aws = await startAws(scheme);
    const proxy = await forwardProxy();
    await verifyThrough(aws.endpoint, { [name]: proxy.address, NO_PROXY: 'localhost' });
    expect(proxy.requests).toEqual([]);
    expect(aws.requests.length).toBeGreaterThan(0);
  });

  it("uses the name and password in the proxy's URL, which AWS does not receive and no output shows", async () => {
    const aws = await startAws(scheme);
    const proxy = await forwardProxy({ credentials: 'me:hunter2%' });
    const address = proxy.address.replace('//', '//me:hunter2%25@');
    const { stdout, stderr } = await verifyThrough(aws.endpoint, { [name]: address });
    expect(aws.requests.length).toBeGreaterThan(0);
    expect(aws.requests.filter((request) => !request.endsWith(' '))).toEqual([]);
    expect(stdout + stderr).not.toMatch(/hunter2|bWU6/);
  });

  it('a proxy that requires a name and password is one clear error', async () => {
    const aws = await startAws(scheme);
    const proxy = await forwardProxy({ credentials: 'me:hunter2' });
    const { code, stdout, stderr } = await verifyThrough(aws.endpoint, {
      [name]: proxy.address.replace('//', '//me:wrong@'),
    });
    const { error } = errorDocumentSchema.parse(JSON.parse(stdout));
    expect([code, error.message]).toEqual([
      1,
      `sts:GetCallerIdentity failed: the proxy ${proxy.host} requires a user name and password (407).`,
    ]);
    expect(stdout + stderr).not.toContain('wrong');
    expect([proxy.requests.length, aws.requests]).toEqual([1, []]);
  });

  it('a proxy with no listener is one clear error', async () => {
    const { stdout } = await verifyThrough(`${scheme}://localhost:1`, { [name]: 'http://me:hunter2@127.0.0.1:9' });
    const { error } = errorDocumentSchema.parse(JSON.parse(stdout));
    expect(error.message).toBe(
      'sts:GetCallerIdentity failed: the proxy 127.0.0.1:9 cannot be reached (ECONNREFUSED, 5 attempts).',
    );
    expect(stdout).not.toContain('hunter2');
  });

  it('a proxy that does not exist is one clear error', async () => {
    const { stdout } = await verifyThrough(`${scheme}://localhost:1`, { [name]: 'http://proxy.invalid:3128' });
    const { error } = errorDocumentSchema.parse(JSON.parse(stdout));
    expect(error.message).toMatch(
      /the proxy proxy\.invalid:3128 cannot be reached \((ENOTFOUND|EAI_AGAIN), 5 attempts\)/,
    );
  });
});

it('a proxy that does not connect is reported with its status', async () => {
  const proxy = await forwardProxy({ refuse: 403 });
  const { stdout } = await verifyThrough('https://localhost:1', { HTTPS_PROXY: proxy.address });
  const { error } = errorDocumentSchema.parse(JSON.parse(stdout));
  expect(error.message).toBe(
    `sts:GetCallerIdentity failed: the proxy ${proxy.host} did not connect to AWS (403, 1 attempt).`,
  );
});
