import { describe, expect, it, vi } from 'vitest';
import { apply } from '../../../src/engine/apply.ts';
import { plan } from '../../../src/engine/plan.ts';
import { functionCalls } from '../../../src/resources/function/calls.ts';
import { alreadyExists } from '../../../src/resources/function/errors.ts';
import { converge, find, writes } from '../../helpers/contract.ts';
import { awsError, concurrentUpdate, fakeAws, isWrite } from '../../helpers/fake-aws.ts';
import { type FunctionBench, functionBench, NAME } from '../../helpers/function-bench.ts';

const ARN = `arn:aws:lambda:eu-west-2:123456789012:function:${NAME}`;
const NO_CONSENT = { adopt: false, prune: false };

/** What GetFunction returns without lambda:ListTags. */
const HIDDEN_TAGS = {
  ErrorCode: 'AccessDeniedException',
  Message: `User: arn:aws:iam::123456789012:user/u is not authorized to perform: lambda:ListTags on resource: ${ARN} because no identity-based policy allows the lambda:ListTags action`,
};
const PASSING = { ErrorCode: 'ServiceException', Message: 'Tags are not available.' };

async function deployed(): Promise<FunctionBench> {
  const all = functionBench({ hasUrl: true });
  const results = await applyAll(all);
  expect(results.map(({ outcome, error }) => [outcome, error])).toEqual(Array(3).fill(['created', undefined]));
  all.aws.calls.length = 0;
  return all;
}

async function applyAll({ function: settings, functionCode, url }: FunctionBench) {
  const planned = await plan([settings, functionCode, url], NO_CONSENT, () => undefined);
  const { signal } = new AbortController();
  return await apply(planned, { report: () => undefined, signal, deadline: 0 });
}

describe('tags that GetFunction hides', () => {
  it.each(['function', 'functionCode'] as const)('make the %s unread, and say what is missing', async (which) => {
    const all = await deployed();
    all.lambda.tagsError = HIDDEN_TAGS;
    const { finding, result } = await converge(all[which]);
    expect([finding.status, result.outcome, writes(all.aws)]).toEqual(['unread', 'failed', []]);
    expect(finding.error).toMatchObject({
      message: `Access denied: lambda:ListTags on ${ARN}.`,
      hint: expect.stringContaining(`Allow lambda:ListTags on ${ARN}`),
    });
  });

  it.each(['function', 'functionCode', 'url'] as const)('prevent keeping or removing the %s', async (which) => {
    const all = await deployed();
    all.lambda.tagsError = HIDDEN_TAGS;
    await expect(all[which].inspectRemoval()).rejects.toThrow(`Access denied: lambda:ListTags on ${ARN}.`);
  });

  it('are requested again while they may appear', async () => {
    const all = await deployed();
    all.lambda.tagsError = PASSING;
    const { GetFunction } = all.lambda.handlers;
    let reads = 0;
    const aws = fakeAws({
      lambda: {
        GetFunction: (input) => {
          reads += 1;
          if (reads === 3) all.lambda.tagsError = undefined;
          return GetFunction?.(input) ?? {};
        },
      },
    });
    const calls = functionCalls(NAME, aws.clients.lambda, new AbortController().signal, { firstPause: 1 });
    expect((await calls.latest())?.Tags).toMatchObject({ ManagedBy: 'crc' });
    expect(reads).toBe(3);
  });

  it('are finally unread, with the reason from AWS', async () => {
    const all = functionBench({ patience: { tags: 0 } });
    await applyAll(all);
    all.lambda.tagsError = PASSING;
    const { status, error } = await find(all.function);
    expect([status, String(error)]).toEqual([
      'unread',
      `CrcError: The tags of ${ARN} could not be read: ServiceException: Tags are not available.`,
    ]);
  });

  it('differ from no tags at all', async () => {
    const all = await deployed();
    all.live().tags = {};
    expect((await find(all.function)).status).toBe('conflict');
  });
});

/** One write of each kind, and the drift that requires it. */
const WRITES: readonly (readonly [string, (all: FunctionBench) => void])[] = [
  ['CreateFunction', (all) => all.lambda.functions.clear()],
  ['TagResource', (all) => Object.assign(all.live().tags, { Project: 'other' })],
  ['UpdateFunctionConfiguration', (all) => Object.assign(all.live().latest, { MemorySize: 512 })],
  ['UpdateFunctionCode', (all) => Object.assign(all.live().latest, { CodeSha256: 'other' })],
  ['PublishVersion', (all) => Object.assign(all.live().latest, { MemorySize: 512 })],
  ['CreateAlias', (all) => all.live().aliases.clear()],
  ['UpdateAlias', (all) => Object.assign(all.live().latest, { MemorySize: 512 })],
  ['CreateFunctionUrlConfig', (all) => all.live().urls.clear()],
  ['UpdateFunctionUrlConfig', (all) => Object.assign(all.live().urls.get('live') ?? {}, { AuthType: 'AWS_IAM' })],
  ['AddPermission', (all) => all.live().policies.clear()],
  [
    'RemovePermission',
    (all) => Object.assign(all.live().policies.get('live')?.[0] ?? {}, { Principal: { AWS: '999999999999' } }),
  ],
];
const REMOVALS = ['DeleteFunctionUrlConfig', 'RemovePermission', 'DeleteAlias', 'DeleteFunction'];

