import {
  ARNS,
  type CallAnswers,
  COMPOSED,
  CREATES,
  deniedMessage,
  never,
  queryError,
  READS,
  REPORTED,
  type RecordedAnswer,
} from './answer.ts';

const MODEL = `name and status: the model of IAM in the SDK${COMPOSED}`;
const SNAPSHOT = 'LocalStack, AWS-validated snapshots of tests/aws/services/iam (8b9a79f)';
const COMMON = `name and status: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html${COMPOSED}`;

const error = (status: number, code: string, message: string, source: string) =>
  queryError('iam', status, code, message, source);

const noRole = error(
  404,
  'NoSuchEntity',
  'The role with name GitHubActionsTerraformRole cannot be found.',
  'jarpy/lambkin#3',
);
const noRolePolicy = error(404, 'NoSuchEntity', 'The role policy with name TerraformPolicy cannot be found.', MODEL);
const noProvider = error(404, 'NoSuchEntity', `OpenIDConnect Provider not found for arn ${ARNS.provider}`, MODEL);
const concurrent = error(
  409,
  'ConcurrentModification',
  'The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a few minutes and submit your request again.',
  MODEL,
);
const quota = (resource: string) => error(409, 'LimitExceeded', `Cannot exceed quota for ${resource}`, MODEL);
/**
 * PutRolePolicy, UpdateRole and others do not declare ConcurrentModification. The error that IAM declares for protected
 * roles is permanent.
 */
const unmodifiable = error(
  400,
  'UnmodifiableEntity',
  "Cannot perform the operation on the protected role 'AWSReservedSSO_Admin' - this role is only modifiable by AWS",
  MODEL,
);
const notEveryCharacter = (parameter: string) =>
  error(
    400,
    'ValidationError',
    `The specified value for ${parameter} is invalid. It must contain only printable ASCII characters.`,
    `the pattern of policyDocumentType in the model of IAM: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+${COMPOSED}`,
  );
const duplicateTagKeys = error(
  400,
  'InvalidInput',
  'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  REPORTED,
);
const NOT_DECLARED = never('IAM declares no error for a change in progress for this call');

function call(
  operation: string,
  resource: string,
  answers: Pick<CallAnswers, 'absent' | 'busy'>,
  more: Readonly<Record<string, RecordedAnswer>> = {},
): CallAnswers {
  return {
    denied: error(403, 'AccessDenied', deniedMessage('iam', operation, resource), COMMON),
    throttled: error(400, 'Throttling', 'Rate exceeded', COMMON),
    ...answers,
    ...more,
  } as CallAnswers;
}
const ofRole = (operation: string, answers: Partial<CallAnswers> = {}) =>
  call(operation, ARNS.role, { absent: noRole, busy: NOT_DECLARED, ...answers });
const ofProvider = (operation: string, answers: Partial<CallAnswers> = {}) =>
  call(operation, ARNS.provider, { absent: noProvider, busy: concurrent, ...answers });

/** Answers of IAM. */
export const IAM: Readonly<Record<string, CallAnswers>> = {
  GetRole: ofRole('GetRole', { busy: READS }),
  GetRolePolicy: ofRole('GetRolePolicy', { busy: READS, absent: noRolePolicy }),
  ListRolePolicies: ofRole('ListRolePolicies', { busy: READS }),
  ListAttachedRolePolicies: ofRole('ListAttachedRolePolicies', { busy: READS }),
  ListRoles: call('ListRoles', `arn:aws:iam::123456789012:role/`, {
    absent: never('an account without roles has an empty list'),
    busy: READS,
  }),
  GetAccountAuthorizationDetails: call('GetAccountAuthorizationDetails', '*', {
    absent: never('an account without roles has an empty list'),
    busy: READS,
  }),
  GetPolicy: call('GetPolicy', 'arn:aws:iam::123456789012:policy/Deploys', {
    absent: error(404, 'NoSuchEntity', 'Policy arn:aws:iam::123456789012:policy/Deploys was not found.', COMMON),
    busy: READS,
  }),
  GetPolicyVersion: call('GetPolicyVersion', 'arn:aws:iam::123456789012:policy/Deploys', {
    absent: error(
      404,
      'NoSuchEntity',
      'Policy arn:aws:iam::123456789012:policy/Deploys version v1 does not exist or is not attachable.',
      COMMON,
    ),
    busy: READS,
  }),
  CreateRole: ofRole('CreateRole', {
    absent: CREATES,
    busy: concurrent,
    exists: error(409, 'EntityAlreadyExists', 'Role with name GitHubActionsTerraformRole already exists.', MODEL),
    'too-many': quota('RolesPerAccount: 1000'),
    'duplicate-tag-keys': duplicateTagKeys,
    characters: notEveryCharacter('assumeRolePolicyDocument'),
  }),
  UpdateRole: ofRole('UpdateRole', { unmodifiable }),
  UpdateAssumeRolePolicy: ofRole('UpdateAssumeRolePolicy', {
    unmodifiable,
    characters: notEveryCharacter('policyDocument'),
  }),
  PutRolePolicy: ofRole('PutRolePolicy', {
    unmodifiable,
    'too-long': quota('InlinePolicySize: 10240'),
    characters: notEveryCharacter('policyDocument'),
  }),
  PutRolePermissionsBoundary: ofRole('PutRolePermissionsBoundary', { unmodifiable }),
  AttachRolePolicy: ofRole('AttachRolePolicy', {
    'no-policy': error(
      404,
      'NoSuchEntity',
      'Policy arn:aws:iam::123456789012:policy/extra does not exist or is not attachable.',
      SNAPSHOT,
    ),
  }),
  DetachRolePolicy: ofRole('DetachRolePolicy'),
  DeleteRolePolicy: ofRole('DeleteRolePolicy', { absent: noRolePolicy }),
  TagRole: ofRole('TagRole', { busy: concurrent, 'duplicate-tag-keys': duplicateTagKeys }),
  DeleteRole: ofRole('DeleteRole', {
    busy: concurrent,
    'policies-remain': error(409, 'DeleteConflict', 'Cannot delete entity, must delete policies first.', REPORTED),
  }),
  GetOpenIDConnectProvider: ofProvider('GetOpenIDConnectProvider', { busy: READS }),
  ListOpenIDConnectProviders: call('ListOpenIDConnectProviders', 'arn:aws:iam::123456789012:oidc-provider/*', {
    absent: never('an account without providers has an empty list'),
    busy: READS,
  }),
  CreateOpenIDConnectProvider: ofProvider('CreateOpenIDConnectProvider', {
    absent: CREATES,
    exists: error(
      409,
      'EntityAlreadyExists',
      'Provider with url https://token.actions.githubusercontent.com already exists.',
      MODEL,
    ),
    'issuer-unreachable': error(
      400,
      'OpenIdIdpCommunicationError',
      'OpenIdProvider communication error: could not retrieve the certificate of token.actions.githubusercontent.com',
      MODEL,
    ),
  }),
  AddClientIDToOpenIDConnectProvider: ofProvider('AddClientIDToOpenIDConnectProvider'),
  UpdateOpenIDConnectProviderThumbprint: ofProvider('UpdateOpenIDConnectProviderThumbprint'),
  DeleteOpenIDConnectProvider: ofProvider('DeleteOpenIDConnectProvider', { busy: NOT_DECLARED }),
};
