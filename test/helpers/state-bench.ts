import { createHash } from 'node:crypto';
import { GetItemCommand, PutItemCommand, ResourceNotFoundException } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { MotoBench } from './moto.ts';
import { createStateStore } from './state-store.ts';

export const BUCKET = 'abcdef-terraform-state';
export const TABLE = 'abcdef-terraform-locking';
export const KEY = 'github-oidc/terraform.tfstate';

/** Hex-encoded, as in Terraform's digest items. */
export const md5 = (text: string | Uint8Array) => createHash('md5').update(text).digest('hex');

/** The JSON that Terraform writes to a lock. */
export function lockInfo(id: string, created = '2026-11-20T10:00:00Z', who = 'me@laptop'): string {
  const Operation = 'OperationTypeApply';
  return JSON.stringify({ ID: id, Operation, Info: '', Who: who, Version: '1.11.4', Created: created });
}

/** States, locks and digests of an account, accessed without crc. */
export interface StateBench {
  /** Creates an empty bucket and lock table. */
  setUp(): Promise<void>;
  /** Writes a state and its digest. */
  put(body: string | Uint8Array, key?: string): Promise<void>;
  putObject(body: string | Uint8Array, key?: string): Promise<void>;
  /** Deletes a state, which leaves a delete marker. */
  remove(key?: string): Promise<void>;
  putDigest(digest: string, key?: string): Promise<void>;
  digest(key?: string): Promise<string | undefined>;
  /** The current version of an object; undefined if it does not exist or was deleted. */
  current(key?: string): Promise<string | undefined>;
  /** Writes a lock item to the table, without `Info` if `info` is undefined. */
  lockItem(info: string | undefined, key?: string): Promise<void>;
  lockFile(info: string, key?: string): Promise<void>;
  itemInfo(key?: string): Promise<string | undefined>;
  /** The `Info` of all locks on a state. */
  locks(key?: string): Promise<readonly string[]>;
  versionsOf(key?: string): Promise<{ readonly versions: readonly object[]; readonly markers: readonly object[] }>;
}

export function stateBench(moto: () => Pick<MotoBench, 'clients'>): StateBench {
  const s3 = () => moto().clients.s3;
  const dynamodb = () => moto().clients.dynamodb;
  async function item(LockID: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    const values = Object.entries(attributes).map(([name, S]) => [name, { S }]);
    const Item = { LockID: { S: LockID }, ...Object.fromEntries(values) };
    await dynamodb().send(new PutItemCommand({ TableName: TABLE, Item }));
  }
  async function attribute(LockID: string, name: string): Promise<string | undefined> {
    try {
      const { Item } = await dynamodb().send(
        new GetItemCommand({ TableName: TABLE, Key: { LockID: { S: LockID } }, ConsistentRead: true }),
      );
      return Item?.[name]?.S;
    } catch (error) {
      // With lock files only, there is no table.
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
  const bench: StateBench = {
    setUp: () => createStateStore(moto().clients, BUCKET, TABLE),
    async put(body, key = KEY) {
      await bench.putObject(body, key);
      await bench.putDigest(md5(body), key);
    },
    async putObject(Body, key = KEY) {
      await s3().send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body }));
    },
    async remove(key = KEY) {
      await s3().send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    },
    putDigest: (Digest, key = KEY) => item(`${BUCKET}/${key}-md5`, { Digest }),
    digest: (key = KEY) => attribute(`${BUCKET}/${key}-md5`, 'Digest'),
    async current(key = KEY) {
      try {
        const { Body } = await s3().send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
        return await Body?.transformToString();
      } catch (error) {
        if ((error as Error).name === 'NoSuchKey') return undefined;
        throw error;
      }
    },
    lockItem: (info, key = KEY) => item(`${BUCKET}/${key}`, info === undefined ? {} : { Info: info }),
    lockFile: (info, key = KEY) => bench.putObject(info, `${key}.tflock`),
    itemInfo: (key = KEY) => attribute(`${BUCKET}/${key}`, 'Info'),
    async locks(key = KEY) {
      const all = [await bench.itemInfo(key), await bench.current(`${key}.tflock`)];
      return all.filter((lock) => lock !== undefined);
    },
    async versionsOf(key = KEY) {
      const { Versions = [], DeleteMarkers = [] } = await s3().send(
        new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: key }),
      );
      return {
        versions: Versions.filter(({ Key }) => Key === key),
        markers: DeleteMarkers.filter(({ Key }) => Key === key),
      };
    },
  };
  return bench;
}
