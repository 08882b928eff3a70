/** Operations that need no permission. */
const FREE: ReadonlySet<string> = new Set([
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: "No permissions are required"
  'sts:GetCallerIdentity',
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html: "No permissions are required"
  'sts:GetSessionToken',
  // Unsigned: the token is checked against the role's trust policy instead.
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRoleWithSAML',
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/inter-network-traffic-privacy.html
  'dynamodb:DescribeEndpoints',
]);

/**
 * Operations whose IAM action has a different name. For all other operations, the names are the same. Sources, by
 * service:
 *
 * - s3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html and "Permissions" on
 *   the page of each operation in https://docs.aws.amazon.com/AmazonS3/latest/API/
 * - lambda: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, API_GetLayerVersionByArn.html
 * - cloudfront: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistributionWithTags.html
 * - bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, API_runtime_ConverseStream.html
 * - execute-api: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
 * - budgets: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
 * - dynamodb: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
 * - sqs, sns:
 *   https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
 * - kms: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
 * - cloudformation: https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/security.html
 */
export const RENAMED: Readonly<Record<string, readonly string[]>> = {
  's3:CompleteMultipartUpload': ['PutObject'],
  's3:CopyObject': ['PutObject'],
  's3:CreateBucketMetadataConfiguration': ['CreateBucketMetadataTableConfiguration'],
  's3:CreateMultipartUpload': ['PutObject'],
  's3:DeleteBucketAnalyticsConfiguration': ['PutAnalyticsConfiguration'],
  's3:DeleteBucketCors': ['PutBucketCORS'],
  's3:DeleteBucketEncryption': ['PutEncryptionConfiguration'],
  's3:DeleteBucketIntelligentTieringConfiguration': ['PutIntelligentTieringConfiguration'],
  's3:DeleteBucketInventoryConfiguration': ['PutInventoryConfiguration'],
  's3:DeleteBucketLifecycle': ['PutLifecycleConfiguration'],
  's3:DeleteBucketMetadataConfiguration': ['DeleteBucketMetadataTableConfiguration'],
  's3:DeleteBucketMetricsConfiguration': ['PutMetricsConfiguration'],
  's3:DeleteBucketOwnershipControls': ['PutBucketOwnershipControls'],
  's3:DeleteBucketReplication': ['PutReplicationConfiguration'],
  's3:DeleteBucketTagging': ['PutBucketTagging'],
  's3:DeleteObjects': ['DeleteObject'],
  's3:DeletePublicAccessBlock': ['PutBucketPublicAccessBlock'],
  's3:GetBucketAccelerateConfiguration': ['GetAccelerateConfiguration'],
  's3:GetBucketAnalyticsConfiguration': ['GetAnalyticsConfiguration'],
  's3:GetBucketEncryption': ['GetEncryptionConfiguration'],
  's3:GetBucketIntelligentTieringConfiguration': ['GetIntelligentTieringConfiguration'],
  's3:GetBucketInventoryConfiguration': ['GetInventoryConfiguration'],
  's3:GetBucketLifecycle': ['GetLifecycleConfiguration'],
  's3:GetBucketLifecycleConfiguration': ['GetLifecycleConfiguration'],
  's3:GetBucketMetadataConfiguration': ['GetBucketMetadataTableConfiguration'],
  's3:GetBucketMetricsConfiguration': ['GetMetricsConfiguration'],
  's3:GetBucketNotificationConfiguration': ['GetBucketNotification'],
  's3:GetBucketReplication': ['GetReplicationConfiguration'],
  's3:GetObjectLockConfiguration': ['GetBucketObjectLockConfiguration'],
  's3:GetPublicAccessBlock': ['GetBucketPublicAccessBlock'],
  's3:HeadBucket': ['ListBucket'],
  's3:HeadObject': ['GetObject'],
  's3:ListBucketAnalyticsConfigurations': ['GetAnalyticsConfiguration'],
  's3:ListBucketIntelligentTieringConfigurations': ['GetIntelligentTieringConfiguration'],
  's3:ListBucketInventoryConfigurations': ['GetInventoryConfiguration'],
  's3:ListBucketMetricsConfigurations': ['GetMetricsConfiguration'],
  's3:ListBuckets': ['ListAllMyBuckets'],
  's3:ListMultipartUploads': ['ListBucketMultipartUploads'],
  's3:ListObjectVersions': ['ListBucketVersions'],
  's3:ListObjects': ['ListBucket'],
  's3:ListObjectsV2': ['ListBucket'],
  's3:ListParts': ['ListMultipartUploadParts'],
  's3:PutBucketAccelerateConfiguration': ['PutAccelerateConfiguration'],
  's3:PutBucketAnalyticsConfiguration': ['PutAnalyticsConfiguration'],
  's3:PutBucketEncryption': ['PutEncryptionConfiguration'],
  's3:PutBucketIntelligentTieringConfiguration': ['PutIntelligentTieringConfiguration'],
  's3:PutBucketInventoryConfiguration': ['PutInventoryConfiguration'],
  's3:PutBucketLifecycle': ['PutLifecycleConfiguration'],
  's3:PutBucketLifecycleConfiguration': ['PutLifecycleConfiguration'],
  's3:PutBucketMetricsConfiguration': ['PutMetricsConfiguration'],
  's3:PutBucketNotificationConfiguration': ['PutBucketNotification'],
  's3:PutBucketReplication': ['PutReplicationConfiguration'],
  's3:PutObjectLockConfiguration': ['PutBucketObjectLockConfiguration'],
  's3:PutPublicAccessBlock': ['PutBucketPublicAccessBlock'],
  's3:SelectObjectContent': ['GetObject'],
  's3:UploadPart': ['PutObject'],
  's3:UploadPartCopy': ['PutObject'],
  'lambda:GetLayerVersionByArn': ['GetLayerVersion'],
  'lambda:Invoke': ['InvokeFunction'],
  'lambda:InvokeWithResponseStream': ['InvokeFunction'],
  'cloudfront:CreateDistributionWithTags': ['CreateDistribution'],
  'cloudfront:CreateStreamingDistributionWithTags': ['CreateStreamingDistribution'],
  'bedrock:Converse': ['InvokeModel'],
  'bedrock:ConverseStream': ['InvokeModelWithResponseStream'],
  'execute-api:DeleteConnection': ['ManageConnections'],
  'execute-api:GetConnection': ['ManageConnections'],
  'execute-api:PostToConnection': ['ManageConnections'],
  'budgets:CreateBudget': ['ModifyBudget'],
  'budgets:CreateNotification': ['ModifyBudget'],
  'budgets:CreateSubscriber': ['ModifyBudget'],
  'budgets:DeleteBudget': ['ModifyBudget'],
  'budgets:DeleteNotification': ['ModifyBudget'],
  'budgets:DeleteSubscriber': ['ModifyBudget'],
  'budgets:DescribeBudget': ['ViewBudget'],
  'budgets:DescribeBudgets': ['ViewBudget'],
  'budgets:DescribeNotificationsForBudget': ['ViewBudget'],
  'budgets:DescribeSubscribersForNotification': ['ViewBudget'],
  'budgets:UpdateBudget': ['ModifyBudget'],
  'budgets:UpdateNotification': ['ModifyBudget'],
  'budgets:UpdateSubscriber': ['ModifyBudget'],
  'dynamodb:TransactGetItems': ['GetItem'],
  'dynamodb:TransactWriteItems': ['ConditionCheckItem', 'DeleteItem', 'PutItem', 'UpdateItem'],
  'sns:PublishBatch': ['Publish'],
  'sqs:ChangeMessageVisibilityBatch': ['ChangeMessageVisibility'],
  'sqs:DeleteMessageBatch': ['DeleteMessage'],
  'sqs:SendMessageBatch': ['SendMessage'],
  'kms:ReEncrypt': ['ReEncryptFrom', 'ReEncryptTo'],
};

/** The names of the IAM actions for an operation, without prefix; empty if it needs no permission. */
export function actionNames(prefix: string, operation: string, method: string): readonly string[] {
  const name = `${prefix}:${operation}`;
  if (FREE.has(name)) return [];
  // The action is the HTTP method:
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
  if (prefix === 'apigateway') return [method];
  return RENAMED[name] ?? [operation];
}
