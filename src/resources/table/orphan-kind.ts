import { grant } from '../../aws/actions.ts';
import { tableArn } from '../../aws/arns.ts';
import type { OrphanKind } from '../orphans/kind.ts';

/** Tables that are no longer in the config: the lock table and those of functions. */
export const TABLES: OrphanKind = {
  prefix: 'table',
  type: 'AWS::DynamoDB::Table',
  plural: 'tables',
  listing: /^arn:[^:]+:dynamodb:[^:]+:\d+:table\/([^/]+)$/,
  services: ['dynamodb'],
  finding: (place) => [grant('dynamodb', ['ListTagsOfResource'], tableArn(place, '*'))],
  removing: (place, own) => [
    // Any function may use it.
    grant('lambda', ['ListFunctions', 'ListAliases'], '*'),
    // A deleted table has no tags, so its deletion has to be confirmed with DescribeTable.
    grant('dynamodb', ['DescribeTable'], tableArn(place, '*')),
    own(grant('dynamodb', ['Scan', 'UpdateTable', 'DeleteTable'], tableArn(place, '*'))),
  ],
  load: async () => (await import('./orphan.ts')).orphanTable,
};
