import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { explain } from '../aws/explain.ts';
import { CrcError, systemError } from '../errors.ts';
import { type Answer, asHttp, urlEvent } from '../invoke/answer.ts';
import { invokeLocally } from '../invoke/local.ts';
import { isNotDeployed, notDeployed } from '../invoke/not-deployed.ts';
import type { Io } from '../ui/io.ts';
import { invokeDocument } from '../ui/json.ts';
import { answerText, logLines } from '../ui/smoke.ts';
import type { Connection } from './connection.ts';
import type { InvokeOptions } from './definitions/invoke.ts';
import { withConnection } from './frame.ts';
import { functionsNamed, localInvocation, timeoutOf } from './functions.ts';

const NO_CODE = 'Emulators may not run code: `crc invoke --local` runs the package on this machine.';

/** Calls a function once and shows its answer. 0, or 1 when it failed or answered with a status of 400 or more. */
export async function invoke(options: InvokeOptions, io: Io): Promise<number> {
  return await withConnection({ command: 'invoke', options, io }, async (connection) => {
    const { name: functionName, local } = options;
    const payload = await payloadOf(options.payload, io.cwd);
    const answer = await call(connection, payload, options);
    const { functionError, log } = answer;
    const http = asHttp(answer);
    if (functionError !== undefined && connection.customEndpoint && !local)
      connection.progress.line(`note: ${NO_CODE}`);
    const mode = local ? ('local' as const) : ('remote' as const);
    return {
      exitCode: http.ok ? 0 : 1,
      document: (run) => invokeDocument(run, { functionName, mode, ...http, functionError, log }),
      asIs: true,
      text: () => `${answerText(String(http.statusCode ?? functionError), http.body)}\n`,
      aside: logLines(log)
        .map((line) => `| ${line}\n`)
        .join(''),
    };
  });
}

async function call(connection: Connection, payload: string, options: InvokeOptions): Promise<Answer> {
  const { config, clients, customEndpoint } = connection;
  const { name } = options;
  const [one] = functionsNamed(config.functions, [name]);
  if (one === undefined) throw new Error('functionsNamed answers with what it was asked for');
  // Another account's function of the same name is none of the config's.
  await connection.identity();
  if (options.local) {
    const answer = await invokeLocally({ ...(await localInvocation(one, connection)), payload });
    if (!('cannotRun' in answer)) return answer;
    throw new CrcError(`${name} cannot run on this machine: ${answer.cannotRun}.`, {
      hint: 'Install it, then run the command again. To call the function on AWS, omit --local.',
    });
  }
  const [{ invokeAlias }] = await Promise.all([import('../invoke/remote.ts'), clients.load('lambda')]);
  try {
    return await invokeAlias(clients.lambda, { functionName: name, payload, timeoutSeconds: timeoutOf(one) });
  } catch (error) {
    if (isNotDeployed(error)) throw notDeployed(name, error);
    const problem = explain(error, name, options.profile);
    const hint = customEndpoint ? `${problem.hint} ${NO_CODE}` : problem.hint;
    throw new CrcError(problem.message, { hint, cause: error });
  }
}

/** Bytes; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_PAYLOAD = 6 * 1024 * 1024;

async function payloadOf(given: string | undefined, cwd: string): Promise<string> {
  if (given === undefined) return JSON.stringify(urlEvent('https://example.com'));
  const text = given.startsWith('@') ? await readPayload(resolve(cwd, given.slice(1))) : given;
  if (Buffer.byteLength(text) > MOST_PAYLOAD) {
    throw new CrcError('--payload is larger than 6 MB, the limit of Lambda.', {
      hint: 'Send less data, or pass its location.',
    });
  }
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new CrcError('--payload is not JSON.', {
      hint: `Pass JSON, for example '{"path": "/"}', or a file with @FILE.`,
      cause: error,
    });
  }
}

async function readPayload(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: unknown) => {
    throw systemError(error, `--payload: ${file} cannot be read`) ?? error;
  });
}
