import { describe, expect, it } from 'vitest';
import { Blocked } from '../../../src/engine/apply.ts';
import type { Removal } from '../../../src/engine/types.ts';
import { stateBucket } from '../../../src/resources/state-bucket/index.ts';
import { lockInfo, type StateLock } from '../../../src/terraform/state/locks.ts';
import { ACCOUNT, contextFor, REGION } from '../../helpers/context.ts';
import { converge, writes } from '../../helpers/contract.ts';
import { awsError, fakeAws } from '../../helpers/fake-aws.ts';
import { fakeS3 } from '../../helpers/fake-s3.ts';
import type { FakeVersion } from '../../helpers/fake-s3-objects.ts';

const NAME = 'abcdef-terraform-state';
const KEY = 'github-oidc/terraform.tfstate';
const FUTURE = new Date('2099-01-02T03:04:05Z');
const PAST = new Date('2001-01-01T00:00:00Z');
const LOCK = JSON.stringify({
  ID: '4c2d',
  Operation: 'OperationTypeApply',
  Who: 'alice@laptop',
  Created: '2026-11-25T10:00:00Z',
});

/** A Terraform state. */
const state = (resources: number, more: object = {}) =>
  JSON.stringify({
    version: 4,
    terraform_version: '1.11.4',
    serial: 7,
    lineage: '3b2d',
    outputs: {},
    resources: Array.from({ length: resources }, () => ({ mode: 'managed' })),
    check_results: null,
    ...more,
  });

let last = 0;
function version(key: string, body: string | undefined, more: Partial<FakeVersion> = {}): FakeVersion {
  last += 1;
  return { key, versionId: `v${last}`, body, ...more };
}
const marker = (key: string) => version(key, undefined);

interface Options {
  readonly deleteState?: boolean;
  readonly pageSize?: number;
  readonly lock?: 'with a default rule' | 'without a rule' | 'none';
}

async function bench(
  versions: readonly FakeVersion[],
  { deleteState = true, pageSize = 2, lock = 'with a default rule' }: Options = {},
) {
  const s3 = fakeS3(ACCOUNT, REGION, { pageSize });
  const aws = fakeAws({ s3: s3.handlers });
  const locks: StateLock[] = [];
  const resource = stateBucket(
    {
      name: NAME,
      objectLock: lock === 'with a default rule' ? { mode: 'GOVERNANCE', days: 1 } : null,
      encryption: { algorithm: 'AES256', keyArn: null, bucketKey: false },
      noncurrentVersions: null,
      keys: [],
      prefixes: new Map(),
      deleteState,
      tableLocks: async () => [...locks],
    },
    contextFor(aws.clients),
  );
  await converge(resource);
  const bucket = s3.buckets.get(NAME);
  if (bucket === undefined) throw new Error('no bucket');
  if (lock === 'without a rule') bucket.lock = { ObjectLockEnabled: 'Enabled' };
  bucket.versions.push(...versions);
  aws.calls.length = 0;
  const inspectRemoval = async (): Promise<Removal> => {
    const removal = await resource.inspectRemoval();
    if (removal === undefined) throw new Error('the bucket does not exist');
    return removal;
  };
  const deletions = () =>
    aws.calls
      .filter(({ operation }) => operation === 'DeleteObjects')
      .map(({ input }) =>
        (input.Delete as { Objects: { VersionId: string }[] }).Objects.map(({ VersionId }) => VersionId),
      );
  return { aws, resource, s3, bucket, locks, inspectRemoval, deletions };
}

const failure = async (run: Promise<unknown>): Promise<unknown> =>
  await run.then(
    () => 'no failure',
    (error) => error,
  );

