import type { ServiceName } from '../../src/aws/services.ts';

/** Input values for all calls. Properties that a command does not have are ignored. */
export const INPUT = {
  Bucket: 'abcdef-terraform-state',
  Key: 'k',
  VersionId: 'v',
  UploadId: 'u',
  Delete: { Objects: [{ Key: 'k', VersionId: 'v' }] },
  KeyId: 'alias/states',
  FunctionName: 'IncrementVisits',
  Name: 'live',
  StatementId: 's',
  Resource: 'arn',
  RoleName: 'GitHubActionsTerraformRole',
  TableName: 'Visits',
};

/** The complete client package of each service, in which commands are looked up by name. */
export const CLIENT_MODULES: { readonly [S in ServiceName]: () => Promise<Record<string, unknown>> } = {
  s3: () => import('@aws-sdk/client-s3'),
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  iam: () => import('@aws-sdk/client-iam'),
  sts: () => import('@aws-sdk/client-sts'),
  lambda: () => import('@aws-sdk/client-lambda'),
  kms: () => import('@aws-sdk/client-kms'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  tag: () => import('@aws-sdk/client-resource-groups-tagging-api'),
};
