import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/json.ts';
import { openStatements, statementsOn } from '../../src/policies/strangers.ts';

const ACCOUNT = '123456789012';
const OTHER = '210987654321';
const principalsOf = (statement: Record<string, Json>) =>
  openStatements(
    { Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...statement }] },
    ACCOUNT,
  ).map(({ who }) => who);

describe('who is granted access by the policy of a resource', () => {
  it.each<[Record<string, Json>, string]>([
    [{ Principal: '*' }, 'everyone'],
    [{ Principal: { AWS: '*' } }, 'everyone'],
    [{ Principal: { AWS: [ACCOUNT, '*'] } }, 'everyone'],
    [{ Principal: { '*': '*' } }, 'everyone'],
    [{ NotPrincipal: { AWS: ACCOUNT } }, 'everyone'],
    [{ Principal: { AWS: OTHER } }, `the account ${OTHER}`],
    [{ Principal: { AWS: `arn:aws:iam::${OTHER}:root` } }, `the account ${OTHER}`],
    [
      {
        Principal: {
          AWS: [`arn:aws:iam::${OTHER}:role/x`, `arn:aws-cn:sts::111111111111:assumed-role/x/y`, '222222222222'],
        },
      },
      `the accounts ${OTHER}, 111111111111 and 222222222222`,
    ],
    [{ Principal: { CanonicalUser: 'abc' } }, 'another AWS account'],
    // Conditions without an effect.
    [{ Principal: '*', Condition: { StringEquals: { 's3:prefix': 'x' } } }, 'everyone'],
    [{ Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, 'everyone'],
    [{ Principal: '*', Condition: { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } } }, 'everyone'],
    [{ Principal: '*', Condition: { 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-1' } } }, 'everyone'],
    [{ Principal: '*', Condition: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } } }, 'everyone'],
    [{ Principal: '*', Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }, 'everyone'],
    [{ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '0.0.0.0/0'] } } }, 'everyone'],
    [{ Principal: '*', Condition: {} }, 'everyone'],
  ])('%j: %s', (statement, principal) => {
    expect(principalsOf(statement)).toEqual([principal]);
  });

  it.each<[Record<string, Json>]>([
    [{ Effect: 'Deny', Principal: '*' }],
    [{ Principal: { AWS: ACCOUNT } }],
    [{ Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${ACCOUNT}:role/x`] } }],
    [{ Principal: { Service: 'logging.s3.amazonaws.com' } }],
    [{ Principal: { AWS: 'AIDACKCEVSQ6C2EXAMPLE' } }],
    [{ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }],
    [{ Principal: '*', Condition: { StringEquals: { 'AWS:PrincipalAccount': ACCOUNT } } }],
    [{ Principal: '*', Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::my-bucket' } } }],
    [{ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    [{ Principal: { AWS: OTHER }, Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }],
    [{ Principal: '*', Condition: { StringEquals: { 's3:prefix': 'x', 'aws:PrincipalOrgID': 'o-1' } } }],
  ])('%j: no one else', (statement) => {
    expect(principalsOf(statement)).toEqual([]);
  });

  it.each<[Json]>([[null], ['x'], [{}], [{ Statement: null }], [{ Statement: [null, 'x', []] }]])(
    '%j: no one',
    (policy) => {
      expect(openStatements(policy, ACCOUNT)).toEqual([]);
    },
  );

  it('names the statement, and accepts a statement that is not in a list', () => {
    const Statement = { Sid: 'Share', Effect: 'Allow', Principal: '*', Action: ['s3:Get*', 's3:List*'] };
    expect(openStatements({ Statement }, ACCOUNT)).toEqual([
      { sid: 'Share', who: 'everyone', actions: 's3:Get*, s3:List*' },
    ]);
  });
});

describe('the statements about one resource', () => {
  const ARN = 'arn:aws:lambda:eu-west-2:123456789012:function:F';

  it.each<[string, Json | undefined, boolean]>([
    ['no resource', undefined, true],
    ['it', ARN, true],
    ['it and another', [`${ARN}:live`, ARN], true],
    ['another', `${ARN}:live`, false],
    ['others', [`${ARN}:live`, `${ARN}:1`], false],
  ])('a statement that names %s', (_, named, isAboutIt) => {
    const statement = { Effect: 'Allow', ...(named === undefined ? {} : { Resource: named }) };
    expect(statementsOn({ Statement: [statement] }, ARN)).toEqual({ Statement: isAboutIt ? [statement] : [] });
  });
});
