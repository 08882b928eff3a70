import type { ServerResponse } from 'node:http';
import type { CutAnswer } from '../helpers/proxy.ts';

/** Something that goes wrong at one call of a run. */
export interface Fault {
  readonly name: string;
  /**
   * `passes`: the very run that meets it must succeed. `fails`: that run may fail, and must say so. `ends`: the process is
   * killed, or stops as it was told.
   */
  readonly run: 'passes' | 'fails' | 'ends';
  /** Answers, or breaks, the request, which is not handled. */
  readonly strike?: (response: ServerResponse, name: string) => void;
  /** The request is handled, but its response is lost or cut off. */
  readonly answer?: 'drop answer' | CutAnswer;
  readonly signal?: NodeJS.Signals;
}

/** The form of an error in the protocol of a call, by the name that the proxy gives it. */
export function errorBody(name: string, code: string): string {
  if (name.startsWith('s3:'))
    return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>a fault</Message></Error>`;
  const query = /Role|Provider|CallerIdentity|Policies/.test(name) && !name.startsWith('lambda:');
  return query
    ? `<ErrorResponse><Error><Type>Receiver</Type><Code>${code}</Code><Message>a fault</Message></Error></ErrorResponse>`
    : JSON.stringify({ __type: code, message: 'a fault' });
}

/** An AWS error with the status and the name that S3 gives it, and those that the others do. */
function answering(s3: readonly [number, string], otherServices: readonly [number, string]): NonNullable<Fault['strike']> {
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
      // The headers of a HEAD are all of its answer.
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
