import { isDeepStrictEqual } from 'node:util';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  ListTagsOfResourceCommand,
  type TableDescription,
  TagResourceCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { grant } from '../aws/actions.ts';
import { asAwsError, isNamed, orAbsent } from '../aws/error-names.ts';
import { isPassingLimit } from '../aws/limits.ts';
import { tableArn } from '../aws/names.ts';
import { pagesOf, tokenOf } from '../aws/pages.ts';
import { readTogether } from '../aws/read-together.ts';
import { retryWhile } from '../aws/retry.ts';
import { Blocked } from '../engine/apply.ts';
import { type Resource, resource } from '../engine/resource.ts';
import type { Spec } from '../engine/types.ts';
import { CrcError } from '../errors.ts';
import type { Context } from './context.ts';
import { fromTagList, ownershipOf, type Tags, toTagList } from './tags.ts';
import { untilVisible } from './visibility.ts';

/** `unmanaged`: a new table gets the default, and then Application Auto Scaling, or another tool, decides. */
export type Capacity = 'on-demand' | 'unmanaged' | { readonly read: number; readonly write: number };

export interface TableInput {
  /** `lock-table`, `table/FUNCTION` */
  readonly id: string;
  readonly name: string;
  /** The one key, a string. */
  readonly hashKey: string;
  readonly capacity: Capacity;
  /** Ids whose removal comes before that of the table. */
  readonly removedAfter?: readonly string[];
  /** Looks at the items that keep the table from being deleted, and says why; undefined when none does. */
  readonly heldBy?: () => Promise<string | undefined>;
}

type TableFacts = {
  readonly hashKey: string;
  readonly tags: Tags;
  /** Null: not managed. */
  readonly capacity: { readonly mode: string; readonly read: number | null; readonly write: number | null } | null;
  readonly deletionProtection: boolean;
};

interface Others {
  readonly status: string | undefined;
  /** As DynamoDB last counted them, some hours ago. */
  readonly items: number;
}

/** DynamoDB cannot use the table's KMS key; after a week without it the table is archived. No waiting ends that. */
const STUCK = ['INACCESSIBLE_ENCRYPTION_CREDENTIALS', 'ARCHIVING', 'ARCHIVED'];

/** Seconds for a table to become ACTIVE; DynamoDB takes some ten for most changes. */
const MAX_WAIT = 300;

/** What an unmanaged table is created with: the config's default. */
const INITIAL_CAPACITY = { read: 5, write: 5 } as const;

const NO_SUCH_TABLE = ['ResourceNotFoundException'];

