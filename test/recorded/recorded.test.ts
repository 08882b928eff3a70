import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { actionsOf } from '../../src/aws/actions.ts';
import { SERVICES, type ServiceName } from '../../src/aws/services.ts';
import { ROOT } from '../helpers/cli.ts';
import { awsError, fakeAws, SETTINGS, sendTo } from '../helpers/fake-aws.ts';
import { startProxy } from '../helpers/proxy.ts';
import { CLIENTS } from '../helpers/sdk-clients.ts';
import { startServer } from '../helpers/server.ts';
import { checksOf } from '../helpers/wire.ts';
import { type CallAnswers, SITUATIONS, type WireForm } from './answer.ts';
import { CLIENT_MODULES, INPUT } from './clients.ts';
import { type CallName, RECORDED, recorded } from './index.ts';
import { operationOf } from './operation.ts';
import { requestOf } from './request.ts';
import { answering, responseOf } from './script.ts';

const SERVICE_OF_CLIENT: Readonly<Record<string, ServiceName>> = {
  'cloudwatch-logs': 'logs',
  'resource-groups-tagging-api': 'tag',
};

/** Calls behind the SDK's paginators and waiters. */
const CALL_OF_HELPER: Readonly<Record<string, string>> = {
  waitUntilTableExists: 'DescribeTable',
  waitUntilTableNotExists: 'DescribeTable',
};

/** Every call that crc can send, according to its imports of SDK clients. */
function callsOfCrc(): readonly CallName[] {
  const src = join(ROOT, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const calls = files.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    const imports = text.matchAll(/\{([^{}]*)\} (?:from|= await import\() ?'@aws-sdk\/client-([\w-]+)'/g);
    return [...imports].flatMap(([, names = '', client = '']) =>
      names.split(',').flatMap((name): CallName[] => {
        const imported = name.trim();
        const operation =
          CALL_OF_HELPER[imported] ?? /^(?:paginate(\w+)|(\w+)Command)$/.exec(imported)?.slice(1).find(Boolean);
        if (operation === undefined && /^(waitUntil|waitFor)/.test(imported))
          throw new Error(`which call is ${imported}?`);
        const service = SERVICE_OF_CLIENT[client] ?? (client as ServiceName);
        return operation === undefined ? [] : [`${service}:${operation}`];
      }),
    );
  });
  return [...new Set(calls)].sort();
}

const CALLS = callsOfCrc();

describe('recorded answers', () => {
  it('exist only for calls in the source', () => {
    expect(CALLS.length).toBeGreaterThan(60);
    expect(CALLS).toContain('lambda:ListVersionsByFunction');
  });

  it.each(CALLS)(
    'of %s are complete: absent, denied, throttled and busy, or why the call cannot return them',
    (call) => {
      const [service, operation = ''] = call.split(':') as [ServiceName, string];
      const rows: Partial<CallAnswers> = RECORDED[service][operation] ?? {};
      expect(SITUATIONS.filter((situation) => rows[situation] === undefined)).toEqual([]);
    },
  );

  const rows = (Object.keys(SERVICES) as ServiceName[]).flatMap((service) =>
    Object.entries(RECORDED[service]).flatMap(([operation, answers]) =>
      Object.keys(answers).map((situation) => [`${service}:${operation}` as CallName, situation] as const),
    ),
  );

  it.each(rows)(
    '%s, %s: has a source or a reason, and is parsed by the SDK under the name from AWS',
    async (call, situation) => {
      const [service, operation = ''] = call.split(':') as [ServiceName, string];
      const row = RECORDED[service][operation]?.[situation];
      if (row === undefined) throw new Error('no row');
      if ('never' in row) {
        expect(row.never).toMatch(/\w+ \w+/);
        expect(() => recorded(call, situation)).toThrow(row.never);
        return;
      }
      expect(row.source).toMatch(/\w+/);
      if ('change' in row) return;
      const name =
        /<Code>(\w+)<|#(\w+)"|"__type":"(\w+)"/.exec(row.body)?.slice(1).find(Boolean) ??
        row.headers['x-amzn-errortype'];
      if (row.status < 400 || name === undefined) return;
      const error = await sdkError(call, row);
      expect(error).toMatchObject({ $metadata: { httpStatusCode: row.status } });
      // In IAM's and STS's models some names end with `Exception`, which the SDK appends.
      expect([error.name, (error as { Code?: string }).Code]).toContain(name);
      expect(error.message).toBe(messageOf(row.body));
    },
  );
});

