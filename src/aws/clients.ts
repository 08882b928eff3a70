import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Call, type CallCount, watchCalls } from './calls.ts';
import { CONNECTION_TIMEOUT, REQUEST_TIMEOUT } from './deadlines.ts';
import { RetryStrategy, SERVICES, type Service } from './retry.ts';

export interface Clients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
}

export interface ClientOptions {
  /** Undefined: that of the environment or the profile. */
  readonly region: string | undefined;
  readonly profile?: string | undefined;
  /** For every service. The SDK itself takes AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3 from the environment. */
  readonly endpointUrl?: string | undefined;
  readonly count: CallCount;
  readonly report: (call: Call) => void;
}

/** The SDK warns on the console when a profile and keys are both set; --profile is the user's answer to that. */
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

function ignore(): undefined {
  return undefined;
}

/** The only place that makes clients. One credential provider serves all of them, so that it is asked once. */
export function createClients({ region, profile, endpointUrl, count, report }: ClientOptions): Clients {
  // The bundle pins an SDK that runs on every Node that crc supports; its warning about later versions helps nobody.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const credentials = defaultProvider({ ...(profile === undefined ? {} : { profile }), logger: silent });
  // Without throwOnRequestTimeout the handler only warns and waits on.
  const requestHandler = new NodeHttpHandler({
    connectionTimeout: CONNECTION_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    throwOnRequestTimeout: true,
  });
  const common = (service: Service) => ({
    ...(region === undefined ? {} : { region }),
    credentials,
    requestHandler,
    retryStrategy: new RetryStrategy(service),
    ...(profile === undefined ? {} : { profile }),
    ...(endpointUrl === undefined ? {} : { endpoint: endpointUrl }),
  });
  const customEndpoint = endpointUrl ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const clients = {
    // An object-locked bucket refuses a PUT without a checksum, whatever AWS_REQUEST_CHECKSUM_CALCULATION says.
    s3: new S3Client({
      ...common('s3'),
      forcePathStyle: Boolean(customEndpoint),
      requestChecksumCalculation: 'WHEN_SUPPORTED',
    }),
    dynamodb: new DynamoDBClient(common('dynamodb')),
    iam: new IAMClient(common('iam')),
    sts: new STSClient(common('sts')),
    lambda: new LambdaClient(common('lambda')),
    logs: new CloudWatchLogsClient(common('logs')),
  };
  for (const service of SERVICES) clients[service].middlewareStack.use(watchCalls(service, count, report));
  return clients;
}
