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
 * Runs the built crc within the test process, which is faster than spawnCli. Only the given AWS and proxy settings
 * apply, and the outputs are not terminals. The AWS SDK reads the environment of the process, so concurrent runs must
 * use the same environment.
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

/** An Io like that of a process whose outputs are pipes, and what was printed to it. */
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

/** Sets the environment of this process until every run that uses it has ended. */
function enter(environment: Environment): () => void {
  if (entered === undefined) {
    entered = { environment, before: { ...process.env }, runs: 0 };
    replaceEnvironment(environment);
  } else if (!isDeepStrictEqual(entered.environment, environment)) {
    throw new Error('concurrent runs with different environments need separate processes: use spawnCli');
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
  /** A different build than the released one. */
  readonly script?: string;
  /** Receives the process as soon as it has started, for example to send signals. */
  readonly started?: (child: ChildProcess) => void;
}

/**
 * Runs the built crc in a separate process. Needed to test signals, streams, child processes, and values that are read
 * once per process.
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

/** Expects the output of `--json` to match docs/json.md. */
function expectDocument(args: readonly string[], { stdout }: { readonly stdout: string }): void {
  // After `--` comes the output of the command that ran in the sandbox.
  if (args.includes('--json') && !args.includes('--') && stdout !== '') checkDocument(stdout);
}

function expectBuild(script: string): void {
  if (existsSync(join(dirname(script), '../dist/cli.cjs'))) return;
  throw new Error('dist/cli.cjs does not exist: run `npm run build` first');
}

/** The environment of this process without settings for AWS, crc, colours, GitHub and proxies. */
function environmentOfRun(env: Environment): Environment {
  const clean = Object.entries(entered?.before ?? process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(AWS_|CRC_|NO_COLOR|FORCE_COLOR|GITHUB_)|_proxy$/i.test(entry[0]),
  );
  return { ...Object.fromEntries(clean), AWS_EC2_METADATA_DISABLED: 'true', ...env };
}
