import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { operationOf } from '../recorded/operation.ts';

export interface WireCall {
  readonly method: string;
  readonly path: string;
  /** `DescribeTable`, …; for S3 `s3:PUT ?policy`; for Lambda `lambda:POST functions`. */
  readonly name: string;
  /** `dynamodb:DescribeTable`, as in test/recorded; undefined if the request does not come from an SDK. */
  readonly operation: string | undefined;
  readonly write: boolean;
  /** The SDK's id of the call, which its attempts share; undefined if the request does not come from an SDK. */
  readonly invocation: string | undefined;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Forwards the request and changes the response body. */
export interface ChangedAnswer {
  readonly change: (body: string) => string;
}

/** Forwards the request and sends half of the response, then stalls or closes the connection. */
export interface CutAnswer {
  readonly cut: 'stall' | 'close';
}

/** Decides what happens to a request. */
export type Intercept = (
  call: WireCall,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<'handled' | 'pass' | 'drop answer' | ChangedAnswer | CutAnswer>;

export interface WireProxy {
  readonly endpoint: string;
  readonly calls: WireCall[];
  /** Number of opened connections. */
  connections: number;
  intercept: Intercept;
  /** Called for each forwarded response. */
  answered: (call: WireCall, answer: WireAnswer) => void;
  stop(): Promise<void>;
}

/** A loopback proxy in front of an AWS emulator. It logs all requests, and can delay or answer them. */
export async function startProxy(target: string): Promise<WireProxy> {
  const calls: WireCall[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call = describeCall(incoming, body);
    calls.push(call);
    const action = await proxy.intercept(call, incoming, response);
    if (action === 'handled') return;
    const forwarded = request(
      `${target}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        // The emulator handled the request, but the client never receives the response.
        if (action === 'drop answer') {
          answer.resume();
          response.destroy();
          return;
        }
        // Moto closes every connection, AWS keeps them alive.
        const { connection: _, ...headers } = answer.headers;
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const complete = Buffer.concat(chunks);
          const changed = typeof action === 'object' && 'change' in action && (answer.statusCode ?? 502) < 300;
          const body = changed ? Buffer.from(action.change(complete.toString())) : complete;
          if (changed) headers['content-length'] = String(body.length);
          if (typeof action === 'object' && 'cut' in action) {
            response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': String(body.length + 10) });
            sendHalf(call, body, response, action);
            return;
          }
          proxy.answered(call, { status: answer.statusCode ?? 502, headers, body });
          response.writeHead(answer.statusCode ?? 502, headers).end(body);
        });
      },
    );
    forwarded.on('error', () => response.destroy());
    forwarded.end(body);
  });
  server.on('connection', () => {
    proxy.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxy: WireProxy = {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    connections: 0,
    intercept: async () => 'pass',
    answered: () => undefined,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return proxy;
}

/** The content-length header is already larger than the body. HEAD responses have no body to cut. */
function sendHalf({ method }: WireCall, body: Buffer, response: ServerResponse, { cut }: CutAnswer): void {
  if (method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  const half = body.subarray(0, Math.ceil(body.length / 2));
  if (cut === 'stall') response.write(half);
  else response.write(half, () => response.destroy());
}

/**
 * Each call once. The SDK sends a request again after a timeout or on a connection that broke, which happens on a busy
 * machine; which of its attempts reached the proxy depends on where it broke.
 */
export function withoutRetries(calls: readonly WireCall[]): readonly WireCall[] {
  return calls.filter(
    ({ invocation }, index) =>
      invocation === undefined || calls.findIndex((other) => other.invocation === invocation) === index,
  );
}

function invocationOf({ 'amz-sdk-invocation-id': id }: IncomingHttpHeaders): string | undefined {
  return typeof id === 'string' ? id : undefined;
}

function describeCall({ method = '', url = '', headers }: IncomingMessage, body: Buffer): WireCall {
  const target = headers['x-amz-target'];
  const text = body.toString('latin1');
  const action = /(?:^|&)Action=(\w+)/.exec(text)?.[1];
  const operation = operationOf(method, url, headers, text);
  const name = typeof target === 'string' ? target.split('.').at(-1) : action;
  const common = {
    method,
    path: url,
    body: text,
    operation,
    invocation: invocationOf(headers),
  };
  if (name !== undefined) {
    return { ...common, name, write: !/^(Get|Head|List|Describe|Scan)/.test(name) };
  }
  const lambda = /^\/\d{4}-\d\d-\d\d\/(.*?)(?:\?|$)/.exec(url)?.[1];
  if (lambda !== undefined) {
    return { ...common, name: `lambda:${method} ${lambda}`, write: method !== 'GET' };
  }
  const query = url.split('?')[1]?.split(/[=&]/)[0] ?? '';
  return { ...common, name: `s3:${method} ?${query}`, write: method !== 'GET' && method !== 'HEAD' };
}
