import { resolve } from 'node:path';
import { executionRoleName, type Place } from '../aws/arns.ts';
import { isNamed } from '../aws/error-names.ts';
import { explain } from '../aws/explain.ts';
import { functionPolicy } from '../config/role-documents.ts';
import type { FunctionConfig } from '../config/schema.ts';
import { decoded } from '../decoded.ts';
import { CrcError, failingAs } from '../errors.ts';
import { type Answer, asHttp } from '../invoke/answer.ts';
import { isDisabled } from '../invoke/disabled.ts';
import { restEvent, urlEvent } from '../invoke/event.ts';
import { standInText } from '../invoke/interpreters.ts';
import { invokeLocally, type LocalInvocation } from '../invoke/local.ts';
import { isNotDeployed, notDeployed } from '../invoke/not-deployed.ts';
import { requestOf } from '../invoke/request.ts';
import { minified } from '../policies/document.ts';
import { isTooLarge } from '../regular-file.ts';
import type { Io } from '../ui/io.ts';
import { invokeDocument } from '../ui/json.ts';
import { answerText, logLines } from '../ui/smoke.ts';
import type { Connection } from './connection.ts';
import type { InvokeOptions } from './definitions/invoke.ts';
import { withConnection } from './frame.ts';
import { functionsNamed, localInvocation, timeoutOf } from './functions.ts';
import { givenFile } from './given-file.ts';

function noCode(name: string): string {
  return `Emulators may not run code: \`crc invoke ${name} --local\` runs the package on this machine.`;
}

/** Calls a function once and shows its response. 0, or 1 if it failed or returned a status of 400 or more. */
export async function invoke(options: InvokeOptions, io: Io): Promise<number> {
  const format = formatOf(options);
  return await withConnection({ command: 'invoke', options, io }, async (connection) => {
    const { name: functionName, local } = options;
    const given = options.payload === undefined ? undefined : await givenPayload(options.payload, io.cwd);
    const [functionConfig] = functionsNamed(connection.config.functions, [functionName]);
    if (functionConfig === undefined) throw new Error('functionsNamed answers with what it was asked for');
    // A function with the same name in another account is not the one in the config.
    const accountId = await connection.identity();
    const payload = given ?? testPayload(functionConfig, format, { accountId, region: connection.config.region });
    const answer = local
      ? await callLocally(connection, functionConfig, payload, options)
      : await callAlias(connection, functionConfig, payload, options);
    const { functionError, log } = answer;
    const http = asHttp(answer, { byUrl: functionConfig.url !== undefined && format === 'url' });
    const { ok, statusCode, body, refused } = http;
    if (functionError !== undefined && connection.customEndpoint && !local)
      connection.progress.line(`note: ${noCode(functionName)}`);
    if (refused !== undefined) connection.progress.line(refused);
    const mode = local ? ('local' as const) : ('remote' as const);
    return {
      exitCode: ok ? 0 : 1,
      document: (run) => invokeDocument(run, { functionName, mode, ok, statusCode, body, functionError, log }),
      asIs: true,
      text: () => `${answerText(String(statusCode ?? functionError), body)}\n`,
      aside: logLines(log)
        .map((line) => `| ${line}\n`)
        .join(''),
    };
  });
}

type Format = 'url' | 'rest';

/** Throws a CrcError for flags that cannot be used together. */
function formatOf({ event = 'url', payload, asRole, local }: InvokeOptions): Format {
  if (asRole && !local) {
    throw new CrcError('--as-role can only be used with --local: the deployed function already runs with its role.', {
      hint: 'Add --local, or leave --as-role out.',
    });
  }
  if (event !== 'url' && event !== 'rest') {
    throw new CrcError(`--event must be url or rest, not ${JSON.stringify(event)}.`, {
      hint: 'url: the event of a function URL. rest: the event of an API Gateway REST API.',
    });
  }
  if (event === 'rest' && payload !== undefined) {
    throw new CrcError('--event and --payload cannot be used together.', {
      hint: 'Leave --event out: --payload is the whole event.',
    });
  }
  return event;
}

/** The request from the config, as an event. */
function testPayload({ test, url }: FunctionConfig, format: Format, { accountId, region }: Place): string {
  const request = requestOf(test, url?.cors);
  return JSON.stringify(format === 'rest' ? restEvent(request, region, accountId) : urlEvent(request, region));
}

