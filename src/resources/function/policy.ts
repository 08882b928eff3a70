import { GetPolicyCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { orAbsent } from '../../aws/error-names.ts';
import type { Json } from '../../json.ts';
import { NO_SUCH_FUNCTION } from './errors.ts';

/** The resource policy of a function, or of one of its aliases; null if there is none. */
export async function functionPolicy(lambda: LambdaClient, FunctionName: string, Qualifier?: string): Promise<Json> {
  const call = lambda.send(new GetPolicyCommand({ FunctionName, Qualifier }));
  const answer = await orAbsent(call, NO_SUCH_FUNCTION, undefined);
  return answer?.Policy === undefined ? null : (JSON.parse(answer.Policy) as Json);
}
