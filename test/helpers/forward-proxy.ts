import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

/** A forward proxy, for use in HTTPS_PROXY and HTTP_PROXY. */
export interface ForwardProxy {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly host: string;
  /** Requested hosts: `CONNECT localhost:8443`, `GET localhost:8080`. */
  readonly requests: string[];
  stop(): Promise<void>;
}

export interface ForwardProxyOptions {
  /** `name:password`. Requests without these credentials are answered with 407. */
  readonly credentials?: string;
  /** Status with which each CONNECT is rejected. */
  readonly refuse?: number;
  /** Accepts connections but never responds. */
  readonly silent?: boolean;
}

export async function startForwardProxy(options: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const { credentials, refuse, silent = false } = options;
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const statusFor = (authorization: string | undefined) =>
    expected !== undefined && authorization !== expected ? 407 : refuse;

  const server = createServer((incoming, response: ServerResponse) => {
    const url = new URL(incoming.url ?? '', 'http://no-absolute-address');
    requests.push(`${incoming.method} ${url.host}`);
    const status = statusFor(incoming.headers['proxy-authorization']);
    if (status !== undefined) {
      response.writeHead(status).end('<html>no</html>');
      return;
    }
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = incoming.headers;
    const forwarded = request(url, { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    incoming.pipe(forwarded);
  });
  server.on('connect', (incoming, client: Socket, head: Buffer) => {
    requests.push(`CONNECT ${incoming.url}`);
    if (silent) return;
    const status = statusFor(incoming.headers['proxy-authorization']);
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = '', port] = (incoming.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    sockets.add(target);
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    address: `http://127.0.0.1:${address.port}`,
    host: `127.0.0.1:${address.port}`,
    requests,
    async stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
