import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetRoleCommand } from '@aws-sdk/client-iam';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { HeadBucketCommand, ListBucketsCommand } from '@aws-sdk/client-s3';
import { CrcError } from '../errors.ts';
import type { Clients } from './clients.ts';
import { asAwsError, NO_SUCH_ENTITY, orAbsent, statusOf } from './error-names.ts';
import { functionsInRegion } from './functions.ts';
import { itemsOf, pagesOf, tokenOf } from './pages.ts';

/** Names of the account's buckets, in all regions. */
export async function listBuckets({ s3 }: Pick<Clients, 's3'>): Promise<readonly string[]> {
  const pages = pagesOf(
    (ContinuationToken?: string) => s3.send(new ListBucketsCommand({ ContinuationToken })),
    ({ ContinuationToken }) => tokenOf(ContinuationToken),
  );
  const buckets = await itemsOf(pages, ({ Buckets }) => Buckets);
  return buckets.flatMap(({ Name }) => Name ?? []);
}

/**
 * The region of a bucket, whatever the client's region. @throws CrcError for a bucket that does not exist, belongs to
 * another account, or is not visible with these credentials.
 */
export async function regionOfBucket({ s3 }: Pick<Clients, 's3'>, name: string, accountId: string): Promise<string> {
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: accountId }));
    if (BucketRegion !== undefined) return BucketRegion;
  } catch (error) {
    // For a bucket in another region, a header names it:
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    const status = statusOf(error);
    const region = asAwsError(error).$response?.headers?.['x-amz-bucket-region'];
    if (region !== undefined && (status === 301 || status === 400)) return region;
    if (status === 404) {
      throw new CrcError(`The bucket ${name} was not found in account ${accountId}.`, {
        hint: 'Pass the bucket that holds the states with --bucket; `aws s3 ls` lists the buckets of the account.',
        cause: error,
      });
    }
    if (status !== 403) throw error;
    throw new CrcError(`The bucket ${name} cannot be read.`, {
      hint: `It belongs to a different account from ${accountId}, or these credentials lack s3:ListBucket on it.`,
      cause: error,
    });
  }
  throw new CrcError(`AWS did not say in which region the bucket ${name} is.`, {
    hint: 'Check the endpoint (--endpoint-url, AWS_ENDPOINT_URL).',
  });
}

/** Names of the tables in the region of the client. */
export async function listTables({ dynamodb }: Pick<Clients, 'dynamodb'>): Promise<readonly string[]> {
  const pages = pagesOf(
    (ExclusiveStartTableName?: string) => dynamodb.send(new ListTablesCommand({ ExclusiveStartTableName })),
    ({ LastEvaluatedTableName }) => tokenOf(LastEvaluatedTableName),
  );
  return await itemsOf(pages, ({ TableNames }) => TableNames);
}

/** A function deployed as a zip package, with its settings. */
export interface LiveFunction {
  readonly name: string;
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly architecture: string | undefined;
  readonly memoryMb: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** The functions in the client's region that have a runtime and a handler; images have neither. */
export async function listFunctions(clients: Pick<Clients, 'lambda'>): Promise<readonly LiveFunction[]> {
  return (await functionsInRegion(clients)).flatMap(withRuntime);
}

function withRuntime(live: FunctionConfiguration): readonly LiveFunction[] {
  const { FunctionName: name, Runtime: runtime, Handler: handler, Role: role } = live;
  if (name === undefined || runtime === undefined || handler === undefined || role === undefined) return [];
  return [
    {
      name,
      runtime,
      handler,
      role,
      architecture: live.Architectures?.[0],
      memoryMb: live.MemorySize,
      timeoutSeconds: live.Timeout,
      environment: live.Environment?.Variables ?? {},
    },
  ];
}

/** What GetAccountAuthorizationDetails omits for a role; undefined if it was deleted after it was listed. */
export async function roleSettings(
  { iam }: Pick<Clients, 'iam'>,
  RoleName: string,
): Promise<{ readonly description: string; readonly maxSessionSeconds: number } | undefined> {
  const answer = await orAbsent(iam.send(new GetRoleCommand({ RoleName })), NO_SUCH_ENTITY, undefined);
  if (answer?.Role === undefined) return undefined;
  const { Description = '', MaxSessionDuration = 3_600 } = answer.Role;
  return { description: Description, maxSessionSeconds: MaxSessionDuration };
}
