import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type LoopbackServer, passOn, startLoopback } from './loopback.ts';

/** A request as received. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** Names are in lowercase. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Starts a loopback server that forwards everything and reports each request with the status of its response. */
export async function startRecorder(
  target: string,
  onRequest: (seen: SeenRequest, status: number) => void,
): Promise<LoopbackServer> {
  return await startLoopback((incoming, response) => {
    pass(incoming, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { method = 'GET', url = '/' } = incoming;
    const { status, headers, answer } = await passOn(target, incoming, body, response);
    onRequest({ method, url: `${target}${url}`, headers: single(incoming.headers), body: body.toString() }, status);
    response.writeHead(status, headers);
    answer.pipe(response);
  }
}

function single(headers: IncomingMessage['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? '')]));
}
