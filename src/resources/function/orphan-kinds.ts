import { grant } from '../../aws/actions.ts';
import { functionArn, logGroupArn } from '../../aws/arns.ts';
import type { OrphanKind } from '../orphans/kind.ts';

/** Functions that are no longer in the config. Their roles and tables are separate kinds. */
export const FUNCTIONS: OrphanKind = {
  prefix: 'function',
  type: 'AWS::Lambda::Function',
  plural: 'functions',
  listing: /^arn:[^:]+:lambda:[^:]+:\d+:function:([^:]+)$/,
  services: ['lambda'],
  finding: (place) => [grant('lambda', ['ListTags'], functionArn(place, '*'))],
  removing: (place, own) => [own(grant('lambda', ['DeleteFunction'], functionArn(place, '*')))],
  load: async () => (await import('./orphan.ts')).orphanFunction,
};

/** Log groups of functions that are no longer in the config, by function name. */
export const LOG_GROUPS: OrphanKind = {
  prefix: 'log-group',
  type: 'AWS::Logs::LogGroup',
  listing: /^arn:[^:]+:logs:[^:]+:\d+:log-group:\/aws\/lambda\/([^:]+)(?::\*)?$/,
  services: ['logs'],
  finding: (place) => [grant('logs', ['ListTagsForResource'], logGroupArn(place, '*'))],
  removing: (place, own) => [
    grant('logs', ['DescribeLogGroups'], '*'),
    own(grant('logs', ['DeleteLogGroup'], logGroupArn(place, '*'))),
  ],
  load: async () => (await import('./orphan.ts')).orphanLogGroup,
};
