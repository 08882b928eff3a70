import type { LooseConfig } from './configs.ts';

/** A realistic function for each row of the table in docs/function.md. */
export interface FunctionExample {
  readonly row: string;
  /** Its config entry without `name` and `source`. */
  readonly config: LooseConfig;
  readonly files: Readonly<Record<string, string>>;
}

const node = { runtime: 'nodejs24.x', handler: 'index.handler', timeoutSeconds: 20 };
const python = { runtime: 'python3.13', handler: 'app.handler', timeoutSeconds: 20 };

/** Each function calls every action that its role allows and does not catch errors. */
export const EXAMPLES: Readonly<Record<string, FunctionExample>> = {
  CountsInCommonJs: {
    row: 'nothing: `"table": { "name": "Visits", "hashKey": "Id" }` allows it',
    config: { ...node, runtime: 'nodejs22.x', table: { name: 'Counts', hashKey: 'Id' } },
    files: {
      'index.js': `const { DynamoDBClient, UpdateItemCommand } = require('@aws-sdk/client-dynamodb');

const dynamodb = new DynamoDBClient({});

exports.handler = async () => {
  const { Attributes } = await dynamodb.send(
    new UpdateItemCommand({
      TableName: 'Counts',
      Key: { Id: { S: 'cv' } },
      UpdateExpression: 'ADD Visits :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'UPDATED_NEW',
    }),
  );
  return { statusCode: 200, body: Attributes.Visits.N };
};
`,
    },
  },
  ReadsItsTable: {
    row: '`"access": "read"` in `table`',
    config: { ...python, table: { name: 'Posts', hashKey: 'Id', access: 'read', item: { Id: 'cv', Title: 'Résumé' } } },
    files: {
      'app.py': `import boto3

dynamodb = boto3.resource("dynamodb")
posts = dynamodb.Table("Posts")


def handler(event, context):
    key = {"Id": "cv"}
    answers = [
        posts.get_item(Key=key)["Item"],
        dynamodb.batch_get_item(RequestItems={"Posts": {"Keys": [key]}})["Responses"]["Posts"][0],
        posts.query(KeyConditionExpression=boto3.dynamodb.conditions.Key("Id").eq("cv"))["Items"][0],
        posts.scan()["Items"][0],
    ]
    return {"statusCode": 200 if len({answer["Title"] for answer in answers}) == 1 else 500, "body": answers[0]["Title"]}
`,
    },
  },
  KeepsItsTable: {
    row: '`"access": "read-write"` in `table`',
    config: { ...node, table: { name: 'Guests', hashKey: 'Id', access: 'read-write' } },
    files: {
      'index.mjs': `import {
  BatchGetItemCommand, BatchWriteItemCommand, DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand,
  ScanCommand, TransactWriteItemsCommand, UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

const dynamodb = new DynamoDBClient();
const TableName = 'Guests';
const Key = { Id: { S: 'a' } };
const ExpressionAttributeValues = { ':id': { S: 'a' } };

export const handler = async () => {
  await dynamodb.send(new PutItemCommand({ TableName, Item: Key }));
  await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: { Id: { S: 'b' } } } }] } }));
  await dynamodb.send(
    new UpdateItemCommand({ TableName, Key, UpdateExpression: 'SET Note = :id', ExpressionAttributeValues }),
  );
  await dynamodb.send(
    new TransactWriteItemsCommand({
      TransactItems: [{ ConditionCheck: { TableName, Key, ConditionExpression: 'attribute_exists(Id)' } }],
    }),
  );
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key }));
  const { Responses } = await dynamodb.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [Key] } } }));
  const { Items } = await dynamodb.send(
    new QueryCommand({ TableName, KeyConditionExpression: 'Id = :id', ExpressionAttributeValues }),
  );
  const { Count } = await dynamodb.send(new ScanCommand({ TableName }));
  await dynamodb.send(new DeleteItemCommand({ TableName, Key }));
  return { statusCode: 200, body: JSON.stringify([Item.Note.S, Responses[TableName].length, Items.length, Count]) };
};
`,
    },
  },
  CountsByNumber: {
    row: '`"hashKeyType": "N"` in `table`',
    config: { ...python, table: { name: 'Numbers', hashKey: 'id', hashKeyType: 'N', item: { id: 1, visits: 41 } } },
    files: {
      'app.py': `import json
import boto3

table = boto3.resource("dynamodb").Table("Numbers")


def handler(event, context):
    updated = table.update_item(
        Key={"id": 1},
        UpdateExpression="ADD visits :one",
        ConditionExpression="attribute_exists(id)",
        ExpressionAttributeValues={":one": 1},
        ReturnValues="UPDATED_NEW",
    )
    return {"statusCode": 200, "body": json.dumps({"visits": int(updated["Attributes"]["visits"])})}
`,
    },
  },
  UsesOtherThings: {
    row: '[`statements`](config.md#functions), with your own IAM statements',
    config: {
      ...python,
      statements: [
        {
          Effect: 'Allow',
          Action: ['dynamodb:PutItem', 'dynamodb:Query'],
          Resource: [
            'arn:aws:dynamodb:eu-west-2:123456789012:table/Log',
            'arn:aws:dynamodb:eu-west-2:123456789012:table/Log/index/ByPage',
          ],
        },
        { Effect: 'Allow', Action: 'sns:Publish', Resource: 'arn:aws:sns:eu-west-2:123456789012:visits' },
      ],
    },
    files: {
      'app.py': `import boto3
from boto3.dynamodb.conditions import Key

log = boto3.resource("dynamodb").Table("Log")
sns = boto3.client("sns")


def handler(event, context):
    log.put_item(Item={"Day": "2026-11-26", "Time": "12:00", "Page": "cv"})
    of_page = log.query(IndexName="ByPage", KeyConditionExpression=Key("Page").eq("cv"))
    sns.publish(TopicArn="arn:aws:sns:eu-west-2:123456789012:visits", Message="somebody was here")
    return {"statusCode": 200, "body": str(of_page["Count"])}
`,
    },
  },
};
