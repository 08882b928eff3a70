import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { operationOf } from '../recorded/operation.ts';

/** One request as it went over the wire. */
export interface WireCall {
  readonly method: string;
  readonly path: string;
  /** `DescribeTable`, … as far as the wire tells; `s3:PUT ?policy` for S3, `lambda:POST functions` for Lambda. */
  readonly name: string;
  /** `dynamodb:DescribeTable`, as the tables of the tests name it; undefined for a request that no SDK sends. */
  readonly operation: string | undefined;
  readonly write: boolean;
  /** 1 for the first try; the SDK counts: on a slow machine a deadline may pass, and the call is sent again. */
  readonly attempt: number;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The request is passed on, and this becomes of the body of its answer. */
export interface ChangedAnswer {
  readonly change: (body: string) => string;
}

/** The request is passed on, and half of its answer is sent; then nothing more, or the connection is closed. */
export interface CutAnswer {
  readonly cut: 'stall' | 'close';
}

/** What to do with a request instead of passing it on. */
export type Intercept = (
  call: WireCall,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<'handled' | 'pass' | 'drop answer' | ChangedAnswer | CutAnswer>;

export interface WireProxy {
  readonly endpoint: string;
  readonly calls: WireCall[];
  /** Connections that were opened, one for each socket of a client. */
  connections: number;
  intercept: Intercept;
  /** Called with each response that is passed on. */
  answered: (call: WireCall, answer: WireAnswer) => void;
  stop(): Promise<void>;
}

/** A loopback proxy before an AWS emulator: it logs every request, and can hold or answer it itself. */
export async function startProxy(target: string): Promise<WireProxy> {
  const calls: WireCall[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call = describeCall(incoming, body);
    calls.push(call);
    const what = await proxy.intercept(call, incoming, response);
    if (what === 'handled') return;
    const forwarded = request(
      `${target}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        // It was handled, but the response is lost.
        if (what === 'drop answer') {
          answer.resume();
          response.destroy();
          return;
        }
        // Moto closes each connection; AWS keeps them.
        const { connection: _, ...headers } = answer.headers;
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const complete = Buffer.concat(chunks);
          const changed = typeof what === 'object' && 'change' in what && (answer.statusCode ?? 502) < 300;
          const body = changed ? Buffer.from(what.change(complete.toString())) : complete;
          if (changed) headers['content-length'] = String(body.length);
          if (typeof what === 'object' && 'cut' in what) {
            response.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': String(body.length + 10) });
            sendHalf(call, body, response, what);
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

/** The headers have said that the body is longer than it is. A HEAD has nothing to cut. */
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

/** Not the SDK's own repetition of a call that had no answer in time. */
export function isFirstAttempt({ attempt }: WireCall): boolean {
  return attempt === 1;
}

/** `attempt=2; max=5`: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
function attemptOf({ 'amz-sdk-request': header }: IncomingHttpHeaders): number {
  return Number(/attempt=(\d+)/.exec(String(header))?.[1] ?? 1);
}

function describeCall({ method = '', url = '', headers }: IncomingMessage, body: Buffer): WireCall {
  const target = headers['x-amz-target'];
  const text = body.toString('latin1');
  const action = /(?:^|&)Action=(\w+)/.exec(text)?.[1];
  const operation = operationOf(method, url, headers, text);
  const name = typeof target === 'string' ? target.split('.').at(-1) : action;
  const common = { method, path: url, body: text, operation, attempt: attemptOf(headers) };
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
