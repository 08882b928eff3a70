import { DynamoDBClient, UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from './index.ts';

const dynamodb = mockClient(DynamoDBClient);

/** A fake table. Like DynamoDB, ADD creates the item and the attribute if they do not exist. */
function tableExists(name: string): Map<string, number> {
  const items = new Map<string, number>();
  dynamodb.onAnyCommand().rejects(new Error('only one UpdateItem is expected'));
  dynamodb.on(UpdateItemCommand).callsFake((input: UpdateItemCommandInput) => {
    if (input.TableName !== name) throw Object.assign(new Error('no table'), { name: 'ResourceNotFoundException' });
    const isTest = input.ExpressionAttributeValues?.[':one'] === undefined;
    const value = isTest ? ':none' : ':one';
    expect(input.UpdateExpression).toBe(`ADD VisitTotal ${value}`);
    const id = input.Key?.Id?.S ?? '';
    const total = (items.get(id) ?? 0) + Number(input.ExpressionAttributeValues?.[value]?.N);
    items.set(id, total);
    return { Attributes: { VisitTotal: { N: String(total) } } };
  });
  return items;
}

beforeEach(() => {
  dynamodb.reset();
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('the visit counter', () => {
  it('counts 1, then 2', async () => {
    tableExists('Visits');
    const headers = { 'content-type': 'application/json' };
    expect(await handler()).toEqual({ statusCode: 200, headers, body: '{"Id":"cv","VisitTotal":1}' });
    expect(await handler()).toEqual({ statusCode: 200, headers, body: '{"Id":"cv","VisitTotal":2}' });
    expect(dynamodb.calls()).toHaveLength(2);
  });

  it('counts a GET request from a page', async () => {
    tableExists('Visits');
    const event = {
      version: '2.0',
      rawPath: '/',
      headers: { origin: 'https://resume.example.com', 'sec-fetch-mode': 'cors' },
      requestContext: { http: { method: 'GET', path: '/' } },
      isBase64Encoded: false,
    };
    const { statusCode, headers, body } = await handler(event);
    expect([statusCode, JSON.parse(body)]).toEqual([200, { Id: 'cv', VisitTotal: 1 }]);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('does not count the smoke test of crc, which still reads the total and needs the table', async () => {
    const items = tableExists('Visits');
    const test = { headers: { origin: 'https://resume.example.com', 'x-crc-smoke-test': 'true' } };
    expect((await handler(test)).body).toBe('{"Id":"cv","VisitTotal":0}');
    expect((await handler({ headers: { origin: 'https://resume.example.com' } })).body).toBe(
      '{"Id":"cv","VisitTotal":1}',
    );
    expect((await handler({})).body).toBe('{"Id":"cv","VisitTotal":2}');
    expect((await handler(test)).body).toBe('{"Id":"cv","VisitTotal":2}');
    expect(items.get('cv')).toBe(2);
    dynamodb.reset();
    tableExists('SomethingElse');
    expect((await handler(test)).statusCode).toBe(500);
  });

  it('counts concurrent visits', async () => {
    const items = tableExists('Visits');
    const answers = await Promise.all(Array.from({ length: 20 }, () => handler()));
    expect(items.get('cv')).toBe(20);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(20);
  });

  it('reads the table and the item from the environment', async () => {
    vi.stubEnv('TABLE_NAME', 'Other');
    vi.stubEnv('ITEM_ID', 'blog');
    const items = tableExists('Other');
    expect((await handler()).body).toBe('{"Id":"blog","VisitTotal":1}');
    expect([...items.keys()]).toEqual(['blog']);
  });

  it('answers 500 when the table does not exist, and only logs the cause', async () => {
    tableExists('SomethingElse');
    const { statusCode, body } = await handler();
    expect([statusCode, JSON.parse(body)]).toEqual([500, { error: 'The visit could not be counted.' }]);
    expect(body).not.toMatch(/table|ResourceNotFound/);
    expect(console.error).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ message: 'no table' }));
  });

  it.each([[{}], [{ Attributes: { VisitTotal: { S: 'many' } } }]])(
    'answers 500 when the answer is %j',
    async (answer) => {
      dynamodb.on(UpdateItemCommand).resolves(answer as object);
      expect((await handler()).statusCode).toBe(500);
    },
  );
});
