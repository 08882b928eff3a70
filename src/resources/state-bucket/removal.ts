import { createHash } from 'node:crypto';
import { AbortMultipartUploadCommand, DeleteBucketCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { isNamed, orAbsent } from '../../aws/error-names.ts';
import { counted } from '../../counted.ts';
import { Blocked } from '../../engine/apply.ts';
import { Interrupted } from '../../engine/interrupted.ts';
import type { Removal } from '../../engine/types.ts';
import { CrcError } from '../../errors.ts';
import { lockedText } from '../../terraform/state/locks.ts';
import {
  addedSince,
  type Contents,
  isEmpty,
  listContents,
  newestOfEachKey,
  uploadIdentity,
  type Version,
  versionIdentity,
} from './contents.ts';
import { type Inventory, type InventoryInput, listed, takeInventory } from './inventory.ts';

export interface BucketRemovalInput extends InventoryInput {
  /** Why crc may not delete the bucket; undefined if it may. */
  readonly notMine: string | undefined;
  /** Versions can only be deleted with a code from an MFA device, which crc does not have. */
  readonly mfaDelete: boolean;
}

/** The maximum number of versions that S3 deletes in one call. */
const BATCH = 1_000;

/**
 * The removal of a state bucket. Without permission to delete states, a bucket that is not empty is kept. With it, the
 * removal is blocked while a state still contains resources, a retention or legal hold is in force, or an object is not
 * known to be an empty state. A lock always blocks it. Nothing is deleted unless everything can be.
 */
export async function bucketRemoval(input: BucketRemovalInput): Promise<Removal> {
  const inventory = await takeInventory(input);
  const holds = holdsOf(input, inventory);
  const kept = input.notMine ?? keptFor(input, inventory.contents);
  return {
    blocked: holds.length === 0 ? undefined : holds.join('; '),
    kept,
    notes: isEmpty(inventory.contents) ? [] : [`${whatIsIn(inventory.contents)} will be permanently deleted with it`],
    snapshot: snapshotOf(inventory.contents),
    remove: () => removeBucket(input, inventory.contents),
  };
}

function holdsOf({ deleteState, mfaDelete }: BucketRemovalInput, { holds, contents }: Inventory): readonly string[] {
  if (!deleteState || !mfaDelete || contents.versions.length === 0) return holds;
  return [...holds, 'MFA delete is enabled, so versions cannot be deleted; disable it as the root user'];
}

function keptFor({ deleteState }: BucketRemovalInput, contents: Contents): string | undefined {
  if (deleteState || isEmpty(contents)) return undefined;
  return `contains ${whatIsIn(contents)}; --delete-state deletes them permanently`;
}

/** `12 versions of 2 objects (a, b) and 1 unfinished upload` */
function whatIsIn({ versions, uploads }: Contents): string {
  const keys = [...new Set(versions.map(({ key }) => key))];
  const objects = `${counted(versions.length, 'version')} of ${counted(keys.length, 'object')} (${listed(keys)})`;
  return [
    ...(versions.length === 0 ? [] : [objects]),
    ...(uploads.length === 0 ? [] : [counted(uploads.length, 'unfinished upload')]),
  ].join(' and ');
}

function snapshotOf({ versions, uploads }: Contents): string {
  const hash = createHash('sha256');
  for (const version of versions) hash.update(versionIdentity(version));
  for (const upload of uploads) hash.update(uploadIdentity(upload));
  return hash.digest('hex');
}

/**
 * Checks everything again, then deletes exactly the confirmed versions by id. If anything is newer, it stops before the
 * first deletion. Objects written after that last check survive, since S3 does not delete a bucket that is not empty.
 */
async function removeBucket(input: BucketRemovalInput, agreed: Contents): Promise<void> {
  const now = await takeInventory(input);
  stopIfHeld(holdsOf(input, now));
  stopIfNewer(agreed, now.contents);
  if (isEmpty(now.contents)) return await deleteBucket(input, 0);

  // A large inventory takes time; this is the last check for objects added meanwhile.
  const [contents, tableLocks] = await Promise.all([listContents(input.s3, input.bucket), input.tableLocks()]);
  const locked = lockedText(tableLocks, { bucket: input.bucket.Bucket, prefixes: input.prefixes });
  stopIfHeld(locked === undefined ? [] : [locked]);
  stopIfNewer(now.contents, contents);
  await abortUploads(input, contents);
  await deleteBucket(input, await deleteVersions(input, contents.versions, now.governed));
}

function stopIfHeld(holds: readonly string[]): void {
  if (holds.length > 0) throw new Blocked(`${holds.join('; ')}. Nothing in the bucket was deleted`);
}

function stopIfNewer(before: Contents, now: Contents): void {
  const added = addedSince(before, now);
  if (isEmpty(added)) return;
  throw new Blocked(
    `the bucket changed after it was checked: ${writtenTo(added)}. Nothing in the bucket was deleted; find out what writes to it`,
  );
}

function writtenTo({ versions, uploads }: Contents): string {
  return listed([...new Set([...versions, ...uploads].map(({ key }) => key))]);
}

async function abortUploads({ s3, bucket, signal }: BucketRemovalInput, { uploads }: Contents): Promise<void> {
  for (const { key, uploadId } of uploads) {
    if (signal.aborted) throw new Interrupted('stopped before the first deletion');
    const call = s3.send(new AbortMultipartUploadCommand({ ...bucket, Key: key, UploadId: uploadId }));
    await orAbsent(call, ['NoSuchUpload', 'NoSuchBucket'], undefined);
  }
}

/**
 * Deletes in an order that keeps an interrupted run repeatable: an old state never becomes the newest of its key, and a
 * released lock never reappears. So old versions come first, then the newest ones, then delete markers. Returns the
 * number of deleted versions.
 */
async function deleteVersions(
  input: BucketRemovalInput,
  versions: readonly Version[],
  governed: boolean,
): Promise<number> {
  const newest = new Set(newestOfEachKey(versions));
  const stages = [
    versions.filter((version) => !version.marker && !newest.has(version)),
    [...newest],
    versions.filter(({ marker }) => marker),
  ];
  let deleted = 0;
  for (const stage of stages) {
    for (let from = 0; from < stage.length; from += BATCH) {
      if (input.signal.aborted) throw new Interrupted(`stopped after deleting ${deleted} versions`);
      deleted = await deleteBatch(input, stage.slice(from, from + BATCH), governed, deleted);
    }
  }
  return deleted;
}

async function deleteBatch(
  { s3, bucket }: BucketRemovalInput,
  batch: readonly Version[],
  governed: boolean,
  before: number,
): Promise<number> {
  const call = s3.send(
    new DeleteObjectsCommand({
      ...bucket,
      Delete: { Objects: batch.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })), Quiet: true },
      // Sending this requires a separate permission.
      BypassGovernanceRetention: governed ? true : undefined,
    }),
  );
  // Another run that deletes the same bucket was faster.
  const { Errors = [] } = await orAbsent(call, ['NoSuchBucket'], { Errors: [] });
  const [first] = Errors;
  const deleted = before + batch.length - Errors.length;
  if (first === undefined) return deleted;
  const denied = first.Code === 'AccessDenied';
  const actions = ['s3:DeleteObjectVersion', ...(governed ? ['s3:BypassGovernanceRetention'] : [])].join(', ');
  throw new CrcError(
    `${counted(Errors.length, 'version')} could not be deleted (${first.Key}: ${first.Code}: ${first.Message}); ${deleted} deleted.`,
    {
      hint: denied
        ? `Retention, a policy or a missing permission (${actions}) blocks the deletion. Fix this, then run the command again: it continues where it stopped.`
        : 'Run the command again: it continues where it stopped.',
    },
  );
}

async function deleteBucket({ s3, bucket }: BucketRemovalInput, deleted: number): Promise<void> {
  try {
    await orAbsent(s3.send(new DeleteBucketCommand(bucket)), ['NoSuchBucket'], undefined);
  } catch (error) {
    if (!isNamed(error, ['BucketNotEmpty'])) throw error;
    const left = await listContents(s3, bucket);
    const before = deleted === 0 ? '' : ` ${counted(deleted, 'older version')} had already been deleted.`;
    throw new CrcError(
      `The bucket was written to during the deletion (${writtenTo(left)}), so it was kept with the new objects.${before}`,
      { hint: 'Find out what writes to it, then run the command again.', cause: error },
    );
  }
}