describe('the removal of a state bucket', () => {
  it.each<[string, readonly FakeVersion[], RegExp]>([
    [
      'a state with resources',
      [version(KEY, state(57))],
      /the state github-oidc.* still contains 57 resources.*terraform destroy/,
    ],
    [
      'a state with resources that was deleted',
      [version(KEY, state(57)), marker(KEY)],
      /the state github-oidc\/terraform.tfstate \(deleted, but its versions remain\) still contains 57 resources/,
    ],
    ['an object that is not JSON', [version('photo.jpg', '\u0000')], /photo\.jpg is not a Terraform state/],
    ['other JSON', [version('a', '{"resources":[],"data":"x"}')], /a is not a Terraform state/],
    ['a state with more than a state has', [version('a', state(0, { data: 'x' }))], /a is not a Terraform state/],
    [
      'a state with a different format',
      [version('a', '{"version":3,"modules":[]}')],
      /not a Terraform state of format 4/,
    ],
    ['a JSON list', [version('a', '[]')], /a is not a Terraform state/],
    [
      'an encrypted state',
      [version('a', '{"serial":1,"lineage":"x","meta":{},"encrypted_data":"x","encryption_version":"v0"}')],
      /a is encrypted/,
    ],
    [
      'COMPLIANCE retention',
      [
        version(KEY, state(0), { mode: 'COMPLIANCE', until: FUTURE }),
        version(KEY, state(0), { mode: 'COMPLIANCE', until: PAST }),
      ],
      /under COMPLIANCE retention: 1 of 4 versions, the last until 2099-01-02T03:04:05.000Z/,
    ],
    [
      'a legal hold',
      [version(KEY, state(0), { versionId: 'held', legalHold: 'ON' }), version(KEY, state(0))],
      /1 version under legal hold: github-oidc\/terraform.tfstate \(held\)\. If you may release it, run `aws s3api put-object-legal-hold --bucket \S+ --key github-oidc\/terraform\.tfstate --version-id held --legal-hold Status=OFF`$/,
    ],
  ])(
    'is blocked by %s, whether the lock has a default rule or not, and deletes nothing',
    async (_, versions, reason) => {
      for (const lock of ['with a default rule', 'without a rule'] as const) {
        const empty = [version('a/empty', state(0)), version('b/empty', state(0))];
        const { aws, inspectRemoval, bucket } = await bench([...empty, ...versions], { lock });
        const { blocked, remove } = await inspectRemoval();
        expect(blocked).toMatch(reason);
        expect(await failure(remove())).toBeInstanceOf(Blocked);
        expect([writes(aws), bucket.versions.length]).toEqual([[], versions.length + 2]);
      }
    },
  );

  it.each([
    ['InvalidObjectState', 403, /the-state is in an archive \(Glacier\), so crc cannot read it/],
    ['KMS.DisabledException', 400, /the-state is encrypted with a KMS key that is disabled or deleted/],
  ])('is blocked by a state that S3 does not return (%s)', async (name, status, reason) => {
    const { aws, inspectRemoval } = await bench([version('the-state', state(0))]);
    aws.fail('GetObject', awsError(name, status));
    const { blocked, remove } = await inspectRemoval();
    expect(blocked).toMatch(reason);
    expect(await failure(remove())).toBeInstanceOf(Blocked);
    expect(writes(aws)).toEqual([]);
  });

  it.each([
    ['a lock file', [version(`${KEY}.tflock`, LOCK)], false],
    ['a lock item', [], true],
  ])('is blocked by %s, with --delete-state or without', async (_, versions, item) => {
    for (const deleteState of [true, false]) {
      const { inspectRemoval, locks } = await bench(versions, { deleteState });
      if (item) locks.push({ path: `${NAME}/${KEY}`, info: lockInfo(LOCK) });
      expect((await inspectRemoval()).blocked).toMatch(
        /terraform\.tfstate(\.tflock)? is locked by alice@laptop since 2026-11-25T10:00:00Z \(apply, lock ID 4c2d\)\. Wait/,
      );
    }
  });

  it('is blocked by MFA delete', async () => {
    const { inspectRemoval, bucket } = await bench([version(KEY, state(0))]);
    bucket.mfaDelete = 'Enabled';
    expect((await inspectRemoval()).blocked).toContain('MFA delete is enabled');
  });

  it.each<[string, readonly FakeVersion[]]>([
    ['an empty state whose earlier versions had resources', [version(KEY, state(57)), version(KEY, state(0))]],
    ['a lock that was released', [version(`${KEY}.tflock`, LOCK), marker(`${KEY}.tflock`)]],
    ['an empty state that was deleted', [version(KEY, state(0)), marker(KEY)]],
    ['only delete markers', [marker(KEY), marker(KEY)]],
    ['a folder of the console', [version('env:/', '')]],
    ['a key that XML cannot hold', [version('a b+c%2F\u0001', state(0))]],
    [
      'expired retention and a released legal hold',
      [version(KEY, state(0), { mode: 'COMPLIANCE', until: PAST, legalHold: 'OFF' })],
    ],
    ['nothing', []],
  ])('is not blocked by %s', async (_, versions) => {
    const { inspectRemoval, s3, aws } = await bench(versions);
    const removal = await inspectRemoval();
    expect([removal.blocked, removal.kept]).toEqual([undefined, undefined]);
    await removal.remove();
    expect(s3.buckets.size).toBe(0);
    const sent = aws.calls.filter(({ operation }) => operation === 'DeleteObjects');
    expect(sent.filter(({ input }) => 'BypassGovernanceRetention' in input)).toEqual([]);
  });

  it('bypasses GOVERNANCE retention, and reports it only then', async () => {
    const { inspectRemoval, s3, aws } = await bench([version(KEY, state(0), { mode: 'GOVERNANCE', until: FUTURE })]);
    await (await inspectRemoval()).remove();
    expect(s3.buckets.size).toBe(0);
    const [sent] = aws.calls.filter(({ operation }) => operation === 'DeleteObjects');
    expect(sent?.input.BypassGovernanceRetention).toBe(true);
  });

  it('bypasses no GOVERNANCE retention that has ended', async () => {
    const { inspectRemoval, s3, aws } = await bench([version(KEY, state(0), { mode: 'GOVERNANCE', until: PAST })]);
    await (await inspectRemoval()).remove();
    expect(s3.buckets.size).toBe(0);
    const [sent] = aws.calls.filter(({ operation }) => operation === 'DeleteObjects');
    expect(sent?.input.BypassGovernanceRetention).toBeUndefined();
  });

  it('is kept without --delete-state while it is not empty, including unfinished uploads', async () => {
    const { inspectRemoval, bucket } = await bench([], { deleteState: false });
    expect((await inspectRemoval()).kept).toBeUndefined();
    bucket.uploads.push({ key: 'big', uploadId: 'u1' }, { key: 'big', uploadId: 'u2' }, { key: 'big', uploadId: 'u3' });
    expect((await inspectRemoval()).kept).toBe(
      'contains 3 unfinished uploads; --delete-state deletes them permanently',
    );
    bucket.versions.push(version('a', state(9)), marker('a'));
    expect((await inspectRemoval()).kept).toContain('2 versions of 1 object (a) and 3 unfinished uploads');
  });

  it('aborts unfinished uploads with --delete-state', async () => {
    const { inspectRemoval, bucket, s3, aws } = await bench([version(KEY, state(0))]);
    bucket.uploads.push({ key: 'big', uploadId: 'u1' }, { key: 'big', uploadId: 'u2' }, { key: 'big', uploadId: 'u3' });
    await (await inspectRemoval()).remove();
    expect(s3.buckets.size).toBe(0);
    expect(writes(aws).filter((name) => name === 'AbortMultipartUpload')).toHaveLength(3);
  });

  it('reads retention that HEAD does not show, and is unread without that permission', async () => {
    for (const operation of ['GetObjectRetention', 'GetObjectLegalHold']) {
      const { aws, inspectRemoval } = await bench([version(KEY, state(0))]);
      aws.fail(operation, awsError('AccessDenied', 403));
      expect(await failure(inspectRemoval())).toMatchObject({ name: 'AccessDenied' });
    }
  });

  it('reads no retention if nothing can have one', async () => {
    const { aws, inspectRemoval } = await bench([version(KEY, state(0))], { lock: 'none' });
    await inspectRemoval();
    expect(aws.calls.filter(({ operation }) => /Head(Object)|Retention|LegalHold/.test(operation))).toEqual([]);
  });

  it('does not loop on a list that never ends', async () => {
    const { aws, inspectRemoval, s3 } = await bench([]);
    const handlers = s3.handlers as Record<string, unknown>;
    handlers.ListObjectVersions = () => ({ IsTruncated: true, NextKeyMarker: 'a', NextVersionIdMarker: '1' });
    expect(await failure(inspectRemoval())).toMatchObject({ message: expect.stringContaining('repeat') });
    expect(aws.calls.filter(({ operation }) => operation === 'ListObjectVersions')).toHaveLength(2);
  });
});

