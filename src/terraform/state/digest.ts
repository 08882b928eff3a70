import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { orAbsent } from '../../aws/error-names.ts';
import { lockIdOf, type StatePlace } from './place.ts';
import { DIGEST_SUFFIX } from './table-items.ts';

/** The digest of a state in the lock table; undefined if there is none, or no table. */
export async function digestOf(place: StatePlace, objectKey: string): Promise<string | undefined> {
  if (place.table === undefined) return undefined;
  const { dynamodb, name } = place.table;
  const call = dynamodb.send(
    new GetItemCommand({ TableName: name, Key: digestKey(place, objectKey), ConsistentRead: true }),
  );
  const { Item } = await orAbsent(call, ['ResourceNotFoundException'], { Item: undefined });
  return Item?.Digest?.S;
}

/** Sets it to the MD5 of the state in the bucket: Terraform refuses a state with a different digest. */
export async function putDigest(place: StatePlace, objectKey: string, md5: string): Promise<void> {
  if (place.table === undefined) return;
  const { dynamodb, name } = place.table;
  await dynamodb.send(
    new PutItemCommand({ TableName: name, Item: { ...digestKey(place, objectKey), Digest: { S: md5 } } }),
  );
}

function digestKey(place: StatePlace, objectKey: string) {
  return { LockID: { S: `${lockIdOf(place, objectKey)}${DIGEST_SUFFIX}` } };
}
