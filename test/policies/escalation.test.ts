import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escalations, type UserStatement, writes } from '../../src/policies/escalation.ts';

const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}): UserStatement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const actionsOf = (...statements: UserStatement[]) => escalations(statements).flatMap(({ actions }) => actions);
const ROLES = 'arn:aws:iam::123456789012:role/*';

describe('statements that let a role escalate its privileges', () => {
  it.each<[string, UserStatement, readonly string[]]>([
    ['an action', allow('iam:PutRolePolicy'), ['iam:PutRolePolicy']],
    ['in any case', allow('IAM:putrolepolicy'), ['iam:PutRolePolicy']],
    [
      'by a wildcard',
      allow('iam:*RolePolicy'),
      ['iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy'],
    ],
    ['by ?', allow('iam:PutRolePolic?'), ['iam:PutRolePolicy']],
    [
      'on some roles',
      allow('iam:UpdateAssumeRolePolicy', 'arn:aws:iam::123456789012:role/app-*'),
      ['iam:UpdateAssumeRolePolicy'],
    ],
    ['on one role', allow('iam:PutRolePolicy', 'arn:aws:iam::123456789012:role/app'), ['iam:PutRolePolicy']],
    [
      'on policies',
      allow('iam:CreatePolicyVersion', 'arn:aws:iam::123456789012:policy/*'),
      ['iam:CreatePolicyVersion'],
    ],
    ['on users', allow('iam:CreateAccessKey', 'arn:aws:iam::*:user/*'), ['iam:CreateAccessKey']],
    ['of groups', allow('iam:AddUserToGroup', 'arn:aws:iam::*:*'), ['iam:AddUserToGroup']],
    ['by passing every role', allow('iam:PassRole', ROLES), ['iam:PassRole']],
    ['by passing roles that match a wildcard', allow('iam:PassRole', 'arn:aws:iam::*:role/*'), ['iam:PassRole']],
    ['by assuming every role', allow('sts:AssumeRole', '*'), ['sts:AssumeRole']],
    [
      'through the code of every function',
      allow('lambda:*', 'arn:aws:lambda:*:*:function:*'),
      ['lambda:UpdateFunctionCode'],
    ],
    ['with a wildcard for ARNs', allow('iam:PutRolePolicy', 'arn:*'), ['iam:PutRolePolicy']],
    [
      'but for one resource',
      { Effect: 'Allow', Action: 'iam:PassRole', NotResource: 'arn:aws:iam::1:role/x' },
      ['iam:PassRole'],
    ],
  ])('%s', (_, statement, actions) => {
    expect(actionsOf(statement)).toEqual(actions);
  });

  it('all but some actions', () => {
    const statement: UserStatement = { Effect: 'Allow', NotAction: ['iam:Put*', 's3:*'], Resource: '*' };
    expect(actionsOf(statement)).toContain('iam:AttachRolePolicy');
    expect(actionsOf(statement)).not.toContain('iam:PutRolePolicy');
    expect(actionsOf({ Effect: 'Allow', NotAction: ['iam:*', 'sts:*', 'lambda:*'], Resource: '*' })).toEqual([]);
  });

  it.each<[string, ...UserStatement[]]>([
    ['a denial', { Effect: 'Deny', Action: '*', Resource: '*' }],
    ['reads', allow(['iam:Get*', 'iam:List*', 'sts:GetCallerIdentity'])],
    ['other resources', allow('iam:*', 'arn:aws:iam::123456789012:oidc-provider/*')],
    ['buckets', allow('*', 'arn:aws:s3:::my-bucket/*')],
    ['passing one role', allow('iam:PassRole', 'arn:aws:iam::123456789012:role/app')],
    ['passing some roles', allow('iam:PassRole', 'arn:aws:iam::123456789012:role/app-*')],
    ['assuming one role', allow('sts:AssumeRole', 'arn:aws:iam::123456789012:role/app')],
    [
      'the code of one function',
      allow('lambda:UpdateFunctionCode', 'arn:aws:lambda:eu-west-2:123456789012:function:Counter'),
    ],
    [
      'roles under a boundary',
      allow('iam:*Role*', ROLES, {
        Condition: { StringEquals: { 'iam:PermissionsBoundary': 'arn:aws:iam::123456789012:policy/B' } },
      }),
    ],
    ['a denied action', allow('iam:PutRolePolicy'), { Effect: 'Deny', Action: 'iam:*', Resource: '*' }],
  ])('%s does not count', (_, ...statements) => {
    expect(escalations(statements)).toEqual([]);
  });

  it('a condition is reported, but not evaluated; any boundary suppresses the warning', () => {
    const conditional = allow('iam:PassRole', '*', {
      Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    });
    expect(escalations([conditional])).toEqual([
      { at: 0, actions: ['iam:PassRole'], resources: ['*'], conditional: true },
    ]);
    const any = allow('iam:PutRolePolicy', '*', { Condition: { StringLike: { 'iam:PermissionsBoundary': '*' } } });
    expect(escalations([any])).toMatchObject([{ conditional: true }]);
    const ifExists = allow('iam:PutRolePolicy', '*', {
      Condition: { StringEqualsIfExists: { 'iam:PermissionsBoundary': 'arn:x' } },
    });
    expect(escalations([ifExists])).toMatchObject([{ conditional: true }]);
  });

  it('a denial with a condition, or on some resources, does not count', () => {
    const deny = (more: object): UserStatement => ({ Effect: 'Deny', Action: 'iam:*', Resource: '*', ...more });
    expect(
      actionsOf(allow('iam:PutRolePolicy'), deny({ Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } })),
    ).toEqual(['iam:PutRolePolicy']);
    expect(actionsOf(allow('iam:PutRolePolicy'), deny({ Resource: 'arn:aws:iam::1:role/x' }))).toEqual([
      'iam:PutRolePolicy',
    ]);
  });

  it('terminates, whatever the statements contain', () => {
    const texts = fc.oneof(fc.string(), fc.array(fc.string({ unit: fc.constantFrom('*', '?', 'a', ':', '/') })));
    fc.assert(
      fc.property(texts, texts, (Action, Resource) =>
        Array.isArray(escalations([{ Effect: 'Allow', Action, Resource }])),
      ),
    );
  });
});

describe('writes', () => {
  it.each<[UserStatement, boolean]>([
    [allow('s3:GetObject'), false],
    [allow(['s3:Get*', 'dynamodb:Query', 'ec2:Describe*']), false],
    [allow('s3:*'), true],
    [allow('*'), true],
    [allow('s3:G*'), true],
    [allow(['s3:GetObject', 's3:PutObject']), true],
    [{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }, true],
    [{ Effect: 'Deny', Action: '*', Resource: '*' }, false],
  ])('%j: %s', (statement, expected) => {
    expect(writes(statement)).toBe(expected);
  });
});
