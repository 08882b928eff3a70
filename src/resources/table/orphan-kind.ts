import { grant } from '../../aws/actions.ts';
import { tableArn } from '../../aws/arns.ts';
import type { OrphanKind } from '../orphans/kind.ts';

/** Tables that left the config: of locks, and of functions. */
export const TABLES: OrphanKind = {
  prefix: 'table',
  type: 'AWS::DynamoDB::Table',
  plural: 'tables',
  listing: /^arn:[^:]+:dynamodb:[^:]+:\d+:table\/([^/]+)$/,
  services: ['dynamodb'],
  finding: (place) => [grant('dynamodb', ['ListTagsOfResource'], tableArn(place, '*'))],
  removing: (place, own) => [
    grant('lambda', ['ListFunctions'], '*'),
    // A deleted table has no tags, and whether it is gone yet must be seen.
    grant('dynamodb', ['DescribeTable'], tableArn(place, '*')),
    own(grant('dynamodb', ['Scan', 'UpdateTable', 'DeleteTable'], tableArn(place, '*'))),
  ],
  load: async () => (await import('./orphan.ts')).orphanTable,
};
