import type { AwsCredentialIdentityProvider, MetadataBearer, Pluggable, RetryStrategyV2 } from '@smithy/types';
import type { Handler } from './handler.ts';

/** Options that every client is created with. */
export interface ClientSettings {
  readonly credentials: AwsCredentialIdentityProvider;
  readonly requestHandler: Handler;
  readonly retryStrategy: RetryStrategyV2;
  /** Undefined: that of the environment or the profile. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** Undefined: AWS's own, or what the environment or the profile names. */
  readonly endpoint?: string | undefined;
}

/** A client of the SDK, as far as crc watches what it sends and gets. */
export interface ServiceClient {
  readonly middlewareStack: { use(plugin: Pluggable<object, MetadataBearer>): void };
}

/** Paths in the answer to a call, as the SDK shows it: `Role.RoleName`. */
export type Members = readonly string[];

/** Content of an answer that depends on the rest of it. */
type MembersOf = (output: { readonly Table?: { readonly TableStatus?: string } }) => Members;

/** What crc needs to know about a service that it calls. */
export interface Service<C extends ServiceClient = ServiceClient> {
  /** Loads the SDK's client and creates one. Half of a run's start is spent on loading them. */
  client(settings: ClientSettings): Promise<C>;
  /** The SDK's name of the service, by which it looks for `AWS_ENDPOINT_URL_<NAME>` and for a profile's services section. */
  readonly sdkName: string;
  /** Temporary conflicts that the SDK does not retry: another write to the same bucket, IAM entity or log group is in progress. */
  readonly passing?: readonly string[];
  /** Errors that the SDK treats as throttling although they are a quota. */
  readonly final?: readonly string[];
  /** The start of a successful answer, for operations whose answer the SDK would otherwise accept in any form. */
  opening?(operation: string): RegExp | undefined;
  /**
   * What AWS sends in every success of a call: what names the resource, and what crc decides on where its lack would read as
   * "there is none". An empty list: the answer has no content, or none that is sure (an object, what a function returned), and
   * is known by its request id alone. Each call that crc makes is here.
   */
  readonly answers: Readonly<Record<string, Members | MembersOf>>;
  /**
   * The IAM actions that an operation is checked against, where they are not just `service:Operation`
   * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html). With what no request shows:
   * tags and settings that are given in the call that creates something need their own permission.
   */
  readonly actions?: Readonly<Record<string, readonly string[]>>;
}

/** Services by the prefixes of IAM actions. */
export type Services = Readonly<Record<string, Service>>;
