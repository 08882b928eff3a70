import { executionRoleName, logGroupArn, logGroupName, type Place, roleArn, tableArn } from '../../aws/arns.ts';
import type { FunctionConfig } from '../../config/schema.ts';
import type { Resource } from '../../engine/resource.ts';
import { functionPackage } from '../../package/package.ts';
import { executionPolicy, executionTrust } from '../../policies/execution.ts';
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
  return functions.flatMap((one) => {
    const idOfTable = tableId(one, functions);
    return [
      ...(idOfTable === `table/${one.name}` ? ownTable(one, context) : []),
      ...(one.role === undefined ? [executionRole(one, context)] : []),
      logGroup(
        {
          id: `log-group/${one.name}`,
          name: logGroupName(one.name),
          retentionDays: one.logRetentionDays,
          terraform: LEFT_OUT,
          ...ONLY_READ,
        },
        context,
      ),
      ...deployed(one, idOfTable, context, run),
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

function executionRole(one: FunctionConfig, context: Context): Resource {
  const { name, table: own, statements, permissionsBoundary } = one;
  const { place } = context;
  return role(
    {
      id: `execution-role/${name}`,
      name: executionRoleName(name),
      trust: executionTrust,
      policyName: POLICY_NAME,
      policy: executionPolicy({
        table: own && { arn: tableArn(place, own.name), access: own.access },
        logGroupArn: logGroupArn(place, logGroupName(name)),
        statements,
      }),
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

/** The function, its code and its URL, which know of one another's writes. */
function deployed(one: FunctionConfig, idOfTable: string | undefined, context: Context, run: Run): readonly Resource[] {
  const { name, reservedConcurrency, url } = one;
  const { clients, place, signal } = context;
  const calls = functionCalls(name, clients.lambda, signal);
  const shared = {
    settings: settingsOf(one, place),
    code: deployedPackage(functionPackage({ root: run.root, ...one }), run),
    calls,
  };
  const roleId = one.role === undefined ? [`execution-role/${name}`] : [];
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

function settingsOf(one: FunctionConfig, place: Place): FunctionSettings {
  const { name, runtime, handler, architecture, memoryMb, timeoutSeconds, environment } = one;
  return {
    name,
    roleArn: one.role ?? roleArn(place, executionRoleName(name)),
    runtime,
    handler,
    architecture,
    memoryMb,
    timeoutSeconds,
    environment,
  };
}
