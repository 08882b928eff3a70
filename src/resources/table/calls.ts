import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ListTagsOfResourceCommand,
  type TableDescription,
  TagResourceCommand,
  UpdateTableCommand,
  type UpdateTableCommandInput,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { isNamed, orAbsent, says } from '../../aws/error-names.ts';
import { isPassingLimit } from '../../aws/limits.ts';
import { itemsOf, pagesOf, tokenOf } from '../../aws/pages.ts';
import { retryWhile } from '../../aws/retry.ts';
import { Blocked } from '../../engine/apply.ts';
import type { Removal } from '../../engine/types.ts';
import { CrcError } from '../../errors.ts';
import { fromTagList, type Tags, toTagList } from '../tags.ts';

/** A table and the means to call DynamoDB about it. */
export interface TableTarget {
  readonly dynamodb: DynamoDBClient;
  readonly name: string;
  readonly arn: string;
  readonly signal: AbortSignal;
}

export const NO_SUCH_TABLE = ['ResourceNotFoundException'];

/** DynamoDB cannot use the table's KMS key, and archives the table after a week. Waiting does not help. */
const STUCK = ['INACCESSIBLE_ENCRYPTION_CREDENTIALS', 'ARCHIVING', 'ARCHIVED'];

/** In seconds, until a table is ACTIVE; most changes take DynamoDB about ten. */
const MAX_WAIT = 300;

/** Undefined if it does not exist. A table that is being deleted counts as gone; its creation waits until it is. */
export async function describeTable({ dynamodb, name }: TableTarget): Promise<TableDescription | undefined> {
  const call = dynamodb.send(new DescribeTableCommand({ TableName: name }));
  const answer = await orAbsent(call, NO_SUCH_TABLE, undefined);
  return answer?.Table?.TableStatus === 'DELETING' ? undefined : answer?.Table;
}

export async function tableTags({ dynamodb, arn }: TableTarget): Promise<Tags> {
  const pages = pagesOf(
    (NextToken?: string) => dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: arn, NextToken })),
    ({ NextToken }) => tokenOf(NextToken),
  );
  return fromTagList(await itemsOf(pages, ({ Tags }) => Tags));
}

export async function tagTable(target: TableTarget, tags: Tags): Promise<void> {
  const { dynamodb, arn } = target;
  await whenFree(target, () => dynamodb.send(new TagResourceCommand({ ResourceArn: arn, Tags: toTagList(tags) })));
}

/** Creates the table and waits until it is ready. Not an error if another process was faster. */
export async function createTable(
  target: TableTarget,
  input: Omit<CreateTableCommandInput, 'TableName'>,
): Promise<void> {
  const { dynamodb, name: TableName } = target;
  const call = new CreateTableCommand({ TableName, ...input });
  let sent = false;
  await whenFree(target, async () => {
    // Another process created it. If it is not visible, it is new, or is being deleted and its name will be free soon.
    if (sent && (await describeTable(target)) !== undefined) return;
    sent = true;
    await dynamodb.send(call);
  });
  await waitUntilActive(target);
}

export interface TableChange {
  readonly change: Omit<UpdateTableCommandInput, 'TableName'>;
  /** The status of the table when it was last read. */
  readonly status: string | undefined;
  readonly done: (live: TableDescription) => boolean;
}

/**
 * DynamoDB accepts one change at a time, only on an ACTIVE table, and rejects a change without effect. Since a response
 * may have been lost, `done` checks the table before each retry.
 */
export async function updateTable(target: TableTarget, { change, status, done }: TableChange): Promise<void> {
  const { dynamodb, name: TableName } = target;
  refuseStuck(TableName, status);
  if (status !== 'ACTIVE') await waitUntilActive(target);
  let sent = false;
  await whenFree(target, async () => {
    if (sent) {
      await waitUntilActive(target);
      const live = await describeTable(target);
      if (live !== undefined && done(live)) return;
    }
    sent = true;
    await dynamodb.send(new UpdateTableCommand({ TableName, ...change }));
  });
  await waitUntilActive(target);
}

export function isProtected({ DeletionProtectionEnabled }: TableDescription): boolean {
  return DeletionProtectionEnabled ?? false;
}

/** What prevents the deletion of a table. */
export type TableUse = Pick<Removal, 'blocked' | 'kept'>;

/**
 * Disables deletion protection only here, in a run that may delete the table. Checks again before each step for
 * whatever blocks the deletion. Another run may be deleting the table too, so each attempt starts by reading it.
 */
export async function deleteTable(target: TableTarget, inUse: () => Promise<TableUse>): Promise<void> {
  const { dynamodb, name: TableName } = target;
  const setProtection = (DeletionProtectionEnabled: boolean) =>
    dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
  let lifted = false;
  const step = async (): Promise<void> => {
    const live = await describeTable(target);
    if (live === undefined) return;
    const { blocked, kept } = await inUse();
    const held = blocked ?? kept;
    if (held !== undefined) {
      if (lifted && !isProtected(live)) await setProtection(true);
      throw new Blocked(held);
    }
    refuseStuck(TableName, live.TableStatus);
    if (!isProtected(live)) {
      await dynamodb.send(new DeleteTableCommand({ TableName }));
      return;
    }
    await setProtection(false);
    lifted = true;
    await step();
  };
  await orAbsent(whenFree(target, step), NO_SUCH_TABLE, undefined);
  await inTime(waitUntilTableNotExists(waiter(target), { TableName }), `The table ${TableName} still exists`);
}

/** The account or the table is busy with other changes, for minutes at most. */
async function whenFree<T>({ signal }: TableTarget, call: () => Promise<T>): Promise<T> {
  return await retryWhile(isBusy, call, { deadline: MAX_WAIT * 1_000, signal });
}

/** Another change of the table is in progress, or this one, if its first response was lost. */
function isBusy(error: unknown): boolean {
  if (isNamed(error, ['ResourceInUseException']) || isPassingLimit(error)) return true;
  return (
    isNamed(error, ['ValidationException']) && says(error, /provisioned throughput for the table will not change/i)
  );
}

function waiter({ dynamodb, signal }: TableTarget) {
  return { client: dynamodb, maxWaitTime: MAX_WAIT, minDelay: 1, maxDelay: 5, abortSignal: signal };
}

async function waitUntilActive(target: TableTarget): Promise<void> {
  const { name: TableName } = target;
  await inTime(waitUntilTableExists(waiter(target), { TableName }), `The table ${TableName} is not ACTIVE`);
}

/** @throws CrcError with the problem if a wait has reached its limit; the SDK's error reads like a broken network. */
async function inTime(wait: Promise<unknown>, problem: string): Promise<void> {
  try {
    await wait;
  } catch (error) {
    if (!isNamed(error, ['TimeoutError'])) throw error;
    throw new CrcError(`${problem} after ${MAX_WAIT} seconds.`, {
      hint: 'Run the command again to continue waiting. The DynamoDB console shows the status of the table.',
      cause: error,
    });
  }
}

function refuseStuck(name: string, status: string | undefined): void {
  if (status === undefined || !STUCK.includes(status)) return;
  throw new CrcError(`The table ${name} cannot be changed: it is ${status}.`, {
    hint: 'DynamoDB has lost access to the KMS key of the table. Enable the key, allow DynamoDB to use it, then run the command again.',
  });
}
