import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import type { Clients } from '../../src/aws/clients.ts';
import { SERVICES, type Service } from '../../src/aws/retry.ts';

/** One call as it was sent. */
export interface SentCall {
  readonly service: Service;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Answers one operation from the fake's state. */
// biome-ignore lint/suspicious/noExplicitAny: each handler takes the input of its own command.
export type Handler = (input: any) => object;

export type Handlers = Readonly<Record<string, Handler>>;

/** Real SDK clients whose `send` goes to handlers with a state, and which throw on any call they were not told of. */
export interface FakeAws {
  readonly clients: Clients;
  readonly calls: SentCall[];
  /** Fails the calls that match, the first `times` of them (all, unless told). */
  fail(operation: string, error: Error, times?: number): void;
  /** Ends all failures. */
  heal(): void;
}

export function fakeAws(handlers: { readonly [S in Service]?: Handlers }): FakeAws {
  const settings = { region: 'eu-west-2', credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' } };
  const clients = {
    s3: new S3Client(settings),
    dynamodb: new DynamoDBClient(settings),
    iam: new IAMClient(settings),
    sts: new STSClient(settings),
    lambda: new LambdaClient(settings),
    logs: new CloudWatchLogsClient(settings),
    load: async () => undefined,
  };
  const calls: SentCall[] = [];
  const writing = new Set<Service>();
  const failures = new Map<string, { error: Error; times: number }>();

  const answer = (service: Service) => async (command: { constructor: { name: string }; input: object }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    const input = structuredClone(command.input) as Record<string, unknown>;
    calls.push({ service, operation, input });
    const failure = failures.get(operation);
    if (failure !== undefined && failure.times > 0) {
      failure.times -= 1;
      throw failure.error;
    }
    const handler = handlers[service]?.[operation];
    if (handler === undefined) throw new Error(`unexpected call ${service}:${operation}`);
    const overlap = OVERLAPS[service];
    if (overlap === undefined || !isWrite({ operation }) || operation === 'Invoke') {
      return { $metadata: {}, ...structuredClone(handler(input)) };
    }
    // Writes to one bucket, or to one function, that overlap are refused, so crc must not send them at once.
    if (writing.has(service)) throw overlap();
    writing.add(service);
    await new Promise(setImmediate);
    writing.delete(service);
    return { $metadata: {}, ...structuredClone(handler(input)) };
  };
  for (const service of SERVICES) {
    // The command itself decides, not its input alone, so the stub underneath is used.
    const { send } = mockClient(clients[service] as never) as unknown as { send: { callsFake(fake: unknown): void } };
    send.callsFake(answer(service));
  }
  return {
    clients,
    calls,
    fail(operation, error, times = Number.POSITIVE_INFINITY) {
      failures.set(operation, { error, times });
    },
    heal: () => failures.clear(),
  };
}

/** Lambda's words for two writes at once: https://github.com/hashicorp/terraform-provider-aws/issues/5154 */
export const concurrentUpdate = () =>
  awsError('ResourceConflictException', 409, {
    message: 'The function could not be updated due to a concurrent update operation.',
  });

/** What a service answers to a write that comes during another one to the same thing. */
const OVERLAPS: { readonly [S in Service]?: () => Error } = {
  s3: () => awsError('OperationAborted', 409),
  lambda: concurrentUpdate,
};

/** An error as the SDK throws it. */
export function awsError(name: string, status = 400, more: object = {}): Error {
  return Object.assign(new Error(`${name} by the fake`), { name, $metadata: { httpStatusCode: status }, ...more });
}

export function isWrite({ operation }: Pick<SentCall, 'operation'>): boolean {
  return !/^(Get|Head|List|Describe)/.test(operation);
}
