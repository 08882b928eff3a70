import { describe, expect, it } from 'vitest';
import { accessFor, executionPolicy, executionTrust, type TableAccess } from '../../src/policies/execution.ts';

const logGroupArn = 'arn:aws:logs:eu-west-2:123456789012:log-group:/aws/lambda/F';
const arn = 'arn:aws:dynamodb:eu-west-2:123456789012:table/Visits';
const log = {
  Sid: 'CrcWriteLog',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: `${logGroupArn}:*`,
};

describe('the policies of an execution role', () => {
  it('let only Lambda assume it', () => {
    expect(executionTrust).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    });
  });

  it('allow updating that table and writing that log, and nothing else', () => {
    expect(executionPolicy({ table: { arn, access: 'update' }, logGroupArn, statements: [] })).toEqual({
      Version: '2012-10-17',
      Statement: [{ Sid: 'CrcUpdateTable', Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: arn }, log],
    });
    expect(executionPolicy({ table: undefined, logGroupArn, statements: [] }).Statement).toEqual([log]);
  });

  it.each<[TableAccess, string, readonly string[]]>([
    ['read', 'CrcReadTable', ['GetItem', 'BatchGetItem', 'Query', 'Scan']],
    [
      'read-write',
      'CrcReadWriteTable',
      [
        'GetItem',
        'BatchGetItem',
        'Query',
        'Scan',
        'ConditionCheckItem',
        'PutItem',
        'UpdateItem',
        'DeleteItem',
        'BatchWriteItem',
      ],
    ],
  ])('allow %s on that table alone', (access, Sid, operations) => {
    const { Statement } = executionPolicy({ table: { arn, access }, logGroupArn, statements: [] });
    const Action = operations.map((operation) => `dynamodb:${operation}`);
    expect(Statement).toEqual([{ Sid, Action, Effect: 'Allow', Resource: arn }, log]);
  });

  it("have the user's own statements unchanged, after crc's", () => {
    const statement = { Effect: 'Allow', Action: 'sns:Publish', Resource: 'arn:aws:sns:eu-west-2:123456789012:visits' };
    const { Statement } = executionPolicy({ table: undefined, logGroupArn, statements: [statement] });
    expect(Statement).toEqual([log, statement]);
  });
});

describe('the least access to a table', () => {
  it.each([
    [['UpdateItem'], 'update'],
    [['GetItem', 'Query'], 'read'],
    [['GetItem', 'UpdateItem'], 'read-write'],
    [['PutItem'], 'read-write'],
    [['GetItem', 'CreateBackup'], undefined],
  ])('for %j is %s', (names, access) => {
    expect(accessFor(names.map((name) => `dynamodb:${name}`))).toBe(access);
  });
});
