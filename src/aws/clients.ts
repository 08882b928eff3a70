import type { AwsCredentialIdentity } from '@smithy/types';
import { Secrets } from '../secrets.ts';
import { checkAnswers } from './answers.ts';
import { type Call, type CallCount, watchCalls } from './calls.ts';
import { type AskMfaCode, credentialsOf } from './credentials.ts';
import { Handler } from './handler.ts';
import { RetryStrategy } from './retry.ts';
import type { ClientSettings, ServiceClient, Services } from './service.ts';
import { SERVICES } from './services.ts';

/** One client per service. */
export type ClientsOf<S extends Services> = {
  readonly [K in keyof S]: S[K] extends { client(...settings: never): Promise<infer C> } ? C : never;
} & {
  /** Loads the clients of services. Using a client that was not loaded is a bug of the caller, and throws. */
  load(...services: readonly (keyof S)[]): Promise<void>;
  /**
   * The clients for another region, always the same instances: with the same credentials, counted and reported together
   * with these.
   */
  inRegion(region: string): ClientsOf<S>;
  /** Whether `--region` chose the region of these clients. */
  readonly regionFlag?: boolean;
};

export type Clients = ClientsOf<typeof SERVICES>;

export interface ClientOptions {
  /** Undefined: the region of the environment or the profile. */
  readonly region: string | undefined;
  /** Whether `--region` gives it. */
  readonly regionFlag?: boolean | undefined;
  readonly profile?: string | undefined;
  /** For every service. The SDK itself reads AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3 from the environment. */
  readonly endpointUrl?: string | undefined;
  /** When aborted, nothing more is sent, and requests in progress end soon. */
  readonly signal?: AbortSignal | undefined;
  /** For a profile whose role requires an MFA code. */
  readonly askMfaCode: AskMfaCode;
  /** Values that must not appear in any text from AWS. */
  readonly hidden?: readonly string[] | undefined;
  readonly count: CallCount;
  readonly report: (call: Call) => void;
}

/** Minimum length of secret access keys that AWS issues. */
const MIN_SECRET = 16;

/** The clients of all services that crc calls. */
export function createClients(options: ClientOptions): Clients {
  return createClientsOf(SERVICES, options);
}

/** The only place that creates clients. They share one credential provider, so credentials are only loaded once. */
export function createClientsOf<S extends Services>(services: S, options: ClientOptions): ClientsOf<S> {
  const { profile, signal, askMfaCode, hidden } = options;
  // The bundle pins an SDK that runs on every Node version that crc supports; its warning about later versions does not
  // help users.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const requestHandler = new Handler(signal);
  const secrets = new Secrets();
  secrets.add(...(hidden ?? []));
  // Access keys have a distinctive format; an emulator's "test" is not a secret, and appears everywhere.
  const onCredentials = ({ secretAccessKey, sessionToken }: AwsCredentialIdentity) =>
    secrets.add(...[secretAccessKey, sessionToken].filter((secret = '') => secret.length >= MIN_SECRET));
  const credentials = credentialsOf({ profile, askMfaCode, signal, requestHandler, onCredentials });

  const flag = options.regionFlag ? options.region : undefined;
  const shared = { ...options, flag, requestHandler, secrets, credentials };
  const regions = new Map<string | undefined, ClientsOf<S>>();
  const inRegion = (region: string | undefined): ClientsOf<S> => {
    const clients = regions.get(region) ?? clientsAt(services, region, { ...shared, inRegion });
    regions.set(region, clients);
    return clients;
  };
  return inRegion(options.region);
}

/** The SDK takes an endpoint from the profile in AWS_PROFILE, whatever the profile of the client. */
async function endpointSettings(
  sdkName: string,
  { profile, endpointUrl }: Pick<ClientOptions, 'profile' | 'endpointUrl'>,
): Promise<Pick<ClientSettings, 'endpoint' | 'ignoreConfiguredEndpointUrls'>> {
  if (!profile || endpointUrl !== undefined) return { endpoint: endpointUrl };
  const { configuredEndpoint } = await import('./configured-endpoint.ts');
  return { endpoint: await configuredEndpoint(sdkName, profile), ignoreConfiguredEndpointUrls: true };
}

/** What the clients of all regions have in common. */
interface Shared<S extends Services>
  extends Pick<ClientOptions, 'profile' | 'endpointUrl' | 'signal' | 'count' | 'report'> {
  readonly requestHandler: Handler;
  readonly secrets: Secrets;
  /** The region that `--region` gives. */
  readonly flag: string | undefined;
  readonly credentials: ReturnType<typeof credentialsOf>;
  readonly inRegion: (region: string) => ClientsOf<S>;
}

function clientsAt<S extends Services>(services: S, region: string | undefined, shared: Shared<S>): ClientsOf<S> {
  const { profile, endpointUrl, signal, count, report, requestHandler, secrets, credentials } = shared;
  const regionFlag = region !== undefined && region === shared.flag;
  const loading = new Map<keyof S, Promise<void>>();
  const loaded = new Map<keyof S, ServiceClient>();
  async function loadOne(name: keyof S): Promise<void> {
    const service = services[name];
    if (service === undefined) throw new Error(`there is no service ${String(name)}`);
    const client = await service.client({
      region,
      credentials,
      requestHandler,
      retryStrategy: new RetryStrategy(service, signal),
      profile,
      ...(await endpointSettings(service.sdkName, { profile, endpointUrl })),
    });
    client.middlewareStack.use(watchCalls(String(name), count, report, { region, regionFlag, secrets }));
    client.middlewareStack.use(checkAnswers(service));
    loaded.set(name, client);
  }
  const clients = {
    async load(...names: readonly (keyof S)[]) {
      await Promise.all(
        names.map((name) => {
          const promise = loading.get(name) ?? loadOne(name);
          loading.set(name, promise);
          return promise;
        }),
      );
    },
    inRegion: shared.inRegion,
    regionFlag,
  };
  // Each service's property is set before it can be used, which TypeScript cannot determine.
  const all = clients as unknown as ClientsOf<S>;
  for (const name of Object.keys(services)) {
    Object.defineProperty(clients, name, {
      get() {
        const client = loaded.get(name);
        if (client === undefined) throw new Error(`the client of ${name} was not loaded`);
        return client;
      },
    });
  }
  return all;
}
