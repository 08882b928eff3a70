import { mockClient } from 'aws-sdk-client-mock';
import { watchCalls } from '../../src/aws/calls.ts';
import type { Clients } from '../../src/aws/clients.ts';
import { RetryStrategy } from '../../src/aws/retry.ts';
import { SERVICES, type ServiceName } from '../../src/aws/services.ts';
import type { RecordedAnswer } from '../recorded/answer.ts';
import { type CallName, recorded } from '../recorded/index.ts';
import { responseOf } from '../recorded/script.ts';
import { CLIENTS, clientsWith } from './sdk-clients.ts';

export interface SentCall {
  readonly service: ServiceName;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Handles an operation with the state of the fake. */
// biome-ignore lint/suspicious/noExplicitAny: each handler takes the input of its own command.
export type Handler = (input: any) => object;

export type Handlers = Readonly<Record<string, Handler>>;

/** Real SDK clients whose `send` calls handlers instead of AWS. Throws for calls without a handler. */
export interface FakeAws {
  readonly clients: Clients;
  readonly calls: SentCall[];
  /** Makes the next `times` calls of an operation fail; default: all. */
  fail(operation: string, error: Error, times?: number): void;
  /**
   * Answers the next `times` attempts of a call (default: all) with a response that was recorded from AWS. The SDK
   * parses it, and crc's retry strategy decides whether to retry.
   */
  answer(call: CallName, situation: string, times?: number): void;
  /** Removes all failures and scripted answers. */
  clearFailures(): void;
}

export const SETTINGS = { region: 'eu-west-2', credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' } };

interface Script {
  readonly answer: RecordedAnswer;
  /** Remaining number of uses. */
  times: number;
}

/** Thrown when all scripted answers of a call have been used. */
class ScriptExhausted extends Error {}

/** A client that receives a scripted answer for each attempt and retries like crc's clients. */
function clientOf(service: ServiceName, script: Script) {
  const requestHandler = {
    handle: async () => {
      if (script.times <= 0 || !('status' in script.answer)) throw new ScriptExhausted();
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

/** Sends a command without its type, which only fits the client of one service. */
export async function sendTo(client: { readonly send: unknown }, command: object): Promise<object> {
  return await (client as { send(command: object): Promise<object> }).send(command);
}

export function fakeAws(handlers: { readonly [S in ServiceName]?: Handlers }): FakeAws {
  // Fakes have no regions, so all regions share the same state.
  const clients: Clients = { ...clientsWith(SETTINGS), inRegion: () => clients };
  const calls: SentCall[] = [];
  const busyServices = new Set<ServiceName>();
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
        if (!(error instanceof ScriptExhausted)) throw error;
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
    // AWS rejects overlapping writes to the same bucket or function, so crc must send them sequentially.
    if (busyServices.has(service)) throw overlap();
    busyServices.add(service);
    await new Promise(setImmediate);
    busyServices.delete(service);
    return { $metadata: {}, ...structuredClone(handler(input)) };
  };
  for (const service of Object.keys(SERVICES) as ServiceName[]) {
    // The handler depends on the command, and mockClient's `callsFake` only passes its input. Hence the underlying
    // stub.
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
    clearFailures() {
      failures.clear();
      scripted.clear();
    },
  };
}

/** Lambda's error for concurrent updates: https://github.com/hashicorp/terraform-provider-aws/issues/5154 */
export const concurrentUpdate = () =>
  awsError('ResourceConflictException', 409, {
    message: 'The function could not be updated due to a concurrent update operation.',
  });

/** How each service rejects overlapping writes to the same resource. */
const OVERLAPS: { readonly [S in ServiceName]?: () => Error } = {
  s3: () => awsError('OperationAborted', 409),
  lambda: concurrentUpdate,
};

/** Wraps an object's content like the SDK, which returns it as a stream. */
function streamed(answer: object & { readonly Body?: string }): object {
  const { Body } = answer;
  return Body === undefined ? answer : { ...answer, Body: { transformToString: async () => Body } };
}

/** An error with the properties that the SDK sets. */
export function awsError(name: string, status = 400, more: object = {}): Error {
  return Object.assign(new Error(`${name} by the fake`), { name, $metadata: { httpStatusCode: status }, ...more });
}

export function isWrite({ operation }: Pick<SentCall, 'operation'>): boolean {
  return !/^(Get|Head|List|Describe|Scan)/.test(operation);
}

/** Removes undefined properties from an input, as the SDK does. */
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
