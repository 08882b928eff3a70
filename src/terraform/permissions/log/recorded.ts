import type { Phase, RecordedCall } from '../call.ts';
import type { LoggedCall } from './read.ts';

/** A call without the fields that only matter for logs. */
export function recordedCall(call: LoggedCall, phase: Phase, address: string | undefined): RecordedCall {
  const { time: _time, requestId: _request, rpc: _rpc, signer: _signer, command: _command, ...recorded } = call;
  return { ...recorded, phase, address };
}

/**
 * ARNs of roles that a provider with `assume_role` assumes: the permissions for what it does then belong to those
 * roles.
 */
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
