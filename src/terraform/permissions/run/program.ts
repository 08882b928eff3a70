import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { Environment } from '../../../environment.ts';
import { CrcError } from '../../../errors.ts';
import { startTied } from '../../../sandbox/tied.ts';
import { linesOf } from '../log/lines.ts';
import type { TerraformKind } from './module.ts';

export interface ProgramInput {
  /** `terraform`, `tofu`, or a path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** When aborted, kills it with everything that it started, and throws the reason. */
  readonly signal: AbortSignal;
  readonly onStdout: (line: string) => void;
  readonly onStderr: (line: string) => void;
}

/** Runs Terraform and returns its exit code. Nothing that it starts outlives crc. */
export async function runProgram(input: ProgramInput): Promise<number> {
  const { program, args, cwd, env, signal, onStdout, onStderr } = input;
  signal.throwIfAborted();
  const { child, kill } = startTied([program, ...args], { cwd, env, last: 'KILL', stdout: 'pipe' });
  const end = () => kill('SIGKILL');
  signal.addEventListener('abort', end);
  try {
    const lines = Promise.all([eachLine(child.stdout, onStdout), eachLine(child.stderr, onStderr)]);
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode) => resolve(exitCode ?? 1));
    });
    // Background processes that it left would keep its output open, and nothing needs them.
    end();
    await lines;
    signal.throwIfAborted();
    return code;
  } finally {
    signal.removeEventListener('abort', end);
    end();
    child.stdio[3]?.destroy();
  }
}

async function eachLine(stream: Readable | null, take: (line: string) => void): Promise<void> {
  if (stream === null) return;
  for await (const line of linesOf(stream)) take(line);
}

/** Which of the two a program is, by its name. */
export function kindOf(program: string): TerraformKind {
  return /tofu/i.test(basename(program)) ? 'tofu' : 'terraform';
}

/** Both are equivalent; OpenTofu is for configurations written for it, or if only OpenTofu is installed. */
const PROGRAMS = ['terraform', 'tofu'] as const;

/**
 * The named program, by path or by name on the PATH; by default the installed one. @throws CrcError if there is none.
 */
export async function chosenProgram(isProgram: (program: string) => Promise<boolean>, named?: string): Promise<string> {
  if (named !== undefined) {
    if (await isProgram(named)) return named;
    throw new CrcError(
      /[/\\]/.test(named)
        ? `--terraform-bin: the program ${named} was not found.`
        : `--terraform-bin: the program "${named}" was not found on the PATH.`,
      { hint: 'Pass terraform, tofu, or the path of the program.' },
    );
  }
  for (const name of PROGRAMS) if (await isProgram(name)) return name;
  throw new CrcError('Neither terraform nor tofu was found.', {
    hint: 'Install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu, or pass the log of a run elsewhere with --log FILE.',
  });
}
