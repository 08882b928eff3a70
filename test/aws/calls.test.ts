import { HeadBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Call, failedCall, watchCalls } from '../../src/aws/calls.ts';

beforeEach(() => {
  // Avoids waits between attempts: the SDK chooses random pauses between 0 and a maximum.
  const random = vi.spyOn(Math, 'random').mockReturnValue(0);
  return () => random.mockRestore();
});

/** A watched client whose requests receive these status codes in order. */
function watched(...statuses: readonly number[]) {
  const remaining = [...statuses];
  const requestHandler = {
    handle: async () => ({
      response: {
        statusCode: remaining.shift() ?? 200,
        headers: { 'x-amz-request-id': `R${remaining.length}` },
        body: undefined,
      },
    }),
  } as never;
  const s3 = new S3Client({
    region: 'eu-west-2',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler,
  });
  const count = { read: 0, write: 0 };
  const calls: Omit<Call, 'milliseconds'>[] = [];
  s3.middlewareStack.use(watchCalls('s3', count, ({ milliseconds: _, ...call }) => calls.push(call)));
  return { s3, count, calls, remaining };
}

const read = new HeadBucketCommand({ Bucket: 'b' });
const write = new PutBucketVersioningCommand({ Bucket: 'b', VersioningConfiguration: { Status: 'Enabled' } });

describe('watched calls', () => {
  it('are counted as reads and writes, and reported with their names', async () => {
    const { s3, count, calls } = watched(200, 200);
    await s3.send(read);
    await s3.send(write);
    expect(count).toEqual({ read: 1, write: 1 });
    const call = { service: 's3', attempts: 1, error: undefined };
    expect(calls).toEqual([
      { ...call, operation: 'HeadBucket', requestId: 'R1' },
      { ...call, operation: 'PutBucketVersioning', requestId: 'R0' },
    ]);
  });

  it('count as one call with their retries', async () => {
    const { s3, count, calls, remaining } = watched(500, 503, 200);
    await s3.send(write);
    expect([remaining, count]).toEqual([[], { read: 0, write: 1 }]);
    expect(calls).toMatchObject([{ operation: 'PutBucketVersioning', attempts: 3, error: undefined }]);
  });

  it('are counted when they fail, and their error records them', async () => {
    const { s3, count, calls } = watched(404);
    const error: unknown = await s3.send(read).catch((thrown: unknown) => thrown);
    expect(failedCall(error)).toEqual({ service: 's3', operation: 'HeadBucket' });
    expect(count).toEqual({ read: 1, write: 0 });
    expect(calls).toMatchObject([{ operation: 'HeadBucket', attempts: 1, error: 'NotFound' }]);
  });

  it('are not invented for errors that come from elsewhere', () => {
    expect([failedCall(new Error()), failedCall('text'), failedCall(undefined)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
