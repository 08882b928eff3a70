import { ListTagsForResourceCommand, paginateDescribeLogGroups } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, ListTablesCommand, ListTagsOfResourceCommand } from '@aws-sdk/client-dynamodb';
import {
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListOpenIDConnectProvidersCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from '@aws-sdk/client-iam';
import {
  GetFunctionCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
} from '@aws-sdk/client-s3';
import type { Clients } from '../../src/aws/clients.ts';

/** All resources of an account, normalized so that two accounts can be compared. */
export async function accountSnapshot(clients: Clients): Promise<Readonly<Record<string, unknown>>> {
  const [buckets, tables, iam, functions, logGroups] = await Promise.all([
    readBuckets(clients),
    readTables(clients),
    readIam(clients),
    readFunctions(clients),
    readLogGroups(clients),
  ]);
  return Object.fromEntries(
    Object.entries({ buckets, tables, ...iam, functions, logGroups }).map(([kind, all]) => [kind, stable(all)]),
  );
}

async function readBuckets({ s3 }: Clients) {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  return await Promise.all(
    Buckets.map(async ({ Name: Bucket = '' }) => [
      Bucket,
      await Promise.all([
        s3.send(new GetBucketVersioningCommand({ Bucket })),
        none(s3.send(new GetObjectLockConfigurationCommand({ Bucket }))),
        none(s3.send(new GetBucketEncryptionCommand({ Bucket }))),
        none(s3.send(new GetPublicAccessBlockCommand({ Bucket }))),
        none(s3.send(new GetBucketOwnershipControlsCommand({ Bucket }))),
        none(s3.send(new GetBucketPolicyCommand({ Bucket }))),
        none(s3.send(new GetBucketTaggingCommand({ Bucket }))),
        none(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
      ]),
    ]),
  );
}

async function readTables({ dynamodb }: Clients) {
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  return await Promise.all(
    TableNames.map(async (TableName) => {
      const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
      const { Tags = [] } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: Table?.TableArn ?? '' }));
      // DynamoDB reports no mode for tables that have always been provisioned.
      const mode = Table?.BillingModeSummary?.BillingMode ?? 'PROVISIONED';
      const units = mode === 'PROVISIONED' ? Table?.ProvisionedThroughput : undefined;
      return [
        { ...Table, BillingModeSummary: mode, ProvisionedThroughput: units },
        Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      ];
    }),
  );
}

async function readIam({ iam }: Clients) {
  const [{ Roles = [] }, { OpenIDConnectProviderList = [] }] = await Promise.all([
    iam.send(new ListRolesCommand({})),
    iam.send(new ListOpenIDConnectProvidersCommand({})),
  ]);
  const roles = await Promise.all(
    Roles.map(async ({ RoleName = '' }) => {
      const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
      return await Promise.all([
        iam.send(new GetRoleCommand({ RoleName })),
        iam.send(new ListAttachedRolePoliciesCommand({ RoleName })),
        ...PolicyNames.map((PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }))),
      ]);
    }),
  );
  const providers = await Promise.all(
    OpenIDConnectProviderList.map(({ Arn: OpenIDConnectProviderArn = '' }) =>
      iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn })),
    ),
  );
  return { roles, providers };
}

async function readFunctions({ lambda }: Clients) {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  return await Promise.all(
    Functions.map(async ({ FunctionName = '' }) => {
      const [latest, versions, aliases, url, policy] = await Promise.all([
        lambda.send(new GetFunctionCommand({ FunctionName })),
        lambda.send(new ListVersionsByFunctionCommand({ FunctionName })),
        lambda.send(new ListAliasesCommand({ FunctionName })),
        none(lambda.send(new GetFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live' }))),
        none(lambda.send(new GetPolicyCommand({ FunctionName, Qualifier: 'live' }))),
      ]);
      return [latest, versions, aliases, url, policy === null ? null : statements(policy.Policy ?? '')];
    }),
  );
}

/** Statements by id. Moto accepts duplicate ids, which Lambda rejects with 409. */
function statements(policy: string): unknown {
  const all = (JSON.parse(policy) as { Statement: { Sid: string }[] }).Statement;
  return Object.fromEntries(all.map((statement) => [statement.Sid, statement]));
}

async function readLogGroups({ logs }: Clients) {
  const collected: unknown[] = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
    for (const group of logGroups) {
      const resourceArn = group.arn?.replace(/:\*$/, '') ?? '';
      collected.push([group, await logs.send(new ListTagsForResourceCommand({ resourceArn }))]);
    }
  }
  return collected;
}

async function none<T>(call: Promise<T>): Promise<T | null> {
  return await call.catch((error: { $metadata?: { httpStatusCode?: number } }) => {
    if (error.$metadata?.httpStatusCode === 404) return null;
    throw error;
  });
}

/** Times, ids and URLs that differ between otherwise equal resources. */
const VOLATILE =
  /^(\$metadata|NumberOfDecreasesToday|.*Date(Time)?|CreationTime|creationTime|LastModified(Time)?|RevisionId|.*Id|FunctionUrl|Location|LatestStreamLabel|RequestId|RoleLastUsed)$/;

/** A value without volatile properties, and with sorted lists and keys. */
function stable(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(stable).map((item) => [JSON.stringify(item), item] as const);
    return items.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !VOLATILE.test(key) && inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, stable(inner)]),
  );
}
