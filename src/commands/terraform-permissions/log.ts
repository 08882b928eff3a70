import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { CrcError, systemError } from '../../errors.ts';
import { linesOf } from '../../terraform/permissions/log/lines.ts';
import { byRequest, phaseOfRequest } from '../../terraform/permissions/log/phases.ts';
import { type LoggedCall, LogReader } from '../../terraform/permissions/log/read.ts';
import { assumedRoles, recordedCall } from '../../terraform/permissions/log/recorded.ts';
import type { Recording } from '../../terraform/permissions/run/recording.ts';
import type { Io } from '../../ui/io.ts';

/** Reads the logs of real runs. @throws CrcError for a log that cannot be read or contains no calls. */
export async function recordLogs(files: readonly string[], io: Io): Promise<Recording> {
  const calls: LoggedCall[] = [];
  for (const file of files) {
    const logged = await callsIn(file, io);
    if (logged.length === 0) throw noCalls(file);
    calls.push(...logged);
  }
  return {
    calls: byRequest(calls).flatMap((group) => {
      const phase = phaseOfRequest(group);
      return group.map((call) => recordedCall(call, phase, undefined));
    }),
    state: [],
    assumed: assumedRoles(calls),
    unlogged: unloggedSteps(calls),
    failure: undefined,
  };
}

/**
 * Steps of Terraform that no log contains. Empty for other programs, and for logs of old providers, which do not record
 * the requested step.
 */
function unloggedSteps(calls: readonly LoggedCall[]): Recording['unlogged'] {
  if (calls.every(({ rpc }) => rpc === undefined)) return [];
  const phases = new Set(byRequest(calls).map(phaseOfRequest));
  if (!phases.has('apply')) return phases.has('destroy') ? [] : ['apply'];
  // An apply alone reads what it created in the same request, never what already exists.
  const hasPlan = calls.some(({ rpc }) => rpc === 'ReadResource');
  return [...(hasPlan ? [] : (['plan'] as const)), ...(phases.has('destroy') ? [] : (['destroy'] as const))];
}

async function callsIn(file: string, io: Io): Promise<readonly LoggedCall[]> {
  const reader = new LogReader();
  const stream = file === '-' ? process.stdin : createReadStream(resolve(io.cwd, file));
  try {
    for await (const line of linesOf(stream)) reader.add(line);
  } catch (error) {
    throw systemError(error, `The log ${file} cannot be read`) ?? error;
  }
  return reader.end();
}

function noCalls(file: string): CrcError {
  return new CrcError(`${file === '-' ? 'stdin' : file} contains no calls of terraform-provider-aws.`, {
    hint: 'Run `terraform apply` and then `terraform plan`, both with TF_LOG_PROVIDER=DEBUG TF_LOG_PATH=terraform.log, then pass terraform.log. Delete the log afterwards: it can contain secrets.',
  });
}
