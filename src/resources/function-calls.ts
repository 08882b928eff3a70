import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type FunctionConfiguration,
  GetFunctionCommand,
  type GetFunctionCommandOutput,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { asAwsError, isNamed, orAbsent } from '../aws/error-names.ts';
import { CrcError } from '../errors.ts';

/** The calls to one function that its resources share, so that they know of one another's changes. */
export interface FunctionCalls {
  /** $LATEST; undefined when there is no function. Resources that ask at the same time share one call. */
  latest(): Promise<GetFunctionCommandOutput | undefined>;
  /** A version, or what an alias serves; undefined when there is none. */
  version(qualifier: string): Promise<FunctionConfiguration | undefined>;
  /** $LATEST as crc last saw it. */
  seen(): FunctionConfiguration | undefined;
  /** Waits until Lambda is done with the last change. Throws a CrcError with AWS's reason when it failed. */
  settled(qualifier?: string): Promise<FunctionConfiguration>;
  /**
   * Sends a write. Waits while another is under way, and while the role that was just made cannot be assumed. `send` gets
   * the revision that crc last saw: when somebody else has changed code or settings since, this throws a CrcError, unless
   * what they made of it is what is wanted (`done`); then it answers undefined, or sends again if `again` is given.
   */
  write<T>(
    send: (revision: string | undefined) => Promise<T>,
    stale: { readonly done: (now: FunctionConfiguration) => boolean; readonly again?: boolean },
  ): Promise<T | undefined>;
}

/** Milliseconds for Lambda to be done with a change; functions in a VPC take minutes. */
const SETTLE_DEADLINE = 300_000;

/** Milliseconds until a role just made can be assumed: one minute is not always enough (hashicorp/terraform#14291). */
const ROLE_DEADLINE = 120_000;

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 2_000;

export const NO_SUCH_FUNCTION = ['ResourceNotFoundException'];

/** What CreateFunction, CreateAlias, CreateFunctionUrlConfig and AddPermission say when it is there already. */
const CONFLICT = ['ResourceConflictException', 'ConflictException'];

export function alreadyExists(error: unknown): boolean {
  return isNamed(error, CONFLICT) && !isInProgress(error);
}

export function functionCalls(
  name: string,
  lambda: LambdaClient,
  signal: AbortSignal,
  firstPause = FIRST_PAUSE,
): FunctionCalls {
  let reading: Promise<GetFunctionCommandOutput | undefined> | undefined;
  let seen: FunctionConfiguration | undefined;
  /** The answer that ended a wait: the next read, and no other, has no need to ask again. */
  let settledAnswer: GetFunctionCommandOutput | undefined;

  const get = (Qualifier?: string) =>
    orAbsent(
      lambda.send(new GetFunctionCommand({ FunctionName: name, ...(Qualifier === undefined ? {} : { Qualifier }) })),
      NO_SUCH_FUNCTION,
      undefined,
    );

  async function latest() {
    if (settledAnswer !== undefined) {
      const answer = settledAnswer;
      settledAnswer = undefined;
      return answer;
    }
    reading ??= get().finally(() => {
      reading = undefined;
    });
    const answer = await reading;
    seen = answer?.Configuration;
    return answer;
  }

  /** Polls until nothing is under way any more, and answers with what there is then, good or bad. */
  async function idle(
    qualifier?: string,
  ): Promise<GetFunctionCommandOutput & { Configuration: FunctionConfiguration }> {
    const end = Date.now() + SETTLE_DEADLINE;
    for (let pause = firstPause; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      // A function just made may not be known everywhere yet.
      const answer = await get(qualifier);
      const now = answer?.Configuration;
      if (now !== undefined && !isBusy(now))
        return { ...answer, $metadata: answer?.$metadata ?? {}, Configuration: now };
      if (Date.now() + pause > end) throw notReady(name, now);
      await sleep(pause, undefined, { signal });
    }
  }

  async function settled(qualifier?: string): Promise<FunctionConfiguration> {
    const answer = await idle(qualifier);
    const now = answer.Configuration;
    if (now.State === 'Failed') throw brokenFunction(name, now);
    if (now.LastUpdateStatus === 'Failed') throw failedUpdate(name, now);
    if (qualifier === undefined) {
      seen = now;
      settledAnswer = answer;
    }
    return now;
  }

  return {
    latest,
    settled,
    seen: () => seen,
    version: async (qualifier) => (await get(qualifier))?.Configuration,
    async write(send, { done, again = false }) {
      const start = Date.now();
      for (let pause = firstPause; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
        try {
          settledAnswer = undefined;
          return await send(seen?.RevisionId);
        } catch (error) {
          const waited = Date.now() - start;
          if (isStale(error)) {
            const before = seen;
            const now = await settled();
            // The revision alone changes too: when a change settles, and with tags.
            const untouched = before !== undefined && isDeepStrictEqual(essence(before), essence(now));
            if ((!untouched && !done(now)) || waited > SETTLE_DEADLINE) throw somebodyElse(name, before, now, error);
            if (done(now) && !again) return undefined;
          } else if (isInProgress(error) && waited < SETTLE_DEADLINE) await idle();
          else if (!isRoleNotReady(error) || waited > ROLE_DEADLINE) throw error;
          await sleep(pause, undefined, { signal });
        }
      }
    },
  };
}

