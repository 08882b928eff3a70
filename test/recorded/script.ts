import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Intercept, WireCall } from '../helpers/proxy.ts';
import type { WireForm } from './answer.ts';
import { type CallName, recorded } from './index.ts';

/** A recorded answer for a call. */
export interface Scripted {
  readonly call: CallName;
  readonly situation: string;
  /** How often it is given, starting with the first call; default: always. */
  readonly times?: number;
  /** Which calls of this name get it; default: all. */
  readonly when?: (call: WireCall) => boolean;
}

/**
 * Gives recorded answers instead of the emulator: `proxy.intercept = answering({ call: 'lambda:GetFunction', situation:
 * 'tags-hidden' })`.
 */
export function answering(...scripts: readonly Scripted[]): Intercept {
  const rows = scripts.map((script) => ({
    ...script,
    answer: recorded(script.call, script.situation),
    left: script.times ?? Number.POSITIVE_INFINITY,
  }));
  return async (call, _request: IncomingMessage, response: ServerResponse) => {
    const row = rows.find(
      ({ call: name, left, when }) => name === call.operation && left > 0 && (when?.(call) ?? true),
    );
    if (row === undefined) return 'pass';
    row.left -= 1;
    const { answer } = row;
    if ('change' in answer) return { change: (body) => JSON.stringify(answer.change(JSON.parse(body))) };
    send(answer, response);
    return 'handled';
  };
}

function send({ status, headers, body }: WireForm, response: ServerResponse): void {
  response.writeHead(status, headers).end(body === '' ? undefined : body);
}

/** A recorded answer as the result of an SDK request handler. */
export function responseOf({ status, headers, body }: WireForm): { readonly response: object } {
  return { response: { statusCode: status, headers, body: new TextEncoder().encode(body) } };
}
