import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { counted } from '../../counted.ts';
import { pooled } from '../../engine/pooled.ts';
import { abbreviated } from '../../enumerated.ts';
import { shellWord } from '../../shell.ts';
import type { Unread } from '../../terraform/state/content.ts';
import { lockedText, lockInfo, type StateLock } from '../../terraform/state/locks.ts';
import { LOCK_FILE, type WorkspacePrefixes } from '../../terraform/state/place.ts';
import { readableOrWhy } from '../../terraform/state/readable.ts';
import { type Contents, listContents, newestOfEachKey, type OwnedBucket, type Version } from './contents.ts';
import { type VersionLock, versionLock } from './retention.ts';
import { type ObjectContent, stateContent } from './state-content.ts';

export interface InventoryInput {
  readonly s3: S3Client;
  readonly bucket: OwnedBucket;
  /** Object lock is enabled on the bucket, with or without a default rule. */
  readonly objectLock: boolean;
  /** Whether states may be deleted; only then does it matter what protects them. */
  readonly deleteState: boolean;
  /** The current locks in the lock table. */
  readonly tableLocks: () => Promise<readonly StateLock[]>;
  /** The prefixes of workspaces in the config. */
  readonly prefixes: WorkspacePrefixes;
  readonly signal: AbortSignal;
}

/** The contents of a bucket, and what prevents their deletion. */
export interface Inventory {
  /** Only what was examined; a version deleted before that is not included. */
  readonly contents: Contents;
  /** Every reason why nothing may be deleted. */
  readonly holds: readonly string[];
  /** Some version is under GOVERNANCE retention, which s3:BypassGovernanceRetention overrides. */
  readonly governed: boolean;
}

/** Concurrent reads of retention: at least one per version, since S3 cannot list them. */
const LOCKS_AT_ONCE = 20;

/** Concurrent reads of whole states, and the maximum size in bytes. An empty state has a few hundred bytes. */
const STATES_AT_ONCE = 4;
const MAX_STATE = 32 * 1024 * 1024;

/** Terraform's locks have a few hundred bytes; anything longer is not a lock. */
const MAX_LOCK = 64 * 1024;

/** Why a state that S3 does not return is not known to be empty. */
const UNREADABLE: Readonly<Record<Unread['why'], string>> = {
  archived: 'is in an archive (Glacier), so crc cannot read it',
  'no-key': 'is encrypted with a KMS key that is disabled or deleted, so crc cannot read it',
};

/** Examines everything in the bucket. Sends no write. @throws the errors from AWS. */
export async function takeInventory(input: InventoryInput): Promise<Inventory> {
  const { s3, bucket, deleteState, objectLock, tableLocks, prefixes } = input;
  const [contents, itemLocks] = await Promise.all([listContents(s3, bucket), tableLocks()]);
  const locked = lockedText([...itemLocks, ...(await lockFiles(input, contents))], { bucket: bucket.Bucket, prefixes });
  const lockHolds = locked === undefined ? [] : [locked];
  if (!deleteState || contents.versions.length === 0) return { contents, holds: lockHolds, governed: false };

  const states = await statesHold(input, contents);
  const locks = objectLock ? await versionLocks(input, contents) : undefined;
  return {
    contents:
      locks === undefined
        ? contents
        : { ...contents, versions: contents.versions.filter((version) => version.marker || locks.has(version)) },
    holds: [...lockHolds, ...states, ...retentionHolds(bucket.Bucket, locks ?? new Map(), Date.now())],
    governed: [...(locks?.values() ?? [])].some(({ mode, until }) => mode === 'GOVERNANCE' && until > Date.now()),
  };
}

/** The current lock files; one under a delete marker has been released. */
async function lockFiles(input: InventoryInput, { versions }: Contents): Promise<readonly StateLock[]> {
  const files = versions.filter(({ key, latest, marker }) => latest && !marker && key.endsWith(LOCK_FILE));
  return await pooled(
    files,
    async (file) => {
      const answer = file.size > MAX_LOCK ? { text: '' } : await read(input, file);
      return { path: file.key, info: lockInfo(typeof answer === 'string' ? '' : answer.text) };
    },
    { atOnce: STATES_AT_ONCE, signal: input.signal },
  );
}

