import { shellWord } from '../shell.ts';
import { actionsOf } from './actions.ts';
import { failedCall } from './calls.ts';
import { clockDifference, isClockProblem } from './clock.ts';
import { ACCESS_DENIED, asAwsError, isNamed, says, statusOf } from './error-names.ts';
import type { Failure, Words } from './failure.ts';
import { mustBeEnabled } from './regions.ts';

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired'];
/** Error names for an access key that AWS does not know in the region or partition of the request. */
const UNKNOWN_KEY = [
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'InvalidToken',
  'AuthFailure',
];
const REFUSED = [
  ...UNKNOWN_KEY,
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
];
const WEB_IDENTITY = ['InvalidIdentityToken', 'IDPRejectedClaim', 'IDPCommunicationError'].flatMap((name) => [
  name,
  `${name}Exception`,
]);
/** AWS's messages about a web identity token that do not quote any of it. */
const OF_TOKEN = /No OpenIDConnect provider found in your account|Incorrect token audience|Token expired/;
const DENIED = [...ACCESS_DENIED, 'UnauthorizedOperation', 'Forbidden'];

/** The command that renews the credentials of a profile, or without a profile the available choices. */
function logIn(profile: string | undefined): string {
  return profile === undefined
    ? 'Log in: `aws login`, or `aws sso login` if you use IAM Identity Center. If AWS_ACCESS_KEY_ID is set in your shell, replace it or unset it.'
    : `Log in: \`aws sso login --profile ${shellWord(profile)}\`.`;
}

/** Explains causes that credential-problems.ts does not. */
export function noCredentials({ aws, profile }: Failure): Words | undefined {
  if (aws.name !== 'CredentialsProviderError' && aws.name !== 'TokenProviderError') return undefined;
  return {
    message:
      profile === undefined
        ? 'No AWS credentials were found.'
        : `The AWS profile ${JSON.stringify(profile)} has no usable credentials.`,
    hint: logIn(profile),
  };
}

export function wrongClock({ error, what }: Failure): Words | undefined {
  if (!isClockProblem(error)) return undefined;
  const difference = clockDifference(error);
  const how = difference === undefined ? 'wrong' : `${difference} AWS time`;
  return {
    message: `${what} failed: this machine's clock is ${how}.`,
    hint: 'Turn on automatic time in the system settings, then run the command again.',
  };
}

export function regionNotEnabled({ error, aws, call }: Failure): Words | undefined {
  const region = call?.region;
  const disabled = isNamed(error, ['RegionDisabledException', 'RegionDisabled']);
  if (!disabled && !(isNamed(error, UNKNOWN_KEY) && region !== undefined && mustBeEnabled(region))) return undefined;
  const name = region ?? 'this region';
  return {
    message: disabled
      ? `${name} is not enabled for your account (${aws.name}).`
      : `AWS does not accept the credentials in ${name}, a region that each account must enable first (${aws.name}).`,
    hint: `Enable it: \`aws account enable-region --region-name ${region ?? 'REGION'}\` (this takes a few minutes)${disabled ? '.' : ', or use other credentials.'}`,
  };
}

export function expired({ error, profile }: Failure): Words | undefined {
  if (!isNamed(error, EXPIRED)) return undefined;
  return { message: 'The AWS credentials have expired.', hint: logIn(profile) };
}

/** These messages may quote the signed request, with the session token in it. */
export function refused({ error, aws, profile }: Failure): Words | undefined {
  if (!isNamed(error, REFUSED)) return undefined;
  const hint = isNamed(error, UNKNOWN_KEY)
    ? 'The access key may have been deleted or deactivated, or belong to another partition. '
    : 'The secret access key may be wrong, or a proxy may change requests. ';
  return { message: `AWS does not accept the credentials (${aws.name}).`, hint: `${hint}${logIn(profile)}` };
}

export function webIdentity({ error, aws }: Failure): Words | undefined {
  if (!isNamed(error, WEB_IDENTITY)) return undefined;
  const reason = OF_TOKEN.exec(aws.message ?? '')?.[0] ?? aws.name;
  return {
    message: `AWS does not accept the web identity token: ${reason}.`,
    hint: 'Tokens are valid for a few minutes only. To see why this one is refused, run `crc explain --token FILE` with credentials that work.',
  };
}

export function wrongMfaCode({ error }: Failure): Words | undefined {
  if (!isNamed(error, DENIED) || !says(error, /MultiFactorAuthentication failed/)) return undefined;
  return { message: 'AWS does not accept the MFA code.', hint: 'Wait for the next code, then run the command again.' };
}

/** "User: … is not authorized to perform: s3:GetBucketPolicy on resource: … because …" */
const OF_DENIAL = /is not authorized to perform: (\S+?)(?: on resource: "?(.+?)"?)?(?: (?:because|with) (.+?))?\.?$/;

/** Whether AWS denied the call. Other reasons for a 403, such as expired credentials, do not count. */
export function isDenied(error: unknown): boolean {
  if (isNamed(error, DENIED)) return true;
  return (
    statusOf(error) === 403 && !isNamed(error, [...EXPIRED, ...REFUSED, ...WEB_IDENTITY]) && !isClockProblem(error)
  );
}

/**
 * The IAM action that AWS denied, `iam:PutRolePolicy`; undefined if the error is not a denial, or does not name the
 * action.
 */
export function deniedAction(error: unknown): string | undefined {
  if (!isDenied(error)) return undefined;
  const call = failedCall(error);
  const named = OF_DENIAL.exec(asAwsError(error).message ?? '')?.[1];
  return named ?? (call === undefined ? undefined : actionsOf(call.service, call.operation)[0]);
}

export function denied({ error, aws, call, subject }: Failure): Words | undefined {
  if (!isDenied(error)) return undefined;
  // AWS often names the action, the resource and the reason.
  const match = OF_DENIAL.exec(aws.message ?? '');
  const action = match?.[1] ?? (call === undefined ? 'this call' : actionsOf(call.service, call.operation)[0]);
  const resource = match?.[2] ?? subject;
  const on = resource === undefined ? '' : ` on ${resource}`;
  const reason = match?.[3] === undefined ? '' : `: ${match[3]}`;
  return {
    message: `Access denied: ${action}${on}${reason}.`,
    hint: `Allow ${action}${on} for these credentials, or use others (--profile). A permissions boundary or an organization policy can also deny it.`,
  };
}
