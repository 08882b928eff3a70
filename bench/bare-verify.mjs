import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DynamoDBClient, ListTagsOfResourceCommand } from '@aws-sdk/client-dynamodb';
import {
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import {
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/**
 * The measure of `crc verify` with the example config: sends the same reads concurrently with the same SDK and
 * ignores the answers. Measured twice: bundled like crc, so that the difference is crc's own cost, and unbundled, which
 * is how a user's own script would run.
 */
const region = 'eu-west-2';
const account = '123456789012';
const s3 = new S3Client({ region, forcePathStyle: true });
const dynamodb = new DynamoDBClient({ region });
const iam = new IAMClient({ region });
const sts = new STSClient({ region });
const lambda = new LambdaClient({ region });
const logs = new CloudWatchLogsClient({ region });
const tag = new ResourceGroupsTaggingAPIClient({ region });

const bucket = { Bucket: 'abcdef-terraform-state', ExpectedBucketOwner: account };
const FunctionName = 'IncrementVisits';
const live = { FunctionName, Qualifier: 'live' };
const logGroup = '/aws/lambda/IncrementVisits';

/** @param {string} TableName */
const tableReads = (TableName) => [
  dynamodb.send(new DescribeTableCommand({ TableName })),
  dynamodb.send(
    new ListTagsOfResourceCommand({ ResourceArn: `arn:aws:dynamodb:${region}:${account}:table/${TableName}` }),
  ),
];
/** @param {string} RoleName @param {string} PolicyName */
const roleReads = (RoleName, PolicyName) => [
  iam.send(new GetRoleCommand({ RoleName })),
  iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
  iam.send(new ListRolePoliciesCommand({ RoleName })),
  iam.send(new ListAttachedRolePoliciesCommand({ RoleName })),
];

void Promise.allSettled([
  sts.send(new GetCallerIdentityCommand({})),
  s3.send(new HeadBucketCommand(bucket)),
  s3.send(new GetBucketVersioningCommand(bucket)),
  s3.send(new GetObjectLockConfigurationCommand(bucket)),
  s3.send(new GetBucketEncryptionCommand(bucket)),
  s3.send(new GetPublicAccessBlockCommand(bucket)),
  s3.send(new GetBucketOwnershipControlsCommand(bucket)),
  s3.send(new GetBucketPolicyCommand(bucket)),
  s3.send(new GetBucketTaggingCommand(bucket)),
  s3.send(new GetBucketLifecycleConfigurationCommand(bucket)),
  ...tableReads('abcdef-terraform-locking'),
  iam.send(
    new GetOpenIDConnectProviderCommand({
      OpenIDConnectProviderArn: `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`,
    }),
  ),
  ...roleReads('GitHubActionsTerraformRole', 'TerraformPolicy'),
  ...tableReads('Visits'),
  ...roleReads('IncrementVisits-execution', 'ExecutionPolicy'),
  logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroup })),
  logs.send(new ListTagsForResourceCommand({ resourceArn: `arn:aws:logs:${region}:${account}:log-group:${logGroup}` })),
  lambda.send(new GetFunctionCommand({ FunctionName })),
  lambda.send(new GetAliasCommand({ FunctionName, Name: 'live' })),
  lambda.send(new GetFunctionCommand(live)),
  lambda.send(new GetFunctionUrlConfigCommand(live)),
  lambda.send(new GetPolicyCommand(live)),
  lambda.send(new GetPolicyCommand({ FunctionName: live.FunctionName })),
  iam.send(new ListRolesCommand({ MaxItems: 1_000 })),
  tag.send(new GetResourcesCommand({ TagFilters: [{ Key: 'crc:project', Values: [bucket.Bucket] }] })),
]).then((answers) => {
  const failed = answers.filter(({ status }) => status === 'rejected').length;
  // Two reads fail as expected: the example bucket has no lifecycle rules, and only the function's alias has a policy.
  process.exitCode = failed > 2 ? 1 : 0;
  process.stdout.write(`${answers.length} reads, ${failed} refused\n`);
});
