import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { orAbsent } from '../../aws/error-names.ts';
import { pagesOf } from '../../aws/pages.ts';
import { abbreviated } from '../../enumerated.ts';
import { lockInfo, type StateLock } from './locks.ts';

/** The content of a lock table. */
export interface TableItems {
  readonly locks: readonly StateLock[];
  /** MD5 digests in hex, by `BUCKET/KEY`. */
  readonly digests: ReadonlyMap<string, string>;
  /** The table does not exist. */
  readonly isMissing: boolean;
}

/** Terraform stores the digest of the state `BUCKET/KEY` in the item `BUCKET/KEY-md5`. */
export const DIGEST_SUFFIX = '-md5';

/**
 * All items in a lock table, page by page, with consistent reads. Empty for a table that does not exist. @throws the
 * errors from AWS.
 */
export async function tableItems(dynamodb: DynamoDBClient, TableName: string): Promise<TableItems> {
  const locks: StateLock[] = [];
  const digests = new Map<string, string>();
  const pages = pagesOf(
    (from?: TableKey) => scan(dynamodb, TableName, from),
    ({ LastEvaluatedKey }) => LastEvaluatedKey,
  );
  let isMissing = false;
  for await (const page of pages) {
    const { Items = [] } = page;
    isMissing ||= page === NO_TABLE;
    for (const { LockID, Info, Digest } of Items) {
      const path = LockID?.S ?? '';
      // A state's key may end like a digest; unlike a digest, its lock has Terraform's information.
      if (path.endsWith(DIGEST_SUFFIX) && Info === undefined) {
        digests.set(path.slice(0, -DIGEST_SUFFIX.length), Digest?.S ?? '');
      } else locks.push({ path, info: lockInfo(Info?.S ?? '') });
    }
  }
  return { locks, digests, isMissing };
}

/**
 * Why a lock table is needed beyond the states of a bucket: Terraform leaves a digest of each state that it has locked
 * in it. Undefined if it has none of another bucket.
 */
export function otherBucketsText(digests: TableItems['digests'], bucket: string): string | undefined {
  const buckets = [...digests.keys()].filter((path) => path.includes('/')).map((path) => path.replace(/\/.*/s, ''));
  const foreign = [...new Set(buckets)].filter((name) => name !== bucket);
  if (foreign.length === 0) return undefined;
  return `has the digests of states in ${foreign.length === 1 ? 'another bucket' : 'other buckets'} (${abbreviated(foreign, MAX_BUCKETS)}), which are locked in it too. If nothing locks there any more, delete these items`;
}

/** The maximum number of buckets shown by name; the rest are counted. */
const MAX_BUCKETS = 3;

const NO_TABLE = { Items: [], LastEvaluatedKey: undefined };

type TableKey = NonNullable<ScanCommandOutput['LastEvaluatedKey']>;

async function scan(dynamodb: DynamoDBClient, TableName: string, ExclusiveStartKey: TableKey | undefined) {
  const call = dynamodb.send(
    new ScanCommand({
      TableName,
      ConsistentRead: true,
      ProjectionExpression: '#lock, #info, #digest',
      ExpressionAttributeNames: { '#lock': 'LockID', '#info': 'Info', '#digest': 'Digest' },
      ExclusiveStartKey,
    }),
  );
  return await orAbsent(call, ['ResourceNotFoundException'], NO_TABLE);
}
