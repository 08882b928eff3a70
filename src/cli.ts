import { Cancelled, CrcError, systemError } from './errors.ts';
import { OWN_PACKAGE } from './own-package.ts';
import type { Io } from './ui/io.ts';
import { processIo } from './ui/process-io.ts';

const VERSION_FLAGS: readonly string[] = ['--version', '-v', '-V'];

/** Runs one command line and returns its exit code. Never throws, never exits, prints through `io` alone. */
export async function run(argv: readonly string[], io: Io = processIo(argv)): Promise<number> {
  try {
    // Scripts and shells ask for the version often, so it is printed before anything else is loaded.
    if (argv.length === 3 && VERSION_FLAGS.includes(argv[2] ?? '')) {
      io.out(`${OWN_PACKAGE.version}\n`);
      return 0;
    }
    const { runProgram } = await import('./program.ts');
    const exitCode = await runProgram(argv, io);
    if (mayNotice(argv, io)) await notice(io);
    return exitCode;
  } catch (error) {
    const own = beforeDashes(argv);
    if (error instanceof Cancelled && !own.includes('--json')) {
      io.err(`${error.message}\n`);
      return error.exitCode;
    }
    const problem = problemOf(error, own);
    await showError(problem, own, io);
    return problem.exitCode;
  }
}

/** The words after `--` belong to another program: its --json does not apply to crc. */
function beforeDashes(argv: readonly string[]): readonly string[] {
  const dashes = argv.indexOf('--');
  return dashes < 0 ? argv : argv.slice(0, dashes);
}

/**
 * Whether to look for a newer version, which sends a request. Only if a person reads the output: not in CI, not if
 * stderr is redirected, and not if a shell or another program reads the output.
 */
function mayNotice(argv: readonly string[], io: Io): boolean {
  const silent = ['--json', 'completion', 'complete', 'check-for-update'].some((word) => argv.includes(word));
  return !silent && io.env.NO_UPDATE_NOTIFIER === undefined && io.live;
}

async function notice(io: Io): Promise<void> {
  const [{ noticeUpdate }, { startInBackground }] = await Promise.all([
    import('./update-notice.ts'),
    import('./commands/own-files.ts'),
  ]);
  noticeUpdate(io, () => startInBackground('check-for-update'));
}

/** The only place that shows errors: as text, or with --json as one document. */
async function showError(problem: CrcError, argv: readonly string[], io: Io): Promise<void> {
  if (argv.includes('--json')) {
    try {
      const [{ errorDocument }, { commandOf }] = await Promise.all([import('./ui/json.ts'), import('./program.ts')]);
      io.out(`${errorDocument(commandOf(argv), problem)}\n`);
      return;
    } catch {
      // stdout cannot be written, which may be the original error. Report it on stderr.
    }
  }
  io.err(`${await words(problem, io)}\n`);
}

/**
 * The error as text; without colours and wrapping if that code cannot be loaded, as with too many open files (EMFILE).
 */
async function words(problem: CrcError, io: Io): Promise<string> {
  try {
    const [{ errorText }, { forStderr }] = await Promise.all([import('./ui/text.ts'), import('./ui/print.ts')]);
    return await forStderr(io, errorText(problem, io.color));
  } catch {
    return `error: ${problem.message}\n${problem.hint}`;
  }
}

function problemOf(error: unknown, argv: readonly string[]): CrcError {
  if (error instanceof CrcError) return error;
  // Even with --json, a person can be asked for the code of an MFA device.
  if (error instanceof Cancelled) {
    return new CrcError(error.message, { hint: 'Run the command again.', cause: error, exitCode: error.exitCode });
  }
  return systemError(error) ?? unexpected(error, argv);
}

function unexpected(error: unknown, argv: readonly string[]): CrcError {
  const stack = argv.includes('--verbose') && error instanceof Error ? error.stack : undefined;
  return new CrcError(`Unexpected: ${error instanceof Error ? error.message : String(error)}`, {
    hint: 'This is a fault in crc. Please report it with the output of --verbose.',
    details: stack?.split('\n') ?? [],
    cause: error,
  });
}
