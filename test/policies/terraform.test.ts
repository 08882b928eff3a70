import { describe, expect, it } from 'vitest';
import { terraformPolicy } from '../../src/policies/terraform.ts';

const KEY = 'github-oidc/terraform.tfstate';
const TABLE = 'arn:aws:dynamodb:eu-west-2:123456789012:table/locks';
const input = {
  accountId: '123456789012',
  bucket: 'states',
  bucketArn: 'arn:aws:s3:::states',
  lockTableArn: TABLE,
  state: [{ key: KEY, access: 'write' as const }],
  statements: [],
};
const Condition = { StringEquals: { 'aws:ResourceAccount': '123456789012' } };
const items = (...keys: string[]) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } });

describe('Terraform policy', () => {
  it('for a role that writes a state: the whole document', () => {
    expect(terraformPolicy(input)).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'CrcListState', Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::states', Condition },
        {
          Sid: 'CrcReadState',
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: [`arn:aws:s3:::states/${KEY}`, `arn:aws:s3:::states/env:/*/${KEY}`],
          Condition,
        },
        {
          Sid: 'CrcWriteState',
          Effect: 'Allow',
          Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
          Resource: [`arn:aws:s3:::states/${KEY}`, `arn:aws:s3:::states/env:/*/${KEY}`],
          Condition,
        },
        {
          Sid: 'CrcDeleteWorkspaceState',
          Effect: 'Allow',
          Action: 's3:DeleteObject',
          Resource: `arn:aws:s3:::states/env:/*/${KEY}`,
          Condition,
        },
        {
          Sid: 'CrcLockFile',
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
          Resource: [`arn:aws:s3:::states/${KEY}.tflock`, `arn:aws:s3:::states/env:/*/${KEY}.tflock`],
          Condition,
        },
        { Sid: 'CrcDescribeLockTable', Effect: 'Allow', Action: 'dynamodb:DescribeTable', Resource: TABLE },
        {
          Sid: 'CrcLockTable',
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
          Resource: TABLE,
          Condition: items(`states/${KEY}`, `states/${KEY}-md5`, `states/env:/*/${KEY}`, `states/env:/*/${KEY}-md5`),
        },
      ],
    });
  });

  it('for a read-only role: no lock, no writes', () => {
    const policy = terraformPolicy({ ...input, state: [{ key: KEY, access: 'read' }] });
    expect(policy?.Statement).toEqual([
      { Sid: 'CrcListState', Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::states', Condition },
      {
        Sid: 'CrcReadState',
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: [`arn:aws:s3:::states/${KEY}`, `arn:aws:s3:::states/env:/*/${KEY}`],
        Condition,
      },
      {
        Sid: 'CrcReadDigest',
        Effect: 'Allow',
        Action: 'dynamodb:GetItem',
        Resource: TABLE,
        Condition: items(`states/${KEY}-md5`, `states/env:/*/${KEY}-md5`),
      },
    ]);
  });

  it('for both: read-only states are not writable', () => {
    const state = [
      { key: 'mine', access: 'write' as const },
      { key: 'theirs', access: 'read' as const },
    ];
    const statements = terraformPolicy({ ...input, state })?.Statement ?? [];
    const mentioning = (key: string) =>
      statements.filter((statement) => JSON.stringify(statement).includes(key)).map(({ Sid }) => Sid);
    expect(mentioning('theirs')).toEqual(['CrcReadState', 'CrcReadDigest']);
    expect(mentioning('mine')).toEqual([
      'CrcReadState',
      'CrcWriteState',
      'CrcDeleteWorkspaceState',
      'CrcLockFile',
      'CrcReadDigest',
      'CrcLockTable',
    ]);
  });

  it('names no table if there is none', () => {
    expect(JSON.stringify(terraformPolicy({ ...input, lockTableArn: undefined }))).not.toContain('dynamodb');
  });

  it('allows the key only if there is one, and a reader only to decrypt', () => {
    const keyArn = 'arn:aws:kms:eu-west-2:123456789012:key/k';
    const statementOf = (access: 'read' | 'write') =>
      terraformPolicy({ ...input, keyArn, state: [{ key: KEY, access }] })?.Statement.at(-1);
    expect(statementOf('write')).toEqual({
      Sid: 'CrcStateKey',
      Effect: 'Allow',
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: keyArn,
    });
    expect(statementOf('read')).toMatchObject({ Action: 'kms:Decrypt' });
    expect(JSON.stringify(terraformPolicy(input))).not.toContain('kms');
  });

  it("adds the user's statements unchanged, even without a state, and is undefined without any", () => {
    const userStatement = { Effect: 'Allow', Action: 'cloudfront:*', Resource: '*' };
    expect(terraformPolicy({ ...input, statements: [userStatement] })?.Statement.at(-1)).toBe(userStatement);
    expect(terraformPolicy({ ...input, state: [], statements: [userStatement] })).toEqual({
      Version: '2012-10-17',
      Statement: [userStatement],
    });
    expect(terraformPolicy({ ...input, state: [] })).toBeUndefined();
  });

  it('has no wildcard for actions, and none for a whole bucket', () => {
    for (const { Action, Resource } of terraformPolicy(input)?.Statement ?? []) {
      expect(JSON.stringify(Action)).not.toContain('*');
      expect([Resource].flat()).not.toContain('*');
      expect([Resource].flat()).not.toContain('arn:aws:s3:::states/*');
    }
  });
});
