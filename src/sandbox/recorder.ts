import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server before the emulator, which is reached in its place. */
export interface Recorder {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts a loopback server that passes everything on, and shows each request with the status of its answer. */
export async function startRecorder(
  target: string,
  onRequest: (seen: SeenRequest, status: number) => void,
): Promise<Recorder> {
  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  // An upload that stops half-way is the client's affair.
  server.requestTimeout = 0;

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { method = 'GET', url = '/' } = incoming;
    // It was answered here.
    const { expect: _expect, ...headers } = incoming.headers;
    const forwarded = request(`${target}${url}`, { method, headers });
    // Who no longer waits for the answer needs none.
    response.once('close', () => forwarded.destroy());
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const status = answer.statusCode ?? 502;
    onRequest({ method, url: `${target}${url}`, headers: single(incoming.headers), body: body.toString() }, status);
    // These are between the emulator and this server.
    const { connection: _connection, 'transfer-encoding': _encoding, ...answered } = answer.headers;
    response.writeHead(status, answered);
    answer.pipe(response);
  }

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

function single(headers: IncomingMessage['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]));
}
