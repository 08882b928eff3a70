import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { Clients } from '../../src/aws/clients.ts';
import type { ServiceName } from '../../src/aws/services.ts';

/** The SDK client of each service. A new service needs only this entry, for the fakes and for Moto. */
export const CLIENTS = {
  s3: S3Client,
  dynamodb: DynamoDBClient,
  iam: IAMClient,
  sts: STSClient,
  lambda: LambdaClient,
  logs: CloudWatchLogsClient,
  kms: KMSClient,
  tag: ResourceGroupsTaggingAPIClient,
} as const satisfies Readonly<Record<ServiceName, unknown>>;

export interface PlainSettings {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly endpoint?: string;
}

/** Plain SDK clients that share no code with crc. */
export function clientsWith(settings: PlainSettings): Clients {
  const forcePathStyle = settings.endpoint !== undefined;
  const clients = Object.entries(CLIENTS).map(([name, Client]) => [name, new Client({ ...settings, forcePathStyle })]);
  // All services are present, but TypeScript cannot infer that.
  return {
    ...Object.fromEntries(clients),
    load: async () => undefined,
    inRegion: (region: string) => clientsWith({ ...settings, region }),
  } as Clients;
}
