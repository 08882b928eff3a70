import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { isNamed, says } from '../../aws/error-names.ts';
import { CrcError } from '../../errors.ts';

export const NO_SUCH_FUNCTION = ['ResourceNotFoundException'];

/** Two meanings share an error name: it already exists, or another write is in progress. */
const CONFLICT = ['ResourceConflictException', 'ConflictException'];

/**
 * The messages of CreateFunction, CreateAlias, CreateFunctionUrlConfig and AddPermission for what already exists:
 * "Function already exist", "Alias already exists", "FunctionUrlConfig exists", "The statement id (…) provided already
 * exists".
 */
export function alreadyExists(error: unknown): boolean {
  return isNamed(error, CONFLICT) && says(error, /\bexists?\b/i);
}

/** Lambda is still processing an earlier change of the function: for seconds, in a VPC for minutes. */
export function isInProgress(error: unknown): boolean {
  return isNamed(error, CONFLICT) && says(error, /in progress|following state: Pending/i);
}

/**
 * A temporary conflict with another write to the same function: "The function could not be updated due to a concurrent
 * update operation." Writes to its policy, URL, alias and tags count too (hashicorp/terraform-provider-aws#5154). A
 * conflict with an unknown message is treated as temporary, because treating it as "already exists" would skip the
 * write.
 */
export function isConcurrentWrite(error: unknown): boolean {
  if (isNamed(error, ['ResourceInUseException'])) return true;
  return isNamed(error, CONFLICT) && !alreadyExists(error) && !isInProgress(error);
}

/** The function has changed since, according to its revision or the digest sent to PublishVersion. */
export function isStale(error: unknown): boolean {
  if (isNamed(error, ['PreconditionFailedException'])) return true;
  return isNamed(error, ['InvalidParameterValueException']) && says(error, /CodeSha(-)?256.*different/i);
}

/** Temporary errors of a new role, network interface or key grant. Terraform's provider retries them too. */
export function isRoleNotReady(error: unknown): boolean {
  return (
    isNamed(error, ['InvalidParameterValueException']) &&
    says(
      error,
      /cannot be assumed by Lambda|execution role does not have permissions|throttled by EC2|KMS key is invalid for CreateGrant/i,
    )
  );
}

export function notReady(name: string, now: FunctionConfiguration | undefined, milliseconds: number): CrcError {
  const state = now === undefined ? 'not found' : `${now.State ?? 'unknown'}, ${now.LastUpdateStatus ?? 'unknown'}`;
  return new CrcError(`The function ${name} is not ready after ${milliseconds / 1_000} seconds (${state}).`, {
    hint: 'Run the command again to continue waiting. The Lambda console shows the status of the function.',
  });
}

export function failedUpdate(name: string, now: FunctionConfiguration): CrcError {
  const { LastUpdateStatusReason, LastUpdateStatusReasonCode } = now;
  return new CrcError(
    `Lambda could not update ${name}: ${reason(LastUpdateStatusReasonCode, LastUpdateStatusReason)}`,
    {
      hint: 'The alias "live" still serves the previous version. Fix the cause, then run the command again.',
    },
  );
}

/** The creation itself failed, which no update can fix. */
export function brokenFunction(
  name: string,
  { StateReason, StateReasonCode, FunctionArn }: FunctionConfiguration,
): CrcError {
  return new CrcError(`Lambda could not create ${name}: ${reason(StateReasonCode, StateReason)}`, {
    hint: `Fix the cause, delete the failed function (\`aws lambda delete-function${regionFlag(FunctionArn)} --function-name ${name}\`), then run the command again.`,
  });
}

/**
 * A version that Lambda cannot run, although $LATEST may: with SnapStart, the code has failed while its snapshot was
 * taken.
 */
export function brokenVersion(
  name: string,
  version: string,
  { StateReason, StateReasonCode }: FunctionConfiguration,
): CrcError {
  return new CrcError(
    `Lambda could not prepare version ${version} of ${name}: ${reason(StateReasonCode, StateReason)}`,
    { hint: 'It is not served. Fix the cause, then run the command again.' },
  );
}

/** A function of that name may exist in the region that the AWS CLI uses by default. */
export function regionFlag(functionArn: string | undefined): string {
  const region = functionArn?.split(':')[3];
  return region === undefined ? '' : ` --region ${region}`;
}

function reason(code: string | undefined, text: string | undefined): string {
  return code === undefined ? (text ?? 'AWS gave no reason.') : `${code}: ${text ?? 'AWS gave no reason.'}`;
}

export function changedByOthers(
  name: string,
  before: FunctionConfiguration | undefined,
  now: FunctionConfiguration,
  cause: unknown,
): CrcError {
  const what = before?.CodeSha256 === now.CodeSha256 ? 'settings' : 'code';
  return new CrcError(
    `Another user or process changed the ${what} of ${name} in the meantime, at ${now.LastModified ?? 'an unknown time'} (revision ${before?.RevisionId ?? 'unknown'} → ${now.RevisionId ?? 'unknown'}).`,
    { hint: 'Their change was not overwritten. Review it with `crc verify`, then run the command again.', cause },
  );
}
