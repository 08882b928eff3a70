// Clients are loaded in groups, each when the first call to one of its services is due: a file more costs more than its code.
export { DynamoDBClient } from '@aws-sdk/client-dynamodb';
export { IAMClient } from '@aws-sdk/client-iam';
export { STSClient } from '@aws-sdk/client-sts';
