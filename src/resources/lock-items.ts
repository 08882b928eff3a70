import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { orAbsent } from '../aws/error-names.ts';
import { CrcError } from '../errors.ts';
import { lockInfo, type StateLock } from './state-locks.ts';

/**
 * The locks in a lock table, page by page, with a consistent read. Beside them the table holds digests (`BUCKET/KEY-md5`),
 * which are none. A table that does not exist has none. Throws what AWS answers.
 */
export async function locksInTable(dynamodb: DynamoDBClient, TableName: string): Promise<readonly StateLock[]> {
  const locks: StateLock[] = [];
  let ExclusiveStartKey: Awaited<ReturnType<typeof scan>>['LastEvaluatedKey'];
  do {
    const page = await scan(dynamodb, TableName, ExclusiveStartKey);
    for (const { LockID, Info } of page.Items ?? []) {
      const path = LockID?.S ?? '';
      // A state's key may end like a digest; its lock has Terraform's information, which a digest has not.
      if (path.endsWith('-md5') && Info === undefined) continue;
      locks.push({ path, info: lockInfo(Info?.S ?? '') });
    }
    if (page.LastEvaluatedKey !== undefined && sameKey(page.LastEvaluatedKey, ExclusiveStartKey))
      throw endless(TableName);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return locks;
}

type TableKey = Record<string, { readonly S?: string | undefined } | object>;

async function scan(dynamodb: DynamoDBClient, TableName: string, ExclusiveStartKey: object | undefined) {
  const call = dynamodb.send(
    new ScanCommand({
      TableName,
      ConsistentRead: true,
      ProjectionExpression: '#lock, #info',
      ExpressionAttributeNames: { '#lock': 'LockID', '#info': 'Info' },
      ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey: ExclusiveStartKey as never }),
    }),
  );
  return await orAbsent(call, ['ResourceNotFoundException'], { Items: [], LastEvaluatedKey: undefined });
}

function sameKey(one: TableKey, other: TableKey | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function endless(table: string): CrcError {
  return new CrcError(`The list of locks in ${table} does not end: DynamoDB answered with the same page twice.`, {
    hint: 'Check the endpoint and proxies (--endpoint-url, AWS_ENDPOINT_URL, HTTPS_PROXY), and run it again.',
  });
}
