import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { systemReason } from '../errors.ts';
import { isObject } from '../json.ts';
import { parsedJson } from '../parsed-json.ts';
import { type LoopbackServer, passOn, startLoopback } from './loopback.ts';

/**
 * Starts a loopback server that forwards everything to Moto, except for Deny statements with conditions in bucket
 * policies. Moto ignores the conditions, so it would deny all access to the objects in a bucket whose policy denies
 * requests without TLS (https://github.com/getmoto/moto/blob/5.2.1/moto/s3/models.py, `put_bucket_policy`). This server
 * stores the original policies and returns them to readers.
 */
export async function startPolicyFilter(target: string): Promise<LoopbackServer> {
  const policies = new Map<string, Buffer>();
  return await startLoopback((incoming, response) => {
    pass(incoming, response, { target, policies }).catch((error: unknown) => fail(response, error));
  });
}

interface Filter {
  readonly target: string;
  /** The original policies, by bucket. */
  readonly policies: Map<string, Buffer>;
}

async function pass(incoming: IncomingMessage, response: ServerResponse, { target, policies }: Filter): Promise<void> {
  const bucket = bucketOfPolicy(incoming.url ?? '/');
  const body = await buffer(incoming);
  const { method } = incoming;
  const sent = bucket !== undefined && method === 'PUT' ? withoutConditionalDeny(body) : body;
  const { status, headers, answer } = await passOn(target, incoming, sent, response);
  const ok = status < 300;
  if (bucket !== undefined && ok && method === 'PUT') policies.set(bucket, body);
  const written = bucket !== undefined && ok && method === 'GET' ? policies.get(bucket) : undefined;
  if (written === undefined) {
    response.writeHead(status, headers);
    answer.pipe(response);
    return;
  }
  answer.resume();
  response.writeHead(status, { ...headers, 'content-length': String(written.length) });
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

/** `/BUCKET?policy` is a request about the policy of that bucket. */
function bucketOfPolicy(url: string): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  return searchParams.has('policy') ? pathname.split('/')[1] : undefined;
}

function withoutConditionalDeny(policy: Buffer): Buffer {
  const document = parsedJson(policy.toString());
  // Moto itself rejects what is not a policy.
  if (!isObject(document)) return policy;
  const statements = [document.Statement].flat();
  const kept = statements.filter(
    (statement) => !(isObject(statement) && statement.Effect === 'Deny' && statement.Condition !== undefined),
  );
  return kept.length === statements.length ? policy : Buffer.from(JSON.stringify({ ...document, Statement: kept }));
}
