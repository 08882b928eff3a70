import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { type BucketLocationConstraint, CreateBucketCommand } from '@aws-sdk/client-s3';
import type { Clients } from '../../src/aws/clients.ts';

/**
 * Creates a bucket with object lock and a lock table in the clients' region, without the bucket policy, which Moto
 * cannot evaluate.
 */
export async function createStateStore({ s3, dynamodb }: Clients, bucket: string, table: string): Promise<void> {
  const region = await s3.config.region();
  await s3.send(
    new CreateBucketCommand({
      Bucket: bucket,
      ObjectLockEnabledForBucket: true,
      CreateBucketConfiguration:
        region === 'us-east-1' ? undefined : { LocationConstraint: region as BucketLocationConstraint },
    }),
  );
  await dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      KeySchema: [{ AttributeName: 'LockID', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'LockID', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
}
