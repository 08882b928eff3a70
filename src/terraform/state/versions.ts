import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
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

/**
 * All versions and delete markers of a bucket, or of the keys that start with `prefix`, page by page. S3 lists them by key, and
 * the newest of a key first; within a page the versions come before the delete markers. Throws what AWS answers.
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
          // Keys come URL-encoded, since XML cannot hold every character of a key.
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

/** Pages as they come, with a report of how many versions there are so far from the second page on; the last one has the total. */
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

/** How many versions were listed, and how many there are once that is known. */
export type ListReport = (listed: number, total?: number) => void;

interface VersionEntry {
  readonly Key?: string;
  readonly VersionId?: string;
  readonly IsLatest?: boolean;
  readonly Size?: number;
  readonly ETag?: string;
  readonly LastModified?: Date;
}

/** As S3 says whether it encoded: emulators ignore the wish. */
export function decoder(encoding: string | undefined): (text: string) => string {
  return encoding === 'url' ? (text) => decodeURIComponent(text.replaceAll('+', ' ')) : (text) => text;
}

/** What S3 always sends. Without it nothing may be deleted or written on this answer. */
export function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new CrcError(`S3 listed the bucket without ${name}: something other than AWS may have answered.`, {
    hint: 'Check the endpoint and proxies (--endpoint-url, AWS_ENDPOINT_URL, HTTPS_PROXY), then run the command again.',
  });
}
