import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import type { RetryErrorInfo, SdkError } from '@smithy/types';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchCalls } from '../../src/aws/calls.ts';
import { RetryStrategy, retryWhile } from '../../src/aws/retry.ts';
import { SERVICES } from '../../src/aws/services.ts';

beforeEach(() => {
  // Avoids waits between attempts: the SDK chooses random pauses between 0 and a maximum.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Responds with these status codes and bodies in order. The last one is repeated. */
function answers(...list: readonly (readonly [number, string])[]) {
  let sent = 0;
  const handler = {
    handle: async () => {
      const [statusCode, body] = list[Math.min(sent, list.length - 1)] ?? [500, ''];
      sent += 1;
      return {
        response: { statusCode, headers: { 'content-type': 'text/xml' }, body: new TextEncoder().encode(body) },
      };
    },
  };
  return { handler: handler as never, sent: () => sent };
}

const settings = { region: 'eu-west-2', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
const s3Error = (code: string) => `<Error><Code>${code}</Code><Message>m</Message></Error>`;
const iamError = (code: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`;
const put = new PutBucketPolicyCommand({ Bucket: 'b', Policy: '{}' });
const createRole = new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: '{}' });

describe('retries of a call', () => {
  it.each([
    ['another write to the bucket is in progress', 409, 'OperationAborted'],
    ['S3 has an internal error', 500, 'InternalError'],
    ['S3 is throttling', 503, 'SlowDown'],
  ])('retries when %s, and counts one call', async (_, status, code) => {
    const { handler, sent } = answers([status, s3Error(code)], [status, s3Error(code)], [200, '']);
    const s3 = new S3Client({ ...settings, requestHandler: handler, retryStrategy: new RetryStrategy(SERVICES.s3) });
    const count = { read: 0, write: 0 };
    s3.middlewareStack.use(watchCalls('s3', count, () => undefined));
    await s3.send(put);
    expect([sent(), count]).toEqual([3, { read: 0, write: 1 }]);
  });

  it('gives up after five attempts, regardless of the environment', async () => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    vi.stubEnv('AWS_RETRY_MODE', 'adaptive');
    const { handler, sent } = answers([500, s3Error('InternalError')]);
    const s3 = new S3Client({ ...settings, requestHandler: handler, retryStrategy: new RetryStrategy(SERVICES.s3) });
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'InternalError', $metadata: { attempts: 5 } });
    expect(sent()).toBe(5);
  });

  it.each([
    ['another write to the bucket', 409, 'OperationAborted'],
    ['throttling', 503, 'SlowDown'],
  ])('waits longer for %s to pass than for a fault', async (_, status, code) => {
    const { handler, sent } = answers(...Array.from({ length: 9 }, () => [status, s3Error(code)] as const), [200, '']);
    const s3 = new S3Client({ ...settings, requestHandler: handler, retryStrategy: new RetryStrategy(SERVICES.s3) });
    await s3.send(put);
    expect(sent()).toBe(10);
  });

  it.each([
    [403, 'AccessDenied'],
    [400, 'MalformedPolicy'],
  ])('never repeats %s %s', async (status, code) => {
    const { handler, sent } = answers([status, s3Error(code)]);
    const s3 = new S3Client({ ...settings, requestHandler: handler, retryStrategy: new RetryStrategy(SERVICES.s3) });
    await expect(s3.send(put)).rejects.toMatchObject({ name: code });
    expect(sent()).toBe(1);
  });

  it.each([
    ['a quota of IAM is final', 409, 'LimitExceeded', 1],
    ['another change to the entity is in progress', 409, 'ConcurrentModification', 2],
    ['throttling passes', 400, 'Throttling', 2],
  ])('%s', async (_, status, code, attempts) => {
    const { handler, sent } = answers([status, iamError(code)], [200, '<CreateRoleResponse/>']);
    const iam = new IAMClient({ ...settings, requestHandler: handler, retryStrategy: new RetryStrategy(SERVICES.iam) });
    await iam.send(createRole).catch(() => undefined);
    expect(sent()).toBe(attempts);
  });

  it.each([
    ['a key that a function cannot use is final', 'KMSAccessDeniedException', 1],
    ['a fault of Lambda passes', 'EC2ThrottledException', 2],
  ])('%s', async (_, code, attempts) => {
    const { handler, sent } = answers([502, JSON.stringify({ __type: code, Message: 'm' })], [200, '{}']);
    const retryStrategy = new RetryStrategy(SERVICES.lambda);
    const lambda = new LambdaClient({ ...settings, requestHandler: handler, retryStrategy });
    await lambda.send(new InvokeCommand({ FunctionName: 'f' })).catch(() => undefined);
    expect(sent()).toBe(attempts);
  });
});

describe('connections that break at the same time', () => {
  const reset = () => Object.assign(new Error('socket hang up'), { name: 'ECONNRESET', code: 'ECONNRESET' });

  it('are all retried', async () => {
    const failedPaths = new Set<string>();
    const handler = {
      handle: async ({ path }: { readonly path: string }) => {
        if (!failedPaths.has(path)) {
          failedPaths.add(path);
          throw reset();
        }
        return { response: { statusCode: 200, headers: {}, body: new Uint8Array() } };
      },
    };
    const s3 = new S3Client({
      ...settings,
      forcePathStyle: true,
      requestHandler: handler as never,
      retryStrategy: new RetryStrategy(SERVICES.s3),
    });
    const calls = Array.from({ length: 50 }, (_, index) =>
      s3.send(new PutBucketPolicyCommand({ Bucket: `bucket-${index}`, Policy: '{}' })),
    );
    expect((await Promise.all(calls)).every(({ $metadata }) => $metadata.attempts === 2)).toBe(true);
  });

  it('are given up together when nothing answers, and retried when something does', async () => {
    const strategy = new RetryStrategy(SERVICES.s3);
    const failed: RetryErrorInfo = { error: reset() as SdkError, errorType: 'TRANSIENT' };
    const first = await strategy.acquireInitialRetryToken();
    for (let retry = 0; retry < 200; retry += 1) await strategy.refreshRetryTokenForRetry(first, failed);
    await expect(strategy.refreshRetryTokenForRetry(first, failed)).rejects.toBe(failed.error);
    strategy.recordSuccess();
    expect((await strategy.refreshRetryTokenForRetry(first, failed)).getRetryCount()).toBe(1);
  });
});

describe('a run that is stopped', () => {
  it('retries no call', async () => {
    const controller = new AbortController();
    const { handler, sent } = answers([500, s3Error('InternalError')]);
    const retryStrategy = new RetryStrategy(SERVICES.s3, controller.signal);
    const s3 = new S3Client({ ...settings, requestHandler: handler, retryStrategy });
    controller.abort();
    await expect(s3.send(put)).rejects.toMatchObject({ name: 'InternalError', $metadata: { attempts: 1 } });
    expect(sent()).toBe(1);
  });

  it('does not wait for the end of a pause after throttling', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const controller = new AbortController();
    const { handler, sent } = answers([400, iamError('Throttling')]);
    const retryStrategy = new RetryStrategy(SERVICES.iam, controller.signal);
    const iam = new IAMClient({ ...settings, requestHandler: handler, retryStrategy });
    const call = iam.send(createRole);
    call.catch(() => undefined);
    await vi.waitUntil(() => sent() === 2);
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'Throttling' });
    expect(sent()).toBe(2);
  });
});

describe('retryWhile', () => {
  const temporaryError = new Error('passing');
  const final = new Error('final');
  const isPassing = (error: unknown) => error === temporaryError;

  it('runs again while the error passes', async () => {
    const run = vi.fn().mockRejectedValueOnce(temporaryError).mockResolvedValueOnce('done');
    expect(await retryWhile(isPassing, run, { deadline: 1_000 })).toBe('done');
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('throws any other error immediately', async () => {
    const run = vi.fn().mockRejectedValue(final);
    await expect(retryWhile(isPassing, run, { deadline: 1_000 })).rejects.toBe(final);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('starts nothing once it is stopped during a pause', async () => {
    const controller = new AbortController();
    const run = vi.fn(async () => {
      setImmediate(() => controller.abort());
      throw temporaryError;
    });
    await expect(retryWhile(isPassing, run, { deadline: 60_000, signal: controller.signal })).rejects.toBe(
      temporaryError,
    );
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('ends at the deadline, and when it is stopped', async () => {
    const run = vi.fn().mockRejectedValue(temporaryError);
    await expect(retryWhile(isPassing, run, { deadline: 0 })).rejects.toBe(temporaryError);
    expect(run).toHaveBeenCalledTimes(1);
    await expect(retryWhile(isPassing, run, { deadline: 60_000, signal: AbortSignal.abort() })).rejects.toBe(
      temporaryError,
    );
    expect(run).toHaveBeenCalledTimes(2);
  });
});
