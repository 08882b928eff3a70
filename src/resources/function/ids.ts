import type { FunctionConfig } from '../../config/schema.ts';

/** The ids of a function's resources, including shared ones. */
export function functionResourceIds(
  functionConfig: FunctionConfig,
  functions: readonly FunctionConfig[],
): readonly string[] {
  const kinds = [
    ...(functionConfig.role === undefined ? ['execution-role'] : []),
    'log-group',
    'function',
    'function-code',
  ];
  const ids = kinds.map((kind) => `${kind}/${functionConfig.name}`);
  const shared = tableId(functionConfig, functions);
  return [
    ...(shared === undefined ? [] : [shared]),
    ...ids,
    ...(functionConfig.url === undefined ? [] : [`function-url/${functionConfig.name}`]),
  ];
}

/** Functions with the same table share the resource of the first. */
export function tableId({ table: own }: FunctionConfig, functions: readonly FunctionConfig[]): string | undefined {
  if (own === undefined) return undefined;
  const first = functions.find((other) => other.table?.name === own.name);
  return first === undefined ? undefined : `table/${first.name}`;
}
