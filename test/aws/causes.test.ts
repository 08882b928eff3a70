import { describe, expect, it } from 'vitest';
import { checkAnswers } from '../../src/aws/answers.ts';
import { watchCalls } from '../../src/aws/calls.ts';
import { clockDifference } from '../../src/aws/clock.ts';
import { explain } from '../../src/aws/explain.ts';
import { SERVICES, type ServiceName } from '../../src/aws/services.ts';
import type { CrcError } from '../../src/errors.ts';
import { SETTINGS, sendTo } from '../helpers/fake-aws.ts';
import { CLIENTS } from '../helpers/sdk-clients.ts';
import { page, type WireForm } from '../recorded/answer.ts';
import { CLIENT_MODULES, INPUT } from '../recorded/clients.ts';
import { type CallName, recorded } from '../recorded/index.ts';
import { responseOf } from '../recorded/script.ts';

/** The error that crc shows when a call gets this answer. */
async function errorFor(
  call: CallName,
  answer: Omit<WireForm, 'source'>,
  {
    region,
    regionFlag,
    checks,
  }: { readonly region?: string; readonly regionFlag?: boolean; readonly checks?: boolean } = {},
): Promise<CrcError> {
  const [service, operation] = call.split(':') as [ServiceName, string];
  const module = await CLIENT_MODULES[service]();
  const Command = module[`${operation}Command`] as new (input: object) => object;
  const requestHandler = { handle: async () => responseOf({ ...answer, source: '' }) } as never;
  const client = new CLIENTS[service]({ ...SETTINGS, ...(region && { region }), maxAttempts: 1, requestHandler });
  if (checks) client.middlewareStack.use(checkAnswers(SERVICES[service]));
  client.middlewareStack.use(
    watchCalls(service, { read: 0, write: 0 }, () => undefined, { region: region ?? SETTINGS.region, regionFlag }),
  );
  const error: unknown = await sendTo(client, new Command(INPUT)).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return explain(error, 'thing');
}

function row(call: CallName, situation: string): WireForm {
  const answer = recorded(call, situation);
  if (!('status' in answer)) throw new Error('not a complete response');
  return answer;
}

it.each([
  [418, /^s3:HeadBucket for thing failed: no reason was given \(status 418\)$/],
  [405, /no reason was given \(status 405\)/],
  [501, /^s3:HeadBucket for thing failed: AWS returned an internal error \(501, 1 attempt\)\.$/],
])('an answer to HEAD with status %i has no content, and so no name', async (status, message) => {
  const error = await errorFor('s3:HeadBucket', { status, headers: {}, body: '' });
  expect(error.message).toMatch(message);
});

it('an error without a name, as of a proxy, keeps its message', async () => {
  const body = '{"message":"Blocked by policy 7"}';
  const error = await errorFor('lambda:GetFunction', { status: 409, headers: {}, body });
  expect(error.message).toBe('lambda:GetFunction for thing failed: Blocked by policy 7 (status 409)');
});

it.each<[string, RegExp]>([
  ['in-another-region', /^Leave --region out: .*set "region": "us-west-1" in "stateBucket"/],
  ['moved-unknown', /^Leave --region out: .*fix "region" in "stateBucket"/],
])('a bucket that is not where --region says: the flag comes first (%s)', async (situation, hint) => {
  const { hint: advice } = await errorFor('s3:HeadBucket', row('s3:HeadBucket', situation), { regionFlag: true });
  expect(advice).toMatch(hint);
});

