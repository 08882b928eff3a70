import { partition } from '@aws-sdk/core/client';
import { issuerOf } from '../policies/trust.ts';

/** The account and its location. With the config, all names and ARNs follow from it. */
export interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** `aws`, `aws-cn`, `aws-us-gov`, …: the partition in every ARN, from the SDK's own table. */
export function partitionOf(region: string): string {
  return partition(region).name;
}

export function bucketArn({ region }: Pick<Place, 'region'>, bucket: string): string {
  return `arn:${partitionOf(region)}:s3:::${bucket}`;
}

export function tableArn({ accountId, region }: Place, table: string): string {
  return `arn:${partitionOf(region)}:dynamodb:${region}:${accountId}:table/${table}`;
}

/** `path` is `/`, or like `/ci/`. */
export function roleArn({ accountId, region }: Place, role: string, path = '/'): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:role${path}${role}`;
}

/** ARNs of all managed policies: the account's and AWS's own. */
export function managedPolicies({ accountId, region }: Place): readonly string[] {
  return [accountId, 'aws'].map((owner) => `arn:${partitionOf(region)}:iam::${owner}:policy/*`);
}

/** The provider's ARN contains its URL without the scheme. */
export function providerArn({ accountId, region }: Place, url: string): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:oidc-provider/${issuerOf(url)}`;
}

export function functionArn({ accountId, region }: Place, name: string): string {
  return `arn:${partitionOf(region)}:lambda:${region}:${accountId}:function:${name}`;
}

/** Without the `:*` that stands for its streams. */
export function logGroupArn({ accountId, region }: Place, name: string): string {
  return `arn:${partitionOf(region)}:logs:${region}:${accountId}:log-group:${name}`;
}

/** Where Lambda writes what the function logs. */
export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}

export function executionRoleName(functionName: string): string {
  return `${functionName}-execution`;
}

/** The alias through which a function is called. It points to a version, so no half-finished change is ever live. */
export const ALIAS = 'live';

/** Whether a key is given as `alias/NAME` or as the ARN of an alias, which can be moved to a different key. */
export function isKeyAlias(key: string): boolean {
  return /(^|:)alias\//.test(key);
}