describe('a write to a function', () => {
  it.each(WRITES)('%s is retried after a concurrent update', async (operation, tamper) => {
    const all = await deployed();
    tamper(all);
    // A change of $LATEST is also published.
    if (operation === 'PublishVersion' || operation === 'UpdateAlias') {
      Object.assign(all.live().versions.at(-1) ?? {}, { MemorySize: 1024 });
    }
    all.aws.fail(operation, concurrentUpdate(), 2);
    const results = await applyAll(all);
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    expect(writes(all.aws).filter((name) => name === operation).length).toBeGreaterThanOrEqual(3);
    for (const resource of [all.function, all.functionCode, all.url])
      expect((await find(resource)).status).toBe('in-sync');
  });

  it.each(REMOVALS)('%s is retried after a concurrent update', async (operation) => {
    const all = await deployed();
    all.aws.fail(operation, concurrentUpdate(), 2);
    for (const resource of [all.url, all.functionCode, all.function]) await (await resource.inspectRemoval())?.remove();
    expect(all.lambda.functions.size).toBe(0);
  });

  it('finally fails, with the reason from AWS', async () => {
    const all = functionBench({ patience: { conflict: 0 } });
    await applyAll(all);
    all.live().latest.MemorySize = 512;
    all.aws.fail('UpdateFunctionConfiguration', concurrentUpdate());
    const { result } = await converge(all.function);
    expect([result.outcome, String(result.error)]).toEqual([
      'failed',
      expect.stringContaining('due to a concurrent update operation'),
    ]);
  });

  it('waits for the previous one, whichever resource it belongs to', async () => {
    const all = await deployed();
    // All three have drifted and do not depend on each other.
    all.live().tags.Project = 'other';
    all.live().aliases.set('live', { ...all.live().aliases.get('live'), Description: '' } as never);
    all.live().policies.clear();
    const results = await Promise.all([all.function, all.functionCode, all.url].map((resource) => converge(resource)));
    expect(results.map(({ result }) => [result.outcome, result.error])).toEqual(Array(3).fill(['updated', undefined]));
    // The fake rejects overlapping writes, so none of them had to be repeated.
    expect(writes(all.aws).toSorted()).toEqual(['AddPermission', 'AddPermission', 'TagResource', 'UpdateAlias']);
  });

  it('is not started after an interruption', async () => {
    const controller = new AbortController();
    const all = functionBench({ signal: controller.signal });
    await applyAll(all);
    all.live().tags.Project = 'other';
    all.live().policies.clear();
    all.aws.calls.length = 0;
    const send = all.aws.clients.lambda.send.bind(all.aws.clients.lambda);
    all.aws.clients.lambda.send = vi.fn(async (...args: Parameters<typeof send>) => {
      if (isWrite({ operation: args[0].constructor.name })) controller.abort();
      return await send(...args);
    }) as never;
    const results = await Promise.all([all.function, all.url].map((resource) => converge(resource)));
    expect(writes(all.aws)).toHaveLength(1);
    expect(results.map(({ result }) => result.outcome)).toContain('failed');
  });
});

describe('a conflict', () => {
  it.each([
    ['Function already exist: IncrementVisits', true],
    ['Alias already exists: arn:aws:lambda:eu-west-2:123456789012:function:IncrementVisits:live', true],
    ['Failed to create function url config. Error message: FunctionUrlConfig exists for this Lambda function', true],
    ['The statement id (CrcInvokeFunction) provided already exists. Please provide a new statement id.', true],
    ['The function could not be updated due to a concurrent update operation.', false],
    ['The operation cannot be performed at this time. An update is in progress for resource: arn', false],
    [
      'The operation cannot be performed at this time. The function is currently in the following state: Pending',
      false,
    ],
    ['Something that AWS may say one day.', false],
  ])('%s: already exists: %s', (message, exists) => {
    expect(alreadyExists(awsError('ResourceConflictException', 409, { message }))).toBe(exists);
  });
});