/** States that contain resources, or may: deleting them would orphan what they manage. */
async function statesHold(input: InventoryInput, { versions }: Contents): Promise<readonly string[]> {
  const newest = newestOfEachKey(versions).filter(({ key }) => !key.endsWith(LOCK_FILE));
  const texts = await pooled(newest, async (version) => holdOf(version, await contentOf(input, version)), {
    atOnce: STATES_AT_ONCE,
    signal: input.signal,
  });
  const holds = texts.filter((text) => text !== undefined);
  if (holds.length === 0) return [];
  return [
    `${listed(holds)}. Run \`terraform destroy\` for them first. If you no longer need them, delete every version of these objects yourself`,
  ];
}

function holdOf({ key, latest }: Version, content: ObjectContent): string | undefined {
  const deleted = latest ? '' : ' (deleted, but its versions remain)';
  if (content.kind === 'opaque') return `${key}${deleted} ${content.why}`;
  if (content.resources === 0) return undefined;
  return `the state ${key}${deleted} still contains ${counted(content.resources, 'resource')}`;
}

async function contentOf(input: InventoryInput, version: Version): Promise<ObjectContent> {
  // An empty object, such as a folder from the S3 console, has nothing to lose.
  if (version.size === 0) return { kind: 'state', resources: 0 };
  if (version.size > MAX_STATE) return { kind: 'opaque', why: 'is too large to be an empty state' };
  const answer = await read(input, version);
  if (answer === 'gone') return { kind: 'state', resources: 0 };
  return typeof answer === 'string' ? { kind: 'opaque', why: UNREADABLE[answer] } : stateContent(answer.text);
}

/** The text of one version, or why S3 does not return it. */
async function read({ s3, bucket }: InventoryInput, { key, versionId }: Version) {
  return await readableOrWhy(async () => {
    const { Body } = await s3.send(new GetObjectCommand({ ...bucket, Key: key, VersionId: versionId }));
    return { text: (await Body?.transformToString()) ?? '' };
  });
}

/** What protects each version; deleted versions are left out. */
async function versionLocks(
  { s3, bucket, signal }: InventoryInput,
  { versions }: Contents,
): Promise<ReadonlyMap<Version, VersionLock>> {
  const real = versions.filter(({ marker }) => !marker);
  const locks = await pooled(real, (version) => versionLock(s3, bucket, version), { atOnce: LOCKS_AT_ONCE, signal });
  return new Map(
    real.flatMap((version, index) => {
      const lock = locks[index];
      return lock === undefined ? [] : [[version, lock] as const];
    }),
  );
}

function retentionHolds(bucket: string, locks: ReadonlyMap<Version, VersionLock>, now: number): readonly string[] {
  const all = [...locks];
  const retained = all.filter(([, { mode, until }]) => mode === 'COMPLIANCE' && until > now);
  const held = all.flatMap(([version, { legalHold }]) => (legalHold ? [version] : []));
  const [first] = held;
  const last = new Date(retained.reduce((latest, [, { until }]) => Math.max(latest, until), 0));
  return [
    ...(retained.length === 0
      ? []
      : [
          `under COMPLIANCE retention: ${retained.length} of ${all.length} versions, the last until ${last.toISOString()}. Nobody can delete them before; run the command again then`,
        ]),
    ...(first === undefined
      ? []
      : [
          `${counted(held.length, 'version')} under legal hold: ${listed(held.map(({ key, versionId }) => `${key} (${versionId})`))}. If you may release it, run \`${liftHold(bucket, first)}\``,
        ]),
  ];
}

/** A key may contain any characters, and this line is copied into a shell. */
function liftHold(bucket: string, { key, versionId }: Version): string {
  const arguments_ = ['--bucket', bucket, '--key', key, '--version-id', versionId, '--legal-hold', 'Status=OFF'];
  return `aws s3api put-object-legal-hold ${arguments_.map(shellWord).join(' ')}`;
}

/** The maximum number of names shown; the rest are counted. */
const MAX_LISTED = 3;

export function listed(items: readonly string[]): string {
  return abbreviated(items, MAX_LISTED);
}
