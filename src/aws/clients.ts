import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@smithy/types';
import { Secrets } from '../secrets.ts';
import { checkAnswers } from './answers.ts';
import { type Call, type CallCount, watchCalls } from './calls.ts';
import { type AskMfaCode, credentialsOf } from './credentials.ts';
import { Handler } from './handler.ts';
import { RetryStrategy, type Service } from './retry.ts';

interface ServiceClients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  readonly iam: IAMClient;
  readonly sts: STSClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
}

/** A client for each service; half of a run's start is spent on loading them, so only those that are needed are loaded. */
export interface Clients extends ServiceClients {
  /** Loads the clients of services. To use one that was not loaded is a fault of the caller, and throws. */
  load(...services: readonly Service[]): Promise<void>;
}

export interface ClientOptions {
  /** Undefined: that of the environment or the profile. */
  readonly region: string | undefined;
  readonly profile?: string;
  /** For every service. The SDK itself takes AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3 from the environment. */
  readonly endpointUrl?: string;
  /** Aborted: nothing is sent any more, and what is in progress ends soon. */
  readonly signal?: AbortSignal;
  /** For a profile whose role wants a code of a device. */
  readonly askMfaCode: AskMfaCode;
  /** Values that no words of AWS may show. */
  readonly hidden?: readonly string[];
  readonly count: CallCount;
  readonly report: (call: Call) => void;
}

/** Characters of a secret access key and more, as AWS gives them out. */
const MIN_SECRET = 16;

/** The only place that makes clients. One credential provider serves all of them, so that it is asked once. */
export function createClients({
  region,
  profile,
  endpointUrl,
  signal,
  askMfaCode,
  hidden,
  count,
  report,
}: ClientOptions): Clients {
  // The bundle pins an SDK that runs on every Node that crc supports; its warning about later versions helps nobody.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const requestHandler = new Handler(signal);
  const secrets = new Secrets();
  secrets.add(...(hidden ?? []));
  // Access keys have a shape of their own; an emulator's "test" is no secret, and stands everywhere.
  const onCredentials = ({ secretAccessKey, sessionToken }: AwsCredentialIdentity) =>
    secrets.add(...[secretAccessKey, sessionToken].filter((secret = '') => secret.length >= MIN_SECRET));
  const credentials = credentialsOf({ profile, askMfaCode, signal, requestHandler, onCredentials });
  const common = (service: Service) => ({
    region,
    credentials,
    requestHandler,
    retryStrategy: new RetryStrategy(service, signal),
    profile,
    endpoint: endpointUrl,
  });
  const customEndpoint = endpointUrl ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const make: { readonly [K in Service]: () => Promise<ServiceClients[K]> } = {
    s3: async () => {
      const { S3Client } = await import('./services/bucket.ts');
      return new S3Client({
        ...common('s3'),
        forcePathStyle: Boolean(customEndpoint),
        // An object-locked bucket refuses a PUT without a checksum, whatever AWS_REQUEST_CHECKSUM_CALCULATION says.
        requestChecksumCalculation: 'WHEN_SUPPORTED',
      });
    },
    dynamodb: async () => new (await import('./services/access.ts')).DynamoDBClient(common('dynamodb')),
    iam: async () => new (await import('./services/access.ts')).IAMClient(common('iam')),
    sts: async () => new (await import('./services/access.ts')).STSClient(common('sts')),
    lambda: async () => new (await import('./services/functions.ts')).LambdaClient(common('lambda')),
    logs: async () => new (await import('./services/functions.ts')).CloudWatchLogsClient(common('logs')),
  };
  const loading = new Map<Service, Promise<void>>();
  const loaded: { -readonly [K in Service]?: ServiceClients[K] } = {};
  async function loadOne<K extends Service>(service: K): Promise<void> {
    const client = await make[service]();
    client.middlewareStack.use(watchCalls(service, count, report, { region, secrets }));
    client.middlewareStack.use(checkAnswers(service));
    loaded[service] = client as (typeof loaded)[K];
  }
  const client = <K extends Service>(service: K): ServiceClients[K] => {
    const found = loaded[service];
    if (found === undefined) throw new Error(`the client of ${service} was not loaded`);
    return found as ServiceClients[K];
  };
  return {
    get s3() {
      return client('s3');
    },
    get dynamodb() {
      return client('dynamodb');
    },
    get iam() {
      return client('iam');
    },
    get sts() {
      return client('sts');
    },
    get lambda() {
      return client('lambda');
    },
    get logs() {
      return client('logs');
    },
    async load(...services) {
      await Promise.all(
        services.map((service) => {
          const promise = loading.get(service) ?? loadOne(service);
          loading.set(service, promise);
          return promise;
        }),
      );
    },
  };
}
