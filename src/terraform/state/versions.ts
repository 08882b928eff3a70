import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { ifTruncated, pagesOf } from '../../aws/pages.ts';
import { CrcError } from '../../errors.ts';

/** A bucket, and the account that must own it. */
export interface OwnedBucket {
  readonly Bucket: string;
  readonly ExpectedBucketOwner: string;
}

/** One version of an object, or a delete marker. */
export interface Version {
  readonly key: string;
  /** `null` if the bucket was not versioned when it was written. */
  readonly versionId: string;
  readonly latest: boolean;
  /** A delete marker, which has neither content nor retention. */
  readonly marker: boolean;
  /** In bytes. */
  readonly size: number;
  /** Changes with the content: a `null` version is overwritten in place. */
  readonly eTag: string;
  /** In milliseconds since 1970. */
  readonly modified: number;
}

/**
 * All versions and delete markers in a bucket, or of keys that start with `prefix`, page by page. S3 lists them by key,
 * newest first; within a page, versions come before delete markers. @throws the errors from AWS.
 */
export async function* versionPages(
  s3: S3Client,
  bucket: OwnedBucket,
  prefix?: string,
): AsyncGenerator<readonly Version[], void, undefined> {
  const pages = pagesOf(
    (from?: { readonly KeyMarker: string; readonly VersionIdMarker: string | undefined }) =>
      s3.send(
        new ListObjectVersionsCommand({
          ...bucket,
          // Keys are URL-encoded in the response, since XML cannot represent every character.
          EncodingType: 'url',
          Prefix: prefix,
          ...from,
        }),
      ),
    ({ IsTruncated, EncodingType, NextKeyMarker, NextVersionIdMarker: VersionIdMarker }) => {
      const next = ifTruncated(IsTruncated, NextKeyMarker);
      return next === undefined ? undefined : { KeyMarker: decoder(EncodingType)(next), VersionIdMarker };
    },
  );
  for await (const page of pages) {
    const decode = decoder(page.EncodingType);
    const version = (entry: VersionEntry, marker: boolean): Version => ({
      key: decode(required(entry.Key, 'Key')),
      versionId: entry.VersionId ?? 'null',
      latest: entry.IsLatest ?? false,
      marker,
      size: entry.Size ?? 0,
      eTag: entry.ETag ?? '',
      modified: entry.LastModified?.getTime() ?? 0,
    });
    yield [
      ...(page.Versions ?? []).map((entry) => version(entry, false)),
      ...(page.DeleteMarkers ?? []).map((entry) => version(entry, true)),
    ];
  }
}

/**
 * Passes on pages, and from the second page on reports the number of versions so far; with the last page, the total.
 */
export async function* reportedPages(
  pages: AsyncIterable<readonly Version[]>,
  report: ListReport,
): AsyncGenerator<readonly Version[], void, undefined> {
  let [listed, count] = [0, 0];
  try {
    for await (const page of pages) {
      listed += page.length;
      count += 1;
      if (count > 1) report(listed);
      yield page;
    }
  } finally {
    if (count > 1) report(listed, listed);
  }
}

/** The number of versions listed so far, and the total once it is known. */
export type ListReport = (listed: number, total?: number) => void;

interface VersionEntry {
  readonly Key?: string;
  readonly VersionId?: string;
  readonly IsLatest?: boolean;
  readonly Size?: number;
  readonly ETag?: string;
  readonly LastModified?: Date;
}

/** Depends on the response, since emulators ignore the requested encoding. */
export function decoder(encoding: string | undefined): (text: string) => string {
  return encoding === 'url' ? (text) => decodeURIComponent(text.replaceAll('+', ' ')) : (text) => text;
}

/** A value that S3 always sends. If it is missing, nothing may be deleted or written based on this response. */
export function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new CrcError(`S3 listed the bucket without ${name}: something other than AWS may have answered.`, {
    hint: 'Check the endpoint and proxies (--endpoint-url, AWS_ENDPOINT_URL, HTTPS_PROXY), then run the command again.',
  });
}
