import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Call } from '../../src/aws/calls.ts';
import { createClientsOf } from '../../src/aws/clients.ts';
import { cannotAsk } from '../../src/aws/credentials.ts';
import { SERVICES, type ServiceName } from '../../src/aws/services.ts';
import { CLIENTS } from '../helpers/sdk-clients.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

/** A service that crc does not use. It needs only this entry. */
const TOPICS = {
  ...SERVICES,
  topics: {
    client: async (settings: ConstructorParameters<typeof DynamoDBClient>[0] & object) => new DynamoDBClient(settings),
    sdkName: 'Topics',
    passing: ['TopicIsBusy'],
    final: ['ThrottlingException'],
    answers: { DescribeTable: ['Table.TableName'] },
  },
};

/** The service's answers in order. The last one is repeated. */
let answers: readonly (readonly [status: number, body: object])[] = [];
let requests = 0;
let server: TestServer;
beforeAll(async () => {
  server = await startServer((_, response) => {
    const [status, body] = answers[Math.min(requests, answers.length - 1)] ?? [500, {}];
    requests += 1;
    response.writeHead(status, { 'x-amzn-requestid': 'r' }).end(JSON.stringify(body));
  });
});
afterAll(async () => {
  await server.stop();
});

async function describeTopic(...list: typeof answers) {
  answers = list;
  requests = 0;
  process.env.AWS_ACCESS_KEY_ID = 'testing';
  process.env.AWS_SECRET_ACCESS_KEY = 'testing';
  const calls: Call[] = [];
  const clients = createClientsOf(TOPICS, {
    region: 'eu-west-2',
    endpointUrl: server.endpoint,
    askMfaCode: cannotAsk,
    count: { read: 0, write: 0 },
    report: (call) => calls.push(call),
  });
  expect(() => clients.topics).toThrow('the client of topics was not loaded');
  await clients.load('topics');
  const answer = await clients.topics.send(new DescribeTableCommand({ TableName: 't' })).catch((error: Error) => error);
  return { answer, calls, requests };
}

it('a service outside the SDK is called, counted and named', async () => {
  const { answer, calls } = await describeTopic([200, { Table: { TableName: 't' } }]);
  expect(answer).toMatchObject({ Table: { TableName: 't' } });
  expect(calls).toMatchObject([{ service: 'topics', operation: 'DescribeTable', attempts: 1 }]);
});

it('a response without what its entry requires did not come from AWS', async () => {
  const { answer } = await describeTopic([200, { Table: {} }]);
  expect(answer).toMatchObject({ name: 'StrangeAnswer', message: 'status 200 without Table.TableName' });
});

it('an error that its entry calls temporary is retried', async () => {
  const busy = [400, { __type: 'TopicIsBusy' }] as const;
  const { answer, requests: sent } = await describeTopic(busy, [200, { Table: { TableName: 't' } }]);
  expect([answer, sent]).toMatchObject([{ Table: { TableName: 't' } }, 2]);
});

it('an error that its entry calls permanent is not', async () => {
  const { answer, requests: sent } = await describeTopic([400, { __type: 'ThrottlingException' }]);
  expect([answer, sent]).toMatchObject([{ name: 'ThrottlingException' }, 1]);
});

it.each(Object.entries(SERVICES))('%s has the name that the SDK uses for its endpoint', (name, { sdkName }) => {
  const client = new CLIENTS[name as ServiceName]({ region: 'eu-west-2' });
  expect(client.config.serviceId).toBe(sdkName);
});
