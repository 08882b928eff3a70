import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDocument } from './documents.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const SCRIPT = fileURLToPath(new URL('../../bin/crc.js', import.meta.url));
export const EXAMPLE = fileURLToPath(new URL('../../config.example.json', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another build than that of users. */
  readonly script?: string;
  /** Gets the process as soon as it runs: to send it signals. */
  readonly started?: (child: ChildProcess) => void;
}

/**
 * Runs the built crc as its users do: a process of its own, with no AWS settings and proxies but those given. A document of
 * `--json` that is not as docs/json.md has it is an error.
 */
export async function runCli(
  args: readonly string[],
  { env = {}, cwd = ROOT, script = SCRIPT, started }: CliOptions = {},
): Promise<CliResult> {
  if (!existsSync(join(dirname(script), '../dist/cli.cjs'))) {
    throw new Error('dist/cli.cjs is not there: run `npm run build` first');
  }
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS_|CRC_|NO_COLOR|FORCE_COLOR|GITHUB_)|_proxy$/i.test(name)),
  );
  const result = await new Promise<CliResult>((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd,
      env: { ...clean, AWS_EC2_METADATA_DISABLED: 'true', ...env },
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
  // What a command in the sandbox prints is its own.
  if (args.includes('--json') && !args.includes('--') && result.stdout !== '') checkDocument(result.stdout);
  return result;
}
