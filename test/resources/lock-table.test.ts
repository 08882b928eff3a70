import { describe, expect, it } from 'vitest';
import type { Capacity } from '../../src/resources/table/capacity.ts';
import { table } from '../../src/resources/table.ts';
import { toTagList } from '../../src/resources/tags.ts';
import { ACCOUNT, contextFor, REGION, TAG_LIST } from '../helpers/context.ts';
import { type Bench, converge, find, testResourceContract, writes } from '../helpers/contract.ts';
import { awsError, fakeAws, type Handlers } from '../helpers/fake-aws.ts';
import { type FakeTable, fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { type CallName, recorded } from '../recorded/index.ts';

const NAME = 'abcdef-terraform-locking';
const ARN = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${NAME}`;

type State = Map<string, FakeTable>;

function bench(
  capacity: Capacity = { read: 5, write: 5 },
  busy = 0,
  overrides: (handlers: Handlers) => Handlers = () => ({}),
): Bench<State> {
  const dynamodb = fakeDynamoDb({ busy });
  const aws = fakeAws({ dynamodb: { ...dynamodb.handlers, ...overrides(dynamodb.handlers) } });
  const resource = table(
    {
      id: 'lock-table',
      name: NAME,
      hashKey: 'LockID',
      capacity,
      actions: {},
      address: 'none',
      terraform: { name: 'lock' },
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

const tags = { operation: 'TagResource', input: { ResourceArn: ARN, Tags: TAG_LIST } };
const capacity = {
  operation: 'UpdateTable',
  input: {
    TableName: NAME,
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  },
};

describe('lock table', () => {
  testResourceContract({
    bench,
    drifts: [
      {
        path: 'tags.Project',
        tamper: change({
          tags: [
            { Key: 'Project', Value: 'other' },
            { Key: 'ManagedBy', Value: 'crc' },
            { Key: 'crc:project', Value: 'resume' },
          ],
        }),
        ...tags,
      },
      {
        path: 'capacity.read',
        tamper: change({ throughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 5 } }),
        ...capacity,
      },
      {
        path: 'capacity.write',
        tamper: change({ throughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 1 } }),
        ...capacity,
      },
      {
        path: 'capacity.mode',
        tamper: change({
          billingMode: 'PAY_PER_REQUEST',
          throughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
        }),
        ...capacity,
      },
      {
        path: 'deletionProtection',
        tamper: change({ deletionProtection: false }),
        operation: 'UpdateTable',
        input: { TableName: NAME, DeletionProtectionEnabled: true },
      },
    ],
    fixed: ['hashKey'],
    retag: (state, live) => change({ tags: toTagList(live) })(state),
    reads: ['DescribeTable', 'ListTagsOfResource'],
  });

  it('is created with everything in one call', async () => {
    const { aws, resource } = bench();
    await converge(resource);
    expect(writes(aws)).toEqual(['CreateTable']);
    expect(aws.calls.find(({ operation }) => operation === 'CreateTable')?.input).toEqual({
      TableName: NAME,
      AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
      DeletionProtectionEnabled: true,
      Tags: TAG_LIST,
    });
  });

  it('is in sync on demand, for which DynamoDB reports a throughput of 0', async () => {
    const { aws, resource } = bench('on-demand');
    await converge(resource);
    expect(aws.calls.find(({ operation }) => operation === 'CreateTable')?.input).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
    });
    expect(aws.calls.find(({ operation }) => operation === 'CreateTable')?.input).not.toHaveProperty(
      'ProvisionedThroughput',
    );
    expect((await find(resource)).status).toBe('in-sync');
  });

  it.each([
    [
      'a different name',
      [{ AttributeName: 'Id', KeyType: 'HASH' }],
      [{ AttributeName: 'Id', AttributeType: 'S' }],
      'Id',
    ],
    [
      'a number',
      [{ AttributeName: 'LockID', KeyType: 'HASH' }],
      [{ AttributeName: 'LockID', AttributeType: 'N' }],
      'LockID (N)',
    ],
    [
      'a second key',
      [
        { AttributeName: 'LockID', KeyType: 'HASH' },
        { AttributeName: 'At', KeyType: 'RANGE' },
      ],
      [
        { AttributeName: 'LockID', AttributeType: 'S' },
        { AttributeName: 'At', AttributeType: 'S' },
      ],
      'LockID, At',
    ],
  ])('is a conflict, and not written, when its key is %s', async (_, keySchema, attributes, live) => {
    const { aws, resource, state } = bench();
    await converge(resource);
    change({ keySchema, attributes, deletionProtection: false })(state);
    aws.calls.length = 0;
    const { finding, result } = await converge(resource, { adopt: true, prune: true });
    expect([finding.status, result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
    expect(finding.changes).toContainEqual(
      expect.objectContaining({ kind: 'conflict', path: 'hashKey', live, want: 'LockID' }),
    );
  });

  it('is a conflict without its tag until it is adopted, and keeps the tags of others', async () => {
    const { aws, resource, state } = bench();
    await converge(resource);
    change({ tags: [{ Key: 'Team', Value: 'x' }], deletionProtection: false })(state);
    aws.calls.length = 0;

    const refused = await converge(resource);
    expect([refused.finding.status, refused.result.outcome, writes(aws)]).toEqual(['conflict', 'blocked', []]);
    expect(
      refused.finding.changes.map((change) => ('path' in change ? `${change.kind} ${change.path}` : change.kind)),
    ).toEqual([
      'conflict tags.ManagedBy',
      'update tags.Project',
      'update tags.crc:project',
      'update deletionProtection',
    ]);

    const adopted = await converge(resource, { adopt: true, prune: false });
    expect(adopted.result.outcome).toBe('updated');
    expect(state.get(NAME)?.tags).toEqual([{ Key: 'Team', Value: 'x' }, ...TAG_LIST]);
    expect((await find(resource)).status).toBe('in-sync');
  });

  it('waits until it is ACTIVE before and after a change', async () => {
    const { aws, resource, state } = bench({ read: 5, write: 5 }, 1);
    await converge(resource);
    change({ deletionProtection: false, status: 'UPDATING', busy: 2 })(state);
    aws.calls.length = 0;
    const { result } = await converge(resource);
    expect(result).toMatchObject({ id: 'lock-table', outcome: 'updated' });
    const calls = aws.calls.map(({ operation }) => operation);
    const update = calls.indexOf('UpdateTable');
    expect(calls.slice(0, update).filter((operation) => operation === 'DescribeTable').length).toBeGreaterThan(2);
    expect(state.get(NAME)?.status).toBe('ACTIVE');
  });

  it.each([
    ['capacity', 'updating', { throughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 5 } }],
    ['capacity', 'unchanged', { throughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 5 } }],
    ['deletionProtection', 'busy', { deletionProtection: false }],
  ] as const)(
    'a change of %s whose response was lost succeeds, although the retry gets "%s"',
    async (_, situation, drift) => {
      const answer = recorded('dynamodb:UpdateTable', situation);
      const { __type, message, Message = message } = JSON.parse('body' in answer ? answer.body : '{}');
      let failures = 1;
      const { aws, resource, state } = bench({ read: 5, write: 5 }, 0, ({ UpdateTable }) => ({
        UpdateTable: (input) => {
          const result = UpdateTable?.(input) ?? {};
          if (failures-- > 0) throw awsError(__type.replace(/^.*#/, ''), 400, { message: Message });
          return result;
        },
      }));
      await converge(resource);
      change(drift)(state);
      aws.calls.length = 0;
      expect((await converge(resource)).result).toMatchObject({ id: 'lock-table', outcome: 'updated' });
      expect(writes(aws)).toEqual(['UpdateTable']);
    },
  );

  it.each<[CallName, string, Partial<FakeTable> | undefined]>([
    ['dynamodb:CreateTable', 'busy', undefined],
    ['dynamodb:UpdateTable', 'too-many-changes', { deletionProtection: false }],
    ['dynamodb:UpdateTable', 'busy', { deletionProtection: false }],
    ['dynamodb:TagResource', 'busy', { tags: TAG_LIST.filter(({ Key }) => Key !== 'Project') }],
  ])('%s, %s: is retried until it succeeds', async (call, situation, drift) => {
    const { aws, resource, state } = bench();
    if (drift !== undefined) {
      await converge(resource);
      change(drift)(state);
    }
    aws.answer(call, situation, 2);
    expect((await converge(resource)).result.error).toBeUndefined();
    expect((await find(resource)).status).toBe('in-sync');
  });

  it.each<[CallName, string, RegExp]>([
    ['dynamodb:CreateTable', 'too-many-tables', /maximum number of tables/],
    ['dynamodb:CreateTable', 'table-maximum', /above the per table maximum/],
    ['dynamodb:UpdateTable', 'decreases-used-up', /Next decrease can be made at/],
    ['dynamodb:UpdateTable', 'account-maximum', /limit to be exceeded for the account/],
  ])("%s, %s: fails immediately with AWS's message", async (call, situation, message) => {
    const { aws, resource, state } = bench();
    if (call === 'dynamodb:UpdateTable') {
      await converge(resource);
      change({ throughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 9 } })(state);
    }
    aws.answer(call, situation);
    const { result } = await converge(resource);
    expect(result.outcome).toBe('failed');
    expect(result.error).toMatchObject({ message: expect.stringMatching(message), $metadata: { attempts: 1 } });
  });

  it('under auto scaling: unmanaged capacity is created, and then ignored', async () => {
    const { aws, resource, state } = bench('unmanaged');
    await converge(resource);
    expect(aws.calls.find(({ operation }) => operation === 'CreateTable')?.input).toMatchObject({
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    });
    change({ throughput: { ReadCapacityUnits: 70, WriteCapacityUnits: 9 } })(state);
    expect((await find(resource)).status).toBe('in-sync');
    change({ billingMode: 'PAY_PER_REQUEST' })(state);
    expect((await find(resource)).status).toBe('in-sync');
  });

  it('under auto scaling: drift of a managed capacity says how to stop managing it', async () => {
    const { resource, state } = bench();
    await converge(resource);
    change({ throughput: { ReadCapacityUnits: 70, WriteCapacityUnits: 5 } })(state);
    expect((await find(resource)).changes).toEqual([
      { kind: 'update', path: 'capacity.read', live: 70, want: 5, why: expect.stringContaining('"unmanaged"') },
    ]);
  });

  it.each(['INACCESSIBLE_ENCRYPTION_CREDENTIALS', 'ARCHIVED'])(
    '%s: does not wait for a change that never occurs',
    async (status) => {
      const { aws, resource, state } = bench();
      await converge(resource);
      change({ status, busy: 1_000, deletionProtection: false })(state);
      aws.calls.length = 0;
      const { result } = await converge(resource);
      expect([result.outcome, String(result.error), writes(aws)]).toEqual([
        'failed',
        expect.stringContaining(status),
        [],
      ]);
    },
  );

  it('waits for a table that is being deleted, and recreates it', async () => {
    const { resource, state } = bench();
    await converge(resource);
    change({ status: 'DELETING', busy: 1 })(state);
    expect((await find(resource)).status).toBe('absent');
    change({ status: 'DELETING', busy: 1 })(state);
    const { result } = await converge(resource);
    expect(result.outcome).toBe('created');
    expect(state.get(NAME)?.status).toBe('ACTIVE');
  });

  it('reads again if ListTagsOfResource does not know the table yet', async () => {
    const { aws, resource } = bench();
    await converge(resource);
    aws.fail('ListTagsOfResource', awsError('ResourceNotFoundException'), 2);
    expect((await find(resource)).status).toBe('in-sync');
  });

  it('accepts the table that another process created in the meantime', async () => {
    const { aws, resource, state } = bench();
    await converge(resource);
    const table = state.get(NAME);
    aws.fail('DescribeTable', awsError('ResourceNotFoundException'), 1);
    const { finding, result } = await converge(resource);
    expect([finding.status, result.outcome]).toEqual(['absent', 'created']);
    expect(state.get(NAME)).toBe(table);
  });

  it.each([2, 3])('accepts that table too if it becomes visible only at read %i', async (unseen) => {
    const { aws, resource, state } = bench();
    await converge(resource);
    const table = state.get(NAME);
    aws.fail('DescribeTable', awsError('ResourceNotFoundException'), unseen);
    const { result } = await converge(resource);
    expect([result.error, result.outcome]).toEqual([undefined, 'created']);
    expect(state.get(NAME)).toBe(table);
  });
});
