import { ListMultipartUploadsCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { orAbsent } from '../../aws/error-names.ts';
import { ifTruncated, pagesOf } from '../../aws/pages.ts';
import { CrcError } from '../../errors.ts';

/** A bucket, and the account that it must belong to. */
export interface OwnedBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner: string;
}

/** One version of an object, or a delete marker. */
export interface Version {
  readonly key: string;
  /** `null` where the bucket was not versioned when it was written. */
  readonly versionId: string;
  readonly latest: boolean;
  /** A delete marker: it holds nothing, and no retention. */
  readonly marker: boolean;
  /** Bytes. */
  readonly size: number;
  /** Changes with the content: a `null` version is overwritten in place. */
  readonly eTag: string;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A multipart upload that was begun and neither completed nor aborted. */
export interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

/** All that a bucket holds. */
export interface Contents {
  /** By key; the newest version of a key comes first. */
  readonly versions: readonly Version[];
  readonly uploads: readonly Upload[];
}

/** Lists all that a bucket holds, page by page. A bucket that is gone holds nothing. */
export async function listContents(s3: S3Client, bucket: OwnedBucket): Promise<Contents> {
  const [versions, uploads] = await Promise.all([
    orAbsent(listVersions(s3, bucket), ['NoSuchBucket'], []),
    orAbsent(listUploads(s3, bucket), ['NoSuchBucket'], []),
  ]);
  return { versions, uploads };
}

/** Keys come URL-encoded, since XML cannot hold every character of a key. */
async function listVersions(s3: S3Client, bucket: OwnedBucket): Promise<readonly Version[]> {
  const versions: Version[] = [];
  const pages = pagesOf(
    (from?: { readonly KeyMarker: string; readonly VersionIdMarker: string | undefined }) =>
      s3.send(new ListObjectVersionsCommand({ ...bucket, EncodingType: 'url', ...from })),
    ({ IsTruncated, EncodingType, NextKeyMarker, NextVersionIdMarker: VersionIdMarker }) => {
      const next = ifTruncated(IsTruncated, NextKeyMarker);
      return next === undefined ? undefined : { KeyMarker: decoder(EncodingType)(next), VersionIdMarker };
    },
  );
  for await (const page of pages) {
    const decode = decoder(page.EncodingType);
    const one = (entry: VersionEntry, marker: boolean): Version => ({
      key: decode(required(entry.Key, 'Key')),
      versionId: entry.VersionId ?? 'null',
      latest: entry.IsLatest ?? false,
      marker,
      size: entry.Size ?? 0,
      eTag: entry.ETag ?? '',
      modified: entry.LastModified?.getTime() ?? 0,
    });
    for (const entry of page.Versions ?? []) versions.push(one(entry, false));
    for (const entry of page.DeleteMarkers ?? []) versions.push(one(entry, true));
  }
  return versions;
}

interface VersionEntry {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly IsLatest?: boolean | undefined;
  readonly Size?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
}

async function listUploads(s3: S3Client, bucket: OwnedBucket): Promise<readonly Upload[]> {
  const uploads: Upload[] = [];
  const pages = pagesOf(
    (from?: { readonly KeyMarker: string; readonly UploadIdMarker: string | undefined }) =>
      s3.send(new ListMultipartUploadsCommand({ ...bucket, EncodingType: 'url', ...from })),
    ({ IsTruncated, EncodingType, NextKeyMarker, NextUploadIdMarker: UploadIdMarker }) => {
      const next = ifTruncated(IsTruncated, NextKeyMarker);
      return next === undefined ? undefined : { KeyMarker: decoder(EncodingType)(next), UploadIdMarker };
    },
  );
  for await (const { EncodingType, Uploads = [] } of pages) {
    const decode = decoder(EncodingType);
    for (const { Key, UploadId } of Uploads) {
      uploads.push({ key: decode(required(Key, 'Key')), uploadId: required(UploadId, 'UploadId') });
    }
  }
  return uploads;
}

/** As S3 says whether it encoded: emulators ignore the wish. */
function decoder(encoding: string | undefined): (text: string) => string {
  return encoding === 'url' ? (text) => decodeURIComponent(text.replaceAll('+', ' ')) : (text) => text;
}

/** What S3 always sends. Without it nothing may be deleted on this answer. */
function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new CrcError(`S3 listed the bucket without ${name}: something else may have answered in place of AWS.`, {
    hint: 'Check the endpoint and proxies (--endpoint-url, AWS_ENDPOINT_URL, HTTPS_PROXY), and run it again.',
  });
}

/** What tells one version from every other, and from itself once it is overwritten. */
export function versionIdentity({ key, versionId, eTag, modified }: Version): string {
  return JSON.stringify([key, versionId, eTag, modified]);
}

export function uploadIdentity({ key, uploadId }: Upload): string {
  return JSON.stringify([key, uploadId]);
}

/** The newest version of each key that is no delete marker: what a state was last, even if it was deleted since. */
export function newestOfEachKey(versions: readonly Version[]): readonly Version[] {
  const newest = new Map<string, Version>();
  for (const version of versions) {
    if (!version.marker && !newest.has(version.key)) newest.set(version.key, version);
  }
  return [...newest.values()];
}

/** What `now` holds that `before` did not. */
export function addedSince(before: Contents, now: Contents): Contents {
  const versions = new Set(before.versions.map(versionIdentity));
  const uploads = new Set(before.uploads.map(uploadIdentity));
  return {
    versions: now.versions.filter((version) => !versions.has(versionIdentity(version))),
    uploads: now.uploads.filter((upload) => !uploads.has(uploadIdentity(upload))),
  };
}

export function isEmpty({ versions, uploads }: Contents): boolean {
  return versions.length === 0 && uploads.length === 0;
}