/** The error that an SDK client throws for an answer. */
async function sdkError(call: CallName, row: WireForm): Promise<Error> {
  const [service, operation] = call.split(':') as [ServiceName, string];
  const module = await CLIENT_MODULES[service]();
  const Command = module[`${operation}Command`] as new (input: object) => object;
  const client = new CLIENTS[service]({
    ...SETTINGS,
    maxAttempts: 1,
    requestHandler: { handle: async () => responseOf(row) } as never,
  });
  const thrown: unknown = await sendTo(client, new Command(INPUT)).catch((error: unknown) => error);
  if (!(thrown instanceof Error)) throw new Error('it did not fail');
  return thrown;
}

function messageOf(body: string): string | undefined {
  const xml = /<Message>([^<]*)<\/Message>/.exec(body)?.[1];
  if (xml !== undefined) return xml.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  const { message, Message } = JSON.parse(body);
  return message ?? Message;
}

describe('a scripted answer', () => {
  beforeEach(() => {
    // Avoids waits between attempts.
    const random = vi.spyOn(Math, 'random').mockReturnValue(0);
    return () => random.mockRestore();
  });

  it('is returned as often as requested, and then the fake answers', async () => {
    const aws = fakeAws({ lambda: { GetFunction: () => ({ Configuration: {}, Tags: { a: 'b' } }) } });
    const { GetFunctionCommand } = await import('@aws-sdk/client-lambda');
    const get = () => aws.clients.lambda.send(new GetFunctionCommand({ FunctionName: 'f' }));
    aws.answer('lambda:GetFunction', 'absent', 1);
    await expect(get()).rejects.toMatchObject({ name: 'ResourceNotFoundException', $metadata: { attempts: 1 } });
    aws.answer('lambda:GetFunction', 'throttled', 1);
    expect((await get()).Tags).toEqual({ a: 'b' });
    aws.answer('lambda:GetFunction', 'throttled');
    await expect(get()).rejects.toMatchObject({ name: 'TooManyRequestsException', Reason: 'CallerRateLimitExceeded' });
    aws.answer('lambda:GetFunction', 'throttled', 0);
    expect((await get()).Tags).toEqual({ a: 'b' });
    aws.answer('lambda:GetFunction', 'tags-hidden');
    const hidden = await get();
    expect([hidden.Tags, hidden.TagsError?.ErrorCode]).toEqual([undefined, 'AccessDeniedException']);
    aws.clearFailures();
    aws.fail('GetFunction', awsError('Odd'));
    await expect(get()).rejects.toMatchObject({ name: 'Odd' });
  });

  it('is rejected for an unknown call', () => {
    expect(() => recorded('lambda:GetFunction', 'odd')).toThrow('no answer is recorded for lambda:GetFunction, odd');
  });
});

