import { executionRoleName, logGroupName, type Place, roleArn } from '../../aws/arns.ts';
import { functionPolicy } from '../../config/role-documents.ts';
import type { FunctionConfig } from '../../config/schema.ts';
import { type Resource, withRemarks } from '../../engine/resource.ts';
import type { Finding } from '../../engine/types.ts';
import { type FunctionPackage, functionPackage } from '../../package/package.ts';
import { asJson } from '../../policies/canonical.ts';
import { EXECUTION_POLICY, executionTrust } from '../../policies/execution.ts';
import type { Reference } from '../../terraform/permissions/reference.ts';
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
import type { ManagedRole } from './lost-role.ts';
import { keptForOtherRegion } from './other-region.ts';
import { type DeployedPackage, deployedPackage } from './package.ts';
import type { RightsInput } from './rights.ts';
import { lambdaFunction } from './settings.ts';
import { LEFT_OUT } from './terraform.ts';
import { functionUrl } from './url.ts';

/** `crc deploy-function` checks it, but leaves changes to `crc bootstrap`. */
const ONLY_READ = { deploy: [] } as const;

/** All resources of all functions, grouped by function. */
export function functionResources(
  functions: readonly FunctionConfig[],
  context: Context,
  run: Run,
): readonly Resource[] {
  let reference: Promise<Reference> | undefined;
  const readReference = () => {
    reference ??= import('../../terraform/permissions/reference.ts').then((loaded) => loaded.readReference());
    return reference;
  };
  return functions.flatMap((functionConfig, index) => {
    const idOfTable = tableId(functionConfig, functions);
    return [
      ...(idOfTable === `table/${functionConfig.name}` ? ownTable(functionConfig, context, run) : []),
      ...(functionConfig.role === undefined ? [executionRole(functionConfig, context, run)] : []),
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
      ...deployed({ functionConfig, path: `functions[${index}]`, readReference }, idOfTable, context, run),
    ];
  });
}

function ownTable({ name, table: own }: FunctionConfig, context: Context, { functionUse }: Run): readonly Resource[] {
  if (own === undefined) return [];
  const { access: _, item, ...settings } = own;
  return [
    table(
      {
        id: `table/${name}`,
        ...settings,
        // The config is JSON, and the schema has validated the item.
        item: item as Item | undefined,
        functionUse,
        address: 'none',
        terraform: LEFT_OUT,
        actions: ONLY_READ,
      },
      context,
    ),
  ];
}

function executionRole(functionConfig: FunctionConfig, context: Context, { functionUse }: Run): Resource {
  const { name, permissionsBoundary } = functionConfig;
  const { place } = context;
  return role(
    {
      id: `execution-role/${name}`,
      name: executionRoleName(name),
      trust: executionTrust,
      policyName: EXECUTION_POLICY,
      policy: functionPolicy(functionConfig, place),
      allowedBy: allowedBy(functionConfig),
      maxSessionSeconds: 3_600,
      permissionsBoundary,
      managedPolicyArns: [],
      policyKept: keptForOtherRegion(name, context),
      functionUse,
      address: 'none',
      leftOut: LEFT_OUT,
      ...ONLY_READ,
    },
    context,
  );
}

/** The config keys that grant the function more permissions. */
function allowedBy({ table: own }: FunctionConfig): string {
  return own === undefined ? '"statements"' : '"table.access" or "statements"';
}

/** The execution role if crc manages it; undefined if the config names an existing role. */
function managedRole(functionConfig: FunctionConfig, place: Place): ManagedRole | undefined {
  if (functionConfig.role !== undefined) return undefined;
  return { policy: asJson(functionPolicy(functionConfig, place)), allowedBy: allowedBy(functionConfig) };
}

interface DeployedInput extends Pick<RightsInput, 'functionConfig' | 'path'> {
  /** Cached, and only called when a source is analyzed. */
  readonly readReference: () => Promise<Reference>;
}

/** The function, its code and its URL, which see each other's writes. */
function deployed(
  { functionConfig, path, readReference }: DeployedInput,
  idOfTable: string | undefined,
  context: Context,
  run: Run,
): readonly Resource[] {
  const { name, reservedConcurrency, url } = functionConfig;
  const { clients, place, signal } = context;
  const calls = functionCalls(name, clients.lambda, signal);
  const shared = {
    settings: settingsOf(functionConfig, place),
    code: deployedPackage(packageOf(functionConfig, run), run),
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
        managedRole: managedRole(functionConfig, place),
        ...shared,
      },
      context,
    ),
    withRemarks(
      functionCode(
        {
          id: `function-code/${name}`,
          needs: [`function/${name}`, ...(idOfTable === undefined ? [] : [idOfTable])],
          alias: functionAlias(name, clients.lambda, calls, run.onAliasMoved),
          ...shared,
        },
        context,
      ),
      () => remarksOn(shared.code, { functionConfig, path, place }, readReference, run),
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

function packageOf(functionConfig: FunctionConfig, { root, packages = new Map() }: Run): FunctionPackage {
  const known = packages.get(functionConfig.name) ?? functionPackage({ root, ...functionConfig });
  packages.set(functionConfig.name, known);
  return known;
}

/**
 * If this run builds the source anyway: the warnings of the build, and permissions that the source needs but the role
 * does not grant.
 */
async function remarksOn(
  code: DeployedPackage,
  about: Omit<RightsInput, 'calls' | 'reference'>,
  readReference: () => Promise<Reference>,
  { onMissingRights }: Run,
): Promise<Pick<Finding, 'warnings' | 'notes'>> {
  const ofBuild = code.warnings();
  try {
    const calls = await code.calls();
    if (calls === undefined) return { warnings: ofBuild, notes: [] };
    const [{ missingRights, rightsRemarks }, reference] = await Promise.all([import('./rights.ts'), readReference()]);
    const input = { ...about, calls, reference };
    const missing = missingRights(input);
    onMissingRights?.(about.functionConfig.name, missing);
    const { warnings, notes } = rightsRemarks(input, missing);
    return { warnings: [...ofBuild, ...warnings], notes };
  } catch (error) {
    // The function builds, so it can be deployed. A failed analysis must not stop that.
    const cause = error instanceof Error ? error.message : String(error);
    return { warnings: ofBuild, notes: [`the calls in its source could not be compared with its role: ${cause}`] };
  }
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
