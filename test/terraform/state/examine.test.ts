import { setImmediate } from 'node:timers/promises';
import {
  GetBucketLifecycleConfigurationCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { examineStates } from '../../../src/terraform/state/examine.ts';
import { stateOf } from './states.ts';

/**
 * A bucket whose states have this many versions. Records which keys were listed, and the number of parallel calls for a
 * key.
 */
function bucketOf(states: Readonly<Record<string, number>>) {
  const s3 = new S3Client({ region: 'eu-west-2' });
  const mock = mockClient(s3);
  const entries = Object.entries(states).flatMap(([Key, versions]) =>
    Array.from({ length: versions }, (_, index) => ({
      ...{ Key, VersionId: `v${index}`, IsLatest: index === 0, Size: 100, ETag: '"e"' },
      LastModified: new Date(1e12 - index * 1_000),
    })),
  );
  const listed: string[] = [];
  let [now, most] = [0, 0];
  mock.on(ListObjectVersionsCommand).callsFake(async ({ Prefix }) => {
    if (Prefix === undefined) return { IsTruncated: false, Versions: entries };
    listed.push(Prefix);
    now += 1;
    most = Math.max(most, now);
    await setImmediate();
    now -= 1;
    return { IsTruncated: false, Versions: entries.filter(({ Key }) => Key === Prefix) };
  });
  mock.on(GetObjectCommand).callsFake(({ VersionId = '' }) => {
    const text = JSON.stringify(stateOf({ serial: 100 - Number(VersionId.slice(1)) }));
    return { Body: { transformToByteArray: async () => Buffer.from(text) } };
  });
  mock.on(GetBucketLifecycleConfigurationCommand).resolves({ Rules: [] });
  const place = {
    ...{ s3, bucket: { Bucket: 'states', ExpectedBucketOwner: '123456789012' }, table: undefined, lockFile: true },
    ...{ prefixes: new Map(), signal: new AbortController().signal, listed: () => undefined },
  };
  return { place, listed, most: () => most };
}

it('examines several states in parallel, and does not look for another project in a state with one version', async () => {
  const { place, listed, most } = bucketOf({ 'a.tfstate': 3, 'b.tfstate': 2, 'c.tfstate': 1, 'd.tfstate': 2 });
  const { list, overwritten } = await examineStates(place, { declared: [], written: [] });
  expect(list.states).toHaveLength(4);
  expect([...overwritten]).toEqual([]);
  expect([...listed].sort()).toEqual(['a.tfstate', 'b.tfstate', 'd.tfstate']);
  expect(most()).toBe(3);
});
