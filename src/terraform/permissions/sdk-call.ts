import type { Json } from '../../json.ts';
import type { RecordedCall, RecordedRequest } from './call.ts';
import { grantsOf } from './grants.ts';
import { ANYTHING, Names } from './names.ts';
import { partiqlRight } from './partiql.ts';
import type { Reference } from './reference.ts';
import { plainName } from './services.ts';
import { valuesOf } from './values.ts';

/** A call in a program's source, of which only some parts are known. */
export interface SourceCall {
  /** The SDK's name for the service: `dynamodb`, `secrets-manager`. */
  readonly service: string;
  /** `UpdateItem` */
  readonly operation: string;
  /** The known parameters: `TableName`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The kinds of items in a transaction, if known: `Put`, `Update`. */
  readonly parts: readonly string[] | undefined;
}

export interface SourceRight {
  /** `dynamodb:UpdateItem` */
  readonly action: string;
  /** An ARN, with `*` for parts that are not in the source. */
  readonly resource: string;
}

export interface SourcePlace {
  /** `aws` */
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/**
 * Actions whose resources (a data set, a lexicon, a terminology) are optional. Most calls name none, and IAM then checks
 * `*`. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html
 */
const WITHOUT_RESOURCE: ReadonlySet<string> = new Set([
  'cloudwatch:PutMetricData',
  'polly:SynthesizeSpeech',
  'translate:TranslateText',
]);

/**
 * The permissions for a call in a program, from the same tables as those for Terraform's calls; undefined if crc does
 * not know them.
 */
export function rightsOf(
  call: SourceCall,
  { partition, region, accountId }: SourcePlace,
  reference: Reference,
): readonly SourceRight[] | undefined {
  const ofStatement = call.operation === 'ExecuteStatement' ? partiqlRight(call.parameters.Statement ?? '') : undefined;
  if (ofStatement !== undefined && plainName(call.service) === 'dynamodb') {
    const { action, table } = ofStatement;
    return [{ action, resource: `arn:${partition}:dynamodb:${region}:${accountId}:table/${table}` }];
  }
  const recorded: RecordedCall = {
    service: call.service,
    operation: call.operation,
    region,
    request: requestOf(call),
    // Unlike Terraform, a program does not need to be able to change or delete what it creates.
    phase: 'plan',
  };
  const place = { accountId, partition, state: [] };
  const run = { place, names: new Names(place), reference, tag: undefined };
  const grants = grantsOf(recorded, valuesOf(recorded.request), run);
  const rights = grants
    ?.filter(({ action }) => !call.operation.startsWith('Transact') || isOfPart(action, call.parts))
    .flatMap(({ action, resource }) =>
      (resourcesOf(action, call, { partition, region, accountId }) ?? [resource]).map((arn) => ({
        action,
        resource: arn,
      })),
    );
  return rights && [...new Map(rights.map((right) => [`${right.action} ${right.resource}`, right])).values()];
}

/** The resources of actions for which the reference lists others; undefined if its list is right. */
function resourcesOf(
  action: string,
  { parameters }: SourceCall,
  { partition, region, accountId }: SourcePlace,
): readonly string[] | undefined {
  // A message to a phone number has no topic: https://docs.aws.amazon.com/sns/latest/dg/sns-using-identity-based-policies.html
  if (WITHOUT_RESOURCE.has(action) || (action === 'sns:Publish' && 'PhoneNumber' in parameters)) return ['*'];
  if (!action.startsWith('bedrock:InvokeModel')) return undefined;
  const { modelId: model = '*' } = parameters;
  const isArn = model.startsWith('arn:');
  const models = (of: string, name: string) => `arn:${partition}:bedrock:${of}::foundation-model/${name}`;
  // An inference profile, which uses the model in several regions:
  // https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
  const id = model.slice(model.lastIndexOf('/') + 1);
  const [, profiled] = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/.exec(id) ?? [];
  if (profiled === undefined) return [isArn ? model : models(model === '*' ? '*' : region, model)];
  const profile = isArn ? model : `arn:${partition}:bedrock:${region}:${accountId}:inference-profile/${model}`;
  return [profile, models('*', profiled)];
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html */
function isOfPart(action: string, parts: readonly string[] | undefined): boolean {
  return parts === undefined || parts.some((part) => action === `dynamodb:${part}Item`);
}

/** An equivalent request, with only the parts that identify resources. */
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
