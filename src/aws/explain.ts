import { CrcError } from '../errors.ts';
import * as access from './access-causes.ts';
import { failedCall } from './calls.ts';
import { asAwsError } from './error-names.ts';
import { type Cause, requestHint, text } from './failure.ts';
import * as service from './service-causes.ts';

/** In order of preference: an error may match several causes, and the first one is the most actionable. */
const CAUSES: readonly Cause[] = [
  service.proxy,
  service.deniedByMoto,
  service.strangeAnswer,
  access.noCredentials,
  access.wrongClock,
  access.regionNotEnabled,
  access.expired,
  access.refused,
  access.webIdentity,
  access.wrongMfaCode,
  service.notActive,
  service.busyTables,
  service.inlinePolicies,
  service.quota,
  service.publicPolicy,
  access.denied,
  service.otherRegion,
  service.tagsByControl,
  service.aclOfBucket,
  service.outOfFiles,
  service.untrusted,
  service.unreachable,
  service.throttled,
  service.ofFunction,
  service.unsigned,
  service.ofAws,
];

/** Explains an AWS error: which call failed on what, why, and what to do. Never shows a credential. */
export function explain(error: unknown, subject?: string, profile?: string): CrcError {
  if (error instanceof CrcError) return error;
  const call = failedCall(error);
  const about = subject === undefined ? '' : ` for ${subject}`;
  const what = call === undefined ? 'The request' : `${call.service}:${call.operation}${about}`;
  const failure = { error, aws: asAwsError(error), call, subject, profile, what };
  for (const cause of CAUSES) {
    const words = cause(failure);
    if (words !== undefined) return new CrcError(words.message, { hint: words.hint, cause: error });
  }
  return new CrcError(`${what} failed: ${text(failure.aws)}`, { hint: requestHint(failure.aws), cause: error });
}
