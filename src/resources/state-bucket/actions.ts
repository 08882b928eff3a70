import type { Actions } from '../../engine/types.ts';

/** What `crc state` does with the states in the bucket, including those that no role in the config uses. */
export function statesIn(bucketArn: string, keyArn: string | null): NonNullable<Actions['states']> {
  const objects = `${bucketArn}/*`;
  const lockFiles = `${bucketArn}/*.tflock`;
  return {
    read: [
      // Without ListBucket, S3 returns 403 for an object that does not exist.
      {
        actions: ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetLifecycleConfiguration'],
        resources: [bucketArn],
      },
      { actions: ['s3:GetObjectVersion'], resources: [objects] },
      { actions: ['s3:GetObject'], resources: [lockFiles] },
      ...onKey(['kms:Decrypt'], keyArn),
    ],
    // Versions are never deleted.
    write: [
      // Shown in the history. S3 omits it from responses to callers who may not read it.
      { actions: ['s3:GetObjectRetention'], resources: [objects] },
      // A conditional write also reads the current object.
      { actions: ['s3:GetObject', 's3:PutObject'], resources: [objects] },
      { actions: ['s3:DeleteObject'], resources: [lockFiles] },
      ...onKey(['kms:Encrypt', 'kms:GenerateDataKey'], keyArn),
    ],
  };
}

function onKey(actions: readonly string[], keyArn: string | null) {
  return keyArn === null ? [] : [{ actions, resources: [keyArn] }];
}
