import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { OwnedBucket, Version } from './versions.ts';

/** Bytes that one call reads: each has the deadline of a call, and is in memory as a whole. */
export const PART = 2 * 1024 * 1024;

/** What S3 says about a version when it gives its bytes. */
export interface VersionRetention {
  /** ISO 8601; undefined without retention, and for those who may not read it. */
  readonly until: string | undefined;
}

/**
 * The bytes of one version, in parts, so that a large state is never in memory as a whole. `seen` gets what the first answer
 * says besides. Throws what AWS answers: `NoSuchVersion` or `NoSuchKey` when it is gone.
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
