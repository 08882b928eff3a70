import { executionRoleName, logGroupArn, logGroupName, roleArn, tableArn } from '../../aws/names.ts';
import type { FunctionConfig } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import { functionPackage } from '../../package/package.ts';
import { executionPolicy, executionTrust } from '../../policies/execution.ts';
import type { Context, Run } from '../context.ts';
import { logGroup } from '../log-group.ts';
import { role } from '../role.ts';
import { table } from '../table.ts';
import { functionAlias } from './alias.ts';
import { functionCalls } from './calls.ts';
import { functionCode } from './code.ts';
import type { FunctionSettings } from './configuration.ts';
import { tableId } from './ids.ts';
import { deployedPackage } from './package.ts';
import { lambdaFunction } from './settings.ts';
import { LEFT_OUT } from './terraform.ts';
import { functionUrl } from './url.ts';

/** The inline policy of an execution role. */
const POLICY_NAME = 'ExecutionPolicy';

/** `crc deploy-function` looks whether it is as the function needs it, and leaves it to `crc bootstrap`. */
const ONLY_READ = { deploy: [] } as const;

/** All resources of all functions, function by function. */
export function functionResources(
  functions: readonly FunctionConfig[],
  context: Context,
  run: Run,
): readonly Resource[] {
  return functions.flatMap((one) => [
    ...(one.table !== undefined && tableId(one, functions) === `table/${one.name}`
      ? [
          table(
            {
              id: `table/${one.name}`,
              ...one.table,
              capacity: 'on-demand',
              address: 'none',
              terraform: LEFT_OUT,
              actions: ONLY_READ,
            },
            context,
          ),
        ]
      : []),
    ...resourcesOfOne(one, tableId(one, functions), context, run),
  ]);
}

function resourcesOfOne(
  one: FunctionConfig,
  tableIdOfOne: string | undefined,
  context: Context,
  run: Run,
): readonly Resource[] {
  const { name } = one;
  const { clients, place, signal } = context;
  const roleName = executionRoleName(name);
  const groupName = logGroupName(name);
  const settings: FunctionSettings = {
    name,
    roleArn: roleArn(place, roleName),
    runtime: one.runtime,
    handler: one.handler,
    architecture: one.architecture,
    memoryMb: one.memoryMb,
    timeoutSeconds: one.timeoutSeconds,
    environment: one.environment,
  };
  const { source, runtime, handler } = one;
  const shared = {
    settings,
    code: deployedPackage(functionPackage({ root: run.root, source, runtime, handler }), run),
    calls: functionCalls(name, clients.lambda, signal),
  };
  return [
    role(
      {
        id: `execution-role/${name}`,
        name: roleName,
        trust: executionTrust,
        policyName: POLICY_NAME,
        policy: executionPolicy({
          tableArn: one.table === undefined ? undefined : tableArn(place, one.table.name),
          logGroupArn: logGroupArn(place, groupName),
        }),
        maxSessionSeconds: 3_600,
        permissionsBoundary: undefined,
        managedPolicyArns: [],
        address: 'none',
        leftOut: LEFT_OUT,
        ...ONLY_READ,
      },
      context,
    ),
    logGroup(
      {
        id: `log-group/${name}`,
        name: groupName,
        retentionDays: one.logRetentionDays,
        terraform: LEFT_OUT,
        ...ONLY_READ,
      },
      context,
    ),
    lambdaFunction(
      {
        id: `function/${name}`,
        needs: [`execution-role/${name}`, `log-group/${name}`],
        withAliasPolicy: one.url === undefined,
        codeId: `function-code/${name}`,
        ...shared,
      },
      context,
    ),
    functionCode(
      {
        id: `function-code/${name}`,
        needs: [`function/${name}`, ...(tableIdOfOne === undefined ? [] : [tableIdOfOne])],
        alias: functionAlias(name, clients.lambda, shared.calls, run.onAliasMoved),
        ...shared,
      },
      context,
    ),
    ...(one.url === undefined
      ? []
      : [
          functionUrl(
            {
              id: `function-url/${name}`,
              needs: [`function-code/${name}`],
              functionName: name,
              cors: one.url.cors,
              calls: shared.calls,
            },
            context,
          ),
        ]),
  ];
}
