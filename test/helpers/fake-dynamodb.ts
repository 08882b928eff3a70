import { awsError, type Handlers } from './fake-aws.ts';

/** The value of an attribute: `{ S: 'cv' }`. */
type FakeValue = { readonly S?: string; readonly [type: string]: unknown };

export interface FakeTable {
  status: string;
  keySchema: readonly { AttributeName: string; KeyType: string }[];
  attributes: readonly { AttributeName: string; AttributeType: string }[];
  billingMode?: string;
  throughput: { ReadCapacityUnits: number; WriteCapacityUnits: number };
  deletionProtection: boolean;
  tags: { Key: string; Value: string }[];
  items: Record<string, FakeValue>[];
  /** Number of DescribeTable calls until the change is complete. */
  busy: number;
}

export interface FakeDynamoDb {
  readonly tables: Map<string, FakeTable>;
  readonly handlers: Handlers;
}

const NO_THROUGHPUT = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

/**
 * A fake of the DynamoDB operations that crc uses. A change takes `busy` reads, and other changes are rejected
 * meanwhile.
 */
export function fakeDynamoDb({ busy = 1 } = {}): FakeDynamoDb {
  const tables = new Map<string, FakeTable>();
  const at = (name: string): FakeTable => {
    const table = tables.get(name);
    if (table === undefined) throw awsError('ResourceNotFoundException');
    return table;
  };
  /** The item with the same key. The key must have the name and type that the table declares. */
  const sameKey = (table: FakeTable, key: Record<string, FakeValue>) => {
    const [{ AttributeName, AttributeType } = { AttributeName: '', AttributeType: '' }] = table.attributes;
    const value = key[AttributeName]?.[AttributeType];
    if (value === undefined) {
      throw awsError('ValidationException', 400, { message: 'The provided key element does not match the schema' });
    }
    return table.items.find((item) => item[AttributeName]?.[AttributeType] === value);
  };
  const byArn = (arn: string) => at(arn.replace(/^.*table\//, ''));
  const handlers: Handlers = {
    DescribeTable: ({ TableName }) => {
      const table = at(TableName);
      if (table.status !== 'ACTIVE') {
        if (table.busy > 0) table.busy -= 1;
        else if (table.status === 'DELETING') {
          tables.delete(TableName);
          throw awsError('ResourceNotFoundException');
        } else table.status = 'ACTIVE';
      }
      return {
        Table: {
          TableName,
          TableStatus: table.status,
          KeySchema: table.keySchema,
          AttributeDefinitions: table.attributes,
          ProvisionedThroughput: table.throughput,
          DeletionProtectionEnabled: table.deletionProtection,
          BillingModeSummary: table.billingMode === undefined ? undefined : { BillingMode: table.billingMode },
        },
      };
    },
    // Pages of one tag, so that callers that ignore NextToken fail.
    ListTagsOfResource: ({ ResourceArn, NextToken }) => {
      const { tags } = byArn(ResourceArn);
      const index = Number(NextToken ?? 0);
      return {
        Tags: tags.slice(index, index + 1),
        ...(index + 1 < tags.length ? { NextToken: String(index + 1) } : {}),
      };
    },
    CreateTable: (input) => {
      if (tables.has(input.TableName)) throw awsError('ResourceInUseException');
      tables.set(input.TableName, {
        status: 'CREATING',
        keySchema: input.KeySchema,
        attributes: input.AttributeDefinitions,
        // DynamoDB reports the mode only for tables that have ever been on-demand.
        billingMode: input.BillingMode === 'PAY_PER_REQUEST' ? input.BillingMode : undefined,
        throughput: input.ProvisionedThroughput ?? NO_THROUGHPUT,
        deletionProtection: input.DeletionProtectionEnabled ?? false,
        tags: input.Tags ?? [],
        items: [],
        busy,
      });
      return {};
    },
    UpdateTable: (input) => {
      const table = at(input.TableName);
      if (table.status !== 'ACTIVE') throw awsError('ResourceInUseException');
      const isUnchanged = (throughput: FakeTable['throughput']) =>
        throughput.ReadCapacityUnits === table.throughput.ReadCapacityUnits &&
        throughput.WriteCapacityUnits === table.throughput.WriteCapacityUnits;
      if (input.ProvisionedThroughput !== undefined && isUnchanged(input.ProvisionedThroughput)) {
        throw awsError('ValidationException', 400, {
          message: 'The provisioned throughput for the table will not change.',
        });
      }
      if (input.BillingMode !== undefined) table.billingMode = input.BillingMode;
      if (input.BillingMode === 'PAY_PER_REQUEST') table.throughput = NO_THROUGHPUT;
      if (input.ProvisionedThroughput !== undefined) table.throughput = input.ProvisionedThroughput;
      if (input.DeletionProtectionEnabled !== undefined) table.deletionProtection = input.DeletionProtectionEnabled;
      table.status = 'UPDATING';
      table.busy = busy;
      return {};
    },
    GetItem: ({ TableName, Key }) => {
      const table = at(TableName);
      const item = sameKey(table, Key);
      return item === undefined ? {} : { Item: Key };
    },
    PutItem: ({ TableName, Item, ConditionExpression }) => {
      const table = at(TableName);
      if (ConditionExpression !== 'attribute_not_exists(#key)') throw new Error('the put is not conditional');
      if (sameKey(table, Item) !== undefined) throw awsError('ConditionalCheckFailedException');
      table.items.push(Item);
      return {};
    },
    // Pages of one item.
    Scan: ({ TableName, ExclusiveStartKey }) => {
      const { items } = at(TableName);
      const index = items.findIndex(({ LockID }) => LockID?.S === ExclusiveStartKey?.LockID.S) + 1;
      const item = items[index];
      return {
        Items: item === undefined ? [] : [item],
        ...(item === undefined || index + 1 === items.length ? {} : { LastEvaluatedKey: { LockID: item.LockID } }),
      };
    },
    DeleteTable: ({ TableName }) => {
      const table = at(TableName);
      if (table.deletionProtection) throw awsError('ValidationException');
      table.status = 'DELETING';
      table.busy = busy;
      return {};
    },
    TagResource: ({ ResourceArn, Tags }) => {
      const table = byArn(ResourceArn);
      table.tags = merge(table.tags, Tags);
      return {};
    },
  };
  return { tables, handlers };
}

export function merge(
  live: readonly { Key: string; Value: string }[],
  added: readonly { Key: string; Value: string }[],
): { Key: string; Value: string }[] {
  return [...live.filter(({ Key }) => !added.some((tag) => tag.Key === Key)), ...added];
}
