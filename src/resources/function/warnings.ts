import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { logGroupName } from '../../aws/arns.ts';
import type { Json } from '../../json.ts';
import { openStatements, statementsOn } from '../../policies/strangers.ts';
import { regionFlag } from './errors.ts';

/** Settings of a live function that are not in the config. */
export function functionWarnings(live: FunctionConfiguration): readonly string[] {
  const layers = (live.Layers ?? []).flatMap(({ Arn }) => Arn ?? []);
  const group = live.LoggingConfig?.LogGroup;
  return [
    ...(layers.length === 0
      ? []
      : [
          `${layers.length === 1 ? 'a layer was' : 'layers were'} added outside crc: ${layers.join(', ')}. Layer code runs with the function's permissions. If you did not add ${layers.length === 1 ? 'it' : 'them'}, remove ${layers.length === 1 ? 'it' : 'all of them'}: \`aws lambda update-function-configuration${regionFlag(live.FunctionArn)} --function-name ${live.FunctionName} --layers\`.`,
        ]),
    ...(group === undefined || group === logGroupName(live.FunctionName ?? '')
      ? []
      : [
          `it logs to ${group}, not to the log group that crc manages. Change it back in the Lambda console (Monitoring and operations tools).`,
        ]),
  ];
}

/**
 * Who has access through a policy that is not in the config. `what` names the policy's resource: `the alias "live"`.
 */
export function permissionWarnings(
  policy: Json,
  { what, arn, accountId }: { readonly what: string; readonly arn: string; readonly accountId: string },
): readonly string[] {
  return openStatements(statementsOn(policy, arn), accountId).map(
    ({ sid, who, actions }) =>
      `the policy of ${what} grants access to ${who}, which is not in the config (${sid === undefined ? 'a statement without a Sid' : `Sid ${sid}`}: ${actions}). If you did not add it, remove the statement with \`aws lambda remove-permission${regionFlag(arn)}\`.`,
  );
}
