import type { Phase, RecordedCall } from '../call.ts';
import type { LoggedCall } from './read.ts';

/** A call without what only the log is about. */
export function recordedCall(call: LoggedCall, phase: Phase, address: string | undefined): RecordedCall {
  const { time: _time, requestId: _request, rpc: _rpc, signer: _signer, command: _command, ...recorded } = call;
  return { ...recorded, phase, address };
}

/** ARNs of the roles that a provider with `assume_role` works as: what it does then, those roles must be allowed. */
export function assumedRoles(calls: readonly LoggedCall[]): readonly string[] {
  const arns = calls.flatMap(({ service, operation, request: { body } }) =>
    service.toUpperCase() === 'STS' &&
    operation === 'AssumeRole' &&
    typeof body === 'object' &&
    body !== null &&
    'RoleArn' in body &&
    typeof body.RoleArn === 'string'
      ? [body.RoleArn]
      : [],
  );
  return [...new Set(arns)].sort();
}
