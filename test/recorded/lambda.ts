import { ARNS, type CallAnswers, COMPOSED, CREATES, deniedMessage, lambdaError, never, page, READS } from './answer.ts';

const SNAPSHOT = 'LocalStack, AWS-validated snapshots of tests/aws/services/lambda_ (8b9a79f)';
const MODEL = `name and status: the model of Lambda in the SDK${COMPOSED}`;

const absent = (message: string) => lambdaError(404, 'ResourceNotFoundException', message, SNAPSHOT);
const conflict = (message: string, source: string) => lambdaError(409, 'ResourceConflictException', message, source);

const noFunction = absent(`Function not found: ${ARNS.function}`);
const noAlias = absent(`Cannot find alias arn: ${ARNS.function}:live`);
const concurrent = conflict(
  'The function could not be updated due to a concurrent update operation.',
  'sst#6923, go-to-k/cdkd#711, hashicorp/terraform-provider-aws#5154',
);
const inProgress = conflict(
  `The operation cannot be performed at this time. An update is in progress for resource: ${ARNS.function}`,
  `that it comes: claudia#226, aws-amplify/amplify-backend#2510${COMPOSED}`,
);

function call(operation: string, answers: Partial<CallAnswers>, resource: string = ARNS.function): CallAnswers {
  return {
    absent: noFunction,
    denied: lambdaError(403, 'AccessDeniedException', deniedMessage('lambda', operation, resource), MODEL, {}),
    throttled: lambdaError(429, 'TooManyRequestsException', 'Rate exceeded', MODEL, {
      Reason: 'CallerRateLimitExceeded',
      Type: 'User',
    }),
    busy: READS,
    ...answers,
  } as CallAnswers;
}
/** Writes to a function exclude each other, including those of its policy, URL, aliases and tags. */
const write = (operation: string, answers: Partial<CallAnswers> = {}) =>
  call(operation, { busy: concurrent, 'in-progress': inProgress, ...answers });

/** Answers of Lambda. */
export const LAMBDA: Readonly<Record<string, CallAnswers>> = {
  GetFunction: call('GetFunction', {
    // Since 2024-07-27 reading tags requires a separate permission: lambda:ListTags on the function without a
    // qualifier.
    'tags-hidden': {
      change: ({ Tags: _, ...answer }) => ({
        ...answer,
        TagsError: {
          ErrorCode: 'AccessDeniedException',
          Message: `User: arn:aws:iam::123456789012:user/u is not authorized to perform: lambda:ListTags on resource: ${ARNS.function} because no identity-based policy allows the lambda:ListTags action`,
        },
      }),
      source: 'aws-deployment-framework#748, azul#6387, aws-cloudfront-authorizer#48',
    },
    'tags-throttled': {
      change: ({ Tags: _, ...answer }) => ({
        ...answer,
        TagsError: { ErrorCode: 'ThrottlingException', Message: 'Rate exceeded' },
      }),
      source: `TagsError: the model of Lambda in the SDK${COMPOSED}`,
    },
    redirect: page(302, { location: 'http://portal.example/login' }),
    'login-page': page(200),
    'gateway-page': page(502),
  }),
  GetAlias: call('GetAlias', { absent: noAlias }),
  GetFunctionUrlConfig: call('GetFunctionUrlConfig', {
    absent: absent('The resource you requested does not exist.'),
  }),
  GetPolicy: call('GetPolicy', { absent: absent('The resource you requested does not exist.') }),
  ListFunctions: call('ListFunctions', { absent: never('the list is empty') }, '*'),
  ListAliases: call('ListAliases', {}),
  ListVersionsByFunction: call('ListVersionsByFunction', {}),
  CreateFunction: write('CreateFunction', {
    absent: CREATES,
    exists: conflict('Function already exist: IncrementVisits', MODEL),
    'role-not-assumable': lambdaError(
      400,
      'InvalidParameterValueException',
      'The role defined for the function cannot be assumed by Lambda.',
      'aws/aws-sdk-js#3498, hashicorp/terraform-provider-aws#14291',
    ),
    'environment-quoted': lambdaError(
      400,
      'InvalidParameterValueException',
      'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys or values: Visits',
      MODEL,
    ),
  }),
  UpdateFunctionCode: write('UpdateFunctionCode', {
    'storage-used-up': lambdaError(400, 'CodeStorageExceededException', 'Code storage limit exceeded.', MODEL),
  }),
  UpdateFunctionConfiguration: write('UpdateFunctionConfiguration'),
  PublishVersion: write('PublishVersion'),
  CreateAlias: write('CreateAlias', {
    absent: absent(`Function not found: ${ARNS.function}:1`),
    exists: conflict(`Alias already exists: ${ARNS.function}:live`, SNAPSHOT),
  }),
  PutFunctionConcurrency: write('PutFunctionConcurrency'),
  UpdateAlias: write('UpdateAlias', {
    absent: noAlias,
    'changed-meanwhile': lambdaError(
      412,
      'PreconditionFailedException',
      'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      SNAPSHOT,
    ),
  }),
  DeleteAlias: write('DeleteAlias', { absent: never('it answers 204 where there is no alias') }),
  DeleteFunction: write('DeleteFunction'),
  CreateFunctionUrlConfig: write('CreateFunctionUrlConfig', {
    exists: conflict(
      `Failed to create function url config for [functionArn = ${ARNS.function}:live]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      SNAPSHOT,
    ),
  }),
  UpdateFunctionUrlConfig: write('UpdateFunctionUrlConfig', {
    absent: absent('The resource you requested does not exist.'),
  }),
  DeleteFunctionUrlConfig: write('DeleteFunctionUrlConfig', {
    absent: absent('The resource you requested does not exist.'),
  }),
  AddPermission: write('AddPermission', {
    exists: conflict(
      'The statement id (crcFunctionUrl) provided already exists. Please provide a new statement id, or remove the existing statement.',
      SNAPSHOT,
    ),
  }),
  RemovePermission: write('RemovePermission', {
    absent: absent('No policy is associated with the given resource.'),
    'no-statement': absent('Statement crcFunctionUrl is not found in resource policy.'),
  }),
  TagResource: write('TagResource'),
  ListTags: call('ListTags', {}),
  Invoke: call('Invoke', {
    absent: absent(`Function not found: ${ARNS.function}:live`),
    busy: inProgress,
    // The function was invoked, but its own permissions had not propagated in IAM.
    'policy-not-spread': {
      status: 200,
      headers: { 'content-type': 'application/json', 'x-amz-executed-version': '1' },
      body: JSON.stringify({
        statusCode: 500,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          error:
            'User: arn:aws:sts::123456789012:assumed-role/IncrementVisits-execution/IncrementVisits is not authorized to perform: dynamodb:UpdateItem on resource: arn:aws:dynamodb:eu-west-2:123456789012:table/Visits because no identity-based policy allows the dynamodb:UpdateItem action',
        }),
      }),
      source: `that it comes: hashicorp/terraform-provider-aws#14291${COMPOSED}`,
    },
  }),
};
