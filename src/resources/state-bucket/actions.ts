import type { Actions } from '../../engine/types.ts';

/** What `crc state` does with the states in the bucket: all of them, also those that no role of the config has. */
export function statesIn(bucketArn: string, keyArn: string | null): NonNullable<Actions['states']> {
  const objects = `${bucketArn}/*`;
  const lockFiles = `${bucketArn}/*.tflock`;
  return {
    read: [
      // Without ListBucket, S3 calls an object that does not exist forbidden.
      {
        actions: ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetLifecycleConfiguration'],
        resources: [bucketArn],
      },
      { actions: ['s3:GetObjectVersion'], resources: [objects] },
      { actions: ['s3:GetObject'], resources: [lockFiles] },
      ...onKey(['kms:Decrypt'], keyArn),
    ],
    // No version is ever deleted.
    write: [
      // Shown in the history: S3 leaves it out of its answers for those who may not read it.
      { actions: ['s3:GetObjectRetention'], resources: [objects] },
      // A write with a condition on what is there reads that, too.
      { actions: ['s3:GetObject', 's3:PutObject'], resources: [objects] },
      { actions: ['s3:DeleteObject'], resources: [lockFiles] },
      ...onKey(['kms:Encrypt', 'kms:GenerateDataKey'], keyArn),
    ],
  };
}

function onKey(actions: readonly string[], keyArn: string | null) {
  return keyArn === null ? [] : [{ actions, resources: [keyArn] }];
}
