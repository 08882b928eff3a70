import { mockClient } from 'aws-sdk-client-mock';
import { watchCalls } from '../../src/aws/calls.ts';
import type { Clients } from '../../src/aws/clients.ts';
import { RetryStrategy } from '../../src/aws/retry.ts';
import { SERVICES, type ServiceName } from '../../src/aws/services.ts';
import type { RecordedAnswer } from '../recorded/answer.ts';
import { type CallName, recorded } from '../recorded/index.ts';
import { responseOf } from '../recorded/script.ts';
import { CLIENTS, clientsWith } from './sdk-clients.ts';

/** One call as it was sent. */
export interface SentCall {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Answers one operation from the fake's state. */
// biome-ignore lint/suspicious/noExplicitAny: each handler takes the input of its own command.
export type Handler = (input: any) => object;

export type Handlers = Readonly<Record<string, Handler>>;

/** Real SDK clients whose `send` goes to handlers with a state, and which throw on any call that they have no handler for. */
export interface FakeAws {
  readonly clients: Clients;
  readonly calls: SentCall[];
  /** Fails the calls that match, the first `times` of them (all, unless told). */
  fail(operation: string, error: Error, times?: number): void;
  /**
   * Answers the first `times` attempts at these calls (all, unless told) as AWS was recorded to. The SDK reads the answer, and
   * crc's own strategy decides whether it is tried again.
   */
  answer(call: CallName, situation: string, times?: number): void;
  /** Ends all failures and scripted answers. */
  heal(): void;
}

export const SETTINGS = { region: 'eu-west-2', credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' } };

interface Script {
  readonly answer: RecordedAnswer;
  /** How often it is still given. */
  times: number;
}

/** The scripted answers of a call have all been given. */
class UsedUp extends Error {}

/** A client that gets the scripted answer for each attempt, and decides on retries as crc's clients do. */
function clientOf(service: ServiceName, script: Script) {
  const requestHandler = {
    handle: async () => {
      if (script.times <= 0 || !('status' in script.answer)) throw new UsedUp();
      script.times -= 1;
      return responseOf(script.answer);
    },
  };
  const client = new CLIENTS[service]({
    ...SETTINGS,
    requestHandler: requestHandler as never,
    retryStrategy: new RetryStrategy(SERVICES[service]),
  });
  client.middlewareStack.use(watchCalls(service, { read: 0, write: 0 }, () => undefined, { region: SETTINGS.region }));
  return client;
}

/** Each client takes its own commands, which the service of a call has decided. */
export async function sendTo(client: { readonly send: unknown }, command: object): Promise<object> {
  return await (client as { send(command: object): Promise<object> }).send(command);
}

export function fakeAws(handlers: { readonly [S in ServiceName]?: Handlers }): FakeAws {
  // A fake has no regions: what is sent to one is sent to all.
  const clients: Clients = { ...clientsWith(SETTINGS), inRegion: () => clients };
  const calls: SentCall[] = [];
  const writing = new Set<ServiceName>();
  const failures = new Map<string, { error: Error; times: number }>();
  const scripted = new Map<CallName, Script>();

  const answer = (service: ServiceName) => async (command: { constructor: { name: string }; input: object }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    const input = asSent(command.input);
    calls.push({ service, operation, input });
    const failure = failures.get(operation);
    if (failure !== undefined && failure.times > 0) {
      failure.times -= 1;
      throw failure.error;
    }
    const script = scripted.get(`${service}:${operation}`);
    if (script !== undefined && 'status' in script.answer) {
      try {
        return await sendTo(clientOf(service, script), command);
      } catch (error) {
        if (!(error instanceof UsedUp)) throw error;
      }
    }
    const handler = handlers[service]?.[operation];
    if (handler === undefined) throw new Error(`unexpected call ${service}:${operation}`);
    if (script !== undefined && 'change' in script.answer && script.times > 0) {
      script.times -= 1;
      return { $metadata: {}, ...script.answer.change(structuredClone(handler(input)) as Record<string, unknown>) };
    }
    const overlap = OVERLAPS[service];
    if (overlap === undefined || !isWrite({ operation }) || operation === 'Invoke') {
      return { $metadata: {}, ...streamed(structuredClone(handler(input))) };
    }
    // Writes to one bucket, or to one function, that overlap are refused, so crc must not send them at once.
    if (writing.has(service)) throw overlap();
    writing.add(service);
    await new Promise(setImmediate);
    writing.delete(service);
    return { $metadata: {}, ...structuredClone(handler(input)) };
  };
  for (const service of Object.keys(SERVICES) as ServiceName[]) {
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
    answer(call, situation, times = Number.POSITIVE_INFINITY) {
      scripted.set(call, { answer: recorded(call, situation), times });
    },
    heal() {
      failures.clear();
      scripted.clear();
    },
  };
}

/** Lambda's words for two writes at once: https://github.com/hashicorp/terraform-provider-aws/issues/5154 */
export const concurrentUpdate = () =>
  awsError('ResourceConflictException', 409, {
    message: 'The function could not be updated due to a concurrent update operation.',
  });

/** What a service answers to a write that comes during another one to the same thing. */
const OVERLAPS: { readonly [S in ServiceName]?: () => Error } = {
  s3: () => awsError('OperationAborted', 409),
  lambda: concurrentUpdate,
};

/** The SDK gives the content of an object as a stream. */
function streamed(answer: object & { readonly Body?: string }): object {
  const { Body } = answer;
  return Body === undefined ? answer : { ...answer, Body: { transformToString: async () => Body } };
}

/** An error as the SDK throws it. */
export function awsError(name: string, status = 400, more: object = {}): Error {
  return Object.assign(new Error(`${name} by the fake`), { name, $metadata: { httpStatusCode: status }, ...more });
}

export function isWrite({ operation }: Pick<SentCall, 'operation'>): boolean {
  return !/^(Get|Head|List|Describe|Scan)/.test(operation);
}

/** The input as the SDK sends it: without the properties that hold undefined. */
function asSent(input: object): Record<string, unknown> {
  const sent = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sent);
    if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, sent(inner)]])),
    );
  };
  return sent(structuredClone(input)) as Record<string, unknown>;
}
