import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { systemReason } from '../errors.ts';
import { isObject } from '../json.ts';

/** A server before Moto, which is reached in its place. */
export interface PolicyFilter {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts a loopback server that passes everything on to Moto, but for the one thing that Moto cannot do: it takes a Deny in a
 * bucket policy for one that always applies, whatever its condition is
 * (https://github.com/getmoto/moto/blob/5.2.1/moto/s3/models.py, `put_bucket_policy`), so that no object of a bucket that
 * refuses requests without TLS can be read or written. Such statements are kept here; a reader of the policy gets it as it
 * was written.
 */
export async function startPolicyFilter(target: string): Promise<PolicyFilter> {
  const policies = new Map<string, Buffer>();
  const server = createServer((incoming, response) => {
    pass(incoming, response, { target, policies }).catch((error: unknown) => fail(response, error));
  });
  // An upload that stops half-way is the client's affair.
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

interface Filter {
  readonly target: string;
  /** Policies as they were written, by bucket. */
  readonly policies: Map<string, Buffer>;
}

async function pass(incoming: IncomingMessage, response: ServerResponse, { target, policies }: Filter): Promise<void> {
  const bucket = bucketOfPolicy(incoming.url ?? '/');
  const body = await buffer(incoming);
  const { method = 'GET', url } = incoming;
  // It was answered here.
  const { expect: _expect, ...headers } = incoming.headers;
  const sent = bucket !== undefined && method === 'PUT' ? withoutConditionalDeny(body) : body;
  const forwarded = request(`${target}${url}`, {
    method,
    headers: sent === body ? headers : { ...headers, 'content-length': String(sent.length) },
  });
  // Who no longer waits for the answer needs none.
  response.once('close', () => forwarded.destroy());
  forwarded.end(sent);
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  // These are between Moto and this filter.
  const { connection: _connection, 'transfer-encoding': _encoding, ...answered } = answer.headers;
  const ok = (answer.statusCode ?? 502) < 300;
  if (bucket !== undefined && ok && method === 'PUT') policies.set(bucket, body);
  const written = bucket !== undefined && ok && method === 'GET' ? policies.get(bucket) : undefined;
  if (written === undefined) {
    response.writeHead(answer.statusCode ?? 502, answered);
    answer.pipe(response);
    return;
  }
  answer.resume();
  response.writeHead(answer.statusCode ?? 200, { ...answered, 'content-length': String(written.length) });
  response.end(written);
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(502, { 'content-type': 'text/plain' });
  response.end(`The sandbox cannot reach Moto: ${systemReason(error)}.\n`);
}

/** `/BUCKET?policy` names the bucket whose policy a request is about. */
function bucketOfPolicy(url: string): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  return searchParams.has('policy') ? pathname.split('/')[1] : undefined;
}

function withoutConditionalDeny(policy: Buffer): Buffer {
  const document = parsed(policy);
  // What is no policy Moto refuses itself.
  if (!isObject(document)) return policy;
  const statements = [document.Statement].flat();
  const kept = statements.filter(
    (statement) => !(isObject(statement) && statement.Effect === 'Deny' && statement.Condition !== undefined),
  );
  return kept.length === statements.length ? policy : Buffer.from(JSON.stringify({ ...document, Statement: kept }));
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}
