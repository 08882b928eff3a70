/**
 * The visit counter: each call adds 1 to one item of a DynamoDB table and answers with the new total. A smoke test of crc adds 0:
 * it proves the same, and is no visit.
 *
 * Environment: TABLE_NAME (`Visits`), whose key is the string `Id`; ITEM_ID (`cv`), the item that counts. CORS belongs to
 * the function URL: headers here as well would reach the browser twice.
 */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

/** The part of an HTTP event that matters here; Lambda sends the names of headers in lowercase. */
interface Event {
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const dynamodb = new DynamoDBClient();

/** Answers 200 with `{"Id":"cv","VisitTotal":1}`, then 2, …; 500 with `error` when the visit could not be counted. */
export async function handler(event?: Event): Promise<Answer> {
  const id = process.env.ITEM_ID ?? 'cv';
  const visits = event?.headers?.['x-crc-smoke-test'] === undefined ? 1 : 0;
  try {
    return answer(200, { Id: id, VisitTotal: await addVisits(process.env.TABLE_NAME ?? 'Visits', id, visits) });
  } catch (error) {
    // The cause is for the log alone: it names the account and the table.
    console.error('could not count the visit:', error);
    return answer(500, { error: 'The visit could not be counted.' });
  }
}

/** One atomic call: reading first and writing then would lose visits that come at the same time. */
async function addVisits(table: string, id: string, visits: 0 | 1): Promise<number> {
  const value = visits === 1 ? ':one' : ':none';
  const { Attributes } = await dynamodb.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { Id: { S: id } },
      UpdateExpression: `ADD VisitTotal ${value}`,
      ExpressionAttributeValues: { [value]: { N: String(visits) } },
      // Of an attribute to which 0 is added UPDATED_NEW need not answer with the value: it is not new.
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
