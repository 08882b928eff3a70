import { ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { orAbsent } from '../../aws/error-names.ts';
import { ifTruncated, itemsOf, pagesOf } from '../../aws/pages.ts';
import { decoder, type OwnedBucket, required, type Version, versionPages } from '../../terraform/state/versions.ts';

export type { OwnedBucket, Version };

/** A multipart upload that was started but neither completed nor aborted. */
export interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

/** Everything in a bucket. */
export interface Contents {
  /** By key, newest version first. */
  readonly versions: readonly Version[];
  readonly uploads: readonly Upload[];
}

/** Lists everything in a bucket, page by page. A bucket that no longer exists is empty. */
export async function listContents(s3: S3Client, bucket: OwnedBucket): Promise<Contents> {
  const [versions, uploads] = await Promise.all([
    orAbsent(
      itemsOf(versionPages(s3, bucket), (page) => page),
      ['NoSuchBucket'],
      [],
    ),
    orAbsent(listUploads(s3, bucket), ['NoSuchBucket'], []),
  ]);
  return { versions, uploads };
}

async function listUploads(s3: S3Client, bucket: OwnedBucket): Promise<readonly Upload[]> {
  const pages = pagesOf(
    (from?: { readonly KeyMarker: string; readonly UploadIdMarker: string | undefined }) =>
      s3.send(new ListMultipartUploadsCommand({ ...bucket, EncodingType: 'url', ...from })),
    ({ IsTruncated, EncodingType, NextKeyMarker, NextUploadIdMarker: UploadIdMarker }) => {
      const next = ifTruncated(IsTruncated, NextKeyMarker);
      return next === undefined ? undefined : { KeyMarker: decoder(EncodingType)(next), UploadIdMarker };
    },
  );
  return await itemsOf(pages, ({ EncodingType, Uploads = [] }) => {
    const decode = decoder(EncodingType);
    return Uploads.map(({ Key, UploadId }) => ({
      key: decode(required(Key, 'Key')),
      uploadId: required(UploadId, 'UploadId'),
    }));
  });
}

/** Distinguishes a version from all others, and from itself after it is overwritten. */
export function versionIdentity({ key, versionId, eTag, modified }: Version): string {
  return JSON.stringify([key, versionId, eTag, modified]);
}

export function uploadIdentity({ key, uploadId }: Upload): string {
  return JSON.stringify([key, uploadId]);
}

/**
 * The newest version of each key, ignoring delete markers: the last content of a state, even if it was deleted since.
 */
export function newestOfEachKey(versions: readonly Version[]): readonly Version[] {
  const newest = new Map<string, Version>();
  for (const version of versions) {
    if (!version.marker && !newest.has(version.key)) newest.set(version.key, version);
  }
  return [...newest.values()];
}

/** What `now` contains and `before` did not. */
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
