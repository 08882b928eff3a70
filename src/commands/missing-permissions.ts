import { isDenied } from '../aws/access-causes.ts';
import { failedCall } from '../aws/calls.ts';
import { CrcError } from '../errors.ts';

/** Adds how to get all permissions of a command to the error about a call that AWS denied, so that no second one is. */
export function withPermissions(error: CrcError, command: 'audit' | 'init' | 'state' | 'state-check'): CrcError {
  // Asking AWS for the account needs no permission, so only a Deny statement prevents it.
  if (!isDenied(error.cause) || failedCall(error.cause)?.service === 'sts') return error;
  const hint = `${error.hint} \`crc permissions ${command}\` prints all permissions that it needs.`;
  return new CrcError(error.message, { hint, details: error.details, cause: error.cause });
}
