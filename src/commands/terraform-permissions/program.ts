import { CrcError } from '../../errors.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { isProgram } from '../../sandbox/launchers.ts';
import { startRecorder } from '../../sandbox/recorder.ts';
import { byRequest, phaseOfRequest } from '../../terraform/permissions/log/phases.ts';
import type { LoggedCall } from '../../terraform/permissions/log/read.ts';
import { assumedRoles, recordedCall } from '../../terraform/permissions/log/recorded.ts';
import { callOnTheWire } from '../../terraform/permissions/log/wire.ts';
import { runProgram } from '../../terraform/permissions/run/program.ts';
import type { Recording } from '../../terraform/permissions/run/recording.ts';
import type { Io } from '../../ui/io.ts';
import { inSandbox, type RecordingInput } from './run.ts';

/**
 * Runs a command in its own sandbox and records what it sends to AWS. Its output goes to stderr, since stdout is for
 * the statements.
 */
export async function recordProgram(input: RecordingInput): Promise<Recording> {
  const { options, io, progress, project, signal } = input;
  const [program = '', ...args] = options.program;
  await refuseMissing(program, io);
  return await inSandbox(input, async (emulator) => {
    const calls: LoggedCall[] = [];
    const recorder = await startRecorder(emulator, (seen, status) => {
      const call = callOnTheWire(seen);
      if (call !== undefined) calls.push({ ...call, denied: status === 403 });
    });
    try {
      const code = await runProgram({
        program,
        args,
        cwd: io.cwd,
        env: sandboxEnvironment(io.env, { endpoint: recorder.endpoint, region: project.region }),
        signal,
        onStdout: progress.line,
        onStderr: progress.line,
      });
      return { ...recorded(calls), failure: code === 0 ? undefined : failed(program, code) };
    } finally {
      await recorder.stop();
    }
  });
}

function recorded(calls: readonly LoggedCall[]): Omit<Recording, 'failure'> {
  return {
    calls: byRequest(calls).flatMap((group) =>
      group.map((call) => recordedCall(call, phaseOfRequest(group), undefined)),
    ),
    state: [],
    assumed: assumedRoles(calls),
  };
}

/** Checked before an emulator is started for it. Throws a CrcError. */
async function refuseMissing(program: string, io: Io): Promise<void> {
  if (await isProgram(program, io.cwd, io.env.PATH ?? '')) return;
  throw new CrcError(
    `The command "${program}" cannot be run: ${/[/\\]/.test(program) ? 'there is no such program' : 'it is not on the PATH'}.`,
    {
      hint: 'Pass a command after --, for example `crc permissions terraform -- aws s3 ls`.',
    },
  );
}

function failed(program: string, code: number): CrcError {
  return new CrcError(`${program} exited with ${code} in the sandbox.`, {
    hint: "Its output is above. The emulator starts empty: first create in it what the program expects, for example with -- sh -c 'aws s3 mb s3://BUCKET && …'.",
  });
}
