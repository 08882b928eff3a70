import { CrcError } from '../../errors.ts';
import { sandboxEnvironment } from '../../sandbox/environment.ts';
import { startRecorder } from '../../sandbox/recorder.ts';
import { byRequest, phaseOfRequest } from '../../terraform/permissions/log/phases.ts';
import type { LoggedCall } from '../../terraform/permissions/log/read.ts';
import { assumedRoles, recordedCall } from '../../terraform/permissions/log/recorded.ts';
import { callOnTheWire } from '../../terraform/permissions/log/wire.ts';
import { runProgram } from '../../terraform/permissions/run/program.ts';
import type { Recording } from '../../terraform/permissions/run/record.ts';
import { inSandbox, type Surroundings } from './run.ts';

/**
 * Runs a command in a sandbox of its own and records what it sends to AWS. Its output goes to stderr: stdout is for the statements.
 */
export async function recordProgram(surroundings: Surroundings): Promise<Recording> {
  const { options, io, progress, project, signal } = surroundings;
  const [program = '', ...args] = options.program;
  return await inSandbox(surroundings, async (emulator) => {
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

function failed(program: string, code: number): CrcError {
  return code === 127
    ? new CrcError(`The command "${program}" cannot be run: not found.`, {
        hint: 'Pass a command after --, for example `crc permissions terraform -- aws s3 ls`.',
      })
    : new CrcError(`${program} exited with ${code} in the sandbox.`, {
        hint: 'What it did until then is above. Fix it, then run the command again.',
      });
}
