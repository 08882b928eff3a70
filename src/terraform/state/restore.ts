import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { uploadTimeout } from '../../aws/deadlines.ts';
import { isNamed } from '../../aws/error-names.ts';
import { inListOrder } from '../../aws/read-together.ts';
import { CrcError } from '../../errors.ts';
import { stateCommand } from './command-line.ts';
import { md5Of, readState, type StateContent } from './content.ts';
import { digestOf, putDigest } from './digest.ts';
import { stateError, unchanged } from './failure.ts';
import { newestVersionOf, type StateVersion } from './history.ts';
import { underLocks } from './hold.ts';
import { isConditionFailure } from './lock-calls.ts';
import { versionBytes } from './object.ts';
import { type StatePlace, stateNameOf, stateText } from './place.ts';
import type { Version } from './versions.ts';

export interface Restoration {
  readonly objectKey: string;
  /** The version to restore. */
  readonly version: StateVersion;
  /** The newest version when the user confirmed; undefined under a delete marker. */
  readonly newest: Version;
  /** The serial to write: higher than any that Terraform may have seen. Undefined to write the bytes unchanged. */
  readonly serial: number | undefined;
  /** The version of crc. */
  readonly tool: string;
}

export interface Restored {
  readonly versionId: string;
  readonly serial: number | undefined;
  readonly md5: string;
}

/**
 * Writes an old version of a state as the newest one, holding Terraform's locks, and sets its digest. Nothing is
 * deleted: the previous newest version is kept. @throws CrcError if the state is locked or was written meanwhile (then
 * nothing was written), or if something failed after the write, with what is left to do.
 */
export async function restoreState(place: StatePlace, restoration: Restoration): Promise<Restored> {
  const { objectKey, tool } = restoration;
  return await underLocks(
    place,
    objectKey,
    { operation: 'crc state restore', version: tool },
    () => write(place, restoration),
    ({ versionId }) => `${stateText(stateNameOf(objectKey, place.prefixes))} was restored, as version ${versionId}.`,
  );
}

async function write(place: StatePlace, restoration: Restoration): Promise<Restored> {
  const { objectKey, serial } = restoration;
  const body = await checkedBytes(place, restoration).catch((error: unknown) => {
    throw unchanged(place, error);
  });
  const md5 = createHash('md5').update(body).digest('hex');
  const versionId = await putState(place, restoration, body, md5);
  const unfinished = (problem: string, cause?: unknown) =>
    new CrcError(`${stateText(stateNameOf(objectKey, place.prefixes))} was restored, but ${problem}.`, {
      hint: 'Run `crc state check --fix`: it compares the state with its digest, and fixes the digest.',
      cause,
    });
  let problem: string | undefined;
  try {
    await putDigest(place, objectKey, md5);
    problem = await problemOfNewest(place, objectKey, md5);
  } catch (error) {
    throw unfinished('its digest in the lock table could not be set or could not be read back', error);
  }
  if (problem !== undefined) throw unfinished(problem);
  return { versionId, serial, md5 };
}

/** The bytes to write, if the bucket still contains what the user confirmed to replace. */
async function checkedBytes(place: StatePlace, restoration: Restoration): Promise<Buffer> {
  const { objectKey, newest } = restoration;
  const now = await newestVersionOf(place, objectKey);
  if (now?.versionId !== newest.versionId || now.eTag !== newest.eTag) throw writtenMeanwhile(place, objectKey);
  return await newBytes(place, restoration);
}

/** The old bytes with a serial higher than the newest: Terraform treats a lower one as an older state. */
async function newBytes({ s3, bucket }: StatePlace, { version, serial }: Restoration): Promise<Buffer> {
  const { content, size } = version;
  // A single allocation, since a state may be large.
  const room = Buffer.allocUnsafe(size + MAX_DIGITS);
  let length = 0;
  for await (const chunk of versionBytes(s3, bucket, version)) {
    room.set(chunk, length);
    length += chunk.length;
  }
  if (serial === undefined || content?.kind !== 'state') return room.subarray(0, length);
  const { start, end } = content.serialAt;
  const digits = String(serial);
  room.copyWithin(start + digits.length, end, length);
  room.write(digits, start, 'latin1');
  return room.subarray(0, length + digits.length - (end - start));
}

/** The maximum number of digits by which a serial may grow. */
const MAX_DIGITS = 20;

/**
 * Conditional on the current version, in addition to the lock, so that a writer that ignores locks is not overwritten
 * either. After an error, the content of the bucket decides, since the request may have been applied and its response
 * lost.
 */
async function putState(place: StatePlace, restoration: Restoration, body: Buffer, md5: string): Promise<string> {
  const { s3, bucket } = place;
  const { objectKey, newest } = restoration;
  const condition = newest.marker ? { IfNoneMatch: '*' } : { IfMatch: newest.eTag };
  try {
    const { VersionId } = await s3.send(
      new PutObjectCommand({ ...bucket, Key: objectKey, Body: body, ContentType: 'application/json', ...condition }),
      { requestTimeout: uploadTimeout(body.length) },
    );
    return VersionId ?? 'null';
  } catch (error) {
    const now = await newestOf(place, objectKey).catch((unread: unknown) => {
      throw unknownOutcome(place, objectKey, error, unread);
    });
    if (now !== undefined && md5Of(now.content) === md5) return now.version.versionId;
    // S3 returns 404 for If-Match if the object was deleted.
    if (isConditionFailure(error) || isNamed(error, ['NoSuchKey', 'NotFound'])) {
      throw writtenMeanwhile(place, objectKey);
    }
    throw unchanged(place, error);
  }
}

/** The problem with the current content of bucket and table; undefined if it is what was written. */
async function problemOfNewest(place: StatePlace, objectKey: string, md5: string): Promise<string | undefined> {
  const [newest, digest] = await inListOrder([newestOf(place, objectKey), digestOf(place, objectKey)]);
  if (newest === undefined) return 'it was deleted immediately afterwards';
  if (md5Of(newest.content) !== md5) return 'it was overwritten immediately afterwards';
  return place.table !== undefined && digest !== md5 ? 'its digest in the lock table differs' : undefined;
}

/** The newest version; undefined under a delete marker. */
async function newestOf(
  place: StatePlace,
  objectKey: string,
): Promise<{ readonly version: Version; readonly content: StateContent } | undefined> {
  const version = await newestVersionOf(place, objectKey);
  if (version === undefined || version.marker) return undefined;
  return { version, content: await readState(versionBytes(place.s3, place.bucket, version)) };
}

function writtenMeanwhile(place: StatePlace, objectKey: string): CrcError {
  const name = stateNameOf(objectKey, place.prefixes);
  return new CrcError(`${stateText(name)} was written to in the meantime. No changes were made.`, {
    hint: `See what was written: ${stateCommand('history', name)}. Then run the command again.`,
  });
}

function unknownOutcome(place: StatePlace, objectKey: string, failure: unknown, unread: unknown): CrcError {
  const name = stateNameOf(objectKey, place.prefixes);
  return new CrcError(
    `${stateError(place, failure).message} It is not known whether ${stateText(name)} was restored: ${stateError(place, unread).message}`,
    { hint: `Check: ${stateCommand('history', name)}, then \`crc state check --fix\`.`, cause: unread },
  );
}
