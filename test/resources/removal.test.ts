import { describe, expect, it } from 'vitest';
import { Blocked } from '../../src/engine/apply.ts';
import type { Resource } from '../../src/engine/resource.ts';
import type { Removal } from '../../src/engine/types.ts';
import { logGroup } from '../../src/resources/log-group.ts';
import { role } from '../../src/resources/role.ts';
import { table } from '../../src/resources/table.ts';
import { lockedText, lockInfo } from '../../src/terraform/state/locks.ts';
import { tableItems } from '../../src/terraform/state/table-items.ts';
import { ACCOUNT, contextFor } from '../helpers/context.ts';
import { converge, writes } from '../helpers/contract.ts';
import { awsError, fakeAws } from '../helpers/fake-aws.ts';
import { fakeDynamoDb } from '../helpers/fake-dynamodb.ts';
import { fakeIam } from '../helpers/fake-iam.ts';
import { fakeLogs } from '../helpers/fake-logs.ts';

const TABLE = 'abcdef-terraform-locking';

async function inspectRemoval(resource: Resource): Promise<Removal> {
  const removal = await resource.inspectRemoval();
  if (removal === undefined) throw new Error('the resource does not exist');
  return removal;
}

const failure = async (run: Promise<unknown>): Promise<unknown> =>
  await run.then(
    () => 'no failure',
    (error) => error,
  );

describe('the removal of a table', () => {
  async function bench(busy = 0) {
    const dynamodb = fakeDynamoDb({ busy });
    const aws = fakeAws({ dynamodb: dynamodb.handlers });
    const hold: { by: string | undefined } = { by: undefined };
    const resource = table(
      {
        id: 'lock-table',
        name: TABLE,
        hashKey: 'LockID',
        capacity: { read: 5, write: 5 },
        inUse: async () => ({ blocked: hold.by }),
        actions: {},
        address: 'none',
        terraform: { name: 'lock' },
      },
      contextFor(aws.clients),
    );
    await converge(resource);
    aws.calls.length = 0;
    return { aws, dynamodb, hold, resource };
  }

  it('disables the protection, waits for the table, and deletes it', async () => {
    const { aws, dynamodb, resource } = await bench(1);
    await (await inspectRemoval(resource)).remove();
    expect([dynamodb.tables.size, writes(aws)[0], writes(aws).at(-1)]).toEqual([0, 'UpdateTable', 'DeleteTable']);
  });

  it('is blocked by a lock, and nothing is written', async () => {
    const { aws, hold, resource } = await bench();
    const { remove } = await inspectRemoval(resource);
    hold.by = 'a lock';
    expect((await inspectRemoval(resource)).blocked).toBe('a lock');
    expect(await failure(remove())).toEqual(new Blocked('a lock'));
    expect(writes(aws)).toEqual([]);
  });

  it('writes nothing to a table with a lock that had no protection', async () => {
    const { aws, dynamodb, hold, resource } = await bench();
    Object.assign(dynamodb.tables.get(TABLE) ?? {}, { deletionProtection: false });
    const { remove } = await inspectRemoval(resource);
    hold.by = 'a lock';
    expect(await failure(remove())).toEqual(new Blocked('a lock'));
    expect(writes(aws)).toEqual([]);
  });

  it('is stopped by a lock taken after the protection was disabled, and protects the table again', async () => {
    const { aws, dynamodb, hold, resource } = await bench();
    const { remove } = await inspectRemoval(resource);
    const { UpdateTable } = dynamodb.handlers;
    (dynamodb.handlers as Record<string, unknown>).UpdateTable = (input: unknown) => {
      hold.by = 'a lock';
      return UpdateTable?.(input);
    };
    expect(await failure(remove())).toBeInstanceOf(Blocked);
    expect([dynamodb.tables.get(TABLE)?.deletionProtection, writes(aws).includes('DeleteTable')]).toEqual([
      true,
      false,
    ]);
  });

  it.each(['UpdateTable', 'DeleteTable'])('succeeds if another run deletes it before %s', async (operation) => {
    const { dynamodb, resource } = await bench();
    const { remove } = await inspectRemoval(resource);
    const handler = dynamodb.handlers[operation];
    (dynamodb.handlers as Record<string, unknown>)[operation] = (input: unknown) => {
      dynamodb.tables.delete(TABLE);
      return handler?.(input);
    };
    await remove();
    await remove();
  });
});

