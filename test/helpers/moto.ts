import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Clients } from '../../src/aws/clients.ts';
import { type Moto, startMoto } from '../../src/sandbox/moto.ts';
import { ACCOUNT, REGION } from './context.ts';

/** A Moto server for one test file. */
export interface MotoBench {
  readonly endpoint: string;
  /** What makes a process talk to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Plain SDK clients, with nothing of crc: somebody else behind its back. */
  readonly clients: Clients;
}

/** Emptied before each test. */
export function useMoto(): () => MotoBench {
  const current = useMotoForAll();
  beforeEach(async () => {
    await fetch(`${current().endpoint}/moto-api/reset`, { method: 'POST' });
  });
  return current;
}

/** One state for all tests of the file. */
export function useMotoForAll(): () => MotoBench {
  let moto: Moto | undefined;
  let bench: MotoBench | undefined;
  const current = (): MotoBench => {
    if (bench === undefined) throw new Error('Moto does not run yet');
    return bench;
  };
  beforeAll(async () => {
    moto = await startMoto({ accountId: ACCOUNT });
    bench = benchAt(moto.endpoint);
  });
  afterAll(async () => {
    await moto?.stop();
  });
  return current;
}

const CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };

/** A bench on any endpoint: a Moto, or a proxy before it. */
export function benchAt(endpoint: string, region = REGION): MotoBench {
  const settings = { endpoint, region, credentials: CREDENTIALS };
  return {
    endpoint,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    clients: {
      s3: new S3Client({ ...settings, forcePathStyle: true }),
      dynamodb: new DynamoDBClient(settings),
      iam: new IAMClient(settings),
      sts: new STSClient(settings),
      lambda: new LambdaClient(settings),
      logs: new CloudWatchLogsClient(settings),
      load: async () => undefined,
    },
  };
}
