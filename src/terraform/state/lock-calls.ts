import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { isNamed, orAbsent, statusOf } from '../../aws/error-names.ts';
import { lockInfo, type StateLock } from './locks.ts';
import { LOCK_FILE, lockIdOf, type StatePlace } from './place.ts';

/** A lock of one of the two kinds, as it was read: enough to remove this very lock, and no newer one. */
export interface HeldLock extends StateLock {
  readonly kind: 'table' | 'file';
  /** Milliseconds since 1970: when S3 stored the lock file; undefined for an item. */
  readonly stored: number | undefined;
  /** What distinguishes it from the next holder's lock: the item's exact information, the file's ETag. */
  readonly identity: string | undefined;
}

const NO_FILE = ['NoSuchKey', 'NoSuchBucket'];

/** Both kinds of lock on one state, whichever is configured: an old client may still use the other. */
export async function locksOn(place: StatePlace, objectKey: string): Promise<readonly HeldLock[]> {
  const locks = await Promise.all([tableLock(place, objectKey), fileLock(place, objectKey)]);
  return locks.filter((lock) => lock !== undefined);
}

async function tableLock(place: StatePlace, objectKey: string): Promise<HeldLock | undefined> {
  if (place.table === undefined) return undefined;
  const path = lockIdOf(place, objectKey);
  const call = place.table.dynamodb.send(
    new GetItemCommand({ TableName: place.table.name, Key: { LockID: { S: path } }, ConsistentRead: true }),
  );
  const { Item } = await orAbsent(call, ['ResourceNotFoundException'], { Item: undefined });
  if (Item === undefined) return undefined;
  const identity = Item.Info?.S;
  return { kind: 'table', path, info: lockInfo(identity ?? ''), stored: undefined, identity };
}

async function fileLock({ s3, bucket }: StatePlace, objectKey: string): Promise<HeldLock | undefined> {
  const path = `${objectKey}${LOCK_FILE}`;
  const answer = await orAbsent(s3.send(new GetObjectCommand({ ...bucket, Key: path })), NO_FILE, undefined);
  if (answer === undefined) return undefined;
  const text = (await answer.Body?.transformToString()) ?? '';
  return { kind: 'file', path, info: lockInfo(text), stored: answer.LastModified?.getTime(), identity: answer.ETag };
}

/**
 * Puts a lock of one kind, as Terraform does: only where there is none. False where another holds it. A call whose answer was
 * lost is tried again and then finds its own lock, which is as good.
 */
export async function putLock(
  place: StatePlace,
  kind: HeldLock['kind'],
  objectKey: string,
  info: string,
): Promise<boolean> {
  try {
    await (kind === 'table' ? putItem(place, objectKey, info) : putFile(place, objectKey, info));
    return true;
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    const lock = await (kind === 'table' ? tableLock(place, objectKey) : fileLock(place, objectKey));
    return lock?.info?.id !== undefined && lock.info.id === lockInfo(info)?.id;
  }
}

async function putItem(place: StatePlace, objectKey: string, info: string): Promise<void> {
  if (place.table === undefined) return;
  await place.table.dynamodb.send(
    new PutItemCommand({
      TableName: place.table.name,
      Item: { LockID: { S: lockIdOf(place, objectKey) }, Info: { S: info } },
      ConditionExpression: 'attribute_not_exists(LockID)',
    }),
  );
}

async function putFile({ s3, bucket }: StatePlace, objectKey: string, info: string): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      ...bucket,
      Key: `${objectKey}${LOCK_FILE}`,
      Body: info,
      ContentType: 'application/json',
      IfNoneMatch: '*',
    }),
  );
}

/**
 * Removes exactly this lock. False when it no longer exists, or another process holds it by now: then nothing was removed. S3 compares
 * the ETag of the lock file (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html), DynamoDB the
 * item's information.
 */
export async function removeLock(place: StatePlace, lock: HeldLock): Promise<boolean> {
  try {
    await (lock.kind === 'table' ? deleteItem(place, lock) : deleteFile(place, lock));
    return true;
  } catch (error) {
    if (isConditionFailure(error) || isNamed(error, NO_FILE)) return false;
    throw error;
  }
}

async function deleteItem({ table }: StatePlace, { path, identity }: HeldLock): Promise<void> {
  if (table === undefined) return;
  const condition =
    identity === undefined
      ? { ConditionExpression: 'attribute_exists(LockID) AND attribute_not_exists(#info)' }
      : { ConditionExpression: '#info = :info', ExpressionAttributeValues: { ':info': { S: identity } } };
  await table.dynamodb.send(
    new DeleteItemCommand({
      TableName: table.name,
      Key: { LockID: { S: path } },
      ExpressionAttributeNames: { '#info': 'Info' },
      ...condition,
    }),
  );
}

async function deleteFile({ s3, bucket }: StatePlace, { path, identity }: HeldLock): Promise<void> {
  await s3.send(new DeleteObjectCommand({ ...bucket, Key: path, IfMatch: identity }));
}

const CONDITION_FAILURES = ['ConditionalCheckFailedException', 'PreconditionFailed', 'ConditionalRequestConflict'];

/** 409 is S3's answer when another conditional request on the same key was faster. */
function isConditionFailure(error: unknown): boolean {
  return isNamed(error, CONDITION_FAILURES) || statusOf(error) === 412;
}
