import { grant } from '../../aws/actions.ts';
import { roleArn } from '../../aws/arns.ts';
import type { OrphanKind } from '../orphans/kind.ts';

/** Roles that are no longer in the config: those for CI and those of functions. */
export const ROLES: OrphanKind = {
  prefix: 'role',
  type: 'AWS::IAM::Role',
  plural: 'roles',
  // The tagging API does not support roles.
  listing: async (...asked) => (await import('./orphan-listing.ts')).listOrphanRoles(...asked),
  services: ['iam'],
  finding: (place) => [grant('iam', ['ListRoles'], '*'), grant('iam', ['GetRole'], roleArn(place, '*'))],
  removing: (place, own) => [
    // Any function in any region may use it.
    grant('lambda', ['ListFunctions', 'ListAliases'], '*'),
    own(
      grant(
        'iam',
        [
          'GetRolePolicy',
          'ListRolePolicies',
          'ListAttachedRolePolicies',
          'DetachRolePolicy',
          'DeleteRolePolicy',
          'DeleteRole',
        ],
        roleArn(place, '*'),
      ),
    ),
  ],
  load: async () => (await import('./orphan.ts')).orphanRole,
};
