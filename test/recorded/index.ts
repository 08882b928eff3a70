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

/** What AWS answers, by service, call and situation: in the protocol of the service. `source` says of each row how well it is known. */
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

/** `lambda:GetFunction` */
export type CallName = `${ServiceName}:${string}`;

/** One row. Throws where there is none, or where the call cannot get that answer. */
export function recorded(call: CallName, situation: string): RecordedAnswer {
  const [service, operation] = call.split(':') as [ServiceName, string];
  const row = RECORDED[service][operation]?.[situation];
  if (row === undefined) throw new Error(`no answer is recorded for ${call}, ${situation}`);
  if ('never' in row) throw new Error(`${call} is never answered ${situation}: ${row.never}`);
  return row;
}
