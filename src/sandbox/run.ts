import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Environment } from '../environment.ts';
import { CrcError } from '../errors.ts';
import { sandboxEnvironment } from './environment.ts';

export interface CommandInput {
  /** The program and its arguments, run without a shell. */
  readonly command: readonly string[];
  readonly endpoint: string;
  readonly region: string;
  readonly env: Environment;
  /** Absolute path of crc's own script, which is added to the PATH as `crc`. */
  readonly script: string;
}

/** Runs a command in the sandbox's environment with `crc` on the PATH. Returns its exit code, or 128+n for signal n. */
export async function runCommand({ command, endpoint, region, env, script }: CommandInput): Promise<number> {
  const bin = await mkdtemp(join(tmpdir(), 'crc-sandbox-'));
  try {
    await Promise.all(['crc', 'crc-bootstrap'].map((name) => writeShim(bin, name, script)));
    const environment = sandboxEnvironment(env, { endpoint, region });
    // A suggested next step is useless if the sandbox stops with the command; in a shell it continues to run.
    const alone = command.length > 1 ? { CRC_NO_NEXT_STEP: '1' } : {};
    return await run(command, { ...environment, ...alone, PATH: [bin, env.PATH].filter(Boolean).join(delimiter) });
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
}

async function writeShim(folder: string, name: string, script: string): Promise<void> {
  if (process.platform === 'win32') {
    await writeFile(join(folder, `${name}.cmd`), `@"${process.execPath}" "${script}" %*\r\n`);
    return;
  }
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  await chmod(file, 0o755);
}

async function run(command: readonly string[], env: Environment): Promise<number> {
  const [program = '', ...args] = command;
  return await new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...env } });
    // A terminal sends Ctrl-C to the command too, so forwarding it would send it twice.
    const onInterrupt = () => process.stdin.isTTY || child.kill('SIGINT');
    const onTerminate = () => child.kill('SIGTERM');
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onTerminate);
    const done = () => {
      process.removeListener('SIGINT', onInterrupt);
      process.removeListener('SIGTERM', onTerminate);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      done();
      reject(
        new CrcError(`The command "${program}" cannot be run: ${error.code === 'ENOENT' ? 'not found' : error.code}.`, {
          hint: 'Pass the command after --, for example `crc sandbox -- crc bootstrap`.',
          cause: error,
        }),
      );
    });
    child.once('exit', (code, signal) => {
      done();
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

export interface CaptureInput {
  /** Arguments of crc. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** Absolute path of crc's own script. */
  readonly script: string;
  readonly signal: AbortSignal;
}

export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs crc and captures its output. When the signal fires, crc is ended, and then the signal's reason is thrown. */
export async function capture({ args, cwd, env, script, signal }: CaptureInput): Promise<Captured> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [script, ...args], { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  try {
    const [stdout, stderr, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      new Promise<number>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (exitCode) => resolve(exitCode ?? 1));
      }),
    ]);
    signal.throwIfAborted();
    return { code, stdout, stderr };
  } finally {
    signal.removeEventListener('abort', end);
  }
}
