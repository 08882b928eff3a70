import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isNamed, orAbsent } from '../aws/error-names.ts';
import type { Removal } from '../engine/types.ts';
import { CrcError } from '../errors.ts';

export interface BucketRemovalInput {
  readonly s3: S3Client;
  /** The bucket, and whose it must be. */
  readonly bucket: { readonly Bucket: string; readonly ExpectedBucketOwner: string };
  /** The bucket's default retention; null without object lock. */
  readonly lock: { readonly mode: string | null; readonly days: number | null } | null;
  /** The user has said that states may go for ever. */
  readonly deleteState: boolean;
}

/** Versions that S3 deletes in one call. */
const BATCH = 1_000;

const DAY = 86_400_000;

/** Reads of retention at a time: one for each version, and S3 has no list of them. */
const AT_ONCE = 20;

interface Version {
  readonly Key: string;
  readonly VersionId: string;
  readonly latest: boolean;
  /** A delete marker holds nothing, and is never retained. */
  readonly marker: boolean;
}

/**
 * What the removal of a state bucket means. It stays while it holds anything, unless states may go; then it is held while a
 * state still knows of resources, a lock is taken, or COMPLIANCE retention lasts, and nothing at all is deleted before all
 * can be.
 */
export async function bucketRemoval(input: BucketRemovalInput): Promise<Removal> {
  const versions = await allVersions(input);
  const remove = () => removeBucket(input);
  if (versions.length === 0) return { remove };
  const keys = [...new Set(versions.map(({ Key }) => Key))];
  const what = `${versions.length} versions of ${keys.length} objects (${keys.slice(0, 3).join(', ')}${keys.length > 3 ? ', …' : ''})`;
  if (!input.deleteState) {
    return { stays: `it holds ${what}; with --delete-state they go too, for ever`, remove };
  }
  const held = (await holdings(input, versions)) ?? (await retention(input, versions));
  return { ...(held === undefined ? {} : { held }), notes: [`${what} go with it, for ever`], remove };
}

/** Page by page: the SDK has no paginator for it. */
async function allVersions(
  input: BucketRemovalInput,
  from: { KeyMarker?: string; VersionIdMarker?: string } = {},
): Promise<readonly Version[]> {
  const page = await input.s3.send(new ListObjectVersionsCommand({ ...input.bucket, ...from }));
  const versions = [
    ...(page.Versions ?? []).map((one) => ({ ...one, marker: false })),
    ...(page.DeleteMarkers ?? []).map((one) => ({ ...one, marker: true })),
  ].flatMap(({ Key, VersionId = 'null', IsLatest: latest = false, marker }) =>
    Key === undefined ? [] : [{ Key, VersionId, latest, marker }],
  );
  if (!page.IsTruncated || page.NextKeyMarker === undefined) return versions;
  const next = {
    KeyMarker: page.NextKeyMarker,
    ...(page.NextVersionIdMarker === undefined ? {} : { VersionIdMarker: page.NextVersionIdMarker }),
  };
  return [...versions, ...(await allVersions(input, next))];
}

/** A state that still knows of resources, or a lock that somebody holds: deleting it would orphan what it manages. */
async function holdings(input: BucketRemovalInput, versions: readonly Version[]): Promise<string | undefined> {
  const current = versions.filter(({ latest, marker }) => latest && !marker);
  const lock = current.find(({ Key }) => Key.endsWith('.tflock'));
  if (lock !== undefined) return `${lock.Key} is a lock that somebody holds; wait, or terraform force-unlock`;
  const states = await pooled(current, async ({ Key }) => ({ Key, resources: await resourcesIn(input, Key) }));
  const full = states.filter(({ resources }) => resources !== 0);
  const told = full.map(({ Key, resources }) =>
    resources === undefined
      ? `${Key} is no state that crc can read`
      : `the state ${Key} still holds ${resources} resources`,
  );
  return told.length === 0
    ? undefined
    : `${told.join(', ')}; terraform destroy what is left, and delete what is no state yourself`;
}

/** How many resources a state holds; undefined when it is no state. */
async function resourcesIn({ s3, bucket }: BucketRemovalInput, Key: string): Promise<number | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ ...bucket, Key }));
  try {
    const { resources } = JSON.parse((await Body?.transformToString()) ?? '') as { resources?: unknown };
    return Array.isArray(resources) ? resources.length : undefined;
  } catch {
    // What is no JSON is no state, and is not taken for an empty one.
    return undefined;
  }
}

/**
 * Until when COMPLIANCE retention holds the last of them. GOVERNANCE gives way to whoever may bypass it. S3 shows the
 * retention of a version only to whoever may read it; else the bucket's default tells what each version got.
 */
async function retention(input: BucketRemovalInput, versions: readonly Version[]): Promise<string | undefined> {
  const { s3, bucket, lock } = input;
  if (lock === null) return undefined;
  const until = await pooled(
    versions.filter(({ marker }) => !marker),
    async ({ Key, VersionId }) => {
      const head = await s3.send(new HeadObjectCommand({ ...bucket, Key, VersionId }));
      const { ObjectLockMode: mode = lock.mode, ObjectLockRetainUntilDate, LastModified } = head;
      const byDefault = (LastModified?.getTime() ?? Date.now()) + (lock.days ?? 0) * DAY;
      return mode === 'COMPLIANCE' ? (ObjectLockRetainUntilDate?.getTime() ?? byDefault) : 0;
    },
  );
  const held = until.filter((time) => time > Date.now());
  if (held.length === 0) return undefined;
  const last = new Date(Math.max(...held)).toISOString();
  return `COMPLIANCE retention holds ${held.length} of its ${versions.length} versions, the last until ${last}; nobody can delete them before, so run it again then`;
}

async function removeBucket(input: BucketRemovalInput): Promise<void> {
  const { s3, bucket, deleteState, lock } = input;
  // Somebody may have written since the inventory; without --delete-state S3 itself refuses to delete what is not empty.
  const versions = deleteState ? await allVersions(input) : [];
  for (let from = 0; from < versions.length; from += BATCH) {
    const Objects = versions.slice(from, from + BATCH).map(({ Key, VersionId }) => ({ Key, VersionId }));
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({
        ...bucket,
        Delete: { Objects, Quiet: true },
        ...(lock === null ? {} : { BypassGovernanceRetention: true }),
      }),
    );
    const [first] = Errors;
    if (first !== undefined) {
      throw new CrcError(`${Errors.length} versions were not deleted: ${first.Key}: ${first.Code}: ${first.Message}`, {
        hint: 'Retention or a missing permission (s3:DeleteObjectVersion, s3:BypassGovernanceRetention) keeps them. Run it again when that is settled.',
      });
    }
  }
  await orAbsent(s3.send(new DeleteBucketCommand(bucket)), ['NoSuchBucket'], undefined).catch((error: unknown) => {
    if (!isNamed(error, ['BucketNotEmpty'])) throw error;
    throw new CrcError('The bucket is not empty any more: somebody wrote to it just now.', {
      hint: 'Find out who uses it, and run it again.',
      cause: error,
    });
  });
}

/** Runs it for each, some at a time. */
async function pooled<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(run))));
  }
  return results;
}
