import type { RecordedCall } from './call.ts';
import type { Reference } from './reference.ts';

/**
 * IAM prefixes of services whose SDK name is a different word. Keys are as returned by `plainName`. All other SDK names
 * equal the prefix, apart from hyphens. From the `serviceId` of botocore's service models
 * (https://github.com/boto/botocore/tree/develop/botocore/data), the service names in boto3 and in version 2 of the SDK
 * for JavaScript, and the service prefixes in the Service Authorization Reference. Includes names in signatures, which
 * is all that programs and version 1 of the SDK for Go show: `monitoring`.
 */
const PREFIXES: Readonly<Record<string, string>> = {
  acmpca: 'acm-pca',
  amp: 'aps',
  apigatewaymanagementapi: 'execute-api',
  apigatewayv2: 'apigateway',
  appconfigdata: 'appconfig',
  bedrockagent: 'bedrock',
  bedrockagentcorecontrol: 'bedrock-agentcore',
  bedrockruntime: 'bedrock',
  cloudcontrol: 'cloudformation',
  cloudhsmv2: 'cloudhsm',
  cloudwatchevents: 'events',
  cloudwatchlogs: 'logs',
  cognitoidentityprovider: 'cognito-idp',
  cognitoidentityserviceprovider: 'cognito-idp',
  configservice: 'config',
  connectcampaignsv2: 'connect-campaigns',
  connectcases: 'cases',
  costandusagereportservice: 'cur',
  costexplorer: 'ce',
  customerprofiles: 'profile',
  databasemigrationservice: 'dms',
  directoryservice: 'ds',
  docdb: 'rds',
  dynamodbstreams: 'dynamodb',
  efs: 'elasticfilesystem',
  elasticloadbalancingv2: 'elasticloadbalancing',
  elb: 'elasticloadbalancing',
  elbv2: 'elasticloadbalancing',
  elasticsearchservice: 'es',
  emr: 'elasticmapreduce',
  eventbridge: 'events',
  greengrassv2: 'greengrass',
  iotdata: 'iot',
  ivsrealtime: 'ivs',
  keyspaces: 'cassandra',
  kinesisanalyticsv2: 'kinesisanalytics',
  lexmodelbuildingservice: 'lex',
  lexmodelsv2: 'lex',
  location: 'geo',
  monitoring: 'cloudwatch',
  mwaa: 'airflow',
  neptune: 'rds',
  opensearch: 'es',
  opensearchserverless: 'aoss',
  pinpoint: 'mobiletargeting',
  pinpointsmsvoicev2: 'sms-voice',
  qconnect: 'wisdom',
  resourcegroupstaggingapi: 'tag',
  s3control: 's3',
  serverlessapplicationrepository: 'serverlessrepo',
  servicecatalogappregistry: 'servicecatalog',
  sesv2: 'ses',
  sfn: 'states',
  stepfunctions: 'states',
  simpledb: 'sdb',
  ssoadmin: 'sso',
  tagging: 'tag',
  timestreamquery: 'timestream',
  timestreamwrite: 'timestream',
  workspacesweb: 'workspaces-web',
};

/** The name in lowercase letters and digits: `apigatewayv2` for both `ApiGatewayV2` and `API Gateway V2`. */
export function plainName(service: string): string {
  return service.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The IAM prefix of the called service; undefined if crc does not know it. */
export function prefixOf(
  { service, signingName }: Pick<RecordedCall, 'service' | 'signingName'>,
  reference: Reference,
): string | undefined {
  const name = plainName(service);
  const prefix = PREFIXES[name] ?? reference.prefixes().find((known) => known.replaceAll('-', '') === name);
  if (prefix !== undefined && reference.has(prefix)) return prefix;
  return signingName !== undefined && reference.has(signingName) ? signingName : undefined;
}
