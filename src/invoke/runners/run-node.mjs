/**
 * Runs one invocation of a Node function in a separate process, as Lambda would. Arguments: MODULE EXPORT
 * TIMEOUT_SECONDS CALLBACK. Reads `{ "event": …, "context": … }` from file descriptor 3. Writes one line to file
 * descriptor 4 once the module is loaded, then one line with the result, `{ "payload": … }` or
 * `{ "error": { errorType, errorMessage, trace } }`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [module = '', name = '', timeout = '3', callback = ''] = process.argv.slice(2);

/** @param {object} result */
function end(result) {
  writeFileSync(4, `${JSON.stringify(result)}\n`);
  process.exit();
}

/** @param {unknown} error */
function fail(error) {
  started();
  const { name: errorType, message, stack } = error instanceof Error ? error : new Error(String(error));
  end({ error: { errorType, errorMessage: message, trace: stack?.split('\n') ?? [] } });
}

let isStarted = false;
function started() {
  if (!isStarted) writeFileSync(4, 'started\n');
  isStarted = true;
}

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
 *
 * @param {{ awsRequestId: string, invokedFunctionArn: string }} given
 * @param {(error: unknown, value?: unknown) => void} done
 */
function contextOf(given, done) {
  const deadline = Date.now() + Number(timeout) * 1_000;
  const { env } = process;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: undefined,
    identity: undefined,
    invokedFunctionArn: given.invokedFunctionArn,
    awsRequestId: given.awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    // Until Node 22, these can be used instead of the callback.
    ...(callback === 'callback' && {
      done,
      fail: (/** @type {unknown} */ error) => done(error ?? new Error('handled')),
      succeed: (/** @type {unknown} */ value) => done(null, value),
    }),
  };
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

try {
  const { event, context } = JSON.parse(readFileSync(3, 'utf8'));
  const handler = (await import(pathToFileURL(module).href))[name];
  if (typeof handler !== 'function') throw new TypeError(`${name} is not a function`);
  started();
  // If nothing is left that could resolve the handler's promise, Lambda returns null.
  process.once('beforeExit', () => end({ payload: 'null' }));
  const answer = await new Promise((resolve, reject) => {
    const done = (/** @type {unknown} */ error, /** @type {unknown} */ value) =>
      error ? reject(error) : resolve(value);
    const given = contextOf(context, done);
    const returned = callback === 'callback' ? handler(event, given, done) : handler(event, given);
    // A handler with a callback parameter responds through it, unless it returns a promise.
    if (callback !== 'callback' || handler.length < 3 || typeof returned?.then === 'function') resolve(returned);
  });
  end({ payload: JSON.stringify(answer) ?? 'null' });
} catch (error) {
  fail(error);
}