describe('an answer recorded from AWS', () => {
  it.each<[CallName, string, RegExp, RegExp]>([
    [
      'sts:GetCallerIdentity',
      'clock-behind',
      /this machine's clock is 60 minutes behind AWS time\.$/,
      /^Turn on automatic time/,
    ],
    [
      'sts:GetCallerIdentity',
      'clock-ahead',
      /this machine's clock is 60 minutes ahead of AWS time\.$/,
      /^Turn on automatic time/,
    ],
    [
      'sts:GetCallerIdentity',
      'wrong-secret',
      /does not accept the credentials \(SignatureDoesNotMatch\)/,
      /secret access key may be wrong/,
    ],
    [
      'sts:GetCallerIdentity',
      'region-disabled',
      /^eu-west-2 is not enabled for your account/,
      /aws account enable-region --region-name eu-west-2/,
    ],
    [
      'sts:GetCallerIdentity',
      'unknown-token',
      /does not accept the credentials \(InvalidClientTokenId\)/,
      /access key may have been deleted/,
    ],
    ['sts:GetCallerIdentity', 'expired', /^The AWS credentials have expired\.$/, /^Log in/],
    [
      's3:HeadBucket',
      'in-another-region',
      /the bucket is in us-west-1, not in eu-west-2\.$/,
      /Set "region": "us-west-1"/,
    ],
    [
      's3:HeadBucket',
      'bad-request-elsewhere',
      /the bucket is in us-west-1, not in eu-west-2\.$/,
      /Set "region": "us-west-1"/,
    ],
    ['s3:HeadBucket', 'bad-request', /S3 rejected the request without a reason \(400\)/, /may have expired/],
    ['s3:HeadBucket', 'moved-unknown', /the bucket is in another region\.$/, /Fix "region" in "stateBucket"/],
    ['s3:HeadBucket', 'redirect', /something other than AWS answered \(redirect, 302\)/, /login page/],
    ['s3:GetBucketPolicy', 'in-another-region', /the bucket is in another region\.$/, /Fix "region" in "stateBucket"/],
    ['lambda:GetFunction', 'redirect', /something other than AWS answered \(redirect, 302\)/, /login page/],
    ['lambda:GetFunction', 'login-page', /something other than AWS answered\.$/, /login page/],
    [
      'lambda:GetFunction',
      'gateway-page',
      /something other than AWS answered|AWS returned an internal error \(502/,
      /./,
    ],
    [
      'dynamodb:UpdateTable',
      'too-many-changes',
      /DynamoDB is busy with other changes \(1 attempt\): .*simultaneously/,
      /^Wait a minute/,
    ],
    ['dynamodb:TagResource', 'busy', /DynamoDB is busy .*Table tags are being updated/, /^Wait a minute/],
    [
      'dynamodb:UpdateTable',
      'decreases-used-up',
      /capacity cannot be reduced again yet: .*Next decrease can be made at/,
      /after the time above/,
    ],
    [
      'dynamodb:UpdateTable',
      'account-maximum',
      /a quota of this account is exhausted: .*for the account/,
      /smaller capacity/,
    ],
    [
      'dynamodb:UpdateTable',
      'table-maximum',
      /a quota of this account is exhausted: .*per table maximum/,
      /smaller capacity/,
    ],
    [
      'dynamodb:CreateTable',
      'too-many-tables',
      /a quota of this account is exhausted: .*maximum number of tables/,
      /smaller capacity/,
    ],
    [
      'iam:CreateRole',
      'too-many',
      /a quota of this account is exhausted: .*RolesPerAccount/,
      /Delete what you no longer need/,
    ],
    [
      'iam:PutRolePolicy',
      'too-long',
      /the inline policies of a role may have 10,240 characters together\.$/,
      /^`crc plan --prune` shows those that are not in the config, and `crc bootstrap --prune` first deletes them\. .*aws iam delete-role-policy --role-name thing --policy-name POLICY/,
    ],
    [
      's3:PutBucketTagging',
      'attribute-based-access-control',
      /s3:PutBucketTagging for thing failed: InvalidRequest/,
      /aws s3control tag-resource/,
    ],
    [
      's3:PutBucketPolicy',
      'public',
      /s3:PutBucketPolicy for thing failed: a statement in the bucket's policy grants public access/,
      /^Remove that statement, which `crc verify` names/,
    ],
    [
      's3:PutBucketOwnershipControls',
      'acl',
      /s3:PutBucketOwnershipControls for thing failed: the bucket's ACL grants access to others/,
      /put-bucket-acl --bucket thing --acl private/,
    ],
    ['iam:CreateOpenIDConnectProvider', 'issuer-unreachable', /OpenIdIdpCommunicationError/, /./],
    ['logs:DeleteLogGroup', 'protected', /ValidationException: Log group has deletion protection/, /./],
  ])('%s, %s', async (call, situation, message, hint) => {
    const error = await errorFor(call, row(call, situation));
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(hint);
  });

  it('an unknown token in a region that must be enabled first', async () => {
    const { message, hint } = await errorFor('sts:GetCallerIdentity', row('sts:GetCallerIdentity', 'unknown-token'), {
      region: 'ap-east-1',
    });
    expect(message).toBe(
      'AWS does not accept the credentials in ap-east-1, a region that each account must enable first (InvalidClientTokenId).',
    );
    expect(hint).toBe(
      'Enable it: `aws account enable-region --region-name ap-east-1` (this takes a few minutes), or use other credentials.',
    );
  });

  it('a denial of Moto, which takes a conditional denial in a bucket policy for an unconditional one', async () => {
    const denied = (server: string) => ({ status: 403, headers: { server, 'x-amzn-requestid': 'x' }, body: '' });
    const explained = async (call: CallName, server: string) => await errorFor(call, denied(server), { checks: true });
    const { message, hint } = await explained('s3:GetObject', 'Werkzeug/3.1.8 Python/3.13.5');
    expect(message).toMatch(/^s3:GetObject for thing failed: the emulator \(Moto\) denies access to all objects/);
    expect(hint).toContain('`crc sandbox --terraform`');
    expect((await explained('s3:GetObject', 'nginx')).message).toContain('something other than AWS answered');
    expect((await explained('iam:GetRole', 'Werkzeug/3')).message).toContain('something other than AWS answered');
  });

  it('a web page instead of a response, for each service', async () => {
    for (const call of ['dynamodb:DescribeTable', 'lambda:GetAlias', 'logs:ListTagsForResource'] as const) {
      expect((await errorFor(call, page(200))).message).toBe(
        `${call} for thing failed: something other than AWS answered.`,
      );
    }
  });
});

describe('the clock difference', () => {
  const answer = (message: string, date?: string) =>
    Object.assign(new Error(message), { $response: { headers: date === undefined ? {} : { date } } });

  it.each([
    [
      'Signature expired: 20261125T200000Z is now earlier than 20261125T205500Z (20261125T210000Z - 5 min.)',
      undefined,
      '60 minutes behind',
    ],
    ['', 'Wed, 25 Nov 2026 21:00:00 GMT', '1 minute ahead of'],
    ['', 'Wed, 25 Nov 2026 21:01:10 GMT', undefined],
    ['', undefined, undefined],
    ['', 'odd', undefined],
  ])('%s %s: %s', (message, date, difference) => {
    expect(clockDifference(answer(message, date), Date.parse('2026-11-25T21:01:00Z'))).toBe(difference);
  });
});
