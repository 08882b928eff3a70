import { Readable } from 'node:stream';
import type { HttpResponse } from '@smithy/core/protocols';
import type { DeserializeMiddleware, HandlerExecutionContext, MetadataBearer, Pluggable } from '@smithy/types';
import type { Members, Service } from './service.ts';

/** Something other than AWS answered a request: a network's login page, a proxy's error page, an empty page. */
export class StrangeAnswer extends Error {
  override readonly name = 'StrangeAnswer';
  readonly status: number | undefined;
  /** The program that answered, as it calls itself: `nginx`, `Werkzeug/3.1.8 Python/3.13.5` */
  readonly server: string | undefined;

  constructor(message: string, { cause, from }: ErrorOptions & { readonly from?: Received } = {}) {
    super(message, { cause });
    this.status = from?.status;
    this.server = from?.headers.server;
  }
}

/** An answer as it came over the wire, before the SDK parses it. */
interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for an object: it stays a stream. */
  readonly content: string;
}

/** Error names that the SDK derives from the status alone if the answer contains none. */
const NAMELESS = ['Unknown', 'UnknownError', 'NotFound'];

/** Every answer of AWS has an id: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html */
const REQUEST_IDS = ['x-amzn-requestid', 'x-amzn-request-id', 'x-amz-request-id'];

/**
 * Rejects answers that cannot come from AWS, with a StrangeAnswer: a success without what AWS always sends, and an
 * error without a name. Otherwise the SDK would treat a web page with status 200 as an empty answer, which crc would
 * read as "no policy, no tag, no rule", and any 404 as a missing bucket. Expects bodies as bytes, as Handler returns
 * them.
 */
export function checkAnswers(service: Service): Pluggable<object, MetadataBearer> {
  const answers = new WeakMap<HandlerExecutionContext, Received>();

  const outer: DeserializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    answers.delete(context);
    try {
      const result = await next(args);
      checkSuccess(service, operationOf(context), result.output ?? {}, answers.get(context));
      return result;
    } catch (error) {
      const received = answers.get(context);
      if (
        error instanceof StrangeAnswer ||
        received === undefined ||
        isErrorOfAws(error, operationOf(context), received)
      )
        throw error;
      throw new StrangeAnswer(described(received), { cause: error, from: received });
    }
  };

  const inner: DeserializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    const result = await next(args);
    const response = result.response as HttpResponse;
    const { statusCode: status, headers } = response;
    const operation = operationOf(context);
    const body = response.body as Uint8Array;
    const isObject = operation === 'GetObject' && status < 300;
    // The SDK streams an object to its reader.
    if (isObject) response.body = Readable.from([body]);
    const received = { status, headers, content: isObject ? '' : Buffer.from(body).toString() };
    answers.set(context, received);
    if (status < 300 && service.opening?.(operation)?.test(received.content) === false) {
      throw new StrangeAnswer(described(received), { from: received });
    }
    return result;
  };

  return {
    applyToStack(stack) {
      const toMiddleware = 'deserializerMiddleware';
      stack.addRelativeTo(outer, { toMiddleware, relation: 'before', name: 'crcAnswers' });
      stack.addRelativeTo(inner, { toMiddleware, relation: 'after', name: 'crcAnswersOnTheWire' });
    },
  };
}

function operationOf({ commandName }: HandlerExecutionContext): string {
  return String(commandName).replace(/Command$/, '');
}

function checkSuccess(service: Service, operation: string, output: object, received: Received | undefined): void {
  if (received === undefined) return;
  const missing = missingOf(service, operation, output, hasRequestId(received));
  if (missing.length > 0) throw new StrangeAnswer(`status ${received.status} without ${missing.join(', ')}`);
}

/** What AWS always sends and this answer lacks. */
function missingOf(service: Service, operation: string, output: object, requestId: boolean): Members {
  const members = service.answers[operation] ?? [];
  const expected = typeof members === 'function' ? members(output) : members;
  if (expected.length === 0) return requestId ? [] : ['a request id'];
  return expected.filter((path) => valueAt(output, path.split('.')) === undefined);
}

function valueAt(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value ?? undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return valueAt((value as Readonly<Record<string, unknown>>)[first], rest);
}

/** Errors of the SDK have the name that AWS returned. */
function isErrorOfAws(error: unknown, operation: string, received: Received): boolean {
  const { status } = received;
  // Temporary failures are retried, whatever sent them: AWS's own load balancers also answer with a page.
  if (status >= 500 || status === 429) return true;
  // An error of any other kind means that the SDK could not parse the answer.
  if (!(error instanceof Error && '$fault' in error)) return false;
  // A HEAD has no body that could name an error. Only a 404 means that something does not exist, so it must come from
  // AWS.
  if (/^Head/.test(operation)) return hasRequestId(received) || (status >= 400 && status !== 404);
  return !NAMELESS.includes(error.name);
}

function hasRequestId({ headers }: Received): boolean {
  return REQUEST_IDS.some((name) => headers[name] !== undefined);
}

function described({ status, headers, content }: Received): string {
  if (headers.location !== undefined) return `status ${status}, a redirection`;
  const text = content.trim().slice(0, 60);
  return text === '' ? `status ${status} without content` : `status ${status}: ${text}`;
}
