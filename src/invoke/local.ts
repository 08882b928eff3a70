import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { logGroupName } from '../aws/arns.ts';
import type { PackageFile } from '../package/files.ts';
import { isPython, parseHandler } from '../package/handler.ts';
import type { Answer } from './answer.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LocalInvocation {
  /** The very package that would be uploaded. */
  readonly files: readonly PackageFile[];
  readonly functionName: string;
  readonly runtime: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly payload: string;
  /** Absolute folder of the function: its node_modules, or one above it, stand in for what the runtime has. */
  readonly folder: string;
  readonly region: string;
  /** The caller's environment: credentials, endpoint and PATH are taken from it, and nothing else. */
  readonly env: Environment;
}

/** This machine cannot run the function; why, and what to do. */
export interface CannotRun {
  readonly cannotRun: string;
}

/** Seconds for the start of a process and the loading of its modules, which Lambda does not count either. */
const START_SECONDS = 30;

/** As Lambda's own tail: characters. */
const LOG_TAIL = 4_096;

/** Runs the package in a child process with the function's environment and the caller's credentials. */
export async function invokeLocally(input: LocalInvocation): Promise<Answer | CannotRun> {
  const work = await mkdtemp(join(tmpdir(), 'crc-invoke-'));
  try {
    const folder = join(work, 'package');
    await unpack(input.files, folder);
    const event = join(work, 'event.json');
    const result = join(work, 'result.json');
    await writeFile(event, input.payload);
    const command = isPython(input.runtime)
      ? await pythonCommand(input, folder, event, result)
      : await nodeCommand(input, work, folder, event, result);
    if ('cannotRun' in command) return command;
    const { log, code } = await run(command, childEnvironment(input), (input.timeoutSeconds + START_SECONDS) * 1_000);
    return answerOf(await readFile(result, 'utf8').catch(() => ''), log, code);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function unpack(files: readonly PackageFile[], folder: string): Promise<void> {
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

async function nodeCommand(
  { handler, runtime, timeoutSeconds, folder: source, files }: LocalInvocation,
  work: string,
  folder: string,
  event: string,
  result: string,
): Promise<Command | CannotRun> {
  const { module, name } = parseHandler(handler, runtime);
  if (usesSdk(files)) {
    const modules = await sdkFolder(source);
    if (modules === undefined) {
      return {
        cannotRun: 'the AWS SDK is not installed: run `npm install --save-dev @aws-sdk/client-dynamodb`',
      };
    }
    await symlink(modules, join(work, 'node_modules'), 'junction');
  }
  const callback = Number(/\d+/.exec(runtime)?.[0]) < 24 ? 'callback' : 'promise';
  return {
    program: process.execPath,
    args: [
      '--enable-source-maps',
      runner('run-node.mjs'),
      join(folder, `${module}.mjs`),
      name,
      event,
      result,
      String(timeoutSeconds),
      callback,
    ],
  };
}

/** What esbuild left out, since the runtime has it. */
function usesSdk(files: readonly PackageFile[]): boolean {
  return files.some(
    ({ path, bytes }) =>
      path.endsWith('.mjs') && /(?:from|import\()\s*"@(aws-sdk|smithy)\//.test(Buffer.from(bytes).toString('utf8')),
  );
}

/** The nearest node_modules that has the SDK, from the function upward, then from crc itself. */
async function sdkFolder(source: string): Promise<string | undefined> {
  for (const start of [source, fileURLToPath(new URL('.', import.meta.url))]) {
    for (let at = start; ; at = dirname(at)) {
      const modules = join(at, 'node_modules');
      const found = await access(join(modules, '@aws-sdk')).then(
        () => true,
        () => false,
      );
      if (found) return modules;
      if (dirname(at) === at) break;
    }
  }
  return undefined;
}

async function pythonCommand(
  { handler, runtime, timeoutSeconds, env }: LocalInvocation,
  folder: string,
  event: string,
  result: string,
): Promise<Command | CannotRun> {
  const { module, name } = parseHandler(handler, runtime);
  const program = process.platform === 'win32' ? 'python' : 'python3';
  const check = await run({ program, args: ['-c', 'import boto3'] }, kept(env), START_SECONDS * 1_000);
  if (check.code === undefined) return { cannotRun: `${program} was not found on the PATH` };
  if (check.code !== 0) return { cannotRun: `boto3 is not installed for ${program}: run \`pip install boto3\`` };
  return {
    program,
    // -B: nothing is written beside the package.
    args: ['-B', runner('run_python.py'), folder, module, name, event, result, String(timeoutSeconds)],
  };
}

function runner(file: string): string {
  return fileURLToPath(new URL(`./runners/${file}`, import.meta.url));
}

/** What reaches AWS, and what a process cannot start without. Nothing else of the caller's shell gets into the function. */
function kept(env: Environment): Environment {
  const names =
    /^(AWS_.*|PATH|HOME|USERPROFILE|SYSTEMROOT|COMSPEC|PATHEXT|TMPDIR|TEMP|TMP|LANG|LC_ALL|(HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|PYENV_.*|VIRTUAL_ENV)$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name)));
}

function childEnvironment({ env, environment, functionName, handler, memoryMb, region }: LocalInvocation): Environment {
  return {
    ...kept(env),
    ...environment,
    _HANDLER: handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName(functionName),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

/** `code` is undefined when the program could not be started, null when it was killed. */
async function run(
  { program, args }: Command,
  env: Environment,
  milliseconds: number,
): Promise<{ readonly log: string; readonly code: number | null | undefined }> {
  return await new Promise((resolve) => {
    const child = spawn(program, args, {
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: milliseconds,
      killSignal: 'SIGKILL',
    });
    let log = '';
    const listen = (chunk: unknown) => {
      log = `${log}${String(chunk)}`.slice(-LOG_TAIL);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('error', () => resolve({ log, code: undefined }));
    child.once('close', (code) => resolve({ log, code }));
  });
}

function answerOf(result: string, log: string, code: number | null | undefined): Answer {
  const failed = (error: object) => ({ payload: JSON.stringify(error), functionError: 'Unhandled', log });
  if (result === '') {
    const how = code === null ? 'it was terminated' : `exit status ${code}`;
    return failed({ errorType: 'Runtime.ExitError', errorMessage: `the process ended without a result (${how})` });
  }
  const { payload, error } = JSON.parse(result) as { payload?: string; error?: object };
  return payload === undefined ? failed(error ?? {}) : { payload, functionError: undefined, log };
}
