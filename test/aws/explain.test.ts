import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  GetObjectLockConfigurationCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { HttpHandlerUserInput } from '@smithy/core/protocols';
import { describe, expect, it } from 'vitest';
import { StrangeAnswer } from '../../src/aws/answers.ts';
import { watchCalls } from '../../src/aws/calls.ts';
import { explain } from '../../src/aws/explain.ts';
import { CrcError } from '../../src/errors.ts';

function awsError(name: string, message: string, status = 400, more: object = {}): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, attempts: 1 }, ...more });
}

const SECRET = 'FwoGZXIvYXdzSECRETTOKEN';
const DENIED_HINT = /^Allow .* for these credentials, or use others \(--profile\)\. A permissions boundary or/;

const IAM_DENIED =
  'User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:GetRole on resource: role X because no identity-based policy allows the iam:GetRole action';

const SETTINGS = { region: 'eu-west-2', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };

function answering(statusCode: number, body: string, headers = {}): HttpHandlerUserInput {
  return { handle: async () => ({ response: { statusCode, headers, body: new TextEncoder().encode(body) } }) };
}

/** The error of a watched client. */
async function failureOf(requestHandler: HttpHandlerUserInput, run: (s3: S3Client) => Promise<unknown>) {
  const s3 = new S3Client({ ...SETTINGS, requestHandler });
  s3.middlewareStack.use(watchCalls('s3', { read: 0, write: 0 }, () => undefined));
  return await run(s3).catch((thrown: unknown): unknown => thrown);
}

