/**
 * Runs one invocation of a Node function in a process of its own, as Lambda would: MODULE EXPORT EVENT_FILE RESULT_FILE
 * TIMEOUT_SECONDS CALLBACK. Writes `{ "payload": … }` or `{ "error": { errorType, errorMessage, trace } }`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [module = '', name = '', eventFile = '', resultFile = '', timeout = '3', callback = ''] = process.argv.slice(2);

/** @param {object} result */
function end(result) {
  writeFileSync(resultFile, JSON.stringify(result));
  process.exit();
}

/** @param {unknown} error */
function fail(error) {
  const { name: errorType, message, stack } = error instanceof Error ? error : new Error(String(error));
  end({ error: { errorType, errorMessage: message, trace: stack?.split('\n') ?? [] } });
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

try {
  const handler = (await import(pathToFileURL(module).href))[name];
  if (typeof handler !== 'function') throw new TypeError(`${name} is not a function`);
  const event = JSON.parse(readFileSync(eventFile, 'utf8'));
  const deadline = Date.now() + Number(timeout) * 1_000;
  setTimeout(
    () => fail(Object.assign(new Error(`Task timed out after ${timeout} seconds`), { name: 'Timeout' })),
    Number(timeout) * 1_000,
  );
  const context = {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    awsRequestId: crypto.randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  const answer = await new Promise((resolve, reject) => {
    const done = (/** @type {unknown} */ error, /** @type {unknown} */ value) =>
      error ? reject(error) : resolve(value);
    const returned = callback === 'callback' ? handler(event, context, done) : handler(event, context);
    // A handler that takes a callback answers through it, unless it gives a promise.
    if (callback !== 'callback' || handler.length < 3 || typeof returned?.then === 'function') resolve(returned);
  });
  end({ payload: JSON.stringify(answer) ?? 'null' });
} catch (error) {
  fail(error);
}
