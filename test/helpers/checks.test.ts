import { expect, it } from 'vitest';
import type { Grant } from '../../src/engine/types.ts';
import { checkedCalls, notGranted, notNeeded } from './checks.ts';
import type { SentCall } from './fake-aws.ts';

const GROUP = 'arn:aws:logs:eu-west-2:123456789012:log-group:site';
const BUCKET = 'abcdef-terraform-state';
const CALLS: readonly SentCall[] = [
  { service: 'logs', operation: 'DescribeLogGroups', input: { logGroupNamePrefix: 'site' } },
  { service: 'logs', operation: 'CreateLogGroup', input: { logGroupName: 'site', tags: { ManagedBy: 'crc' } } },
  { service: 's3', operation: 'GetBucketPolicy', input: { Bucket: BUCKET } },
  {
    service: 'iam',
    operation: 'CreateRole',
    input: { RoleName: 'Deploy', Path: '/ci/', AssumeRolePolicyDocument: '{}' },
  },
  { service: 'iam', operation: 'GetRole', input: { RoleName: 'Deploy' } },
];
const GRANTS: readonly Grant[] = [
  { actions: ['logs:DescribeLogGroups'], resources: ['*'] },
  { actions: ['logs:CreateLogGroup', 'logs:TagResource'], resources: [GROUP, `${GROUP}:*`] },
  { actions: ['s3:GetBucketPolicy'], resources: [`arn:aws:s3:::${BUCKET}`] },
  { actions: ['iam:CreateRole', 'iam:GetRole'], resources: ['arn:aws:iam::123456789012:role/ci/*'] },
];

it('grants of exactly what the calls need lack nothing, and have nothing more', async () => {
  const calls = await checkedCalls(CALLS);
  expect([notGranted(calls, GRANTS), notNeeded(calls, GRANTS)]).toEqual([[], []]);
});

it.each([
  ['no action for the tags of a created resource', 1, { actions: ['logs:CreateLogGroup'] }, ['logs:TagResource']],
  [
    'the ARN of another resource',
    1,
    { resources: [`${GROUP}s`, GROUP.replace('eu-west-2', 'us-east-1')] },
    ['logs:CreateLogGroup', 'logs:TagResource'],
  ],
  ['all resources instead of an ARN', 2, { resources: ['*'] }, ['s3:GetBucketPolicy']],
  ['an ARN where AWS checks no resource', 0, { resources: [GROUP] }, ['logs:DescribeLogGroups']],
  [
    'an ARN without the path',
    3,
    { resources: ['arn:aws:iam::123456789012:role/Deploy'] },
    ['iam:CreateRole', 'iam:GetRole'],
  ],
] as const)('%s is not enough', async (_, index, change, actions) => {
  const calls = await checkedCalls(CALLS);
  const grants = GRANTS.map((grant, at) => (at === index ? { ...grant, ...change } : grant));
  expect(notGranted(calls, grants).map((check) => check.split(' on ')[0])).toEqual(actions);
});

it('an action that no call needs is more than enough', async () => {
  const more: Grant = { actions: ['logs:PutRetentionPolicy', 'iam:GetRole'], resources: [GROUP] };
  expect(notNeeded(await checkedCalls(CALLS), [...GRANTS, more])).toEqual(['logs:PutRetentionPolicy']);
});

it('a function is read with its tags, whose action is another one', async () => {
  const calls = await checkedCalls([{ service: 'lambda', operation: 'GetFunction', input: { FunctionName: 'f' } }]);
  const resources = ['arn:aws:lambda:eu-west-2:123456789012:function:f'];
  expect(notGranted(calls, [{ actions: ['lambda:GetFunction'], resources }])).toEqual([
    `lambda:ListTags on ${resources[0]}`,
  ]);
});
