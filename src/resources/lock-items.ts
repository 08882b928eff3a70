import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { orAbsent } from '../aws/error-names.ts';
import { pagesOf } from '../aws/pages.ts';
import { lockInfo, type StateLock } from './state-locks.ts';

/**
 * The locks in a lock table, page by page, with a consistent read. Beside them the table holds digests (`BUCKET/KEY-md5`),
 * which are none. A table that does not exist has none. Throws what AWS answers.
 */
export async function locksInTable(dynamodb: DynamoDBClient, TableName: string): Promise<readonly StateLock[]> {
  const locks: StateLock[] = [];
  const pages = pagesOf(
    (from?: TableKey) => scan(dynamodb, TableName, from),
    ({ LastEvaluatedKey }) => LastEvaluatedKey,
  );
  for await (const { Items = [] } of pages) {
    for (const { LockID, Info } of Items) {
      const path = LockID?.S ?? '';
      // A state's key may end like a digest; its lock has Terraform's information, which a digest has not.
      if (path.endsWith('-md5') && Info === undefined) continue;
      locks.push({ path, info: lockInfo(Info?.S ?? '') });
    }
  }
  return locks;
}

type TableKey = NonNullable<ScanCommandOutput['LastEvaluatedKey']>;

async function scan(dynamodb: DynamoDBClient, TableName: string, ExclusiveStartKey: TableKey | undefined) {
  const call = dynamodb.send(
    new ScanCommand({
      TableName,
      ConsistentRead: true,
      ProjectionExpression: '#lock, #info',
      ExpressionAttributeNames: { '#lock': 'LockID', '#info': 'Info' },
      ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
    }),
  );
  return await orAbsent(call, ['ResourceNotFoundException'], { Items: [], LastEvaluatedKey: undefined });
}
