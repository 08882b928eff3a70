import type { AwsCredentialIdentityProvider, MetadataBearer, Pluggable, RetryStrategyV2 } from '@smithy/types';
import type { Handler } from './handler.ts';

/** Options that every client is created with. */
export interface ClientSettings {
  readonly credentials: AwsCredentialIdentityProvider;
  readonly requestHandler: Handler;
  readonly retryStrategy: RetryStrategyV2;
  /** Undefined: the region of the environment or the profile. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** Undefined: AWS's own endpoint, or the one from the environment or the profile. */
  readonly endpoint?: string | undefined;
  /** Whether `endpoint` alone counts, even if it is undefined. */
  readonly ignoreConfiguredEndpointUrls?: boolean;
}

/** The part of an SDK client that crc uses to observe requests and responses. */
export interface ServiceClient {
  readonly middlewareStack: { use(plugin: Pluggable<object, MetadataBearer>): void };
}

/** Paths in the SDK's output of a call: `Role.RoleName`. */
export type Members = readonly string[];

/** Members that depend on other members of the output. */
type MembersOf = (output: { readonly Table?: { readonly TableStatus?: string } }) => Members;

/** What crc needs to know about a service that it calls. */
export interface Service<C extends ServiceClient = ServiceClient> {
  /** Loads the SDK's client and creates an instance. Loading clients takes half of a run's start-up time. */
  client(settings: ClientSettings): Promise<C>;
  /** The SDK's name of the service, used in `AWS_ENDPOINT_URL_<NAME>` and in the services section of a profile. */
  readonly sdkName: string;
  /**
   * Temporary conflicts that the SDK does not retry: another write to the same bucket, IAM entity or log group is in
   * progress.
   */
  readonly passing?: readonly string[];
  /** Errors that do not pass, although the SDK takes them for throttling or a fault. */
  readonly final?: readonly string[];
  /** The start of a successful response, for operations whose response the SDK would otherwise accept in any form. */
  opening?(operation: string): RegExp | undefined;
  /**
   * Members that every successful response contains, for each operation that crc calls: those that identify the
   * resource, and those that crc would mistake for "does not exist" if they were missing. An empty list: the response
   * has no content, or its content varies (an object, the result of a function), so only its request id identifies it.
   */
  readonly answers: Readonly<Record<string, Members | MembersOf>>;
  /**
   * The IAM actions that AWS checks for an operation, if they are not just `service:Operation`
   * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html). Includes the actions for
   * tags and settings in a creating call, which need separate permissions.
   */
  readonly actions?: Readonly<Record<string, readonly string[]>>;
}

/** Services by their prefix in IAM actions. */
export type Services = Readonly<Record<string, Service>>;
