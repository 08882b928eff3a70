import { GetFunctionCommand } from '@aws-sdk/client-lambda';
import { deniedAction } from '../../aws/access-causes.ts';
import { executionRoleName, type Place, roleArn } from '../../aws/arns.ts';
import { orAbsent } from '../../aws/error-names.ts';
import type { Json } from '../../json.ts';
import { LOG_SID } from '../../policies/execution.ts';
import { statementsOf } from '../../policies/strangers.ts';
import type { Context } from '../context.ts';
import type { PolicyKept } from '../dropped-lock-table.ts';
import { NO_SUCH_FUNCTION } from './errors.ts';

/**
 * Keeps an execution role for the function of the same name in another region, which another config of the project
 * deploys. Otherwise each run would take the other function's permissions.
 */
export function keptForOtherRegion(functionName: string, context: Context): PolicyKept {
  return async (live) => {
    const user = await userInOtherRegion(functionName, live, context);
    if (user === undefined) return undefined;
    return `it is ${user}; a role has the same name in all regions, so choose another name for the function in this config, or give it a "role" of its own`;
  };
}

/**
 * The function in another region that an execution role is for, by the log in its policy: `the role of the function
 * IncrementVisits in us-east-1`. Undefined if there is none, or if it has another role. Sends nothing if the policy is
 * for the log of this region.
 */
export async function userInOtherRegion(
  functionName: string,
  policy: Json,
  { clients, place }: Context,
): Promise<string | undefined> {
  const region = otherRegionOf(policy, place);
  if (region === undefined) return undefined;
  const there = clients.inRegion(region);
  await there.load('lambda');
  const call = there.lambda.send(new GetFunctionCommand({ FunctionName: functionName }));
  try {
    const live = await orAbsent(call, NO_SUCH_FUNCTION, undefined);
    const isUsed = live?.Configuration?.Role === roleArn(place, executionRoleName(functionName));
    return isUsed ? `the role of the function ${functionName} in ${region}` : undefined;
  } catch (error) {
    const action = deniedAction(error);
    if (action === undefined) throw error;
    return `possibly the role of a function ${functionName} in ${region}, where ${action} is denied`;
  }
}

function otherRegionOf(policy: Json, { region }: Place): string | undefined {
  const logs = statementsOf(policy)
    .filter(({ Sid }) => Sid === LOG_SID)
    .flatMap(({ Resource }) => [Resource ?? []].flat());
  const regions = logs.map((arn) => /^arn:[^:]+:logs:([a-z0-9-]+):/.exec(String(arn))?.[1]);
  return regions.find((other) => other !== undefined && other !== region);
}
