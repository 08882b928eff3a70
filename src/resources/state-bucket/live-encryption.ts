import { GetBucketEncryptionCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Place } from '../../aws/arns.ts';
import { orAbsent } from '../../aws/error-names.ts';
import { type Encryption, encryptionOf } from './facts.ts';

const NOT_SET = ['NoSuchBucket', 'ServerSideEncryptionConfigurationNotFoundError'];

/** Reads only the default encryption of a bucket. `place`: its region and the account that must own it. */
export async function liveEncryption(s3: S3Client, bucket: string, place: Place): Promise<Encryption> {
  const call = new GetBucketEncryptionCommand({ Bucket: bucket, ExpectedBucketOwner: place.accountId });
  const live = await orAbsent(s3.send(call), NOT_SET, undefined);
  return encryptionOf(live?.ServerSideEncryptionConfiguration?.Rules?.[0], place);
}