describe('explain', () => {
  it.each<[string, Error, RegExp, RegExp]>([
    [
      'no credentials',
      awsError('CredentialsProviderError', 'Could not load credentials from any providers'),
      /^No AWS credentials/,
      /^Log in: `aws login`, or `aws sso login`/,
    ],
    [
      'expired credentials',
      awsError('ExpiredToken', 'The security token included in the request is expired', 403),
      /have expired/,
      /^Log in/,
    ],
    [
      'a web identity token that is quoted',
      awsError('InvalidIdentityToken', 'No OpenIDConnect provider found in your account for eyJ.a.b', 400),
      /^AWS does not accept the web identity token: No OpenIDConnect provider found in your account\.$/,
      /crc explain --token/,
    ],
    [
      'a web identity token that is refused',
      awsError('IDPRejectedClaimException', 'eyJ.a.b', 403),
      /^AWS does not accept the web identity token: IDPRejectedClaimException\.$/,
      /a few minutes/,
    ],
    [
      'a page in place of an answer',
      new StrangeAnswer('<html><body>Please log in'),
      /something other than AWS answered: "<html><body>Please log in"/,
      /HTTPS_PROXY/,
    ],
    [
      'refused credentials',
      awsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403),
      /does not accept the credentials \(InvalidClientTokenId\)/,
      /access key may have been deleted/,
    ],
    [
      'a denied call with a message',
      awsError('AccessDenied', IAM_DENIED, 403),
      /^Access denied: .*on role.*no identity-based policy/,
      /permissions boundary/,
    ],
    [
      'a denied call without a message',
      awsError('AccessDenied', 'Access Denied', 403),
      /^Access denied: this call on thing\.$/,
      /Allow this call on thing/,
    ],
    [
      'an account that is not active yet',
      awsError('OptInRequired', 'The AWS Access Key Id needs a subscription for the service', 403),
      /this AWS account is not active yet, or is suspended \(OptInRequired\)\.$/,
      /^Sign in to the AWS console/,
    ],
    [
      'a certificate of the network',
      Object.assign(new Error('self-signed certificate in certificate chain'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      /the server's certificate is not trusted \(SELF_SIGNED_CERT_IN_CHAIN\)\.$/,
      /set NODE_EXTRA_CA_CERTS to the file with its root certificate/,
    ],
    [
      'a quota',
      awsError('LimitExceededException', 'Cannot exceed quota for RolesPerAccount: 1000', 409),
      /quota.*RolesPerAccount/,
      /aws service-quotas/,
    ],
    [
      'throttling',
      awsError('ThrottlingException', 'Rate exceeded', 400, { $metadata: { attempts: 5 } }),
      /throttling.*5 attempts/,
      /continues where it stopped/,
    ],
    [
      'a key that the recreated role of a function cannot use',
      awsError('KMSAccessDeniedException', 'Lambda was unable to decrypt the environment variables', 502),
      /failed: KMSAccessDeniedException: Lambda was unable to decrypt the environment variables$/,
      /^If the function's role was deleted and created again/,
    ],
    [
      'a setting of a function that crc does not manage',
      awsError('InvalidSubnetIDException', 'No such subnet', 502),
      /failed: InvalidSubnetIDException: No such subnet$/,
      /^Fix it in the Lambda console/,
    ],
    [
      'a function that only takes signed code',
      awsError('CodeVerificationFailedException', 'The code signature failed the integrity check', 400),
      /failed: CodeVerificationFailedException: The code signature failed the integrity check$/,
      /`aws lambda delete-function-code-signing-config --function-name thing`/,
    ],
    ['a 429 by any name', awsError('Odd', 'odd', 429), /throttling/, /Wait/],
    ['a 503 by any name', awsError('ServiceUnavailable', 'odd', 503), /throttling/, /Wait/],
    ['SlowDown', awsError('SlowDown', 'Reduce your request rate', 503), /throttling/, /Wait/],
    [
      'an error of AWS',
      awsError('InternalError', 'We encountered an internal error.', 500),
      /AWS returned an internal error \(500, InternalError, 1 attempt\)/,
      /Run the command again/,
    ],
    [
      'no listener at a local endpoint',
      Object.assign(new Error('connect'), { name: 'Error', code: 'ECONNREFUSED', address: '127.0.0.1', port: 9 }),
      /cannot be reached at 127\.0\.0\.1:9 \(ECONNREFUSED\)/,
      /^Nothing is listening there: a sandbox that was stopped no longer exists\. Start another with `crc sandbox`/,
    ],
    [
      'no listener at a remote endpoint',
      Object.assign(new Error('connect'), { name: 'Error', code: 'ECONNREFUSED', address: '10.0.0.1', port: 9 }),
      /cannot be reached at 10\.0\.0\.1:9 \(ECONNREFUSED\)/,
      /--endpoint-url/,
    ],
    [
      'no free socket',
      Object.assign(new Error('connect EMFILE 127.0.0.1:9 - Local (undefined:undefined)'), { code: 'EMFILE' }),
      /^The request failed: too many files are open\.$/,
      /ulimit -n/,
    ],
    [
      'an unknown host',
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

  it.each([
    [
      IAM_DENIED,
      'Access denied: iam:GetRole on role X: no identity-based policy allows the iam:GetRole action.',
      'Allow iam:GetRole on role X for',
    ],
    [
      'User: arn:aws:iam::123456789012:user/u is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::b" with an explicit deny in a service control policy',
      'Access denied: s3:PutBucketPolicy on arn:aws:s3:::b: an explicit deny in a service control policy.',
      'Allow s3:PutBucketPolicy on arn:aws:s3:::b for',
    ],
    [
      'User: arn:aws:sts::123456789012:assumed-role/R/s is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/R',
      'Access denied: sts:AssumeRole on arn:aws:iam::123456789012:role/R.',
      'Allow sts:AssumeRole on arn:aws:iam::123456789012:role/R for',
    ],
    [
      'User: u is not authorized to perform: dynamodb:DescribeTable.',
      'Access denied: dynamodb:DescribeTable on thing.',
      'Allow dynamodb:DescribeTable on thing for',
    ],
    ['Forbidden', 'Access denied: this call on thing.', 'Allow this call on thing for'],
  ])('finds the missing permission in "%s"', (awsMessage, message, hint) => {
    const explained = explain(awsError('AccessDenied', awsMessage, 403), 'thing');
    expect(explained.message).toBe(message);
    expect(explained.hint).toContain(hint);
    expect(explained.hint).toMatch(DENIED_HINT);
  });

  it('reports a 403 without a name as denied, as HEAD returns it', () => {
    expect(explain(awsError('403', 'UnknownError', 403), 'b').message).toBe('Access denied: this call on b.');
  });

  it.each([
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'IncompleteSignature',
    'IncompleteSignatureException',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'InvalidAccessKeyId',
    'InvalidToken',
    'ExpiredToken',
    'ExpiredTokenException',
    'CredentialsProviderError',
    'TokenProviderError',
  ])('never repeats parts of a signed request that AWS quotes (%s)', (name) => {
    const quoted = `The Canonical String for this request should have been\n'PUT\n/\n\nx-amz-security-token:${SECRET}\n'`;
    const { message, hint } = explain(awsError(name, quoted, name.startsWith('Incomplete') ? 400 : 403), 'b');
    expect(`${message}${hint}`).not.toContain(SECRET);
    expect(message).toMatch(/^AWS does not accept the credentials|credentials have expired|^No AWS credentials/);
  });

  it('shows the address that was tried when a name has several', () => {
    const tried = (address: string) =>
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', address, port: 5000 });
    const error = Object.assign(new AggregateError([tried('::1'), tried('127.0.0.1')]), { code: 'ECONNREFUSED' });
    expect(explain(error).message).toBe('The request failed: AWS cannot be reached at ::1:5000 (ECONNREFUSED).');
  });

  it('shows the request id of an error that it cannot explain', async () => {
    const handler = answering(400, '<Error><Code>MalformedXML</Code><Message>odd</Message></Error>', {
      'x-amz-request-id': 'R1',
    });
    const put = new PutBucketVersioningCommand({ Bucket: 'b', VersioningConfiguration: {} });
    const error = await failureOf(handler, (s3) => s3.send(put));
    const { message, hint } = explain(error, 'b');
    expect(message).toBe('s3:PutBucketVersioning for b failed: MalformedXML: odd');
    expect(hint).toBe('AWS request id R1; --verbose shows every call.');
  });

  it('names the action that the call needs when AWS does not', async () => {
    const denied = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
    const command = new GetObjectLockConfigurationCommand({ Bucket: 'b' });
    expect(explain(await failureOf(answering(403, denied), (s3) => s3.send(command)), 'b').message).toBe(
      'Access denied: s3:GetBucketObjectLockConfiguration on b.',
    );
  });

  it('names the call when nothing listens at the endpoint', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const s3 = new S3Client({
      ...SETTINGS,
      endpoint: `http://127.0.0.1:${port}`,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    s3.middlewareStack.use(watchCalls('s3', { read: 0, write: 0 }, () => undefined));
    const error: unknown = await s3.send(new HeadBucketCommand({ Bucket: 'b' })).catch((thrown: unknown) => thrown);
    expect(explain(error, 'b').message).toBe(
      `s3:HeadBucket for b failed: AWS cannot be reached at 127.0.0.1:${port} (ECONNREFUSED).`,
    );
  });

  it("leaves crc's own errors unchanged", () => {
    const crcError = new CrcError('mine', { hint: 'own' });
    expect(explain(crcError)).toBe(crcError);
  });

  it('names the call that failed, and the action that it lacked', async () => {
    const error = await failureOf(answering(403, ''), (s3) => s3.send(new HeadBucketCommand({ Bucket: 'b' })));
    expect(explain(error, 'b').message).toBe('Access denied: s3:ListBucket on b.');
  });

  it('recognizes a wrong clock, and a temporary limit of DynamoDB', async () => {
    const skewed = awsError('RequestTimeTooSkewed', 'The difference is too large', 403);
    expect(explain(skewed).message).toMatch(/this machine's clock/);
    const busy = await failureOfDynamoDb();
    expect(explain(busy).message).toMatch(/^dynamodb:UpdateTable failed: DynamoDB is busy with other changes/);
  });
});

/** DynamoDB's control plane allows ten concurrent table changes. */
async function failureOfDynamoDb(): Promise<unknown> {
  const body = JSON.stringify({ __type: 'LimitExceededException', message: 'Subscriber limit exceeded' });
  const response = { statusCode: 400, headers: {}, body: new TextEncoder().encode(body) };
  const requestHandler = { handle: async () => ({ response }) } as never;
  const dynamodb = new DynamoDBClient({
    region: 'eu-west-2',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler,
    maxAttempts: 1,
  });
  dynamodb.middlewareStack.use(watchCalls('dynamodb', { read: 0, write: 0 }, () => undefined));
  const call = new UpdateTableCommand({ TableName: 'locks', DeletionProtectionEnabled: true });
  return await dynamodb.send(call).catch((thrown: unknown): unknown => thrown);
}
