import { type CallAnswers, COMPOSED, never, page, queryError, READS } from './answer.ts';

const COMMON = `name and status: https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html${COMPOSED}`;
const error = (status: number, code: string, message: string, source = COMMON) =>
  queryError('sts', status, code, message, source);

/** Answers of STS. */
export const STS: Readonly<Record<string, CallAnswers>> = {
  GetCallerIdentity: {
    absent: never('every signature is of an identity'),
    denied: never(
      'no permission is needed, and no policy can deny it: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html',
    ),
    throttled: error(400, 'Throttling', 'Rate exceeded'),
    busy: READS,
    // Also returned if the account has not enabled the region: aws-sdk-ruby#2850.
    'unknown-token': error(
      403,
      'InvalidClientTokenId',
      'The security token included in the request is invalid.',
      'aws-sdk-ruby#2850',
    ),
    'region-disabled': error(
      403,
      'RegionDisabledException',
      'STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.',
      'spinnaker/swabbie#666',
    ),
    expired: error(403, 'ExpiredToken', 'The security token included in the request is expired'),
    'clock-behind': error(
      403,
      'SignatureDoesNotMatch',
      'Signature expired: 20261125T200000Z is now earlier than 20261125T205500Z (20261125T210000Z - 5 min.)',
      'the form of convox/rack#235, with other times',
    ),
    'clock-ahead': error(
      403,
      'SignatureDoesNotMatch',
      'Signature not yet current: 20261125T220000Z is still later than 20261125T210500Z (20261125T210000Z + 5 min.)',
      'the form of aws/aws-sdk-js#1652, with other times',
    ),
    'wrong-secret': error(
      403,
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ),
    'login-page': page(200),
  },
  GetFederationToken: {
    absent: never('it names nothing that could not exist'),
    denied: error(
      403,
      'AccessDenied',
      'User: arn:aws:iam::123456789012:user/me is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::123456789012:federated-user/crc-invoke',
    ),
    throttled: error(400, 'Throttling', 'Rate exceeded'),
    busy: READS,
  },
};