describe('permissions', () => {
  it('of a removal are the calls on exact versions, and those of the key that encrypts states', () => {
    const keyArn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    const aws = fakeAws({});
    const removing = (algorithm: 'AES256' | 'aws:kms') =>
      stateBucket(
        {
          name: NAME,
          objectLock: null,
          encryption: { algorithm, keyArn: algorithm === 'AES256' ? null : keyArn, bucketKey: false },
          noncurrentVersions: null,
          deleteState: false,
          keys: [],
          prefixes: new Map(),
          tableLocks: async () => [],
        },
        contextFor(aws.clients),
      ).actions.remove.map(({ actions, resources }) => [...resources, ...actions]);
    const permissions = [
      [`arn:aws:s3:::${NAME}`, 's3:DeleteBucket'],
      [
        `arn:aws:s3:::${NAME}/*`,
        's3:GetObjectVersion',
        's3:GetObjectRetention',
        's3:GetObjectLegalHold',
        's3:DeleteObjectVersion',
        's3:AbortMultipartUpload',
      ],
      [`arn:aws:s3:::${NAME}/*`, 's3:BypassGovernanceRetention'],
    ];
    expect(removing('AES256')).toEqual(permissions);
    expect(removing('aws:kms')).toEqual([...permissions, [keyArn, 'kms:Decrypt']]);
  });
});

