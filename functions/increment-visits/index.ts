/**
 * The visit counter: each call adds 1 to an item in a DynamoDB table and returns the new total. crc's smoke test adds
 * 0, which exercises the same code without counting a visit.
 *
 * Environment: TABLE_NAME (`Visits`), a table whose partition key is the string `Id`; ITEM_ID (`cv`), the item that
 * holds the total. The function URL adds the CORS headers; if the handler added them too, browsers would receive them
 * twice.
 */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

/** The only part of an HTTP event that is used. Lambda sends header names in lowercase. */
interface Event {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const dynamodb = new DynamoDBClient();

/** Returns 200 with `{"Id":"cv","VisitTotal":1}`, then 2, …; 500 with `error` if the visit could not be counted. */
export async function handler(event?: Event): Promise<Answer> {
  const id = process.env.ITEM_ID ?? 'cv';
  const visits = event?.headers?.['x-crc-smoke-test'] === undefined ? 1 : 0;
  try {
    return answer(200, { Id: id, VisitTotal: await addVisits(process.env.TABLE_NAME ?? 'Visits', id, visits) });
  } catch (error) {
    // The cause names the account and the table, so it is only logged.
    console.error('could not count the visit:', error);
    return answer(500, { error: 'The visit could not be counted.' });
  }
}

/** A single atomic update: a read followed by a write would lose concurrent visits. */
async function addVisits(table: string, id: string, visits: 0 | 1): Promise<number> {
  const value = visits === 1 ? ':one' : ':none';
  const { Attributes } = await dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { Id: { S: id } },
      UpdateExpression: `ADD VisitTotal ${value}`,
      ExpressionAttributeValues: { [value]: { N: String(visits) } },
      // UPDATED_NEW may omit an attribute to which 0 is added, because its value does not change.
      ReturnValues: 'ALL_NEW',
    }),
  );
  const total = Number(Attributes?.VisitTotal?.N);
  if (!Number.isSafeInteger(total)) throw new Error('DynamoDB did not answer with a total');
  return total;
}

function answer(statusCode: number, body: object): Answer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