describe('locks', () => {
  const INFO =
    '{"ID":"4c2d","Operation":"OperationTypePlan","Info":"","Who":"bob@ci","Version":"1.11.4","Created":"2026-11-25T10:00:00Z"}';

  async function locksOf(items: readonly Record<string, { S: string }>[]) {
    const dynamodb = fakeDynamoDb({ busy: 0 });
    const aws = fakeAws({ dynamodb: dynamodb.handlers });
    dynamodb.handlers.CreateTable?.({ TableName: TABLE, KeySchema: [], AttributeDefinitions: [] });
    dynamodb.tables.get(TABLE)?.items.push(...items);
    const { locks } = await tableItems(aws.clients.dynamodb, TABLE);
    return { locks, aws };
  }

  it('are found on every page, with a consistent read; digests are not locks', async () => {
    const { locks, aws } = await locksOf([
      { LockID: { S: 'b/a-md5' }, Digest: { S: 'd41d' } },
      { LockID: { S: 'b/a' }, Info: { S: INFO } },
      { LockID: { S: 'b/c-md5' }, Info: { S: 'no JSON' } },
    ]);
    expect(lockedText(locks)).toBe(
      'b/a is locked by bob@ci since 2026-11-25T10:00:00Z (plan, version 1.11.4, lock ID 4c2d); b/c-md5 is locked. Wait until Terraform has finished. If it crashed, release each lock: `terraform force-unlock 4c2d`, delete the item with the LockID "b/c-md5" from the lock table',
    );
    expect(aws.calls.map(({ input }) => input.ConsistentRead)).toEqual([true, true, true]);
  });

  it('do not exist in a missing table, and are unread if they cannot be read', async () => {
    const aws = fakeAws({ dynamodb: fakeDynamoDb().handlers });
    expect((await tableItems(aws.clients.dynamodb, TABLE)).locks).toEqual([]);
    aws.answer('dynamodb:Scan', 'denied');
    expect(await failure(tableItems(aws.clients.dynamodb, TABLE))).toMatchObject({ name: 'AccessDeniedException' });
  });

  it('of a table whose pages never end are an error', async () => {
    const LastEvaluatedKey = { LockID: { S: 'b/a-md5' } };
    const aws = fakeAws({ dynamodb: { Scan: () => ({ Items: [], LastEvaluatedKey }) } });
    expect(await failure(tableItems(aws.clients.dynamodb, TABLE))).toMatchObject({
      message: expect.stringContaining('repeat'),
    });
  });

  it('beyond three are counted, and their details are truncated', () => {
    const lock = { path: 'b/a', info: lockInfo(JSON.stringify({ Who: 'x'.repeat(5_000) })) };
    const text = lockedText([lock, lock, lock, lock, lock]);
    expect(text).toContain('; and 2 more. Wait');
    expect(text?.length).toBeLessThan(700);
  });

  it('are released by their own IDs, unless an ID cannot be pasted into a shell', () => {
    const lockWith = (ID: string) => ({ path: 'b/a', info: lockInfo(JSON.stringify({ ID })) });
    expect(lockedText([lockWith('4c2d-1')])).toMatch(/release the lock: `terraform force-unlock 4c2d-1`$/);
    expect(lockedText([lockWith('1'), lockWith('2')])).toMatch(
      /release each lock: `terraform force-unlock 1`, `terraform force-unlock 2`$/,
    );
    for (const id of ['-force', 'a;b', '$(id)', 'x'.repeat(120)]) {
      expect(lockedText([lockWith(id)])).not.toContain('force-unlock');
    }
  });

  it('of states in the bucket of the config are released by its command, with the workspace', () => {
    const own = { bucket: 'b', prefixes: new Map([['c', 'stage']]) };
    const lockAt = (path: string) => ({ path, info: lockInfo('{"ID":"4c2d"}') });
    expect(lockedText([lockAt('b/a'), lockAt('a.tflock'), lockAt('b/stage/dev/c')], own)).toMatch(
      /release each lock: `crc state unlock a`, `crc state unlock c --workspace dev`$/,
    );
    expect(lockedText([lockAt('other/a')], own)).toMatch(/release the lock: `terraform force-unlock 4c2d`$/);
  });

  it.each(['', 'null', '[]', '{"Who":7}', '{'])('without readable information are still locks: %s', (text) => {
    expect(lockedText([{ path: 'b/a', info: lockInfo(text) }])).toMatch(/^b\/a is locked\. Wait/);
  });
});

describe('the removal of a role', () => {
  const NAME = 'GitHubActionsTerraformRole';

  async function bench() {
    const iam = fakeIam(ACCOUNT);
    const aws = fakeAws({ iam: iam.handlers });
    const resource = role(
      {
        id: `role/${NAME}`,
        name: NAME,
        trust: { Version: '2012-10-17', Statement: [] },
        policyName: 'TerraformPolicy',
        policy: { Version: '2012-10-17', Statement: [] },
        maxSessionSeconds: 3_600,
        permissionsBoundary: undefined,
        managedPolicyArns: [],
        address: 'none',
      },
      contextFor(aws.clients),
    );
    await converge(resource);
    aws.calls.length = 0;
    return { aws, iam, resource };
  }

  it('retries while IAM still sees the policies that were just removed', async () => {
    const { aws, iam, resource } = await bench();
    aws.answer('iam:DeleteRole', 'policies-remain', 2);
    await (await inspectRemoval(resource)).remove();
    expect([iam.roles.size, writes(aws)]).toEqual([0, ['DeleteRolePolicy', 'DeleteRole', 'DeleteRole', 'DeleteRole']]);
  });

  it('does not wait for a permanent cause: a role in an instance profile', async () => {
    const { aws, resource } = await bench();
    const message = 'Cannot delete entity, must remove roles from instance profile first.';
    aws.fail('DeleteRole', awsError('DeleteConflictException', 409, { message }));
    expect(await failure((await inspectRemoval(resource)).remove())).toMatchObject({ message });
    expect(writes(aws).filter((name) => name === 'DeleteRole')).toHaveLength(1);
  });
});

describe('the removal of a log group', () => {
  it('is blocked by deletion protection, which crc never enables', async () => {
    const logs = fakeLogs();
    const aws = fakeAws({ logs: logs.handlers });
    const resource = logGroup(
      {
        id: 'log-group/F',
        name: '/aws/lambda/F',
        retentionDays: 14,
        terraform: 'left out: of a function',
        deploy: [],
      },
      contextFor(aws.clients),
    );
    await converge(resource);
    Object.assign(logs.groups.get('/aws/lambda/F') ?? {}, { deletionProtection: true });
    expect((await inspectRemoval(resource)).blocked).toContain(
      'deletion protection is enabled. If you no longer need the logs, disable it: `aws logs put-log-group-deletion-protection --region eu-west-2 --log-group-identifier /aws/lambda/F --no-deletion-protection-enabled`',
    );
    Object.assign(logs.groups.get('/aws/lambda/F') ?? {}, { deletionProtection: false });
    await (await inspectRemoval(resource)).remove();
    expect(logs.groups.size).toBe(0);
  });
});
