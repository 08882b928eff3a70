import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { watchCalls } from '../../src/aws/calls.ts';
import { explain } from '../../src/aws/explain.ts';
import { CrcError } from '../../src/errors.ts';

function awsError(name: string, message: string, status = 400, more: object = {}): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, attempts: 1 }, ...more });
}

const IAM_DENIED =
  'User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:GetRole on resource: role X because no identity-based policy allows the iam:GetRole action';

describe('explain', () => {
  it.each<[string, Error, RegExp, RegExp]>([
    [
      'no credentials',
      awsError('CredentialsProviderError', 'Could not load credentials from any providers'),
      /^No AWS credentials/,
      /aws sso login.*--profile.*crc sandbox/,
    ],
    [
      'an expired login',
      awsError('CredentialsProviderError', 'Token is expired. To refresh this SSO session run aws sso login'),
      /login has expired/,
      /aws sso login/,
    ],
    [
      'an unknown profile',
      awsError(
        'CredentialsProviderError',
        'Could not resolve credentials using profile: [work] in configuration/credentials file(s).',
      ),
      /profile "work"/,
      /list-profiles/,
    ],
    [
      'expired credentials',
      awsError('ExpiredToken', 'The security token included in the request is expired', 403),
      /have expired/,
      /Renew/,
    ],
    [
      'refused credentials',
      awsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
      /does not accept the credentials \(InvalidClientTokenId\)/,
      /Check/,
    ],
    [
      'a denied call, in AWS’s words',
      awsError('AccessDenied', IAM_DENIED, 403),
      /^Access denied: .*on role.*no identity-based policy/,
      /permissions boundary/,
    ],
    [
      'a denied call without words',
      awsError('AccessDenied', 'Access Denied', 403),
      /^Access denied: this call on thing\.$/,
      /Allow this call on thing/,
    ],
    [
      'a quota',
      awsError('LimitExceededException', 'Cannot exceed quota for RolesPerAccount: 1000', 409),
      /quota.*RolesPerAccount/,
      /Service Quotas/,
    ],
    [
      'throttling',
      awsError('ThrottlingException', 'Rate exceeded', 400, { $metadata: { attempts: 5 } }),
      /throttling.*5 attempts/,
      /goes on where it stopped/,
    ],
    ['SlowDown', awsError('SlowDown', 'Reduce your request rate', 503), /throttling/, /Wait/],
    [
      'an error of AWS',
      awsError('InternalError', 'We encountered an internal error.', 500),
      /error of its own \(InternalError, status 500, 1 attempt\)/,
      /Run it again/,
    ],
    [
      'nobody at the endpoint',
      Object.assign(new Error('connect'), { name: 'Error', code: 'ECONNREFUSED', address: '127.0.0.1', port: 9 }),
      /cannot be reached at 127\.0\.0\.1:9 \(ECONNREFUSED\)/,
      /--endpoint-url/,
    ],
    [
      'no such host',
      Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND', hostname: 's3.nowhere' }),
      /at s3\.nowhere \(ENOTFOUND\)/,
      /network/,
    ],
    ['a timeout', awsError('TimeoutError', 'socket', 0), /cannot be reached.*TimeoutError/, /network/],
    [
      'anything else',
      awsError('MalformedPolicyDocument', 'must evaluate sub'),
      /MalformedPolicyDocument: must evaluate sub/,
      /./,
    ],
  ])('%s', (_, error, message, hint) => {
    const explained = explain(error, 'thing');
    expect(explained).toBeInstanceOf(CrcError);
    expect(explained.message).toMatch(message);
    expect(explained.hint ?? 'none').toMatch(hint);
    expect(explained.cause).toBe(error);
  });

  it('never repeats a signed request', () => {
    const error = awsError(
      'SignatureDoesNotMatch',
      "The Canonical String should have been 'x-amz-security-token:SECRETTOKEN'",
      403,
    );
    const { message, hint } = explain(error);
    expect(`${message}${hint}`).not.toContain('SECRETTOKEN');
  });

  it('leaves its own errors alone', () => {
    const own = new CrcError('mine');
    expect(explain(own)).toBe(own);
  });

  it('names the call that failed, and the action that it lacked', async () => {
    const s3 = new S3Client({
      region: 'eu-west-2',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      requestHandler: {
        handle: async () => ({ response: { statusCode: 403, headers: {}, body: undefined } }),
      } as never,
    });
    const count = { read: 0, write: 0 };
    const calls: string[] = [];
    s3.middlewareStack.use(watchCalls('s3', count, ({ operation, error }) => calls.push(`${operation} ${error}`)));
    const error: unknown = await s3.send(new HeadBucketCommand({ Bucket: 'b' })).catch((thrown: unknown) => thrown);
    expect(explain(error, 'b').message).toBe('Access denied: s3:ListBucket on b.');
    expect([count, calls.length]).toEqual([{ read: 1, write: 0 }, 1]);
    expect(calls[0]).toMatch(/^HeadBucket /);
  });
});
