import { describe, expect, it } from 'vitest';
import { executionPolicy, executionTrust } from '../../src/policies/execution.ts';

const logGroupArn = 'arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/F';
const log = {
  Sid: 'CrcWriteLog',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: `${logGroupArn}:*`,
};

describe('the policies of an execution role', () => {
  it('let Lambda alone assume it', () => {
    expect(executionTrust).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
  });

  it('allow to update that table and to write that log, and nothing else', () => {
    const tableArn = 'arn:aws:dynamodb:eu-west-2:123456789012:table/Visits';
    expect(executionPolicy({ tableArn, logGroupArn })).toEqual({
      Version: '2012-10-17',
      Statement: [{ Sid: 'CrcUpdateTable', Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: tableArn }, log],
    });
    expect(executionPolicy({ tableArn: undefined, logGroupArn }).Statement).toEqual([log]);
  });
});
