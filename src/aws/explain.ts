import { CrcError } from '../errors.ts';
import { actionsOf } from './actions.ts';
import { StrangeAnswer } from './answers.ts';
import { type FailedCall, failedCall } from './calls.ts';
import { type AwsError, asAwsError, isNamed, statusOf } from './error-names.ts';

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'];
const REFUSED = [
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'InvalidToken',
  'AuthFailure',
];
const WEB_IDENTITY = ['InvalidIdentityToken', 'IDPRejectedClaim', 'IDPCommunicationError'].flatMap((name) => [
  name,
  `${name}Exception`,
]);
/** What AWS says of a web identity token without quoting anything of it. */
const OF_TOKEN = /No OpenIDConnect provider found in your account|Incorrect token audience|Token expired/;
const CLOCK = ['RequestTimeTooSkewed', 'RequestInTheFuture'];
const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden'];
const THROTTLED = ['Throttling', 'ThrottlingException', 'TooManyRequestsException', 'SlowDown', 'RequestLimitExceeded'];
const QUOTA = ['LimitExceededException', 'LimitExceeded', 'TooManyBuckets', 'CodeStorageExceededException'];
const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
];

const LOG_IN =
  'log in (`aws sso login` or `aws login`), choose a profile with --profile or AWS_PROFILE, or set AWS_ACCESS_KEY_ID and ' +
  'AWS_SECRET_ACCESS_KEY; to try crc without an AWS account, put `crc sandbox --` before the command';

/** An AWS error as a person needs it: which call failed on what, why, and what to do. Never shows a credential. */
export function explain(error: unknown, subject?: string, profile?: string): CrcError {
  if (error instanceof CrcError) return error;
  const call = failedCall(error);
  const aws = asAwsError(error);
  const about = subject === undefined ? '' : ` for ${subject}`;
  const what = call === undefined ? 'The request' : `${call.service}:${call.operation}${about}`;
  const problem = (message: string, hint: string) => new CrcError(message, { cause: error, hint });

  if (error instanceof StrangeAnswer) {
    return problem(
      `${what} failed: something else answered in place of AWS: ${JSON.stringify(error.message)}.`,
      'A login page of the network or a proxy may stand between: open a page in a browser, check HTTPS_PROXY and the endpoint, and run it again.',
    );
  }
  if (isCredentialProblem(aws)) return noCredentials(error, aws, profile);
  if (isNamed(error, EXPIRED)) return problem('The AWS credentials have expired.', `Renew them: ${LOG_IN}.`);
  // These messages may quote the signed request, with the session token in it.
  if (isNamed(error, REFUSED)) {
    return problem(`AWS does not accept the credentials (${aws.name}).`, `Check them: ${LOG_IN}.`);
  }
  if (isNamed(error, WEB_IDENTITY)) {
    const reason = OF_TOKEN.exec(aws.message ?? '')?.[0] ?? aws.name;
    return problem(
      `AWS does not accept the web identity token: ${reason}.`,
      'With credentials that work, `crc explain --token FILE` says why; a token lives for some minutes only.',
    );
  }
  if (isNamed(error, CLOCK)) {
    return problem(
      `${what} failed: the clock of this machine is too far from AWS's.`,
      'Set the clock (most systems do it by themselves: switch automatic time on), and run it again.',
    );
  }
  // DynamoDB says so when too many tables change at once, which passes.
  if (isNamed(error, QUOTA) && call?.service !== 'dynamodb') {
    return problem(
      `${what} failed: a quota of the account is used up: ${text(aws)}`,
      'Raise the quota in the Service Quotas console, or remove what is not needed any more, and run it again.',
    );
  }
  if (isDenied(error)) return denied(error, aws, call, subject);
  if (isUnreachable(aws)) {
    return problem(
      `${what} failed: AWS cannot be reached${endpointOf(aws)} (${aws.code ?? aws.name}).`,
      'Check the network, the region, and the endpoint (--endpoint-url, AWS_ENDPOINT_URL).',
    );
  }
  if (isNamed(error, [...THROTTLED, ...QUOTA]) || statusOf(error) === 429 || statusOf(error) === 503) {
    return problem(
      `${what} failed: AWS is throttling the account's requests (${attempts(aws)}).`,
      'Wait a minute and run it again; it goes on where it stopped.',
    );
  }
  if ((statusOf(error) ?? 0) >= 500) {
    return problem(
      `${what} failed: AWS answered with an error of its own (${aws.name}, status ${statusOf(error)}, ${attempts(aws)}).`,
      'Run it again; it goes on where it stopped. https://health.aws.amazon.com tells of outages.',
    );
  }
  return problem(`${what} failed: ${text(aws)}`, requestHint(aws));
}

