import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it } from 'vitest';
import { readState } from '../../../src/terraform/state/content.ts';
import type { ListedState } from '../../../src/terraform/state/list.ts';
import { isDigestOfOlder, newestState, overwrittenBy } from '../../../src/terraform/state/older.ts';
import type { StatePlace } from '../../../src/terraform/state/place.ts';
import { md5 } from '../../helpers/state-bench.ts';
import { bytesOf, stateOf } from './states.ts';

const KEY = 'app/terraform.tfstate';
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

/** A bucket with these versions of a state, newest first. Undefined is a delete marker. Counts reads. */
async function bucketWith(bodies: readonly (string | undefined)[], eTag = (text: string) => `${md5(text)}-1`) {
  const mock = mockClient(s3);
  const entry = (text: string | undefined, index: number) => ({
    Key: KEY,
    VersionId: `v${index}`,
    IsLatest: index === 0,
    LastModified: new Date(1e12 - index * 1_000),
    ...(text === undefined ? {} : { Size: text.length, ETag: `"${eTag(text)}"` }),
  });
  const entries = bodies.map((text, index) => ({ text, entry: entry(text, index) }));
  mock.on(ListObjectVersionsCommand).resolves({
    IsTruncated: false,
    Versions: entries.filter(({ text }) => text !== undefined).map(({ entry }) => entry),
    DeleteMarkers: entries.filter(({ text }) => text === undefined).map(({ entry }) => entry),
  });
  const reads: string[] = [];
  mock.on(GetObjectCommand).callsFake(({ VersionId = '', Range = '' }) => {
    reads.push(VersionId);
    const to = /-(\d+)/.exec(Range)?.[1];
    const bytes = Buffer.from(bodies[Number(VersionId.slice(1))] ?? '').subarray(
      0,
      to === undefined ? undefined : Number(to) + 1,
    );
    return { Body: { transformToByteArray: async () => bytes } };
  });
  const [newest = ''] = bodies;
  const state = {
    key: KEY,
    workspace: 'default',
    objectKey: KEY,
    newest: { ...version, size: newest.length, content: await readState(bytesOf(newest)), retainedUntil: undefined },
    deleted: false,
    versions: bodies.length,
    older: [],
    locks: [],
    digest: undefined,
    declared: true,
  } satisfies ListedState;
  return { state, reads };
}

const version = { key: KEY, versionId: 'v0', latest: true, marker: false, size: 1, eTag: '', modified: 0 };

const text = (serial: number, lineage = 'ours', filler = '') =>
  JSON.stringify(stateOf({ serial, lineage, outputs: filler === '' ? {} : { a: { value: filler } } }));
const many = (count: number, lineage: string) =>
  Array.from({ length: count }, (_, index) => text(count - index, lineage));

it('finds the version with a digest, however old, and reads no more than necessary', async () => {
  const bodies = many(200, 'ours');
  const { state, reads } = await bucketWith(bodies);
  expect(await isDigestOfOlder(place, { ...state, digest: md5(bodies[199] ?? '') })).toBe(true);
  expect(reads).toHaveLength(199);
  reads.length = 0;
  expect(await isDigestOfOlder(place, { ...state, digest: md5(bodies[3] ?? '') })).toBe(true);
  expect(reads.length).toBeLessThanOrEqual(50);
  expect(await isDigestOfOlder(place, { ...state, digest: '0'.repeat(32) })).toBe(false);
});

it('reads nothing if S3 shows the MD5 as the ETag', async () => {
  const bodies = many(200, 'ours');
  const { state, reads } = await bucketWith(bodies, md5);
  expect(await isDigestOfOlder(place, { ...state, digest: md5(bodies[150] ?? '') })).toBe(true);
  expect(reads).toEqual([]);
});

it.each([
  ['the version before', [...many(1, 'theirs'), ...many(2, 'ours')], 1],
  ['a version before many of the same state', [...many(120, 'theirs'), ...many(2, 'ours')], 120],
  ['none: one project', many(120, 'ours'), undefined],
  ['none: it reappeared', [...many(2, 'ours'), ...many(70, 'theirs'), ...many(2, 'ours')], undefined],
  [
    'none: it reappeared after a third one',
    [...many(1, 'ours'), text(1, 'theirs'), text(1, 'ours'), text(1, 'third')],
    undefined,
  ],
  ['none: it was deleted in between', [...many(2, 'ours'), undefined, ...many(2, 'theirs')], undefined],
  ['one before a version that is not a state', [...many(2, 'theirs'), '{"half":', ...many(1, 'ours'), ''], 3],
  ['one below a version that is not a state', ['', ...many(2, 'theirs'), ...many(2, 'ours')], 3],
  ['one below a delete marker', [undefined, ...many(1, 'theirs'), ...many(2, 'ours')], 1],
  ['none: one project below what is not a state', ['', ...many(2, 'ours')], undefined],
  ['none: no version is a state', [...many(2, 'ours'), 'nonsense', ''], undefined],
])("another project's state: %s", async (_, bodies, expected) => {
  const { state } = await bucketWith(bodies);
  expect(await overwrittenBy(place, state)).toBe(expected);
});

it('reads only the start of a state, and all of one whose keys a tool has sorted', async () => {
  const large = text(2, 'theirs', 'x'.repeat(5_000));
  const sorted = JSON.stringify({ ...JSON.parse(text(1, 'ours', 'x'.repeat(5_000))), lineage: undefined });
  const last = `${sorted.slice(0, -1)},"lineage":"ours"}`;
  const { state, reads } = await bucketWith([large, last]);
  expect(await overwrittenBy(place, state)).toBe(1);
  expect(reads.filter((id) => id === 'v0')).toHaveLength(1);
  expect(reads.filter((id) => id === 'v1').length).toBeGreaterThan(1);
});

it.each([
  ['the newest', ['', ...many(2, 'ours')], 1],
  ['the newest readable one before broken ones', ['', '{"half":', ...many(1, 'ours')], 2],
  [
    'the newest of the lineage with which the write began',
    [cutOff('ours'), ...many(2, 'theirs'), ...many(1, 'ours')],
    3,
  ],
  ['none of another lineage', [cutOff('ours'), ...many(2, 'theirs')], undefined],
  ['none', ['', '{"half":'], undefined],
])('the version to restore after a broken one: %s', async (_, bodies, expected) => {
  const { state } = await bucketWith(bodies);
  expect(await newestState(place, state)).toBe(expected);
});

function cutOff(lineage: string): string {
  return text(9, lineage).slice(0, -20);
}
