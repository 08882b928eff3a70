import { GetFederationTokenCommand } from '@aws-sdk/client-sts';
import { CrcError } from '../errors.ts';
import type { Clients } from './clients.ts';
import { ACCESS_DENIED, isNamed } from './error-names.ts';
import { explain } from './explain.ts';

/** Temporary credentials, as environment variables of a program. */
export interface SessionCredentials {
  readonly AWS_ACCESS_KEY_ID: string;
  readonly AWS_SECRET_ACCESS_KEY: string;
  readonly AWS_SESSION_TOKEN: string;
}

/**
 * The maximum number of characters in a session policy:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
 */
const MAX_POLICY = 2_048;

/** In seconds; the minimum that AWS accepts. */
const DURATION = 900;

/**
 * Credentials limited to what both the caller and this policy allow. AWS only issues them for the access keys of an IAM
 * user. @throws CrcError if AWS does not issue them, or if the policy is too long for a session.
 */
export async function limitedTo(
  { sts }: Pick<Clients, 'sts'>,
  policy: string,
  profile: string | undefined,
): Promise<SessionCredentials> {
  if (policy.length > MAX_POLICY) {
    throw new CrcError(
      `--as-role: the policy of the role has ${policy.length} characters, but a session allows ${MAX_POLICY}.`,
      { hint: 'Run it without --as-role, or call the deployed function, which runs with its role.' },
    );
  }
  const command = new GetFederationTokenCommand({ Name: 'crc-invoke', Policy: policy, DurationSeconds: DURATION });
  const { Credentials } = await sts.send(command).catch((error: unknown) => {
    if (!isNamed(error, ACCESS_DENIED)) throw explain(error, undefined, profile);
    throw new CrcError('--as-role: AWS does not allow a session with the policy of the role for these credentials.', {
      hint: 'It allows it for the access keys of an IAM user that may call sts:GetFederationToken, but not for temporary credentials (SSO, an assumed role). Run it without --as-role, or call the deployed function, which runs with its role.',
      cause: error,
    });
  });
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
    throw new Error('the answer was checked to have credentials');
  }
  return { AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey, AWS_SESSION_TOKEN: SessionToken };
}
