import { executionRoleName, logGroupName, type Place, roleArn } from '../../aws/arns.ts';
import { functionPolicy } from '../../config/role-documents.ts';
import type { FunctionConfig } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import { functionPackage } from '../../package/package.ts';
import { executionTrust } from '../../policies/execution.ts';
import type { Context, Run } from '../context.ts';
import { logGroup } from '../log-group.ts';
import { role } from '../role.ts';
import type { Item } from '../table/item.ts';
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
  return functions.flatMap((functionConfig) => {
    const idOfTable = tableId(functionConfig, functions);
    return [
      ...(idOfTable === `table/${functionConfig.name}` ? ownTable(functionConfig, context) : []),
      ...(functionConfig.role === undefined ? [executionRole(functionConfig, context)] : []),
      logGroup(
        {
          id: `log-group/${functionConfig.name}`,
          name: logGroupName(functionConfig.name),
          retentionDays: functionConfig.logRetentionDays,
          terraform: LEFT_OUT,
          ...ONLY_READ,
        },
        context,
      ),
      ...deployed(functionConfig, idOfTable, context, run),
    ];
  });
}

function ownTable({ name, table: own }: FunctionConfig, context: Context): readonly Resource[] {
  if (own === undefined) return [];
  const { access: _, item, ...settings } = own;
  return [
    table(
      {
        id: `table/${name}`,
        ...settings,
        // The config is JSON, and its schema has checked the item.
        item: item as Item | undefined,
        address: 'none',
        terraform: LEFT_OUT,
        actions: ONLY_READ,
      },
      context,
    ),
  ];
}

function executionRole(functionConfig: FunctionConfig, context: Context): Resource {
  const { name, table: own, permissionsBoundary } = functionConfig;
  const { place } = context;
  return role(
    {
      id: `execution-role/${name}`,
      name: executionRoleName(name),
      trust: executionTrust,
      policyName: POLICY_NAME,
      policy: functionPolicy(functionConfig, place),
      allowedBy: own === undefined ? '"statements"' : '"table.access" or "statements"',
      maxSessionSeconds: 3_600,
      permissionsBoundary,
      managedPolicyArns: [],
      address: 'none',
      leftOut: LEFT_OUT,
      ...ONLY_READ,
    },
    context,
  );
}

/** The function, its code and its URL; each sees the writes of the others. */
function deployed(
  functionConfig: FunctionConfig,
  idOfTable: string | undefined,
  context: Context,
  run: Run,
): readonly Resource[] {
  const { name, reservedConcurrency, url } = functionConfig;
  const { clients, place, signal } = context;
  const calls = functionCalls(name, clients.lambda, signal);
  const shared = {
    settings: settingsOf(functionConfig, place),
    code: deployedPackage(functionPackage({ root: run.root, ...functionConfig }), run),
    calls,
  };
  const roleId = functionConfig.role === undefined ? [`execution-role/${name}`] : [];
  return [
    lambdaFunction(
      {
        id: `function/${name}`,
        needs: [...roleId, `log-group/${name}`],
        withAliasPolicy: url === undefined,
        codeId: `function-code/${name}`,
        reservedConcurrency,
        ...shared,
      },
      context,
    ),
    functionCode(
      {
        id: `function-code/${name}`,
        needs: [`function/${name}`, ...(idOfTable === undefined ? [] : [idOfTable])],
        alias: functionAlias(name, clients.lambda, calls, run.onAliasMoved),
        ...shared,
      },
      context,
    ),
    ...(url === undefined
      ? []
      : [
          functionUrl(
            {
              id: `function-url/${name}`,
              needs: [`function-code/${name}`],
              functionName: name,
              authType: url.authType,
              cors: url.cors,
              calls,
            },
            context,
          ),
        ]),
  ];
}

function settingsOf(functionConfig: FunctionConfig, place: Place): FunctionSettings {
  const { name, runtime, handler, architecture, memoryMb, timeoutSeconds, environment } = functionConfig;
  return {
    name,
    roleArn: functionConfig.role ?? roleArn(place, executionRoleName(name)),
    runtime,
    handler,
    architecture,
    memoryMb,
    timeoutSeconds,
    environment,
  };
}
