import type { ServiceName } from '../../src/aws/services.ts';
import type { CallAnswers, RecordedAnswer } from './answer.ts';
import { DYNAMODB } from './dynamodb.ts';
import { IAM } from './iam.ts';
import { KMS } from './kms.ts';
import { LAMBDA } from './lambda.ts';
import { LOGS } from './logs.ts';
import { S3 } from './s3.ts';
import { STS } from './sts.ts';
import { TAG } from './tag.ts';

/**
 * AWS's answers by service, call and situation, in the protocol of the service. `source` states how reliable each one
 * is.
 */
export const RECORDED: { readonly [S in ServiceName]: Readonly<Record<string, CallAnswers>> } = {
  s3: S3,
  dynamodb: DYNAMODB,
  iam: IAM,
  sts: STS,
  lambda: LAMBDA,
  logs: LOGS,
  kms: KMS,
  tag: TAG,
};

/** For example `lambda:GetFunction`. */
export type CallName = `${ServiceName}:${string}`;

/** A recorded answer. Throws if there is none, or if the call cannot have it. */
export function recorded(call: CallName, situation: string): RecordedAnswer {
  const [service, operation] = call.split(':') as [ServiceName, string];
  const row = RECORDED[service][operation]?.[situation];
  if (row === undefined) throw new Error(`no answer is recorded for ${call}, ${situation}`);
  if ('never' in row) throw new Error(`${call} is never answered ${situation}: ${row.never}`);
  return row;
}
