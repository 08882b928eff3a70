import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { asAwsError, isNamed, orAbsent, statusOf } from '../../aws/error-names.ts';
import { inListOrder } from '../../aws/read-together.ts';
import { lockInfo, type StateLock } from './locks.ts';
import { LOCK_FILE, lockIdOf, type StatePlace } from './place.ts';

/** A lock of one of the two kinds, with enough information to remove exactly this lock and no newer one. */
export interface HeldLock extends StateLock {
  readonly kind: 'table' | 'file';
  /** In milliseconds since 1970: when S3 stored the lock file; undefined for an item. */
  readonly stored: number | undefined;
  /** What distinguishes it from the next holder's lock: the item's exact information, the file's ETag. */
  readonly identity: string | undefined;
}

/** For a conditional request, S3 may only return a status. */
const NO_FILE = ['NoSuchKey', 'NotFound'];

/**
 * Both kinds of lock on one state, whichever is configured, since an old client may still use the other. @throws the
 * errors from AWS, also if the bucket or table does not exist: who holds a lock is unknown then.
 */
export async function locksOn(place: StatePlace, objectKey: string): Promise<readonly HeldLock[]> {
  const [file, item] = await inListOrder([fileLock(place, objectKey), tableLock(place, objectKey)]);
  return [item, file].filter((lock) => lock !== undefined);
}

/** One kind of lock on a state; undefined if it is not locked. @throws the errors from AWS. */
export async function lockOf(
  place: StatePlace,
  kind: HeldLock['kind'],
  objectKey: string,
): Promise<HeldLock | undefined> {
  return await (kind === 'table' ? tableLock(place, objectKey) : fileLock(place, objectKey));
}

async function tableLock(place: StatePlace, objectKey: string): Promise<HeldLock | undefined> {
  if (place.table === undefined) return undefined;
  const path = lockIdOf(place, objectKey);
  const { Item } = await place.table.dynamodb.send(
    new GetItemCommand({ TableName: place.table.name, Key: { LockID: { S: path } }, ConsistentRead: true }),
  );
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
 * Creates a lock of one kind if there is none, as Terraform does. Returns false if someone else holds it. A call whose
 * response was lost is retried and then finds its own lock, which counts as success. @throws the errors from AWS.
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
    const lock = await lockOf(place, kind, objectKey);
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
 * Removes exactly this lock. Returns false, without removing anything, if it no longer exists or another process holds
 * it by now. S3 compares the ETag of the lock file
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html), DynamoDB the item's information.
 */
export async function removeLock(place: StatePlace, objectKey: string, lock: HeldLock): Promise<boolean> {
  try {
    await (lock.kind === 'table' ? deleteItem(place, lock) : deleteFile(place, lock));
    return true;
  } catch (error) {
    if (!isConditionFailure(error) && !isNamed(error, NO_FILE)) throw error;
    // If the response to the removal was lost, the next attempt no longer finds the lock.
    const wasRepeated = (asAwsError(error).$metadata?.attempts ?? 1) > 1;
    return wasRepeated && (await lockOf(place, lock.kind, objectKey)) === undefined;
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

const CONDITION_FAILURES = ['ConditionalCheckFailedException', 'PreconditionFailed'];

/**
 * S3's 409 for a concurrent conditional request does not count: it has been retried, and says nothing about the
 * condition.
 */
export function isConditionFailure(error: unknown): boolean {
  return isNamed(error, CONDITION_FAILURES) || statusOf(error) === 412;
}
