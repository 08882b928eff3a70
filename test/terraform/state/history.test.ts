import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { contentsOf } from '../../../src/terraform/state/history.ts';
import type { StatePlace } from '../../../src/terraform/state/place.ts';
import { awsError } from '../../helpers/fake-aws.ts';
import { stateOf } from './states.ts';

const s3 = new S3Client({ region: 'eu-west-2' });
const place: StatePlace = {
  s3,
  bucket: { Bucket: 'states', ExpectedBucketOwner: '123456789012' },
  table: undefined,
  lockFile: true,
  prefixes: new Map(),
  signal: new AbortController().signal,
  listed: () => undefined,
};
const version = (versionId: string) => ({
  key: 'app/terraform.tfstate',
  versionId,
  size: 10,
  modified: 0,
  latest: false,
  marker: false,
  eTag: '"1"',
});

it.each([
  ['archived', 'InvalidObjectState', 403],
  ['no-key', 'KMS.DisabledException', 400],
  ['no-key', 'KMS.NotFoundException', 400],
  ['no-key', 'KMS.KMSInvalidStateException', 400],
])('a version that S3 does not return is %s, and does not hide others (%s)', async (why, name, status) => {
  const mock = mockClient(s3);
  mock.on(GetObjectCommand, { VersionId: 'old' }).rejects(awsError(name, status));
  const bytes = Buffer.from(JSON.stringify(stateOf({ serial: 3 })));
  const Body = { transformToByteArray: async () => bytes };
  mock.on(GetObjectCommand, { VersionId: 'new' }).resolves({ Body } as object);
  const read = await contentsOf(place, [version('new'), version('old')]);
  expect(read.map(({ content }) => content)).toMatchObject([
    { kind: 'state', serial: 3 },
    { kind: 'unread', why },
  ]);
});

it('a version that may not be read is an error', async () => {
  mockClient(s3).on(GetObjectCommand).rejects(awsError('AccessDenied', 403));
  await expect(contentsOf(place, [version('old')])).rejects.toThrow();
});
