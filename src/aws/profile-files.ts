import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import { CrcError, systemReason } from '../errors.ts';

/** https://docs.aws.amazon.com/cli/v1/userguide/cli-configure-files.html */
const FILES = [
  { variable: 'AWS_CONFIG_FILE', name: 'config' },
  { variable: 'AWS_SHARED_CREDENTIALS_FILE', name: 'credentials' },
] as const;

/**
 * The error for a profile file that exists but cannot be read; the SDK treats it as empty.
 * Undefined when nothing is wrong with them.
 */
export async function unreadableProfileFile(env: Environment): Promise<CrcError | undefined> {
  const home = env.HOME || env.USERPROFILE || homedir();
  for (const { variable, name } of FILES) {
    const named = env[variable] || undefined;
    const problem = await whyUnreadable(named ?? join(home, '.aws', name));
    if (problem === undefined) continue;
    return new CrcError(`${named ?? `~/.aws/${name}`} cannot be read: ${systemReason(problem)}.`, {
      hint:
        named === undefined
          ? `Replace it with a file that you can read: \`ls -l ~/.aws/${name}\` shows what it is.`
          : `It is the file that ${variable} names: correct it, or unset ${variable}.`,
      cause: problem,
    });
  }
  return undefined;
}

async function whyUnreadable(path: string): Promise<unknown> {
  try {
    const file = await open(path);
    try {
      await file.read({ length: 1 });
    } finally {
      await file.close();
    }
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : error;
  }
}