describe('deletion', () => {
  it('is by version id, oldest versions first, delete markers last', async () => {
    const versions = [
      version('a', state(57), { versionId: 'a1' }),
      version('a', state(0), { versionId: 'a2' }),
      version('b.tflock', LOCK, { versionId: 'b1' }),
      version('b.tflock', undefined, { versionId: 'b2' }),
      version('b.tflock', LOCK, { versionId: 'b3' }),
      version('b.tflock', undefined, { versionId: 'b4' }),
    ];
    const { inspectRemoval, deletions } = await bench(versions);
    await (await inspectRemoval()).remove();
    expect(deletions()).toEqual([
      ['a1', 'b1'],
      ['a2', 'b3'],
      ['b4', 'b2'],
    ]);
  });

  it('that is killed at any call is completed by the next run', async () => {
    const versions = () => [
      version('a', state(57)),
      version('a', state(0)),
      version('b.tflock', LOCK),
      marker('b.tflock'),
    ];
    for (let dies = 0; dies < 4; dies += 1) {
      const { aws, inspectRemoval, s3 } = await bench(versions());
      let count = 0;
      const { DeleteObjects, DeleteBucket } = s3.handlers;
      const handlers = s3.handlers as Record<string, unknown>;
      const dying = (handler: typeof DeleteObjects) => (input: unknown) => {
        count += 1;
        if (count === dies + 1) throw awsError('InternalError', 500);
        return handler?.(input);
      };
      handlers.DeleteObjects = dying(DeleteObjects);
      handlers.DeleteBucket = dying(DeleteBucket);
      expect(await failure((await inspectRemoval()).remove())).toMatchObject({ name: 'InternalError' });
      aws.calls.length = 0;
      const secondLook = await inspectRemoval();
      expect([dies, secondLook.blocked]).toEqual([dies, undefined]);
      await secondLook.remove();
      expect(s3.buckets.size).toBe(0);
    }
  });

  it.each<[string, (bucket: { versions: FakeVersion[]; uploads: { key: string; uploadId: string }[] }) => void]>([
    ['a new version', ({ versions }) => versions.push(version(KEY, state(57)))],
    ['a new empty version', ({ versions }) => versions.push(version(KEY, state(0)))],
    ['a new delete marker', ({ versions }) => versions.push(marker(KEY))],
    [
      'a version that was overwritten in place',
      ({ versions }) => versions.splice(0, 1, { ...version(KEY, state(0)), versionId: 'null', eTag: 'other' }),
    ],
    ['an upload', ({ uploads }) => uploads.push({ key: 'big', uploadId: 'u1' })],
  ])('does not start if %s was added since the inventory', async (_, write) => {
    const { aws, inspectRemoval, bucket } = await bench([version(KEY, state(0), { versionId: 'null' })]);
    const { remove } = await inspectRemoval();
    write(bucket);
    const count = bucket.versions.length;
    const error = await failure(remove());
    expect(error).toBeInstanceOf(Blocked);
    expect((error as Error).message).toMatch(/^the (bucket changed after it was checked|state .* still contains 57)/);
    expect([writes(aws), bucket.versions.length]).toEqual([[], count]);
  });

  it('does not start if something was added between the checks and the final check', async () => {
    const { aws, inspectRemoval, bucket, s3 } = await bench([version(KEY, state(0))]);
    const { remove } = await inspectRemoval();
    const { GetObjectLegalHold } = s3.handlers;
    (s3.handlers as Record<string, unknown>).GetObjectLegalHold = (input: unknown) => {
      bucket.versions.push(version('other', state(57)));
      return GetObjectLegalHold?.(input);
    };
    expect(await failure(remove())).toMatchObject({
      message: expect.stringContaining('changed after it was checked: other'),
    });
    expect([writes(aws), bucket.versions.length]).toEqual([[], 2]);
  });

  it('does not start if a lock, a legal hold or retention was added since the inventory', async () => {
    const { aws, inspectRemoval, bucket, locks } = await bench([version(KEY, state(0))]);
    const { remove } = await inspectRemoval();
    const [only] = bucket.versions;
    if (only === undefined) throw new Error('no version');
    locks.push({ path: `${NAME}/${KEY}`, info: undefined });
    expect(await failure(remove())).toMatchObject({ message: expect.stringContaining('is locked') });
    locks.length = 0;
    only.legalHold = 'ON';
    expect(await failure(remove())).toMatchObject({ message: expect.stringContaining('legal hold') });
    only.legalHold = 'OFF';
    Object.assign(only, { mode: 'COMPLIANCE', until: FUTURE });
    expect(await failure(remove())).toMatchObject({ message: expect.stringContaining('COMPLIANCE') });
    expect([writes(aws), bucket.versions.length]).toEqual([[], 1]);
  });

  it('keeps what is written during the deletion, and reports it', async () => {
    const { inspectRemoval, bucket, s3 } = await bench([version(KEY, state(57)), version(KEY, state(0))]);
    const { remove } = await inspectRemoval();
    const { DeleteObjects } = s3.handlers;
    let first = true;
    (s3.handlers as Record<string, unknown>).DeleteObjects = (input: unknown) => {
      if (first) bucket.versions.push(version(KEY, state(3), { versionId: 'new' }));
      first = false;
      return DeleteObjects?.(input);
    };
    expect(await failure(remove())).toMatchObject({
      name: 'CrcError',
      message: `The bucket was written to during the deletion (${KEY}), so it was kept with the new objects. 2 older versions had already been deleted.`,
    });
    expect(bucket.versions.map(({ versionId }) => versionId)).toEqual(['new']);
  });

  it('continues if another run deletes the same versions', async () => {
    const { inspectRemoval, bucket, s3 } = await bench([version('a', state(0)), version('b', state(0)), marker('b')]);
    const { remove } = await inspectRemoval();
    bucket.versions.shift();
    await remove();
    expect(s3.buckets.size).toBe(0);
    await remove();
  });

  it('reports its progress when S3 refuses a version', async () => {
    const { inspectRemoval, s3 } = await bench([version('a', state(0)), version('b', state(0))]);
    const { remove } = await inspectRemoval();
    (s3.handlers as Record<string, unknown>).DeleteObjects = () => ({
      Errors: [{ Key: 'a', VersionId: '1', Code: 'AccessDenied', Message: 'no' }],
    });
    expect(await failure(remove())).toMatchObject({
      message: '1 version could not be deleted (a: AccessDenied: no); 1 deleted.',
      hint: expect.stringContaining('s3:DeleteObjectVersion'),
    });
  });
});
