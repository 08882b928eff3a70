import { awsError, type Handlers } from './fake-aws.ts';

/** A version of an object, or a delete marker. */
export interface FakeVersion {
  readonly key: string;
  readonly versionId: string;
  /** Undefined for a delete marker. */
  readonly body?: string;
  mode?: 'COMPLIANCE' | 'GOVERNANCE';
  until?: Date;
  legalHold?: 'ON' | 'OFF';
  eTag?: string;
}

export interface FakeObjects {
  /** In write order. */
  readonly versions: FakeVersion[];
  readonly uploads: { readonly key: string; readonly uploadId: string }[];
}

type On = { readonly Bucket: string; readonly ExpectedBucketOwner?: string };
type OnVersion = On & { readonly Key: string; readonly VersionId: string };

export interface FakeObjectsOptions {
  /** Versions or uploads per page. With small pages, callers that ignore the next page fail. */
  readonly pageSize: number;
}

/** A fake of the S3 object operations that crc uses. Respects retention and legal holds. */
export function objectHandlers(
  at: (input: On) => FakeObjects,
  remove: (bucket: string) => void,
  { pageSize }: FakeObjectsOptions,
): Handlers {
  const versionAt = (input: OnVersion): FakeVersion => {
    const version = at(input).versions.find(({ key, versionId }) => key === input.Key && versionId === input.VersionId);
    if (version === undefined) throw awsError('NoSuchVersion', 404);
    return version;
  };
  const isProtected = ({ mode, until, legalHold }: FakeVersion, bypass: boolean) =>
    legalHold === 'ON' ||
    ((mode === 'COMPLIANCE' || (mode === 'GOVERNANCE' && !bypass)) && (until?.getTime() ?? 0) > Date.now());

  return {
    ListObjectVersions: (input: On & { KeyMarker?: string; VersionIdMarker?: string; MaxKeys?: number }) => {
      const all = listOrder(at(input).versions);
      const start =
        input.KeyMarker === undefined
          ? 0
          : 1 + all.findIndex(({ key, versionId }) => key === input.KeyMarker && versionId === input.VersionIdMarker);
      const end = start + Math.min(pageSize, input.MaxKeys ?? pageSize);
      const page = all.slice(start, end);
      const last = page.at(-1);
      const entry = (version: FakeVersion) => ({
        Key: encodeURIComponent(version.key),
        VersionId: version.versionId,
        IsLatest: all.find(({ key }) => key === version.key) === version,
        LastModified: new Date(0),
        ETag: version.eTag ?? 'etag',
        Size: version.body?.length,
      });
      return {
        EncodingType: 'url',
        IsTruncated: end < all.length,
        ...(end < all.length && last !== undefined
          ? { NextKeyMarker: encodeURIComponent(last.key), NextVersionIdMarker: last.versionId }
          : {}),
        Versions: page.filter(({ body }) => body !== undefined).map(entry),
        DeleteMarkers: page.filter(({ body }) => body === undefined).map(entry),
      };
    },
    ListMultipartUploads: (input: On & { UploadIdMarker?: string }) => {
      const { uploads } = at(input);
      const start = 1 + uploads.findIndex(({ uploadId }) => uploadId === input.UploadIdMarker);
      const page = uploads.slice(start, start + pageSize);
      const last = page.at(-1);
      const more = start + pageSize < uploads.length;
      return {
        EncodingType: 'url',
        IsTruncated: more,
        ...(more && last !== undefined
          ? { NextKeyMarker: encodeURIComponent(last.key), NextUploadIdMarker: last.uploadId }
          : {}),
        Uploads: page.map(({ key, uploadId }) => ({ Key: encodeURIComponent(key), UploadId: uploadId })),
      };
    },
    GetObject: (input: OnVersion) => ({ Body: versionAt(input).body }),
    HeadObject: (input: OnVersion) => {
      const { mode, until, legalHold } = versionAt(input);
      return { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: legalHold };
    },
    GetObjectRetention: (input: OnVersion) => {
      const { mode, until } = versionAt(input);
      if (mode === undefined) throw awsError('NoSuchObjectLockConfiguration', 404);
      return { Retention: { Mode: mode, RetainUntilDate: until } };
    },
    GetObjectLegalHold: (input: OnVersion) => {
      const { legalHold } = versionAt(input);
      if (legalHold === undefined) throw awsError('NoSuchObjectLockConfiguration', 404);
      return { LegalHold: { Status: legalHold } };
    },
    DeleteObjects: (
      input: On & {
        Delete: { Objects: readonly { Key: string; VersionId: string }[] };
        BypassGovernanceRetention?: boolean;
      },
    ) => {
      const { versions } = at(input);
      const Errors = input.Delete.Objects.flatMap(({ Key, VersionId }) => {
        const index = versions.findIndex(({ key, versionId }) => key === Key && versionId === VersionId);
        const version = versions[index];
        if (version !== undefined && isProtected(version, input.BypassGovernanceRetention ?? false)) {
          return [
            { Key, VersionId, Code: 'AccessDenied', Message: 'Access Denied because object protected by object lock.' },
          ];
        }
        if (version !== undefined) versions.splice(index, 1);
        return [];
      });
      return { Errors };
    },
    AbortMultipartUpload: (input: On & { UploadId: string }) => {
      const { uploads } = at(input);
      const index = uploads.findIndex(({ uploadId }) => uploadId === input.UploadId);
      if (index < 0) throw awsError('NoSuchUpload', 404);
      uploads.splice(index, 1);
      return {};
    },
    DeleteBucket: (input: On) => {
      if (at(input).versions.length > 0) throw awsError('BucketNotEmpty', 409);
      remove(input.Bucket);
      return {};
    },
  };
}

/** S3's order: by key, newest version first. */
function listOrder(versions: readonly FakeVersion[]): readonly FakeVersion[] {
  const newestFirst = [...versions].reverse();
  return newestFirst.sort((version, other) => (version.key < other.key ? -1 : version.key > other.key ? 1 : 0));
}
