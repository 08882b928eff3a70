import type { FunctionConfig } from '../../config/schema.ts';

/** The ids of the resources that a function is made of, those that it shares with others too. */
export function functionResourceIds(one: FunctionConfig, functions: readonly FunctionConfig[]): readonly string[] {
  const kinds = [...(one.role === undefined ? ['execution-role'] : []), 'log-group', 'function', 'function-code'];
  const ids = kinds.map((kind) => `${kind}/${one.name}`);
  const shared = tableId(one, functions);
  return [
    ...(shared === undefined ? [] : [shared]),
    ...ids,
    ...(one.url === undefined ? [] : [`function-url/${one.name}`]),
  ];
}

/** Functions on one table share the resource of the first. */
export function tableId({ table: own }: FunctionConfig, functions: readonly FunctionConfig[]): string | undefined {
  if (own === undefined) return undefined;
  const first = functions.find((other) => other.table?.name === own.name);
  return first === undefined ? undefined : `table/${first.name}`;
}