function isDenied(error: unknown): boolean {
  if (isNamed(error, DENIED)) return true;
  return statusOf(error) === 403 && !isNamed(error, [...EXPIRED, ...REFUSED, ...WEB_IDENTITY, ...CLOCK]);
}

/** The IAM action that AWS refused, `iam:PutRolePolicy`; undefined when the error is no refusal, or does not say of what. */
export function deniedAction(error: unknown): string | undefined {
  if (!isDenied(error)) return undefined;
  const call = failedCall(error);
  const said = OF_DENIAL.exec(asAwsError(error).message ?? '')?.[1];
  return said ?? (call === undefined ? undefined : actionsOf(call.service, call.operation)[0]);
}

/** "User: … is not authorized to perform: s3:GetBucketPolicy on resource: … because …" */
const OF_DENIAL = /is not authorized to perform: (\S+?)(?: on resource: "?(.+?)"?)?(?: (?:because|with) (.+?))?\.?$/;

function denied(error: unknown, aws: AwsError, call: FailedCall | undefined, subject: string | undefined): CrcError {
  // AWS often says it all.
  const said = OF_DENIAL.exec(aws.message ?? '');
  const action = said?.[1] ?? (call === undefined ? 'this call' : actionsOf(call.service, call.operation)[0]);
  const resource = said?.[2] ?? subject;
  const reason = said?.[3] === undefined ? '' : `: ${said[3]}`;
  return new CrcError(`Access denied: ${action}${resource === undefined ? '' : ` on ${resource}`}${reason}.`, {
    cause: error,
    hint: `Allow ${action}${resource === undefined ? '' : ` on ${resource}`} for these credentials, or use others (--profile). A deny can also come from a permissions boundary or an organization's policy.`,
  });
}

function isCredentialProblem({ name }: AwsError): boolean {
  return name === 'CredentialsProviderError' || name === 'TokenProviderError';
}

function noCredentials(error: unknown, { message }: AwsError, wanted: string | undefined): CrcError {
  if (/expired|refresh|sso/i.test(message ?? '')) {
    return new CrcError('The AWS login has expired or is missing.', { cause: error, hint: `Renew it: ${LOG_IN}.` });
  }
  const profile = /using profile: \[(.+?)\]/.exec(message ?? '')?.[1] ?? wanted;
  if (profile !== undefined) {
    return new CrcError(`There are no usable credentials in the AWS profile "${profile}".`, {
      cause: error,
      hint: `Check ~/.aws/config and ~/.aws/credentials (\`aws configure list-profiles\`), or ${LOG_IN}.`,
    });
  }
  return new CrcError('No AWS credentials were found.', { cause: error, hint: `Get some: ${LOG_IN}.` });
}

function isUnreachable({ name, code }: AwsError): boolean {
  return name === 'TimeoutError' || (code !== undefined && UNREACHABLE.includes(code));
}

function endpointOf(aws: AwsError): string {
  // A name with several addresses: Node gives the error of each.
  const [first] = aws instanceof AggregateError ? aws.errors : [aws];
  const { address, port, hostname } = first as { address?: string; port?: number; hostname?: string };
  const host = hostname ?? address;
  return host === undefined ? '' : ` at ${host}${port === undefined ? '' : `:${port}`}`;
}

function attempts({ $metadata }: AwsError): string {
  const count = $metadata?.attempts ?? 1;
  return count === 1 ? '1 attempt' : `${count} attempts`;
}

function text({ name, message }: AwsError): string {
  return message && message !== name && message !== 'UnknownError' ? `${name}: ${message}` : (name ?? 'unknown error');
}

function requestHint({ $metadata }: AwsError): string {
  const id = $metadata?.requestId === undefined ? '' : `AWS request id ${$metadata.requestId}; `;
  return `${id}--verbose shows every call.`;
}
