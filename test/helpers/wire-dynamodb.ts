import type { Check } from './wire.ts';

/**
 * The checks of a DynamoDB request. `prefix` is the ARN up to and including the account. Throws for unknown transaction
 * items.
 */
export function dynamoChecks(operation: string, body: string, prefix: string): readonly Check[] {
  if (operation === 'ListTables') return [{ action: 'dynamodb:ListTables', resource: '*' }];
  const input = JSON.parse(body);
  const arnOf = (table: string) => `${prefix}:table/${table}`;
  const several = SEVERAL_TABLES[operation];
  if (several !== undefined) {
    return several(input).map(({ action, table }) => ({ action: `dynamodb:${action}`, resource: arnOf(table) }));
  }
  const table = input.TableName ?? String(input.ResourceArn ?? '').split('table/')[1];
  const resource = arnOf(input.IndexName === undefined ? table : `${table}/index/${input.IndexName}`);
  const key = input.Key?.LockID?.S ?? input.Item?.LockID?.S;
  const context: Check['context'] = key === undefined ? {} : { 'dynamodb:LeadingKeys': [key] };
  return [
    { action: `dynamodb:${operation}`, resource, context },
    ...(operation === 'CreateTable' && input.Tags?.length > 0 ? [{ action: 'dynamodb:TagResource', resource }] : []),
  ];
}

interface OnTable {
  readonly action: string;
  readonly table: string;
}

/**
 * Requests for several tables are checked for each table. A transaction is checked for its items, not for itself
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html).
 */
const SEVERAL_TABLES: Readonly<Record<string, (input: TablesInput) => readonly OnTable[]>> = {
  BatchGetItem: ({ RequestItems = {} }) =>
    Object.keys(RequestItems).map((table) => ({ action: 'BatchGetItem', table })),
  BatchWriteItem: ({ RequestItems = {} }) =>
    Object.keys(RequestItems).map((table) => ({ action: 'BatchWriteItem', table })),
  TransactGetItems: ({ TransactItems = [] }) => ofTransaction(TransactItems),
  TransactWriteItems: ({ TransactItems = [] }) => ofTransaction(TransactItems),
};

interface TablesInput {
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
}

const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
};

function ofTransaction(items: NonNullable<TablesInput['TransactItems']>): readonly OnTable[] {
  return items.flatMap(Object.entries).map(([kind, { TableName }]) => {
    const action = TRANSACTION_ACTIONS[kind];
    if (action === undefined) throw new Error(`unknown request: ${kind} in a transaction`);
    return { action, table: TableName };
  });
}
