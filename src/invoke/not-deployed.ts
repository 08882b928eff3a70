import { isNamed } from '../aws/error-names.ts';
import { CrcError } from '../errors.ts';

/** Whether Lambda reports that the function or its alias does not exist. */
export function isNotDeployed(error: unknown): boolean {
  return isNamed(error, ['ResourceNotFoundException']);
}

/** The error for a function in the config that does not exist on AWS. */
export function notDeployed(functionName: string, cause?: unknown): CrcError {
  return new CrcError(`The function ${functionName} is not deployed yet.`, {
    hint: `Deploy it with \`crc deploy-function ${functionName}\`, or create everything in the config with \`crc bootstrap\`.`,
    cause,
  });
}
