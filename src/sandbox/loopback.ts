import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http';

/** A local server in front of the emulator. */
export interface LoopbackServer {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1. */
export async function startLoopback(onRequest: RequestListener): Promise<LoopbackServer> {
  const server = createServer(onRequest);
  // An upload that stalls is the client's problem.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Another server's response to a forwarded request. */
export interface PassedOn {
  readonly status: number;
  /** Without hop-by-hop headers. */
  readonly headers: IncomingHttpHeaders;
  readonly answer: IncomingMessage;
}

/** Forwards a request with this body to `target`, for as long as its sender waits. */
export async function passOn(
  target: string,
  { method = 'GET', url = '/', headers: given }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<PassedOn> {
  // The request was already received completely, and its body may have been changed.
  const { expect: _expect, 'transfer-encoding': _chunked, ...headers } = given;
  const hasBody = body.length > 0 || headers['content-length'] !== undefined;
  const forwarded = request(`${target}${url}`, {
    method,
    headers: hasBody ? { ...headers, 'content-length': String(body.length) } : headers,
  });
  // A client that disconnected needs no response.
  response.once('close', () => forwarded.destroy());
  forwarded.end(body);
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  const { connection: _connection, 'transfer-encoding': _encoding, ...answered } = answer.headers;
  return { status: answer.statusCode ?? 502, headers: answered, answer };
}