describe('in front of an emulator', () => {
  it("a recorded answer replaces the emulator's own, and changes the emulator as AWS would", async () => {
    const emulator = await startServer((_, response) => response.end('{"Configuration":{},"Tags":{"a":"b"}}'));
    const proxy = await startProxy(emulator.endpoint);
    try {
      const { GetFunctionCommand } = await import('@aws-sdk/client-lambda');
      const client = new CLIENTS.lambda({ ...SETTINGS, endpoint: proxy.endpoint, maxAttempts: 1 });
      const get = () => client.send(new GetFunctionCommand({ FunctionName: 'f' }));
      proxy.intercept = answering(
        { call: 'lambda:GetFunction', situation: 'denied', times: 1 },
        { call: 'lambda:GetFunction', situation: 'tags-hidden', times: 1 },
      );
      await expect(get()).rejects.toMatchObject({ name: 'AccessDeniedException' });
      const hidden = await get();
      expect([hidden.Tags, hidden.TagsError?.ErrorCode]).toEqual([undefined, 'AccessDeniedException']);
      expect((await get()).Tags).toEqual({ a: 'b' });
      client.destroy();
    } finally {
      await proxy.stop();
      await emulator.stop();
    }
  });
});

describe('a request', () => {
  it.each([
    ['HEAD', '/b', {}, '', 's3:HeadBucket'],
    ['GET', '/b?policy=', {}, '', 's3:GetBucketPolicy'],
    ['PUT', '/b', {}, '', 's3:CreateBucket'],
    ['PUT', '/b/', {}, '', 's3:CreateBucket'],
    ['GET', '/b?versions&max-keys=1', {}, '', 's3:ListObjectVersions'],
    ['GET', '/b/k/l?x-id=GetObject', {}, '', 's3:GetObject'],
    ['HEAD', '/b/k?versionId=v', {}, '', 's3:HeadObject'],
    ['POST', '/b?delete=', {}, '', 's3:DeleteObjects'],
    ['GET', '/2015-03-31/functions/f?Qualifier=live', {}, '', 'lambda:GetFunction'],
    ['GET', '/2015-03-31/functions/f/policy?Qualifier=live', {}, '', 'lambda:GetPolicy'],
    ['POST', '/2015-03-31/functions', {}, '{}', 'lambda:CreateFunction'],
    ['POST', '/', { 'x-amz-target': 'DynamoDB_20120810.DescribeTable' }, '{}', 'dynamodb:DescribeTable'],
    ['POST', '/', { 'x-amz-target': 'Logs_20140328.CreateLogGroup' }, '{}', 'logs:CreateLogGroup'],
    ['POST', '/', { 'x-amz-target': 'TrentService.DescribeKey' }, '{}', 'kms:DescribeKey'],
    ['POST', '/', {}, 'Action=GetRole&RoleName=r&Version=2010-05-08', 'iam:GetRole'],
    ['POST', '/', {}, 'Action=GetCallerIdentity&Version=2011-06-15', 'sts:GetCallerIdentity'],
    ['GET', '/?x-id=ListBuckets', {}, '', 's3:ListBuckets'],
    ['PATCH', '/', {}, '', undefined],
    ['POST', '/', { 'x-amz-target': 'OfNoSuchService.Call' }, '{}', undefined],
    ['POST', '/', {}, 'Action=Call&Version=1999-01-01', undefined],
  ] as const)('%s %s is mapped to its call', (method, url, headers, body, call) => {
    expect(operationOf(method, url, headers, body)).toBe(call);
  });

  it.each(CALLS)('of %s is mapped to it, and to the IAM action that crc asks for', async (call) => {
    const [service, operation] = call.split(':') as [ServiceName, string];
    const request = await requestOf({ service, operation, input: { ...INPUT, ...OWN_INPUT[call] } });
    const { method, url, headers, body } = request;
    expect(operationOf(method, url, headers, body), 'test/recorded/operation.ts').toBe(call);
    // STS asks for none.
    const [action] = service === 'sts' ? [] : actionsOf(service, operation);
    expect(checksOf(request)[0]?.action, 'test/helpers/wire.ts').toBe(action);
  });
});

/** Input of single calls: crc deletes a lock file if it is still the same, and not one of its versions. */
const OWN_INPUT: { readonly [call: CallName]: object } = { 's3:DeleteObject': { VersionId: undefined } };
