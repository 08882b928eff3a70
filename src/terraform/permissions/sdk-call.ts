import type { Json } from '../../json.ts';
import type { RecordedCall, RecordedRequest } from './call.ts';
import { grantsOf } from './grants.ts';
import { ANYTHING, Names } from './names.ts';
import type { Reference } from './reference.ts';
import { plainName } from './services.ts';
import { valuesOf } from './values.ts';

/** A call as the source of a program has it: known in part. */
export interface SourceCall {
  /** As an SDK calls the service: `dynamodb`, `secrets-manager`. */
  readonly service: string;
  /** `UpdateItem` */
  readonly operation: string;
  /** The parameters that are known: `TableName`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the items of a transaction do, where that is known: `Put`, `Update`. */
  readonly parts: readonly string[] | undefined;
}

export interface SourceRight {
  /** `dynamodb:UpdateItem` */
  readonly action: string;
  /** An ARN, with `*` for what the source does not say. */
  readonly resource: string;
}

export interface SourcePlace {
  /** `aws` */
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/**
 * Actions on a new type of resource that most of their calls do not name: IAM asks for `*` then.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html
 */
const WITHOUT_RESOURCE: ReadonlySet<string> = new Set(['cloudwatch:PutMetricData']);

/** What a call of a program needs, by the same tables as the calls of Terraform; undefined where crc does not know. */
export function rightsOf(
  call: SourceCall,
  { partition, region, accountId }: SourcePlace,
  reference: Reference,
): readonly SourceRight[] | undefined {
  const recorded: RecordedCall = {
    service: call.service,
    operation: call.operation,
    region,
    request: requestOf(call),
    // What is created by a program is not changed and deleted by it later.
    phase: 'plan',
  };
  const place = { accountId, partition, state: [] };
  const run = { place, names: new Names(place), reference, tag: undefined };
  const grants = grantsOf(recorded, valuesOf(recorded.request), run);
  return grants
    ?.filter(({ action }) => !call.operation.startsWith('Transact') || isOfPart(action, call.parts))
    .map(({ action, resource }) => ({ action, resource: WITHOUT_RESOURCE.has(action) ? '*' : resource }));
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
function isOfPart(action: string, parts: readonly string[] | undefined): boolean {
  return parts === undefined || parts.some((part) => action === `dynamodb:${part}Item`);
}

/** The request that the call would be, as far as resources follow from it. */
function requestOf({ service, parameters }: SourceCall): RecordedRequest {
  const body: { readonly [name: string]: Json } = parameters;
  const request = { method: 'POST', path: '/', query: {}, headers: {}, body };
  if (plainName(service) !== 's3') return request;
  const { Bucket = ANYTHING, Key = ANYTHING, CopySource } = parameters;
  return {
    ...request,
    path: `/${Bucket}/${Key}`,
    headers: CopySource === undefined ? {} : { 'x-amz-copy-source': CopySource },
  };
}
