import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../config/load.ts';
import { CrcError } from '../errors.ts';
import { shellLines } from '../sandbox/environment.ts';
import { type Moto, startMoto } from '../sandbox/moto.ts';
import { runCommand } from '../sandbox/run.ts';
import type { Io } from '../ui/io.ts';
import type { SandboxOptions } from './definitions/sandbox.ts';
import type { GlobalOptions } from './options.ts';

/** Moto's own account, and the example's: for a folder that has no config yet. */
const DEFAULT = { accountId: '123456789012', region: 'eu-west-2' };

/** Starts an AWS emulator, runs the command against it, and stops it whatever happens. The exit code is the command's. */
export async function sandbox(options: SandboxOptions, io: Io): Promise<number> {
  const { command } = options;
  const { accountId, region } = await placeOf(options, io);
  const interruption = interruptions();
  try {
    const starting = startMoto({ accountId, path: io.env.PATH ?? '' });
    const moto = await Promise.race([starting, interruption.first]);
    if (typeof moto === 'number') {
      await starting.then(
        (late) => late.stop(),
        () => undefined,
      );
      return moto;
    }
    try {
      return command.length === 0
        ? await stay(moto, region, interruption.first, io)
        : await runCommand({ command, endpoint: moto.endpoint, region, env: io.env, script: ownScript() });
    } finally {
      await moto.stop();
    }
  } finally {
    interruption.forget();
  }
}

/** The config's account and region. Without a config the sandbox still runs: there is none before the first one is written. */
async function placeOf(
  { config: file, region }: GlobalOptions,
  io: Io,
): Promise<{ accountId: string; region: string }> {
  try {
    const { config } = await loadConfig({ cwd: io.cwd, file, region });
    return { accountId: config.accountId ?? DEFAULT.accountId, region: config.region };
  } catch (error) {
    if (!(error instanceof CrcError) || file !== undefined || error.issues !== undefined) throw error;
    return { accountId: DEFAULT.accountId, region: region ?? DEFAULT.region };
  }
}

async function stay(moto: Moto, region: string, ended: Promise<number>, io: Io): Promise<number> {
  io.out(`${shellLines(io.env, { endpoint: moto.endpoint, region })}\n`);
  io.err('The sandbox runs until Ctrl-C. Paste these lines into another shell to use it.\n');
  const code = await ended;
  // Ctrl-C is how it is meant to end.
  return code === 130 ? 0 : code;
}

function interruptions(): { readonly first: Promise<number>; forget(): void } {
  const forgetting = new AbortController();
  const wait = (name: string, code: number) =>
    once(process, name, { signal: forgetting.signal }).then(
      () => code,
      () => code,
    );
  return { first: Promise.race([wait('SIGINT', 130), wait('SIGTERM', 143)]), forget: () => forgetting.abort() };
}

/** `bin/crc.js`, as this process was started: the bundle is one folder beside it. */
function ownScript(): string {
  return fileURLToPath(new URL('../bin/crc.js', import.meta.url));
}
