import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { uriDecoded } from '../decoded.ts';
import { NoCompleteAnswer } from './attempt.ts';
import { CONNECTION_TIMEOUT, MAX_CONNECTIONS } from './deadlines.ts';
import { ProxyError } from './proxy.ts';

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1];

/** Agents that send requests through one proxy. Loaded only if a proxy is set. */
export interface ProxyAgents {
  readonly httpAgent: HttpProxyAgent<string>;
  readonly httpsAgent: HttpsProxyAgent<string>;
}

export function proxyAgents(proxy: URL): ProxyAgents {
  // Name and password are sent to the proxy, and appear nowhere else.
  const address = new URL(proxy);
  address.username = '';
  address.password = '';
  const credentials = [proxy.username, proxy.password].map(uriDecoded).join(':');
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const options = {
    keepAlive: true,
    maxSockets: MAX_CONNECTIONS,
    headers: credentials === ':' ? undefined : { 'Proxy-Authorization': authorization },
  };

  class Plain extends HttpProxyAgent<string> {
    override async connect(request: Parameters<HttpProxyAgent<string>['connect']>[0], to: ConnectOptions) {
      return await connected(proxy, (signal) =>
        new HttpProxyAgent(address, { ...options, signal } as typeof options).connect(request, to),
      );
    }
  }

  class Tunnel extends HttpsProxyAgent<string> {
    override async connect(request: ClientRequest, to: ConnectOptions) {
      let status = 0;
      request.once('proxyConnect', ({ statusCode }: { readonly statusCode: number }) => {
        status = statusCode;
      });
      const socket = await connected(proxy, (signal) =>
        new HttpsProxyAgent(address, { ...options, signal } as typeof options).connect(request, to),
      );
      if (status === 200) return socket;
      // The package passes on the proxy's page as if it were the answer.
      socket.destroy();
      throw new ProxyError(proxy, { status });
    }
  }

  return { httpAgent: new Plain(address, options), httpsAgent: new Tunnel(address, options) };
}

/** A connection to the proxy, with its own deadline: the request does not have the socket yet, and cannot end it. */
async function connected(proxy: URL, connect: (signal: AbortSignal) => Promise<Socket>): Promise<Socket> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), CONNECTION_TIMEOUT);
  try {
    return await connect(late.signal);
  } catch (cause) {
    throw new ProxyError(proxy, { cause: late.signal.aborted ? new NoCompleteAnswer(CONNECTION_TIMEOUT) : cause });
  } finally {
    clearTimeout(timer);
  }
}
