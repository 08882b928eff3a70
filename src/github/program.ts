import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '../environment.ts';

const run = promisify(execFile);

/** In milliseconds, until a program must respond. After that, the user is prompted for unknown values. */
const TIMEOUT = 10_000;

/** The trimmed output of git or gh; undefined if it prints nothing, fails, or is missing. */
export async function output(
  program: 'git' | 'gh',
  args: readonly string[],
  cwd: string,
  env: Environment,
): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, [...args], { cwd, env: { ...env }, timeout: TIMEOUT, encoding: 'utf8' });
    return stdout.trim() || undefined;
  } catch {
    // Not installed, not logged in, or not a repository: the user is prompted for the value, or it is left out.
    return undefined;
  }
}

export function lines(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split('\n').filter((line) => line !== '');
}
