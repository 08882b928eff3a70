import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Place } from '../aws/arns.ts';
import { isPython, parseHandler } from '../package/handler.ts';
import { INSTEAD_OF_ZIPS, installationOf, usesPlugAndPlay } from '../package/installation.ts';
import type { PackageFile } from '../package/package-file.ts';
import { isInRuntime, SCOPES_IN_THE_RUNTIME } from '../package/runtime-packages.ts';
import type { Answer } from './answer.ts';
import {
  type CallIdentity,
  keptEnvironment,
  type LambdaEnvironment,
  lambdaEnvironment,
  newCall,
} from './environment.ts';
import { type Ended, runGuarded, runner } from './guarded.ts';
import { type CannotRun, type Interpreter, nodeFor, nodeSdkFolder, pythonFor } from './interpreters.ts';

/** The inputs for a local call. Only credentials, endpoint and PATH are taken from `env`. */
export interface LocalInvocation extends LambdaEnvironment {
  /** Exactly the package that would be uploaded. */
  readonly files: readonly PackageFile[];
  readonly timeoutSeconds: number;
  readonly payload: string;
  /**
   * Absolute folder of the function. Its node_modules, or one in a parent folder, replaces what the runtime provides.
   */
  readonly folder: string;
  readonly accountId: string;
  /** When aborted, the function is ended. */
  readonly signal?: AbortSignal;
}

export interface LocalAnswer extends Answer {
  /** The local version and Lambda's, if they differ. */
  readonly standsIn: Interpreter['standsIn'];
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, and room for what surrounds a body. */
const MAX_RESPONSE_BYTES = 6_291_556;

/** In seconds, for starting a process and loading its modules, which Lambda does not count either. */
const START_SECONDS = 30;

/**
 * Runs the package in its own process with the function's environment and the caller's credentials, in the folder of
 * the package, as Lambda does. @throws Interrupted when the signal is aborted.
 */
export async function invokeLocally(input: LocalInvocation): Promise<LocalAnswer | CannotRun> {
  const { env, runtime, files, folder: source, timeoutSeconds, signal } = input;
  const kept = keptEnvironment(env);
  const interpreter = isPython(runtime) ? await pythonFor(runtime, files, kept) : nodeFor(runtime);
  if ('cannotRun' in interpreter) return interpreter;
  const modules = isPython(runtime) ? undefined : nodeSdkFolder(source);
  const place: Place = { accountId: input.accountId, region: input.region };
  const call = newCall(place, input.functionName);
  const ended = await runGuarded(
    async (work) => {
      const folder = join(work, 'package');
      await unpack(files, folder);
      if (modules !== undefined) await linkSdk(modules, join(work, 'node_modules'));
      return {
        program: interpreter.program,
        args: [
          ...interpreter.flags,
          ...(isPython(runtime) ? pythonArguments(input, folder) : nodeArguments(input, folder)),
        ],
        cwd: folder,
        env: lambdaEnvironment(input, call, folder),
        input: invocationText(input.payload, call),
        startSeconds: START_SECONDS,
        timeoutSeconds,
        mark: call.logStreamName,
      };
    },
    kept,
    signal,
  );
  const answer = answerOf(ended, timeoutSeconds);
  const lacked = isPython(runtime) ? undefined : lackedOfSdk(answer);
  if (lacked !== undefined && usesPlugAndPlay(source)) {
    return { cannotRun: `Node does not find ${lacked} in the zips of Yarn's Plug'n'Play: ${INSTEAD_OF_ZIPS}` };
  }
  if (lacked !== undefined) {
    const { command, inFolder } = installationOf(source, [lacked], 'addDev');
    return { cannotRun: `${lacked} is not installed: run \`${command}\`${inFolder ? ' in its folder' : ''}` };
  }
  return { ...answer, standsIn: interpreter.standsIn };
}

/**
 * Makes only what Lambda's Node provides available, so that anything else missing from the package is missing here too.
 */
async function linkSdk(modules: string, target: string): Promise<void> {
  await mkdir(target);
  for (const scope of SCOPES_IN_THE_RUNTIME) await symlink(join(modules, scope), join(target, scope), 'junction');
}

/** The SDK package that Node did not find. */
function lackedOfSdk({ payload, functionError }: Answer): string | undefined {
  if (functionError === undefined) return undefined;
  const name = /Cannot find (?:module|package) '(@[\w.-]+\/[\w.-]+)/.exec(payload)?.[1];
  return name !== undefined && isInRuntime(name) ? name : undefined;
}

async function unpack(files: readonly PackageFile[], folder: string): Promise<void> {
  await mkdir(folder);
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    // As in the zip: the function may start a program that it contains.
    await writeFile(join(folder, path), bytes, { mode: 0o755 });
  }
}

function nodeArguments({ handler, runtime, timeoutSeconds }: LocalInvocation, folder: string): readonly string[] {
  const { module, name } = parseHandler(handler, runtime);
  const callback = Number(/\d+/.exec(runtime)?.[0]) < 24 ? 'callback' : 'promise';
  const path = join(folder, `${module}.mjs`);
  return [runner('run-node.mjs'), path, name, String(timeoutSeconds), callback];
}

function pythonArguments({ handler, runtime, timeoutSeconds }: LocalInvocation, folder: string): readonly string[] {
  const { module, name } = parseHandler(handler, runtime);
  return [runner('run_python.py'), folder, module, name, String(timeoutSeconds)];
}

/** The payload is already JSON, and is passed on as written. */
function invocationText(payload: string, { awsRequestId, invokedFunctionArn }: CallIdentity): string {
  return `{"context":${JSON.stringify({ awsRequestId, invokedFunctionArn })},"event":${payload}}`;
}

function answerOf({ log, code, ended, message }: Ended, timeoutSeconds: number): Answer {
  const failed = (error: object) => ({ payload: JSON.stringify(error), functionError: 'Unhandled', log });
  if (ended !== 'itself') {
    const what = ended === 'start' ? `Loading the function took more than ${START_SECONDS} seconds` : undefined;
    const errorMessage = what ?? `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
    return failed({ errorType: 'Sandbox.Timedout', errorMessage });
  }
  if (message === '') {
    const how = code === null ? 'it was terminated' : `exit status ${code}`;
    return failed({ errorType: 'Runtime.ExitError', errorMessage: `the process ended without a result (${how})` });
  }
  const { payload, error } = JSON.parse(message) as { payload?: string; error?: object };
  if (payload === undefined) return failed(error ?? {});
  const bytes = Buffer.byteLength(payload);
  if (bytes > MAX_RESPONSE_BYTES) {
    const errorMessage = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`;
    return failed({ errorType: 'Function.ResponseSizeTooLarge', errorMessage });
  }
  return { payload, functionError: undefined, log };
}
