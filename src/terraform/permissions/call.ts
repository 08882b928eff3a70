import type { Json } from '../../json.ts';
import type { Statement } from '../../policies/document.ts';

/** What Terraform did when a call was recorded. Each phase's permissions hold those of the one before. */
export type Phase = 'plan' | 'apply' | 'destroy';

/** One request to AWS, as a log holds it: parsed, not interpreted. */
export interface RecordedRequest {
  /** `GET` */
  readonly method: string;
  /** `s3.eu-west-2.amazonaws.com`, or a bucket's own name before it. */
  readonly host?: string | undefined;
  /** Without the query, decoded once: `/2013-04-01/hostedzone/Z1`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lowercase; those that change what the request does are enough: `x-amz-tagging`, `x-amz-copy-source`, `x-amz-acl`. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * A JSON body as it is; a form as one flat object of its fields (`Tags.member.1.Key`); XML as nested objects, of which an
   * element that repeats is a list, without attributes and without the root element's name. Undefined without a body, and
   * where the log cut it off.
   */
  readonly body: Json | undefined;
}

/** One call of an AWS SDK. */
export interface RecordedCall {
  /** The SDK's name of the service, as terraform-provider-aws logs it in `rpc.service`: `S3`, `Route 53`, `ApiGatewayV2`. */
  readonly service: string;
  /** The service in the credential scope of the request's signature (`apigateway`): names services that crc's table does not. */
  readonly signingName?: string | undefined;
  /** `CreateBucket`; `rpc.method` */
  readonly operation: string;
  /** `eu-west-2` */
  readonly region: string;
  readonly request: RecordedRequest;
  readonly phase: Phase;
  /** Terraform's address, where the source of the call knows it: `module.site.aws_s3_bucket.site[0]` */
  readonly address?: string | undefined;
  /** `aws_s3_bucket`; `tf_resource_type` */
  readonly resourceType?: string | undefined;
  /** AWS refused it for want of permission. */
  readonly denied?: boolean | undefined;
  /** A program other than Terraform sent it. It needs what it calls: it does not change later what it creates. */
  readonly ofProgram?: boolean | undefined;
}

/** A resource of Terraform's state, of any moment of the run. */
export interface StateResource {
  /** `module.site.aws_s3_bucket.site[0]`; data sources with `data.` */
  readonly address: string;
  /** `aws_s3_bucket` */
  readonly type: string;
  /** All attributes, as `terraform show -json` has them in `values`. None of them is shown, but names and ARNs. */
  readonly attributes: { readonly [name: string]: Json };
}

/** Where the configuration runs. */
export interface PermissionsPlace {
  /** The account of the statements: `123456789012` */
  readonly accountId: string;
  /** The account of the calls, where it is another one (an emulator's): it becomes `accountId` in ARNs. */
  readonly recordedAccountId?: string | undefined;
  /** `aws` */
  readonly partition: string;
  readonly state: readonly StateResource[];
}

/** A call that no statement stands for, because crc does not know its permission. */
export interface UnknownCall {
  readonly service: string;
  readonly operation: string;
  /** The address, or the type where the address is not known, or an empty string. */
  readonly address: string;
}

/** The permissions of recorded calls. */
export interface TerraformPermissions {
  /** Each phase is whole: `apply` holds the statements of `plan`, `destroy` those of `apply`. */
  readonly phases: Readonly<Record<Phase, readonly Statement[]>>;
  /** Addresses (types, where the address is not known) by action, sorted: `s3:CreateBucket` → `aws_s3_bucket.site`. */
  readonly reasons: Readonly<Record<string, readonly string[]>>;
  readonly unknown: readonly UnknownCall[];
}
