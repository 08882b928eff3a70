import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { run } from '../../src/cli.ts';
import { commandLine, harmless, type Io } from '../../src/ui/io.ts';
import { ownCommand } from '../../src/ui/own-command.ts';
import { wantsColor } from '../../src/ui/process-io.ts';
import { checkDocument } from './documents.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const SCRIPT = fileURLToPath(new URL('../../bin/crc.js', import.meta.url));
export const EXAMPLE = fileURLToPath(new URL('../../config.example.json', import.meta.url));

type Environment = Readonly<Record<string, string>>;

export interface CliOptions {
  readonly env?: Environment;
  readonly cwd?: string;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built crc in the process of the test, with no AWS settings and proxies but those given, and its outputs no
 * terminals: the same code as in a process of its own, without the time to start one and to load the code again. The AWS SDK
 * reads the environment of the process, so runs at the same time must have the same one.
 */
export async function runCli(args: readonly string[], { env = {}, cwd = ROOT }: CliOptions = {}): Promise<CliResult> {
  const argv = [process.execPath, SCRIPT, ...args];
  const environment = environmentOfRun(env);
  const { io, result } = pipedIo(argv, cwd, environment);
  const leave = enter(environment);
  try {
    const code = await builtRun()(argv, io);
    expectDocument(args, result());
    return { code, ...result() };
  } finally {
    leave();
  }
}

function builtRun(): typeof run {
  expectBuild(SCRIPT);
  return createRequire(import.meta.url)('../../dist/cli.cjs').run;
}

/** What a process prints through whose outputs are pipes. */
function pipedIo(argv: readonly string[], cwd: string, env: Io['env']) {
  let stdout = '';
  let stderr = '';
  const color = !argv.includes('--no-color') && (wantsColor(env) ?? false);
  const gate = (text: string) => harmless(text, { color, actions: env.GITHUB_ACTIONS === 'true', ascii: false });
  const io: Io = {
    out: (text) => {
      stdout += gate(text);
    },
    err: (text) => {
      stderr += gate(text);
    },
    command: (line) => {
      stderr += `${commandLine(line)}\n`;
    },
    color,
    live: false,
    interactive: false,
    outColumns: undefined,
    errColumns: undefined,
    own: ownCommand({ argv, cwd, env }),
    cwd,
    env,
  };
  return { io, result: () => ({ stdout, stderr }) };
}

let entered: { readonly environment: Environment; readonly before: NodeJS.ProcessEnv; runs: number } | undefined;

/** Makes it the environment of this process, until all runs have left it. */
function enter(environment: Environment): () => void {
  if (entered === undefined) {
    entered = { environment, before: { ...process.env }, runs: 0 };
    replaceEnvironment(environment);
  } else if (!isDeepStrictEqual(entered.environment, environment)) {
    throw new Error('runs at the same time with different environments need processes of their own: use spawnCli');
  }
  const current = entered;
  current.runs += 1;
  return () => {
    current.runs -= 1;
    if (current.runs > 0) return;
    entered = undefined;
    replaceEnvironment(current.before);
  };
}

function replaceEnvironment(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
}

export interface ProcessResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions extends CliOptions {
  /** Another build than that of users. */
  readonly script?: string;
  /** Gets the process as soon as it runs: to send it signals. */
  readonly started?: (child: ChildProcess) => void;
}

/**
 * Runs the built crc as its users do, in a process of its own: for tests of signals, streams, child processes, and of what
 * is read once in a process.
 */
export async function spawnCli(
  args: readonly string[],
  { env = {}, cwd = ROOT, script = SCRIPT, started }: ProcessOptions = {},
): Promise<ProcessResult> {
  expectBuild(script);
  const result = await new Promise<ProcessResult>((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      env: environmentOfRun(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    started?.(child);
  });
  expectDocument(args, result);
  return result;
}

/** A document of `--json` is as docs/json.md has it. */
function expectDocument(args: readonly string[], { stdout }: { readonly stdout: string }): void {
  // What a command in the sandbox prints is its own.
  if (args.includes('--json') && !args.includes('--') && stdout !== '') checkDocument(stdout);
}

function expectBuild(script: string): void {
  if (existsSync(join(dirname(script), '../dist/cli.cjs'))) return;
  throw new Error('dist/cli.cjs is not there: run `npm run build` first');
}

/** The environment of this process without what a person or CI has set for AWS, crc, colours, GitHub and proxies. */
function environmentOfRun(env: Environment): Environment {
  const clean = Object.entries(entered?.before ?? process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(AWS_|CRC_|NO_COLOR|FORCE_COLOR|GITHUB_)|_proxy$/i.test(entry[0]),
  );
  return { ...Object.fromEntries(clean), AWS_EC2_METADATA_DISABLED: 'true', ...env };
}
