/** Runs child processes without blocking this process. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/**
 * Returns stdout and stderr of a process that exited with 0. Otherwise throws an error that contains both.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly cwd: string, readonly env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<{ readonly stdout: string, readonly stderr: string }>}
 */
export async function run(program, args, { cwd, env = process.env }) {
  const child = spawn(program, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  if (code === 0) return { stdout, stderr };
  throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
}
