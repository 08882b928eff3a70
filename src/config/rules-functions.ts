import { isDeepStrictEqual } from 'node:util';
import type { Issue } from '../errors.ts';
import { MAX_POLICY, minified } from '../policies/document.ts';
import { functionPolicy, placeForSize } from './role-documents.ts';
import { type ConfigParts, issue, type Placed, type Rule } from './rule.ts';
import type { FunctionConfig } from './schema.ts';

/** The rules between the functions of a config, and between functions and other parts. */
export const functionRules: readonly Rule[] = [
  uniqueFunctions,
  lockTableIsTerraforms,
  sharedTables,
  existingRoles,
  executionPolicySize,
  credentialsWithAnyOrigin,
];

/** Lambda distinguishes `A` from `a` but IAM does not, so their execution roles would clash. */
function uniqueFunctions({ functions }: ConfigParts): readonly Issue[] {
  const seen = new Map<string, Placed<FunctionConfig>>();
  return functions.flatMap((functionConfig) => {
    const { index, value } = functionConfig;
    const key = value.name.toLowerCase();
    const other = seen.get(key);
    seen.set(key, functionConfig);
    if (other === undefined) return [];
    const problem =
      other.value.name === value.name
        ? `is also the name of functions[${other.index}]; choose another`
        : `differs from the name of functions[${other.index}] only in case, which IAM ignores in the names of their roles; choose another`;
    return [issue(`functions[${index}].name`, problem)];
  });
}

function lockTableIsTerraforms({ lockTable, functions }: ConfigParts): readonly Issue[] {
  return functions.flatMap(({ index, value: { table } }) =>
    table !== undefined && table.name === lockTable?.name
      ? [issue(`functions[${index}].table.name`, 'is the lock table, which only Terraform may use; choose another')]
      : [],
  );
}

/** Settings that all functions with the same table must agree on. Their access to it may differ. */
const OF_THE_TABLE = ['hashKey', 'hashKeyType', 'capacity'] as const;

function sharedTables({ functions }: ConfigParts): readonly Issue[] {
  return functions.flatMap(({ index, value: { table } }) => {
    const first = functions.find(({ value }) => value.table !== undefined && value.table.name === table?.name);
    if (table === undefined || first?.value.table === undefined || first.index === index) return [];
    const shared = first.value.table;
    const different = OF_THE_TABLE.filter((key) => !isDeepStrictEqual(table[key], shared[key])).map((key) =>
      issue(
        `functions[${index}].table.${key}`,
        `must be the same as in functions[${first.index}], which uses the same table; write ${JSON.stringify(shared[key])}`,
      ),
    );
    if (table.item === undefined || isDeepStrictEqual(table.item, shared.item)) return different;
    return [
      ...different,
      issue(
        `functions[${index}].table.item`,
        `belongs to functions[${first.index}], which uses the same table; move it there`,
      ),
    ];
  });
}

/** Execution roles that crc does not manage. */
function existingRoles({ functions, accountId }: ConfigParts): readonly Issue[] {
  return functions.flatMap(({ index, value: { role, statements, permissionsBoundary } }) => {
    if (role === undefined) return [];
    const path = `functions[${index}]`;
    const account = role.split(':')[4];
    const unmanaged = 'cannot be used with role, which crc does not manage; remove one of them';
    return [
      ...(statements.length === 0 ? [] : [issue(`${path}.statements`, unmanaged)]),
      ...(permissionsBoundary === undefined ? [] : [issue(`${path}.permissionsBoundary`, unmanaged)]),
      ...(accountId === undefined || account === accountId
        ? []
        : [
            issue(
              `${path}.role`,
              `is in the account ${account}, but Lambda only accepts roles of its own account (${accountId})`,
            ),
          ]),
    ];
  });
}

function executionPolicySize({ functions, region, accountId }: ConfigParts): readonly Issue[] {
  if (region === undefined) return [];
  const place = placeForSize({ region, accountId });
  return functions.flatMap(({ index, value }) => {
    const size = minified(functionPolicy(value, place)).length;
    if (size <= MAX_POLICY) return [];
    return [
      issue(
        `functions[${index}].statements`,
        `make an inline policy of ${size} characters, but IAM allows ${MAX_POLICY}; allow less, or name a role of your own ("role")`,
      ),
    ];
  });
}

function credentialsWithAnyOrigin({ functions }: ConfigParts): readonly Issue[] {
  return functions.flatMap(({ index, value: { url } }) => {
    const { allowCredentials, allowOrigins } = url?.cors ?? {};
    if (!allowCredentials || !allowOrigins?.includes('*')) return [];
    return [
      issue(
        `functions[${index}].url.cors.allowOrigins`,
        'must not be "*" together with allowCredentials, which browsers refuse; list the origins',
      ),
    ];
  });
}
