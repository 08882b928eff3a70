import { basename } from 'node:path';
import { loadConfigIfAny } from '../config/load.ts';
import { CrcError } from '../errors.ts';
import { currentShell } from '../sandbox/current-shell.ts';
import { MOTO_ACCOUNT, removedVariables, sandboxVariables } from '../sandbox/environment.ts';
import { runCommand } from '../sandbox/run.ts';
import { isShell, SHELLS, shellLines } from '../sandbox/shells.ts';
import { type Sandbox, startSandbox } from '../sandbox/start.ts';
import type { Io } from '../ui/io.ts';
import { sandboxDocument } from '../ui/json.ts';
import { printErr } from '../ui/print.ts';
import {
  downloadText,
  readyText,
  SANDBOX_CANCELLED,
  SANDBOX_STARTS,
  SANDBOX_STOPPED,
  TERRAFORM_REFUSED,
} from '../ui/sandbox.ts';
import type { SandboxOptions } from './definitions/sandbox.ts';
import { refuseTwoFormats } from './formats.ts';
import type { GlobalOptions } from './options.ts';
import { ownScript } from './own-files.ts';
import { type StopSignals, stopSignals } from './stop-signals.ts';

/** For a folder without a config; the example has both, too. */
const DEFAULT = { accountId: MOTO_ACCOUNT, region: 'eu-west-2' };

interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** Starts an AWS emulator, runs the command against it, and always stops it. The exit code is the command's. */
export async function sandbox(options: SandboxOptions, io: Io): Promise<number> {
  checkShell(options);
  const place = await placeOf(options, io);
  const signals = stopSignals(io.env);
  try {
    io.err(`${SANDBOX_STARTS}\n`);
    const running = await started(options, place, signals, io);
    if (running === undefined) {
      const exitCode = signals.exitCode() ?? 1;
      if (options.json && options.command.length === 0) {
        throw new CrcError(SANDBOX_CANCELLED, { hint: 'Run the command again.', exitCode });
      }
      io.err(`${SANDBOX_CANCELLED}\n`);
      return exitCode;
    }
    try {
      return await use(running, options, place, signals, io);
    } finally {
      await running.stop();
      io.err(`${SANDBOX_STOPPED}\n`);
    }
  } finally {
    signals.forget();
  }
}

/** Undefined if a signal came first. */
async function started(
  { terraform = false }: SandboxOptions,
  { accountId }: Place,
  { signal }: StopSignals,
  io: Io,
): Promise<Sandbox | undefined> {
  const path = io.env.PATH ?? '';
  try {
    return await startSandbox({
      accountId,
      path,
      terraform,
      signal,
      onLauncher({ program, downloads }) {
        if (downloads) io.err(`${downloadText(program)}\n`);
      },
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** Runs the command, or shows how to connect another terminal to the sandbox and waits for Ctrl-C. */
async function use(
  { endpoint }: Sandbox,
  { command, shell: asked, terraform = false, json }: SandboxOptions,
  { accountId, region }: Place,
  { came, leftTo }: StopSignals,
  io: Io,
): Promise<number> {
  if (command.length > 0) {
    if (!terraform && usesTerraform(command)) await printErr(io, `${TERRAFORM_REFUSED}\n`);
    // In a shell, Ctrl-C concerns what runs there.
    return await leftTo(() => runCommand({ command, endpoint, region, env: io.env, script: ownScript() }));
  }
  const shell = asked !== undefined && isShell(asked) ? asked : await currentShell(io.env);
  const { before, after } = readyText({ accountId, region, shell, terraform });
  await printErr(io, before);
  const environment = { unset: removedVariables(io.env), set: sandboxVariables(io.env, { endpoint, region }) };
  if (json) io.out(`${sandboxDocument({ accountId, region, endpoint, ...environment })}\n`);
  else io.out(`${shellLines(shell, io.env, { endpoint, region })}\n`);
  await printErr(io, after);
  const code = await came;
  // Ctrl-C is the intended way to end it.
  return code === 130 ? 0 : code;
}

/** A shell, Terraform, or a program that runs Terraform. */
function usesTerraform([path = '', ...args]: readonly string[]): boolean {
  const program = basename(path, '.exe');
  return ['terraform', 'tofu', 'terragrunt'].includes(program) || (isShell(program) && args.length === 0);
}

function checkShell(options: SandboxOptions): void {
  const { shell, command } = options;
  if (shell === undefined) return;
  if (command.length > 0) {
    throw new CrcError('--shell cannot be used with a command: it chooses how the environment is printed.', {
      hint: 'Leave --shell or the command out.',
    });
  }
  if (!isShell(shell)) {
    throw new CrcError(`--shell: unknown shell "${shell}".`, { hint: `It must be one of ${SHELLS.join(', ')}.` });
  }
  refuseTwoFormats(options);
}

/** The config's account and region. The sandbox also runs without a config, for projects that have none yet. */
async function placeOf({ config: file, region }: GlobalOptions, io: Io): Promise<Place> {
  const loaded = await loadConfigIfAny({ cwd: io.cwd, file, region });
  return {
    accountId: loaded?.config.accountId ?? DEFAULT.accountId,
    region: loaded?.config.region ?? region ?? DEFAULT.region,
  };
}
