import type { PolicyDocument, Statement } from './document.ts';

/** Lambda itself, in every partition. */
export const executionTrust: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

export interface ExecutionPolicyInput {
  readonly tableArn: string | undefined;
  readonly logGroupArn: string;
}

/**
 * What a function may do: update items of its own table (ADD with ReturnValues needs no read), and write to its own log
 * group, which exists already: without logs:CreateLogGroup none comes to be that keeps logs for ever.
 */
export function executionPolicy({ tableArn, logGroupArn }: ExecutionPolicyInput): PolicyDocument {
  const log: Statement = {
    Sid: 'CrcWriteLog',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${logGroupArn}:*`,
  };
  const table: readonly Statement[] =
    tableArn === undefined
      ? []
      : [{ Sid: 'CrcUpdateTable', Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: tableArn }];
  return { Version: '2012-10-17', Statement: [...table, log] };
}
