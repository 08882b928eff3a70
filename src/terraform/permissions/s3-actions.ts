import type { RecordedCall } from './call.ts';
import { plainName } from './services.ts';
import type { Values } from './values.ts';

/**
 * Actions of operations on one version of an object, from the page of each in
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ ("Permissions"). An action on the object itself allows none of them.
 */
const OF_VERSION: Readonly<Record<string, readonly string[]>> = {
  DeleteObject: ['DeleteObjectVersion'],
  DeleteObjectTagging: ['DeleteObjectVersionTagging'],
  GetObject: ['GetObjectVersion'],
  GetObjectAcl: ['GetObjectVersionAcl'],
  GetObjectAttributes: ['GetObjectVersion', 'GetObjectVersionAttributes'],
  GetObjectTagging: ['GetObjectVersionTagging'],
  HeadObject: ['GetObjectVersion'],
  PutObjectAcl: ['PutObjectVersionAcl'],
  PutObjectTagging: ['PutObjectVersionTagging'],
};

/**
 * Actions of operations that exist under the same name in S3 Control, for the account, and in S3, for a bucket:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html
 */
const OF_ACCOUNT: Readonly<Record<string, readonly string[]>> = {
  DeletePublicAccessBlock: ['PutAccountPublicAccessBlock'],
  GetPublicAccessBlock: ['GetAccountPublicAccessBlock'],
  PutPublicAccessBlock: ['PutAccountPublicAccessBlock'],
};

/** The actions, without prefix, of an S3 call that depend on more than the operation; undefined for any other call. */
export function s3ActionNames(
  { service, operation }: Pick<RecordedCall, 'service' | 'operation'>,
  values: Values,
): readonly string[] | undefined {
  if (plainName(service) === 's3control') return OF_ACCOUNT[operation];
  if (operation === 'DeleteObjects') return deletions(values);
  return values.named('versionId').length > 0 ? OF_VERSION[operation] : undefined;
}

/** A list of deletions may contain objects and versions. */
function deletions({ all }: Values): readonly string[] {
  const count = (name: string) => all.filter(({ key }) => key === name).length;
  const versions = count('VersionId');
  return [
    ...(versions === 0 || versions < count('Key') ? ['DeleteObject'] : []),
    ...(versions === 0 ? [] : ['DeleteObjectVersion']),
  ];
}