/** A DynamoDB table with one string key, protected from deletion. */
export function table(input: TableInput, context: Context): Resource {
  const { id, name, hashKey, capacity, heldBy = async () => undefined } = input;
  const { clients, place, tags, signal } = context;
  const { dynamodb } = clients;
  const arn = tableArn(place, name);
  const TableName = name;
  const waiter = { client: dynamodb, maxWaitTime: MAX_WAIT, minDelay: 1, maxDelay: 5, abortSignal: signal };
  const waitUntilActive = () => waitUntilTableExists(waiter, { TableName }).catch(notActive);

  function notActive(error: unknown): never {
    if (!isNamed(error, ['TimeoutError'])) throw error;
    throw new CrcError(`The table ${name} is not ACTIVE after ${MAX_WAIT} seconds.`, {
      hint: 'Run the command again to continue waiting. The DynamoDB console shows the status of the table.',
      cause: error,
    });
  }

  /** The account or the table is busy with other changes, which takes minutes at most. */
  const whenFree = <T>(call: () => Promise<T>) => retryWhile(isBusy, call, { deadline: MAX_WAIT * 1_000, signal });

  /**
   * DynamoDB takes one change at a time, only on an ACTIVE table, and none that changes nothing. The answer to an attempt may
   * have been lost, so the table itself says before each retry whether the change is `done`.
   */
  async function update(
    change: Omit<UpdateTableCommandInput, 'TableName'>,
    status: string | undefined,
    done: (live: TableDescription) => boolean,
  ): Promise<void> {
    if (status !== undefined && STUCK.includes(status)) throw stuck(name, status);
    if (status !== 'ACTIVE') await waitUntilActive();
    let sent = false;
    await whenFree(async () => {
      if (sent) {
        await waitUntilActive();
        const live = await describe();
        if (live !== undefined && done(live)) return;
      }
      sent = true;
      await dynamodb.send(new UpdateTableCommand({ TableName, ...change }));
    });
    await waitUntilActive();
  }

  const protect = (DeletionProtectionEnabled: boolean, status: string | undefined) =>
    update({ DeletionProtectionEnabled }, status, (live) => isProtected(live) === DeletionProtectionEnabled);

  async function create(): Promise<undefined> {
    try {
      const call = new CreateTableCommand({
        TableName,
        AttributeDefinitions: [{ AttributeName: hashKey, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: hashKey, KeyType: 'HASH' }],
        DeletionProtectionEnabled: true,
        Tags: toTagList(tags),
        ...throughput(capacity),
      });
      await retryWhile(isPassingLimit, () => dynamodb.send(call), { deadline: MAX_WAIT * 1_000, signal });
    } catch (error) {
      if (!isNamed(error, ['ResourceInUseException'])) throw error;
      // Another process is creating it, or it is being deleted and its name will be free in a moment.
      if ((await describe()) === undefined) {
        await waitUntilTableNotExists(waiter, { TableName });
        return await create();
      }
    }
    await waitUntilActive();
    return undefined;
  }

  const spec: Spec<TableFacts, Others> = {
    id,
    type: 'AWS::DynamoDB::Table',
    name,
    removedAfter: input.removedAfter,
    want: { hashKey, tags, capacity: wantedCapacity(capacity), deletionProtection: true },
    brief: {
      hashKey: (key) => `key ${key}`,
      capacity: (capacity) =>
        capacity?.mode === 'provisioned' ? `capacity ${capacity.read} read, ${capacity.write} write` : capacity?.mode,
      deletionProtection: () => 'deletion protection',
    },
    // A table just made may be known to DescribeTable and not yet to ListTagsOfResource.
    read: () => untilVisible(NO_SUCH_TABLE, signal, read),
    create,
    meaning: { capacity: (live) => capacityMeaning(live, capacity) },
    set: {
      hashKey: {
        fixed: `DynamoDB cannot change the key of an existing table; choose another name in the config, or delete the table ${name} yourself if nothing uses it`,
      },
      tags: async (want) => {
        await whenFree(() => dynamodb.send(new TagResourceCommand({ ResourceArn: arn, Tags: toTagList(want) })));
      },
      capacity: (want, { others }) =>
        update(throughput(capacity), others.status, (live) => isDeepStrictEqual(capacityOf(live), want)),
      deletionProtection: (want, { others }) => protect(want, others.status),
    },
    removal: async ({ others }) => ({
      held: await heldBy(),
      notes: [`its items${others.items === 0 ? '' : ` (about ${others.items})`} will be deleted with it`],
      remove,
    }),
    actions: {
      read: [grant('dynamodb', ['DescribeTable', 'ListTagsOfResource'], arn)],
      write: [grant('dynamodb', ['CreateTable', 'UpdateTable', 'TagResource'], arn)],
      remove: [grant('dynamodb', ['UpdateTable', 'DeleteTable', ...(input.heldBy === undefined ? [] : ['Scan'])], arn)],
    },
  };

  /**
   * The protection is disabled only now, by a run that may delete the table. What blocks the deletion is looked at again right before each
   * step. Another run may delete the table at the same time, so each attempt begins with what is there.
   */
  async function remove(): Promise<void> {
    let lifted = false;
    const step = async (): Promise<void> => {
      const live = await describe();
      if (live === undefined) return;
      const held = await heldBy();
      if (held !== undefined) {
        if (lifted && !isProtected(live)) await setProtection(true);
        throw new Blocked(held);
      }
      if (live.TableStatus !== undefined && STUCK.includes(live.TableStatus)) throw stuck(name, live.TableStatus);
      if (!isProtected(live)) {
        await dynamodb.send(new DeleteTableCommand({ TableName }));
        return;
      }
      await setProtection(false);
      lifted = true;
      await step();
    };
    await orAbsent(whenFree(step), NO_SUCH_TABLE, undefined);
    await waitUntilTableNotExists(waiter, { TableName });
  }

  async function setProtection(DeletionProtectionEnabled: boolean): Promise<void> {
    await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
  }

  async function read() {
    const live = await readTogether(describe(), [listTags()]);
    if (live === undefined) return undefined;
    const [description, liveTags] = live;
    const { own, foreign } = ownershipOf(liveTags, tags);
    return {
      facts: {
        hashKey: keyOf(description),
        tags: own,
        capacity: capacity === 'unmanaged' ? null : capacityOf(description),
        deletionProtection: isProtected(description),
      },
      foreign,
      others: { status: description.TableStatus, items: description.ItemCount ?? 0 },
    };
  }

  /** A table that is being deleted is as good as gone; creating it waits until it is. */
  async function describe(): Promise<TableDescription | undefined> {
    const answer = await orAbsent(dynamodb.send(new DescribeTableCommand({ TableName })), NO_SUCH_TABLE, undefined);
    return answer?.Table?.TableStatus === 'DELETING' ? undefined : answer?.Table;
  }

  async function listTags(): Promise<Tags> {
    const pages = pagesOf(
      (NextToken?: string) => dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn, NextToken })),
      ({ NextToken }) => tokenOf(NextToken),
    );
    let live: Tags = {};
    for await (const { Tags } of pages) live = { ...live, ...fromTagList(Tags as { Key: string; Value: string }[]) };
    return live;
  }

  return resource(spec);
}

