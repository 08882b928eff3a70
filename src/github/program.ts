import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '../environment.ts';

const run = promisify(execFile);

/** Milliseconds for a program to answer; what is not known by then is asked. */
const TIMEOUT = 10_000;

/** What git or gh prints, without the spaces around it; undefined where it prints nothing, fails, or is missing. */
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
    // Not installed, not logged in, no repository: it is asked for, or left out.
    return undefined;
  }
}

export function lines(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split('\n').filter((line) => line !== '');
}
