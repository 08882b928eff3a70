import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { OwnedBucket, Version } from './versions.ts';

/** The number of bytes read in one call, which must fit into its deadline and into memory. */
export const PART = 2 * 1024 * 1024;

/** A version's retention, from S3's response when it is read. */
export interface VersionRetention {
  /** ISO 8601; undefined without retention, and for callers who may not read it. */
  readonly until: string | undefined;
}

/**
 * The bytes of one version, in parts, so that a large state is never in memory as a whole. `seen` receives the other
 * information in the first response. @throws the errors from AWS: `NoSuchVersion` or `NoSuchKey` if it was deleted.
 */
export async function* versionBytes(
  s3: S3Client,
  bucket: OwnedBucket,
  { key, versionId, size }: Pick<Version, 'key' | 'versionId' | 'size'>,
  seen: (retention: VersionRetention) => void = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let from = 0;
  do {
    const range = size > PART ? { Range: `bytes=${from}-${Math.min(from + PART, size) - 1}` } : {};
    const answer = await s3.send(new GetObjectCommand({ ...bucket, Key: key, VersionId: versionId, ...range }));
    if (from === 0) seen({ until: answer.ObjectLockRetainUntilDate?.toISOString() });
    if (answer.Body !== undefined) yield await answer.Body.transformToByteArray();
    from += PART;
  } while (from < size);
}
