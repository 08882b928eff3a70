import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { isNamed, orAbsent } from '../../aws/error-names.ts';
import { isJsonList, type Json } from '../../json.ts';
import { untilVisible } from '../visibility.ts';
import { NO_SUCH_TABLE, type TableTarget } from './calls.ts';

/** An item as plain JSON, including its partition key. */
export type Item = { readonly [name: string]: Json };

/** Whether an item with this key exists. Reads only its key, since its content belongs to the function. */
export async function hasItem({ dynamodb, name }: TableTarget, hashKey: string, item: Item): Promise<boolean> {
  const call = dynamodb.send(
    new GetItemCommand({
      TableName: name,
      Key: { [hashKey]: attributeValue(item[hashKey] ?? null) },
      ProjectionExpression: '#key',
      ExpressionAttributeNames: { '#key': hashKey },
      ConsistentRead: true,
    }),
  );
  // A table with a different key has no such item, and the different key is the problem to report.
  const answer = await orAbsent(call, ['ValidationException'], undefined);
  return answer?.Item !== undefined;
}

/** Writes the item unless one with its key exists, so that a counter that the function has increased is never reset. */
export async function addItem(target: TableTarget, hashKey: string, item: Item): Promise<void> {
  const call = new PutItemCommand({
    TableName: target.name,
    Item: Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeValue(value)])),
    ConditionExpression: 'attribute_not_exists(#key)',
    ExpressionAttributeNames: { '#key': hashKey },
  });
  try {
    await untilVisible(NO_SUCH_TABLE, target.signal, () => target.dynamodb.send(call));
  } catch (error) {
    if (!isNamed(error, ['ConditionalCheckFailedException'])) throw error;
  }
}

/** A JSON value with its DynamoDB type. */
function attributeValue(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (isJsonList(value)) return { L: value.map(attributeValue) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attributeValue(inner)])) };
}