async function callLocally(
  connection: Connection,
  functionConfig: FunctionConfig,
  payload: string,
  { asRole = false, profile }: InvokeOptions,
): Promise<Answer> {
  const { name } = functionConfig;
  const { line } = connection.progress;
  const invocation = await localInvocation(functionConfig, connection);
  const env = asRole ? await environmentAsRole(connection, functionConfig, invocation.env, profile) : invocation.env;
  const enforced = connection.customEndpoint ? ', where the emulator enforces that' : '';
  line(
    asRole
      ? `note: runs with what both ${executionRoleName(name)} and your credentials allow${enforced}`
      : `note: runs with your credentials, not with the permissions of the function's role (--as-role limits it to those)`,
  );
  const answer = await invokeLocally({ ...invocation, env, payload });
  if ('cannotRun' in answer) {
    throw new CrcError(`${name} cannot run on this machine: ${answer.cannotRun}.`, {
      hint: 'Install it, then run the command again. To call the function on AWS, omit --local.',
    });
  }
  if (answer.standsIn !== undefined) line(`note: ${standInText(answer.standsIn)}`);
  return answer;
}

async function callAlias(
  { clients, customEndpoint }: Connection,
  functionConfig: FunctionConfig,
  payload: string,
  { profile }: InvokeOptions,
): Promise<Answer> {
  const { name } = functionConfig;
  const [{ invokeAlias }] = await Promise.all([import('../invoke/remote.ts'), clients.load('lambda')]);
  try {
    return await invokeAlias(clients.lambda, {
      functionName: name,
      payload,
      timeoutSeconds: timeoutOf(functionConfig),
    });
  } catch (error) {
    if (isNotDeployed(error)) throw notDeployed(name, error);
    if (isDisabled(functionConfig) && isNamed(error, ['TooManyRequestsException'])) {
      throw new CrcError(`Lambda does not call ${name}: "reservedConcurrency": 0 in the config disables it.`, {
        hint: `Write 1 or more, and run \`crc bootstrap\`. \`crc invoke ${name} --local\` runs the package on this machine.`,
        cause: error,
      });
    }
    const problem = explain(error, name, profile);
    const hint = customEndpoint ? `${problem.hint} ${noCode(name)}` : problem.hint;
    throw new CrcError(problem.message, { hint, cause: error });
  }
}

/** The environment with credentials limited to what the config allows the function. */
async function environmentAsRole(
  connection: Connection,
  functionConfig: FunctionConfig,
  env: LocalInvocation['env'],
  profile: string | undefined,
): Promise<LocalInvocation['env']> {
  if (functionConfig.role !== undefined) {
    throw new CrcError(`--as-role: ${functionConfig.name} has its own role, whose permissions are not in the config.`, {
      hint: 'Run it without --as-role, or call the deployed function, which runs with its role.',
    });
  }
  const { clients, config } = connection;
  const place = { accountId: await connection.identity(), region: config.region };
  const { limitedTo } = await import('../aws/federation.ts');
  const limited = await limitedTo(clients, minified(functionPolicy(functionConfig, place)), profile);
  // Nothing else may provide the caller's own credentials.
  const otherCredentials =
    /^AWS_(PROFILE|DEFAULT_PROFILE|ROLE_.*|WEB_IDENTITY_.*|CONTAINER_.*|SHARED_CREDENTIALS_FILE|CREDENTIAL_EXPIRATION)$/;
  return { ...Object.fromEntries(Object.entries(env).filter(([key]) => !otherCredentials.test(key))), ...limited };
}

/** In bytes; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_PAYLOAD = 6 * 1024 * 1024;

async function givenPayload(given: string, cwd: string): Promise<string> {
  const text = given.startsWith('@') ? await readPayload(resolve(cwd, given.slice(1))) : given;
  if (Buffer.byteLength(text) > MAX_PAYLOAD) throw largePayload();
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

function largePayload(): CrcError {
  return new CrcError('--payload is larger than 6 MB, the limit of Lambda.', {
    hint: 'Send less data, or pass its location.',
  });
}

async function readPayload(file: string): Promise<string> {
  const reading = givenFile(file, MAX_PAYLOAD).catch((error: unknown) => {
    throw isTooLarge(error) ? largePayload() : error;
  });
  return decoded(await failingAs(`--payload: ${file} cannot be read`, reading));
}
