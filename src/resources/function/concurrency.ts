import { type LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { isNamed, says } from '../../aws/error-names.ts';
import { CrcError } from '../../errors.ts';
import type { FunctionCalls } from './calls.ts';

/** Reserves concurrency for a function. @throws CrcError if the account's limit is too low. */
export async function reserveConcurrency(
  lambda: LambdaClient,
  calls: Pick<FunctionCalls, 'write'>,
  functionName: string,
  reserved: number,
): Promise<void> {
  const call = new PutFunctionConcurrencyCommand({
    FunctionName: functionName,
    ReservedConcurrentExecutions: reserved,
  });
  try {
    await calls.write(() => lambda.send(call));
  } catch (error) {
    throw isAccountTooSmall(error) ? tooSmall(functionName, reserved, error) : error;
  }
}

/**
 * "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its
 * minimum value of [10]." (https://github.com/sst/sst/issues/5829)
 */
function isAccountTooSmall(error: unknown): boolean {
  return isNamed(error, ['InvalidParameterValueException']) && says(error, /UnreservedConcurrentExecution/i);
}

function tooSmall(functionName: string, reserved: number, cause: unknown): CrcError {
  return new CrcError(
    `AWS does not reserve ${reserved} concurrent executions for ${functionName}: too few would be left for the other functions in the account.`,
    {
      hint: 'Leave "reservedConcurrency" out of the config: the limit of the account (10 for many new ones) already limits how many calls run at once. Or ask for a higher limit in the Service Quotas console (Lambda, concurrent executions), then run the command again.',
      cause,
    },
  );
}
