import { isDenied } from '../aws/access-causes.ts';
import { failedCall } from '../aws/calls.ts';
import { CrcError } from '../errors.ts';

/** Adds how to get all permissions of a command to the error of a denied call: the next run should not be denied too. */
export function withPermissions(error: CrcError, command: 'audit' | 'init' | 'state' | 'state-check'): CrcError {
  const cause = firstCause(error);
  // Asking AWS for the account needs no permission, so only a Deny statement prevents it.
  if (!isDenied(cause) || failedCall(cause)?.service === 'sts') return error;
  const hint = `${error.hint} \`crc permissions ${command}\` prints all permissions that this command needs.`;
  return new CrcError(error.message, { ...error, hint, cause: error.cause });
}

/** What a CrcError explains, which may be about another one: a lock that could not be released. */
function firstCause({ cause }: CrcError): unknown {
  return cause instanceof CrcError ? firstCause(cause) : cause;
}
