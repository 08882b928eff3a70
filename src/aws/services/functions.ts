export { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
export { LambdaClient } from '@aws-sdk/client-lambda';
