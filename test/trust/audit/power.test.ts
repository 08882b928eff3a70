import { describe, expect, it } from 'vitest';
import { type PolicyOfRole, powersOf } from '../../../src/trust/audit/power.ts';
import { policyOf } from './policies.ts';

const policy = (...statements: readonly object[]): PolicyOfRole => ({ document: { Statement: statements } as never });
const allow = (Action: string, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });
const deny = (Action: string, more: object = {}) => ({ ...allow(Action, more), Effect: 'Deny' });
const UNREAD: PolicyOfRole = { document: undefined };

describe('the power of a role', () => {
  it.each<readonly [string, readonly PolicyOfRole[], string, readonly string[]]>([
    ['no policy', [], 'read', []],
    ['everything', [policyOf('*')], 'administrator', ['administrator']],
    [
      'everything except one service',
      [policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })],
      'write',
      ['assume roles', 'change functions', 'write'],
    ],
    ['its own policies', [policyOf('iam:PutRolePolicy')], 'administrator', ['change IAM', 'write']],
    ['roles for its functions', [policyOf('iam:PassRole', 'lambda:CreateFunction')], 'write', ['pass roles', 'write']],
    ['other roles', [policyOf('sts:AssumeRole')], 'write', ['assume roles', 'write']],
    ['objects', [policyOf('s3:PutObject', 's3:GetObject')], 'write', ['write', 'read']],
    ['reading', [policyOf('s3:Get*', 'kms:Decrypt')], 'read', ['read']],
    [
      'pulling an image',
      [policyOf('ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability')],
      'read',
      ['read'],
    ],
    ['reading, by a policy of AWS', [{ document: undefined, onlyReads: true }], 'read', ['read']],
    ['unreadable policies', [policyOf('s3:GetObject'), UNREAD], 'unknown', ['read']],
    ['an administrator with unreadable policies', [policyOf('*'), UNREAD], 'administrator', ['administrator']],
    ['writing that is denied', [policy(allow('s3:PutObject'), deny('s3:*'))], 'read', []],
    ['everything, denied', [policyOf('*'), policy(deny('*'))], 'read', []],
    [
      'everything, but IAM is denied',
      [policyOf('*'), policy(deny('iam:*'))],
      'write',
      ['assume roles', 'change functions', 'write'],
    ],
    [
      'everything, but IAM is denied on one role',
      [policyOf('*'), policy(deny('iam:*', { Resource: 'arn:aws:iam::123456789012:role/admin' }))],
      'administrator',
      ['administrator'],
    ],
    [
      'everything, but one service is denied',
      [policyOf('*'), policy(deny('s3:*'))],
      'administrator',
      ['administrator'],
    ],
    [
      'writing that is denied sometimes',
      [policy(allow('s3:PutObject'), deny('s3:*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } }))],
      'write',
      ['write'],
    ],
    [
      'write access that is partly denied',
      [policy(allow('s3:PutObject'), deny('s3:*', { Resource: 'arn:aws:s3:::b/*' }))],
      'write',
      ['write'],
    ],
  ])('%s', (_, policies, power, abilities) => {
    const actual = powersOf(policies, undefined);
    expect(actual.power).toBe(power);
    expect(actual.abilities.slice(0, abilities.length)).toEqual(abilities);
    if (power !== 'administrator') expect(actual.abilities).toEqual(abilities);
  });

  it.each<readonly [string, PolicyOfRole, string]>([
    ['that only reads', policyOf('s3:Get*'), 'read'],
    ['that writes', policyOf('s3:*'), 'write'],
    ['of everything', policyOf('*'), 'administrator'],
    ['that could not be read', UNREAD, 'unknown'],
  ])('is limited by a boundary %s', (_, boundary, power) => {
    expect(powersOf([policyOf('*')], boundary).power).toBe(power);
    expect(powersOf([policyOf('s3:GetObject')], boundary).power).toBe('read');
  });
});
