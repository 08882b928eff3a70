import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { examineStates } from '../../../src/terraform/state/examine.ts';
import { listStates } from '../../../src/terraform/state/list.ts';
import { locksOn } from '../../../src/terraform/state/lock-calls.ts';
import type { StatePlace } from '../../../src/terraform/state/place.ts';
import { awsError } from '../../helpers/fake-aws.ts';

const s3 = new S3Client({ region: 'eu-west-2' });
const dynamodb = new DynamoDBClient({ region: 'eu-west-2' });
const place: StatePlace = {
  s3,
  bucket: { Bucket: 'states', ExpectedBucketOwner: '123456789012' },
  table: { dynamodb, name: 'locks' },
  lockFile: true,
  prefixes: new Map(),
  signal: new AbortController().signal,
  listed: () => undefined,
};

it.each([
  ['unlock', async () => await locksOn(place, 'app/terraform.tfstate')],
  ['list', async () => await listStates(place, { declared: [] })],
  ['check', async () => await examineStates(place, { declared: [], written: [] })],
])('if both the bucket and the table fail, %s always reports the bucket', async (_, read) => {
  const ofTable = mockClient(dynamodb);
  ofTable.on(GetItemCommand).rejects(awsError('AccessDeniedException'));
  ofTable.on(ScanCommand).rejects(awsError('AccessDeniedException'));
  const ofBucket = mockClient(s3);
  // S3 answers last.
  const noBucket = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    throw awsError('NoSuchBucket', 404);
  };
  ofBucket.on(GetObjectCommand).callsFake(noBucket);
  ofBucket.on(ListObjectVersionsCommand).callsFake(noBucket);
  ofBucket.on(GetBucketLifecycleConfigurationCommand).callsFake(noBucket);
  await expect(read()).rejects.toMatchObject({ name: 'NoSuchBucket' });
});
