import type { Json } from '../../json.ts';
import type { Statement } from '../../policies/document.ts';

/** What Terraform was doing when a call was recorded. Each phase's permissions include those of the previous one. */
export type Phase = 'plan' | 'apply' | 'destroy';

/** One request to AWS from a log: parsed, not interpreted. */
export interface RecordedRequest {
  /** `GET` */
  readonly method: string;
  /** `s3.eu-west-2.amazonaws.com`, possibly with a bucket name before it. */
  readonly host?: string | undefined;
  /** Without the query, decoded once: `/2013-04-01/hostedzone/Z1`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /**
   * Names in lowercase. Only those that change what the request does are needed: `x-amz-tagging`, `x-amz-copy-source`,
   * `x-amz-acl`.
   */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * A JSON body as is; a form as a flat object of its fields (`Tags.member.1.Key`); XML as nested objects, in which
   * repeated elements are lists, without attributes and without the root element's name. Undefined without a body, or
   * if the log truncated it.
   */
  readonly body: Json | undefined;
}

/** One call of an AWS SDK. */
export interface RecordedCall {
  /**
   * The SDK's name of the service, as terraform-provider-aws logs it in `rpc.service`: `S3`, `Route 53`,
   * `ApiGatewayV2`.
   */
  readonly service: string;
  /**
   * The service in the credential scope of the request's signature (`apigateway`), for services that are not in crc's
   * table.
   */
  readonly signingName?: string | undefined;
  /** `CreateBucket`; `rpc.method` */
  readonly operation: string;
  /** `eu-west-2` */
  readonly region: string;
  readonly request: RecordedRequest;
  readonly phase: Phase;
  /** Terraform's address, if known: `module.site.aws_s3_bucket.site[0]` */
  readonly address?: string | undefined;
  /** `aws_s3_bucket`; `tf_resource_type` */
  readonly resourceType?: string | undefined;
  /** AWS denied it for lack of permission. */
  readonly denied?: boolean | undefined;
  /** Sent by a program other than Terraform, which does not need permission to change what it creates. */
  readonly ofProgram?: boolean | undefined;
}

/** A resource in Terraform's state at any time during the run. */
export interface StateResource {
  /** `module.site.aws_s3_bucket.site[0]`; data sources start with `data.` */
  readonly address: string;
  /** `aws_s3_bucket` */
  readonly type: string;
  /** All attributes from `values` in `terraform show -json`. Only names and ARNs are ever shown. */
  readonly attributes: { readonly [name: string]: Json };
}

/** Where the configuration runs. */
export interface PermissionsPlace {
  /** The account for the statements: `123456789012`, or `*` for any. */
  readonly accountId: string;
  /** The account in the recorded calls, if it differs (an emulator's); replaced by `accountId` in ARNs and names. */
  readonly recordedAccountId?: string | undefined;
  /** `aws` */
  readonly partition: string;
  readonly state: readonly StateResource[];
}

/** A call without a statement, because crc does not know its permission. */
export interface UnknownCall {
  readonly service: string;
  readonly operation: string;
  /** The address, else the type, else an empty string. */
  readonly address: string;
}

/** The permissions of recorded calls. */
export interface TerraformPermissions {
  /** Each phase is complete: `apply` includes the statements of `plan`, `destroy` those of `apply`. */
  readonly phases: Readonly<Record<Phase, readonly Statement[]>>;
  /** Addresses (or types, if the address is unknown) by action, sorted: `s3:CreateBucket` → `aws_s3_bucket.site`. */
  readonly reasons: Readonly<Record<string, readonly string[]>>;
  readonly unknown: readonly UnknownCall[];
}
