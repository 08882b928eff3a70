import { grant } from '../aws/actions.ts';
import { type Place, partitionOf } from '../aws/arns.ts';
import type { Grant } from '../engine/types.ts';
import { READS as ROLE_READS } from './role.ts';
import { READS as BUCKET_READS } from './state-bucket/read.ts';

/**
 * The permissions to inspect an account for `crc init --from-account`. Names are not known yet, so each permission is
 * on all resources of a kind. A bucket and its table may be in a different region from the project's.
 */
export function surveyGrants({ accountId, region }: Place): readonly Grant[] {
  const partition = partitionOf(region);
  const anywhere = (service: string, resource: string) => `arn:${partition}:${service}:*:${accountId}:${resource}`;
  const ofIam = (path: string) => `arn:${partition}:iam::${accountId}:${path}`;
  return [
    grant('s3', ['ListBuckets'], '*'),
    grant('s3', BUCKET_READS, `arn:${partition}:s3:::*`),
    grant('kms', ['DescribeKey'], anywhere('kms', 'key/*')),
    grant('dynamodb', ['ListTables'], '*'),
    grant('dynamodb', ['DescribeTable', 'ListTagsOfResource'], anywhere('dynamodb', 'table/*')),
    grant('iam', ['GetAccountAuthorizationDetails', 'ListOpenIDConnectProviders'], '*'),
    grant('iam', ['GetOpenIDConnectProvider'], ofIam('oidc-provider/*')),
    grant('iam', ROLE_READS, ofIam('role/*')),
    grant('lambda', ['ListFunctions'], '*'),
    grant('lambda', ['GetFunction', 'ListTags', 'GetAlias', 'GetPolicy'], anywhere('lambda', 'function:*')),
    grant('logs', ['DescribeLogGroups'], '*'),
    grant('logs', ['ListTagsForResource'], anywhere('logs', 'log-group:*')),
  ];
}