/** What crc compares and writes. */
function essence({
  CodeSha256,
  Runtime,
  Handler,
  Role,
  MemorySize,
  Timeout,
  Architectures,
  Environment,
}: FunctionConfiguration) {
  return { CodeSha256, Runtime, Handler, Role, MemorySize, Timeout, Architectures, Environment };
}

function isBusy({ State, LastUpdateStatus }: FunctionConfiguration): boolean {
  return State === 'Pending' || LastUpdateStatus === 'InProgress';
}

/** The same error name says "it exists" and "wait". */
export function isInProgress(error: unknown): boolean {
  return isNamed(error, CONFLICT) && /in progress|following state: Pending/i.test(asAwsError(error).message ?? '');
}

/** Somebody changed it: by its revision, or by the digest that PublishVersion was told to expect. */
function isStale(error: unknown): boolean {
  if (isNamed(error, ['PreconditionFailedException'])) return true;
  return (
    isNamed(error, ['InvalidParameterValueException']) &&
    /CodeSha(-)?256.*different/i.test(asAwsError(error).message ?? '')
  );
}

/** Passing errors of a role, a network interface or a key grant that was just made; Terraform's provider waits for them too. */
function isRoleNotReady(error: unknown): boolean {
  return (
    isNamed(error, ['InvalidParameterValueException']) &&
    /cannot be assumed by Lambda|execution role does not have permissions|throttled by EC2|KMS key is invalid for CreateGrant/i.test(
      asAwsError(error).message ?? '',
    )
  );
}

function notReady(name: string, now: FunctionConfiguration | undefined): CrcError {
  const state = now === undefined ? 'not there' : `${now.State ?? 'unknown'}, ${now.LastUpdateStatus ?? 'unknown'}`;
  return new CrcError(`The function ${name} is not ready after ${SETTLE_DEADLINE / 1_000} seconds (${state}).`, {
    hint: 'Run it again, and it goes on waiting. The Lambda console shows what the function is doing.',
  });
}

function failedUpdate(name: string, now: FunctionConfiguration): CrcError {
  const { LastUpdateStatusReason, LastUpdateStatusReasonCode } = now;
  return new CrcError(
    `Lambda could not update ${name}: ${reason(LastUpdateStatusReasonCode, LastUpdateStatusReason)}`,
    {
      hint: 'The alias "live" still serves the version before. Correct the cause, and run it again.',
    },
  );
}

/** The creation itself failed; no update mends that. */
export function brokenFunction(name: string, { StateReason, StateReasonCode }: FunctionConfiguration): CrcError {
  return new CrcError(`Lambda could not create ${name}: ${reason(StateReasonCode, StateReason)}`, {
    hint: `Correct the cause, delete what is left of it (aws lambda delete-function --function-name ${name}), and run it again: a function that failed can only be made anew.`,
  });
}

function reason(code: string | undefined, text: string | undefined): string {
  return code === undefined ? (text ?? 'AWS gives no reason.') : `${code}: ${text ?? 'AWS gives no reason.'}`;
}

function somebodyElse(
  name: string,
  before: FunctionConfiguration | undefined,
  now: FunctionConfiguration,
  cause: unknown,
): CrcError {
  const code = before?.CodeSha256 === now.CodeSha256 ? 'its settings' : 'its code';
  return new CrcError(
    `Somebody else changed ${name} in the meantime: ${code}, at ${now.LastModified ?? 'an unknown time'} (revision ${before?.RevisionId ?? 'unknown'} → ${now.RevisionId ?? 'unknown'}).`,
    { hint: 'Nothing of theirs was overwritten. Talk to them, look with `crc verify`, and run it again.', cause },
  );
}
