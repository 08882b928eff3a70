import type { ServerResponse } from 'node:http';
import type { CutAnswer } from '../helpers/proxy.ts';

/** A fault at one call of a run. */
export interface Fault {
  readonly name: string;
  /**
   * `passes`: the run must succeed in spite of the fault. `fails`: the run may fail, but must report it. `ends`: the
   * process is killed or stops after a signal.
   */
  readonly run: 'passes' | 'fails' | 'ends';
  /** Responds to the request or breaks the connection. The emulator never receives the request. */
  readonly strike?: (response: ServerResponse, name: string) => void;
  /** The emulator handles the request, but the response is lost or truncated. */
  readonly answer?: 'drop answer' | CutAnswer;
  readonly signal?: NodeJS.Signals;
}

/** An error in the protocol of a call, which is identified by the proxy's name for it. */
export function errorBody(name: string, code: string): string {
  if (name.startsWith('s3:'))
    return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>a fault</Message></Error>`;
  const query = /Role|Provider|CallerIdentity|Policies/.test(name) && !name.startsWith('lambda:');
  return query
    ? `<ErrorResponse><Error><Type>Receiver</Type><Code>${code}</Code><Message>a fault</Message></Error></ErrorResponse>`
    : JSON.stringify({ __type: code, message: 'a fault' });
}

/** An AWS error with a status and code for S3, and for the other services. */
function answering(
  s3: readonly [number, string],
  otherServices: readonly [number, string],
): NonNullable<Fault['strike']> {
  return (response, name) => {
    const [status, code] = name.startsWith('s3:') ? s3 : otherServices;
    response.writeHead(status, { 'x-amzn-errortype': code }).end(errorBody(name, code));
  };
}

export const FAULTS: readonly Fault[] = [
  { name: '500', run: 'passes', strike: answering([500, 'InternalError'], [500, 'InternalError']) },
  { name: 'throttling', run: 'passes', strike: answering([503, 'SlowDown'], [400, 'ThrottlingException']) },
  { name: '503', run: 'passes', strike: answering([503, 'ServiceUnavailable'], [503, 'ServiceUnavailable']) },
  { name: 'reset before it is handled', run: 'passes', strike: (response) => response.destroy() },
  { name: 'reset after it was handled', run: 'passes', answer: 'drop answer' },
  { name: 'no answer', run: 'passes', strike: () => undefined },
  {
    name: 'headers, then nothing',
    run: 'passes',
    strike: (response, name) => {
      // HEAD responses consist only of headers.
      if (!name.startsWith('s3:HEAD')) response.writeHead(200).flushHeaders();
    },
  },
  { name: 'half an answer, then nothing', run: 'passes', answer: { cut: 'stall' } },
  { name: 'half an answer, then a close', run: 'passes', answer: { cut: 'close' } },
  { name: 'an empty 200', run: 'fails', strike: (response) => void response.writeHead(200).end() },
  {
    name: "a gateway's page with 200",
    run: 'fails',
    strike: (response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in</body></html>');
    },
  },
  { name: '403', run: 'fails', strike: answering([403, 'AccessDenied'], [403, 'AccessDeniedException']) },
  { name: 'SIGKILL', run: 'ends', signal: 'SIGKILL' },
  { name: 'SIGINT', run: 'ends', signal: 'SIGINT' },
  { name: 'SIGTERM', run: 'ends', signal: 'SIGTERM' },
];
