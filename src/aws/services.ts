import { PROBLEMS_OF_FUNCTION } from './error-names.ts';
import type { Members, Service, ServiceClient } from './service.ts';

/** The query protocol wraps each response in an element named after the operation. */
function opensWithResponse(operation: string): RegExp {
  return new RegExp(`^\\s*(<\\?xml[^>]*>)?\\s*<${operation}Response[\\s>]`);
}

function opensAsS3(operation: string): RegExp | undefined {
  if (operation === 'GetBucketPolicy') return /^\s*\{[\s\S]*"Statement"/;
  // Objects may contain anything, and writes have empty responses.
  if (operation === 'GetObject' || !/^(Get|List|DeleteObjects)/.test(operation)) return undefined;
  return /^\s*(<\?xml[^>]*>)?\s*<\w+[^>]*\sxmlns="http:\/\/s3\.amazonaws\.com\/doc\//;
}

const ROLE: Members = ['Role.RoleName', 'Role.Arn', 'Role.AssumeRolePolicyDocument'];
const URL_CONFIG: Members = ['FunctionUrl', 'FunctionArn', 'AuthType'];

/** Every service that crc calls. To add a service, add an entry. */
export const SERVICES = {
  sts: service({
    async client(settings) {
      const { STSClient } = await import('@aws-sdk/client-sts');
      return new STSClient(settings);
    },
    sdkName: 'STS',
    opening: opensWithResponse,
    answers: {
      GetCallerIdentity: ['Account', 'Arn', 'UserId'],
      GetFederationToken: ['Credentials.AccessKeyId', 'Credentials.SecretAccessKey', 'Credentials.SessionToken'],
    },
  }),
  iam: service({
    async client(settings) {
      const { IAMClient } = await import('@aws-sdk/client-iam');
      return new IAMClient(settings);
    },
    sdkName: 'IAM',
    passing: ['ConcurrentModificationException', 'ConcurrentModification'],
    final: ['LimitExceededException', 'LimitExceeded'],
    opening: opensWithResponse,
    answers: {
      GetRole: ROLE,
      CreateRole: ROLE,
      GetRolePolicy: ['RoleName', 'PolicyName', 'PolicyDocument'],
      ListRoles: ['Roles', 'IsTruncated'],
      ListRolePolicies: ['PolicyNames', 'IsTruncated'],
      ListAttachedRolePolicies: ['AttachedPolicies', 'IsTruncated'],
      GetOpenIDConnectProvider: ['Url', 'CreateDate'],
      CreateOpenIDConnectProvider: ['OpenIDConnectProviderArn'],
      GetAccountAuthorizationDetails: ['RoleDetailList', 'IsTruncated'],
      GetPolicy: ['Policy.Arn', 'Policy.DefaultVersionId'],
      GetPolicyVersion: ['PolicyVersion.Document'],
      ListOpenIDConnectProviders: ['OpenIDConnectProviderList'],
      AddClientIDToOpenIDConnectProvider: [],
      AttachRolePolicy: [],
      DeleteOpenIDConnectProvider: [],
      DeleteRole: [],
      DeleteRolePolicy: [],
      DetachRolePolicy: [],
      PutRolePermissionsBoundary: [],
      PutRolePolicy: [],
      TagRole: [],
      UpdateAssumeRolePolicy: [],
      UpdateOpenIDConnectProviderThumbprint: [],
      UpdateRole: [],
    },
    actions: {
      CreateOpenIDConnectProvider: ['iam:CreateOpenIDConnectProvider', 'iam:TagOpenIDConnectProvider'],
      // With a permissions boundary, iam:PutRolePermissionsBoundary is needed too.
      CreateRole: ['iam:CreateRole', 'iam:TagRole'],
    },
  }),
  dynamodb: service({
    async client(settings) {
      const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
      return new DynamoDBClient(settings);
    },
    sdkName: 'DynamoDB',
    // Without content, the SDK would report that the item does not exist.
    opening: (operation) => (operation === 'GetItem' ? /^\s*\{/ : undefined),
    // Some of these are temporary. Only the message shows which; see limits.ts.
    final: ['LimitExceededException'],
    answers: {
      // A table that is being deleted has no key.
      DescribeTable: ({ Table }) => [
        'Table.TableName',
        'Table.TableStatus',
        ...(Table?.TableStatus === 'DELETING' ? [] : ['Table.KeySchema', 'Table.AttributeDefinitions']),
      ],
      CreateTable: ['TableDescription.TableName', 'TableDescription.TableStatus'],
      UpdateTable: ['TableDescription.TableName', 'TableDescription.TableStatus'],
      DeleteTable: ['TableDescription.TableName', 'TableDescription.TableStatus'],
      ListTables: ['TableNames'],
      ListTagsOfResource: ['Tags'],
      Scan: ['Items', 'Count'],
      // Omitted when the item does not exist.
      GetItem: [],
      PutItem: [],
      DeleteItem: [],
      TagResource: [],
    },
    actions: {
      CreateTable: ['dynamodb:CreateTable', 'dynamodb:TagResource'],
    },
  }),
  lambda: service({
    async client(settings) {
      const { LambdaClient } = await import('@aws-sdk/client-lambda');
      return new LambdaClient(settings);
    },
    sdkName: 'Lambda',
    final: PROBLEMS_OF_FUNCTION,
    answers: {
      // An image has no runtime and no handler.
      GetFunction: [
        'Configuration.FunctionName',
        'Configuration.FunctionArn',
        'Configuration.Role',
        'Configuration.CodeSha256',
      ],
      CreateFunction: ['FunctionName'],
      UpdateFunctionCode: ['FunctionName'],
      UpdateFunctionConfiguration: ['FunctionName'],
      PublishVersion: ['FunctionName', 'Version'],
      ListFunctions: ['Functions'],
      ListAliases: ['Aliases'],
      ListVersionsByFunction: ['Versions'],
      ListTags: ['Tags'],
      GetAlias: ['AliasArn', 'Name', 'FunctionVersion'],
      CreateAlias: ['AliasArn', 'Name', 'FunctionVersion'],
      UpdateAlias: ['AliasArn', 'Name', 'FunctionVersion'],
      PutFunctionConcurrency: ['ReservedConcurrentExecutions'],
      GetFunctionUrlConfig: URL_CONFIG,
      CreateFunctionUrlConfig: URL_CONFIG,
      UpdateFunctionUrlConfig: URL_CONFIG,
      GetPolicy: ['Policy'],
      AddPermission: ['Statement'],
      DeleteAlias: [],
      DeleteFunction: [],
      DeleteFunctionUrlConfig: [],
      Invoke: [],
      RemovePermission: [],
      TagResource: [],
    },
    actions: {
      CreateFunction: ['lambda:CreateFunction', 'lambda:TagResource'],
      Invoke: ['lambda:InvokeFunction'],
    },
  }),
  logs: service({
    async client(settings) {
      const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
      return new CloudWatchLogsClient(settings);
    },
    sdkName: 'CloudWatch Logs',
    passing: ['OperationAbortedException'],
    final: ['LimitExceededException'],
    answers: {
      DescribeLogGroups: ['logGroups'],
      ListTagsForResource: ['tags'],
      CreateLogGroup: [],
      DeleteLogGroup: [],
      PutRetentionPolicy: [],
      TagResource: [],
    },
    actions: {
      CreateLogGroup: ['logs:CreateLogGroup', 'logs:TagResource'],
    },
  }),
  kms: service({
    async client(settings) {
      const { KMSClient } = await import('@aws-sdk/client-kms');
      return new KMSClient(settings);
    },
    sdkName: 'KMS',
    answers: { DescribeKey: ['KeyMetadata.Arn'] },
  }),
  // Finds resources of most services, but not of IAM, by tag:
  // https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
  tag: service({
    async client(settings) {
      const { ResourceGroupsTaggingAPIClient } = await import('@aws-sdk/client-resource-groups-tagging-api');
      return new ResourceGroupsTaggingAPIClient(settings);
    },
    sdkName: 'Resource Groups Tagging API',
    answers: { GetResources: ['ResourceTagMappingList'] },
  }),
  s3: service({
    async client(settings) {
      // Not in Promise.all: the bundler would include all commands of S3 (test/architecture.test.ts).
      const { S3Client } = await import('@aws-sdk/client-s3');
      const { configuredEndpoint } = await import('./configured-endpoint.ts');
      // The SDK reports a config file that it cannot use with the first request.
      const endpoint = settings.endpoint ?? (await configuredEndpoint('S3', settings.profile).catch(() => undefined));
      return new S3Client({
        ...settings,
        // Any other host than AWS's has no names of buckets below it.
        forcePathStyle: endpoint !== undefined,
        // A bucket with object lock rejects a PUT without a checksum, so AWS_REQUEST_CHECKSUM_CALCULATION must not turn
        // it off.
        requestChecksumCalculation: 'WHEN_SUPPORTED',
      });
    },
    sdkName: 'S3',
    // ConditionalRequestConflict means that another write was in progress; it says nothing about the condition.
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    passing: ['OperationAborted', 'ConditionalRequestConflict'],
    opening: opensAsS3,
    answers: {
      ListBuckets: ['Buckets'],
      HeadBucket: ['BucketRegion'],
      // A bucket that never had versioning has no status.
      GetBucketVersioning: [],
      GetObjectLockConfiguration: ['ObjectLockConfiguration.ObjectLockEnabled'],
      GetBucketEncryption: ['ServerSideEncryptionConfiguration.Rules'],
      GetPublicAccessBlock: ['PublicAccessBlockConfiguration.BlockPublicAcls'],
      GetBucketOwnershipControls: ['OwnershipControls.Rules'],
      GetBucketPolicy: ['Policy'],
      GetBucketTagging: ['TagSet'],
      GetBucketLifecycleConfiguration: ['Rules'],
      ListObjectVersions: ['Name', 'IsTruncated'],
      HeadObject: ['ETag', 'LastModified'],
      GetObject: ['ETag', 'LastModified'],
      // If none was ever set, emulators return an empty one.
      GetObjectLegalHold: [],
      GetObjectRetention: ['Retention.Mode', 'Retention.RetainUntilDate'],
      ListMultipartUploads: ['Bucket', 'IsTruncated'],
      // Only failures are listed.
      DeleteObjects: [],
      AbortMultipartUpload: [],
      PutObject: ['ETag'],
      DeleteObject: [],
      CreateBucket: [],
      DeleteBucket: [],
      DeleteBucketLifecycle: [],
      PutBucketEncryption: [],
      PutBucketLifecycleConfiguration: [],
      PutBucketOwnershipControls: [],
      PutBucketPolicy: [],
      PutBucketTagging: [],
      PutBucketVersioning: [],
      PutObjectLockConfiguration: [],
      PutPublicAccessBlock: [],
    },
    actions: {
      ListBuckets: ['s3:ListAllMyBuckets'],
      HeadBucket: ['s3:ListBucket'],
      ListObjectVersions: ['s3:ListBucketVersions'],
      ListMultipartUploads: ['s3:ListBucketMultipartUploads'],
      // crc passes a version in each call on an object.
      GetObject: ['s3:GetObjectVersion'],
      HeadObject: ['s3:GetObjectVersion'],
      DeleteObjects: ['s3:DeleteObjectVersion'],
      GetBucketEncryption: ['s3:GetEncryptionConfiguration'],
      PutBucketEncryption: ['s3:PutEncryptionConfiguration'],
      GetObjectLockConfiguration: ['s3:GetBucketObjectLockConfiguration'],
      PutObjectLockConfiguration: ['s3:PutBucketObjectLockConfiguration'],
      GetPublicAccessBlock: ['s3:GetBucketPublicAccessBlock'],
      PutPublicAccessBlock: ['s3:PutBucketPublicAccessBlock'],
      GetBucketLifecycleConfiguration: ['s3:GetLifecycleConfiguration'],
      PutBucketLifecycleConfiguration: ['s3:PutLifecycleConfiguration'],
      DeleteBucketLifecycle: ['s3:PutLifecycleConfiguration'],
      CreateBucket: [
        's3:CreateBucket',
        's3:TagResource',
        's3:PutBucketOwnershipControls',
        's3:PutBucketVersioning',
        's3:PutBucketObjectLockConfiguration',
      ],
    },
  }),
};

export type ServiceName = keyof typeof SERVICES;

/** Keeps the type of the client. */
function service<C extends ServiceClient>(definition: Service<C>): Service<C> {
  return definition;
}
