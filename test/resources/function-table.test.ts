import { describe, expect, it } from 'vitest';
import { type TableInput, table } from '../../src/resources/table.ts';
import { toTagList } from '../../src/resources/tags.ts';
import { ACCOUNT, contextFor, REGION, TAG_LIST } from '../helpers/context.ts';
import { type Bench, converge, find, testResourceContract, writes } from '../helpers/contract.ts';
import { awsError, fakeAws } from '../helpers/fake-aws.ts';
import { type FakeTable, fakeDynamoDb } from '../helpers/fake-dynamodb.ts';

const NAME = 'Visits';
const ARN = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${NAME}`;
const ITEM = { Id: 'cv', VisitTotal: 0 };

type State = Map<string, FakeTable>;

function bench(overrides: Partial<TableInput> = {}): Bench<State> {
  const dynamodb = fakeDynamoDb({ busy: 0 });
  const aws = fakeAws({ dynamodb: dynamodb.handlers });
  const resource = table(
    {
      id: 'table/IncrementVisits',
      name: NAME,
      hashKey: 'Id',
      capacity: 'on-demand',
      item: ITEM,
      actions: { deploy: [] },
      address: 'none',
      terraform: 'left out: a test',
      ...overrides,
    },
    contextFor(aws.clients),
  );
  return { aws, resource, state: dynamodb.tables };
}

function change(overrides: Partial<FakeTable>) {
  return (tables: State) => {
    Object.assign(tables.get(NAME) ?? {}, overrides);
  };
}

const put = {
  TableName: NAME,
  Item: { Id: { S: 'cv' }, VisitTotal: { N: '0' } },
  ConditionExpression: 'attribute_not_exists(#key)',
  ExpressionAttributeNames: { '#key': 'Id' },
};

describe('the table of a function', () => {
  testResourceContract({
    bench,
    drifts: [
      {
        path: 'tags.Project',
        tamper: change({ tags: TAG_LIST.filter(({ Key }) => Key !== 'Project') }),
        operation: 'TagResource',
        input: { ResourceArn: ARN, Tags: TAG_LIST },
      },
      {
        path: 'capacity.mode',
        tamper: change({ billingMode: undefined, throughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } }),
        operation: 'UpdateTable',
        input: { TableName: NAME, BillingMode: 'PAY_PER_REQUEST' },
      },
      {
        path: 'deletionProtection',
        tamper: change({ deletionProtection: false }),
        operation: 'UpdateTable',
        input: { TableName: NAME, DeletionProtectionEnabled: true },
      },
      { path: 'item', tamper: change({ items: [] }), operation: 'PutItem', input: put },
    ],
    fixed: ['hashKey'],
    retag: (state, live) => change({ tags: toTagList(live) })(state),
    reads: ['DescribeTable', 'ListTagsOfResource', 'GetItem'],
  });

  it('is created with its item, of every JSON type', async () => {
    const item = { Id: 'cv', total: 1.5, on: true, none: null, list: ['a', 1], deep: { a: { b: 'c' } } };
    const { aws, resource } = bench({ item });
    await converge(resource);
    expect(writes(aws)).toEqual(['CreateTable', 'PutItem']);
    expect(aws.calls.find(({ operation }) => operation === 'PutItem')?.input).toEqual({
      ...put,
      Item: {
        Id: { S: 'cv' },
        total: { N: '1.5' },
        on: { BOOL: true },
        none: { NULL: true },
        list: { L: [{ S: 'a' }, { N: '1' }] },
        deep: { M: { a: { M: { b: { S: 'c' } } } } },
      },
    });
  });

  it('never overwrites what the function has stored in it, and reads only its key', async () => {
    const { aws, resource, state } = bench();
    await converge(resource);
    change({ items: [{ Id: { S: 'cv' }, VisitTotal: { N: '42' } }] })(state);
    aws.calls.length = 0;
    expect((await converge(resource)).result.outcome).toBe('unchanged');
    expect(aws.calls.find(({ operation }) => operation === 'GetItem')?.input).toEqual({
      TableName: NAME,
      Key: { Id: { S: 'cv' } },
      ProjectionExpression: '#key',
      ExpressionAttributeNames: { '#key': 'Id' },
      ConsistentRead: true,
    });
  });

  it('keeps an item that the function has already created', async () => {
    const { aws, resource, state } = bench();
    await converge(resource);
    change({ items: [] })(state);
    aws.fail('PutItem', awsError('ConditionalCheckFailedException'), 1);
    change({ items: [{ Id: { S: 'cv' }, VisitTotal: { N: '1' } }] })(state);
    expect((await converge(resource)).result.outcome).toBe('unchanged');
  });

  it('has a number as its key if the config says so', async () => {
    const { aws, resource, state } = bench({ hashKeyType: 'N', item: { Id: 1, VisitTotal: 0 } });
    await converge(resource);
    expect(aws.calls.find(({ operation }) => operation === 'CreateTable')?.input).toMatchObject({
      AttributeDefinitions: [{ AttributeName: 'Id', AttributeType: 'N' }],
    });
    expect(state.get(NAME)?.items).toEqual([{ Id: { N: '1' }, VisitTotal: { N: '0' } }]);
    expect((await find(resource)).status).toBe('in-sync');
  });

  it.each(['S', 'N'] as const)('with a key type other than %s is a conflict, and nothing is written', async (type) => {
    const { aws, resource, state } = bench({ hashKeyType: type, item: { Id: type === 'S' ? 'cv' : 1 } });
    await converge(resource);
    change({ attributes: [{ AttributeName: 'Id', AttributeType: type === 'S' ? 'N' : 'S' }] })(state);
    aws.calls.length = 0;
    const { finding } = await converge(resource);
    expect(finding.status).toBe('conflict');
    expect(finding.changes).toContainEqual(
      expect.objectContaining({
        kind: 'conflict',
        path: 'hashKey',
        live: type === 'S' ? 'Id (N)' : 'Id',
        want: type === 'S' ? 'Id' : 'Id (N)',
      }),
    );
    expect(writes(aws)).toEqual([]);
  });

  it('reads and writes no item if the config has none', async () => {
    const { aws, resource } = bench({ item: undefined });
    await converge(resource);
    expect(aws.calls.map(({ operation }) => operation)).not.toContain('GetItem');
    const { read, write } = resource.actions;
    expect([...read, ...write].flatMap(({ actions }) => actions).filter((action) => action.endsWith('Item'))).toEqual(
      [],
    );
  });
});
