import { describe, expect, it } from 'vitest';
import { compareStates, isEmptyDiff, type StateDiff } from '../../../src/terraform/state/diff.ts';
import { bytesOf, resourceOf, stateOf } from './states.ts';

async function diffOf(from: object, to: object): Promise<StateDiff> {
  const bytes = (state: object) => async () => bytesOf(JSON.stringify(state, null, 2));
  const { diff } = await compareStates(bytes(from), bytes(to));
  if (diff === undefined) throw new Error('not compared');
  return diff;
}

const BUCKET = resourceOf('aws_s3_bucket.page', { id: 'page', tags: { a: '1' }, acl: null });

describe('the difference of two states', () => {
  it('is empty for the same resources, whatever the serial and the order of keys', async () => {
    const other = resourceOf('aws_s3_bucket.page', { tags: { a: '1' }, id: 'page' });
    const diff = await diffOf(stateOf({ resources: [BUCKET] }), stateOf({ serial: 9, resources: [other] }));
    expect(isEmptyDiff(diff)).toBe(true);
  });

  it('lists what was added, removed and changed, and the attributes, sorted', async () => {
    const from = stateOf({ resources: [BUCKET, resourceOf('aws_sns_topic.old', { id: 'old' })] });
    const changed = resourceOf('aws_s3_bucket.page', { id: 'page', tags: { a: '2' }, acl: 'private', bucket: 'b' });
    const to = stateOf({ resources: [changed, resourceOf('aws_sqs_queue.new', { id: 'new' })] });
    expect(await diffOf(from, to)).toEqual({
      added: ['aws_sqs_queue.new'],
      removed: ['aws_sns_topic.old'],
      moved: [],
      changed: [{ address: 'aws_s3_bucket.page', attributes: ['acl', 'bucket', 'tags'] }],
    });
  });

  it('recognizes a moved resource by its id, and what changed in it', async () => {
    const moved = resourceOf('aws_s3_bucket.site', { id: 'page', tags: { a: '2' } });
    expect(await diffOf(stateOf({ resources: [BUCKET] }), stateOf({ resources: [moved] }))).toEqual({
      added: [],
      removed: [],
      moved: [{ from: 'aws_s3_bucket.page', to: 'aws_s3_bucket.site' }],
      changed: [{ address: 'aws_s3_bucket.site', attributes: ['tags'] }],
    });
  });

  it('assumes no move if two resources have the id, or the type differs', async () => {
    const two = ['aws_s3_bucket.x', 'aws_s3_bucket.y'].map((address) => resourceOf(address, { id: 'page' }));
    const diff = await diffOf(stateOf({ resources: [BUCKET] }), stateOf({ resources: two }));
    expect(diff).toMatchObject({ moved: [], removed: ['aws_s3_bucket.page'] });
    const other = resourceOf('aws_s3_object.page', { id: 'page' });
    expect((await diffOf(stateOf({ resources: [BUCKET] }), stateOf({ resources: [other] }))).moved).toEqual([]);
  });

  it('includes outputs and taints', async () => {
    const tainted = { ...BUCKET, instances: [{ attributes: { id: 'page', tags: { a: '1' } }, status: 'tainted' }] };
    const from = stateOf({ outputs: { url: { value: 'a', type: 'string' } }, resources: [BUCKET] });
    const to = stateOf({ outputs: { url: { value: 'b', type: 'string' } }, resources: [tainted] });
    expect((await diffOf(from, to)).changed).toEqual([
      { address: 'output.url', attributes: ['value'] },
      { address: 'aws_s3_bucket.page', attributes: ['(tainted)'] },
    ]);
  });

  it('detects a change in the last digit of a large number', async () => {
    const state = (digit: string) => async () =>
      bytesOf(
        JSON.stringify(stateOf({ resources: [resourceOf('a.b', { n: 0 })] })).replace(
          '"n":0',
          `"n":1234567890123456789${digit}`,
        ),
      );
    const { diff } = await compareStates(state('1'), state('2'));
    expect(diff?.changed).toEqual([{ address: 'a.b', attributes: ['n'] }]);
  });

  it('contains no attribute value', async () => {
    const secret = 'hunter2-hunter2';
    const from = stateOf({ resources: [resourceOf('aws_db_instance.a', { id: 'a', password: secret })] });
    const to = stateOf({ resources: [resourceOf('aws_db_instance.a', { id: 'a', password: `${secret}-2` })] });
    expect(JSON.stringify(await diffOf(from, to))).not.toContain('hunter2');
  });

  it('rejects what is not a state', async () => {
    const { diff, from } = await compareStates(
      async () => bytesOf('nonsense'),
      async () => bytesOf('{}'),
    );
    expect(diff).toBeUndefined();
    expect(from).toMatchObject({ kind: 'opaque', why: 'not-json' });
  });
});
