import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { bucketArn, type Place, tableArn } from '../aws/arns.ts';
import type { Clients } from '../aws/clients.ts';
import { keyOfAlias } from '../aws/keys.ts';
import { CrcError } from '../errors.ts';
import {
  aliasOf,
  type Encryption,
  encryptionOf,
  expiryOf,
  isExpiryRule,
  type NoncurrentVersions,
  type ObjectLock,
  objectLockOf,
} from './state-bucket/facts.ts';
import { readBucket } from './state-bucket/read.ts';
import { describeTable, tableTags } from './table/calls.ts';
import { type Capacity, liveCapacity } from './table/capacity.ts';
import { fromTagList, projectOf, type Tags } from './tags.ts';

/** Where to look, and with which clients. */
export interface Looking {
  readonly clients: Clients;
  readonly place: Place;
  readonly signal: AbortSignal;
}

/** The settings of a bucket that the config can express. */
export interface BucketAsFound {
  readonly objectLock: ObjectLock | null;
  readonly encryption: Encryption;
  readonly noncurrentVersions: NoncurrentVersions | null;
  readonly tags: Tags;
  /** The project that crc created it for; undefined if crc did not. */
  readonly project: string | undefined;
}

/** Reads a bucket, and the key behind its alias. @throws CrcError if it does not exist or cannot be read. */
export async function bucketAsFound({ clients, place, signal }: Looking, name: string): Promise<BucketAsFound> {
  const bucket = { Bucket: name, ExpectedBucketOwner: place.accountId };
  const answers = await readBucket({ s3: clients.s3, name, arn: bucketArn(place, name), bucket, place, signal });
  if (answers === undefined)
    throw new CrcError(`The bucket ${name} was not found.`, { hint: 'Pass another one with --bucket.' });
  const rule = answers.encryption.ServerSideEncryptionConfiguration?.Rules?.[0];
  const alias = aliasOf(rule);
  const encryption = encryptionOf(rule, place);
  const tags = fromTagList(answers.tagging.TagSet);
  return {
    objectLock: objectLockOf(answers.lock.ObjectLockConfiguration),
    encryption: alias === undefined ? encryption : { ...encryption, keyArn: await keyOfAlias(clients, alias) },
    noncurrentVersions: expiryOf(answers.lifecycle.Rules?.find(isExpiryRule)),
    tags,
    project: projectOf(tags),
  };
}

/** The settings of a table that the config can express. */
export interface TableAsFound {
  readonly capacity: Exclude<Capacity, 'unmanaged'>;
  readonly tags: Tags;
}

/** Reads a table. @throws CrcError if it does not exist. */
export async function tableAsFound({ clients, place, signal }: Looking, name: string): Promise<TableAsFound> {
  const target = { dynamodb: clients.dynamodb, name, arn: tableArn(place, name), signal };
  const live = await describeTable(target);
  if (live === undefined) {
    throw new CrcError(`The table ${name} was not found in ${place.region}.`, {
      hint: 'Pass the table that holds the locks with --lock-table, or pass --lock-table none.',
    });
  }
  return { capacity: capacityOf(live), tags: await tableTags(target) };
}

function capacityOf(live: TableDescription): TableAsFound['capacity'] {
  const capacity = liveCapacity(live);
  if (capacity?.mode !== 'provisioned') return 'on-demand';
  return { read: capacity.read ?? 0, write: capacity.write ?? 0 };
}

/**
 * The partition key of a table without a sort key; undefined if there is a sort key, the key is binary, or the table
 * does not exist.
 */
export async function loneKeyOf(
  { clients, place, signal }: Looking,
  name: string,
): Promise<
  { readonly hashKey: string; readonly hashKeyType: 'S' | 'N'; readonly capacity: TableAsFound['capacity'] } | undefined
> {
  const live = await describeTable({ dynamodb: clients.dynamodb, name, arn: tableArn(place, name), signal });
  const [key, another] = live?.KeySchema ?? [];
  const type = live?.AttributeDefinitions?.find(
    ({ AttributeName }) => AttributeName === key?.AttributeName,
  )?.AttributeType;
  if (live === undefined || key?.AttributeName === undefined || another !== undefined) return undefined;
  if (type !== 'S' && type !== 'N') return undefined;
  return { hashKey: key.AttributeName, hashKeyType: type, capacity: capacityOf(live) };
}