function isProtected({ DeletionProtectionEnabled }: TableDescription): boolean {
  return DeletionProtectionEnabled ?? false;
}

function stuck(name: string, status: string): CrcError {
  return new CrcError(`The table ${name} cannot be changed: it is ${status}.`, {
    hint: 'DynamoDB has lost access to the KMS key of the table. Enable the key, allow DynamoDB to use it, then run the command again.',
  });
}

function throughput(capacity: Capacity) {
  if (capacity === 'on-demand') return { BillingMode: 'PAY_PER_REQUEST' as const };
  const { read, write } = capacity === 'unmanaged' ? INITIAL_CAPACITY : capacity;
  return {
    BillingMode: 'PROVISIONED' as const,
    ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write },
  };
}

function wantedCapacity(capacity: Capacity): TableFacts['capacity'] {
  if (capacity === 'unmanaged') return null;
  return capacity === 'on-demand'
    ? { mode: 'on-demand', read: null, write: null }
    : { mode: 'provisioned', read: capacity.read, write: capacity.write };
}

/** Application Auto Scaling changes the throughput as it sees fit, and DescribeTable does not show that it is at work. */
function capacityMeaning(live: TableFacts['capacity'], capacity: Capacity): string | undefined {
  if (live?.mode !== 'provisioned' || typeof capacity === 'string') return undefined;
  return 'if Application Auto Scaling manages it, set "capacity": "unmanaged" in the config';
}

/** Another change of the table is in progress, or this one, whose first answer was lost. */
function isBusy(error: unknown): boolean {
  if (isNamed(error, ['ResourceInUseException']) || isPassingLimit(error)) return true;
  return (
    isNamed(error, ['ValidationException']) &&
    /provisioned throughput for the table will not change/i.test(asAwsError(error).message ?? '')
  );
}

/** A table that was always provisioned has no BillingModeSummary; one on demand reports a throughput of 0. */
function capacityOf({ BillingModeSummary, ProvisionedThroughput }: TableDescription): TableFacts['capacity'] {
  if (BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST') return wantedCapacity('on-demand');
  return wantedCapacity({
    read: ProvisionedThroughput?.ReadCapacityUnits ?? 0,
    write: ProvisionedThroughput?.WriteCapacityUnits ?? 0,
  });
}

/** `LockID` for a lone string key; anything else in words: `LockID (N)`, `LockID, Range`. */
function keyOf({ KeySchema, AttributeDefinitions }: TableDescription): string {
  return (KeySchema ?? [])
    .map(({ AttributeName }) => {
      const type = AttributeDefinitions?.find((one) => one.AttributeName === AttributeName)?.AttributeType;
      return type === 'S' ? AttributeName : `${AttributeName} (${type})`;
    })
    .join(', ');
}
