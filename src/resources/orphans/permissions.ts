import { grant } from '../../aws/actions.ts';
import { functionArn, logGroupArn, type Place, roleArn, tableArn } from '../../aws/arns.ts';
import type { Grant } from '../../engine/types.ts';
import { projectTag } from '../tags.ts';

interface Where {
  readonly place: Place;
  /** Of lock tables. */
  readonly stateRegion: string;
}

/**
 * What finds the resources that left the config. Their names are not known before, so it is on all of their kind: what is listed,
 * and the tags of each, but no code, no item and no log.
 */
export function findingOrphans(where: Where): readonly Grant[] {
  const { roles, functions, logGroups, tables } = all(where);
  return [
    grant('iam', ['ListRoles'], '*'),
    grant('tag', ['GetResources'], '*'),
    grant('iam', ['GetRole'], roles),
    grant('lambda', ['ListTags'], functions),
    grant('dynamodb', ['ListTagsOfResource'], ...tables),
    grant('logs', ['ListTagsForResource'], logGroups),
  ];
}

/** What deletes them: on all that has the tag of the project, and nothing else. */
export function removingOrphans({ project, ...where }: Where & { readonly project: string }): readonly Grant[] {
  const { roles, functions, logGroups, tables } = all(where);
  const { key, value } = projectTag(project);
  const own = (granted: Grant): Grant => ({
    ...granted,
    condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
  });
  return [
    grant('lambda', ['ListFunctions'], '*'),
    grant('logs', ['DescribeLogGroups'], '*'),
    // A deleted table has no tags, and whether it is gone yet must be seen.
    grant('dynamodb', ['DescribeTable'], ...tables),
    own(
      grant(
        'iam',
        ['ListRolePolicies', 'ListAttachedRolePolicies', 'DetachRolePolicy', 'DeleteRolePolicy', 'DeleteRole'],
        roles,
      ),
    ),
    own(grant('lambda', ['DeleteFunction'], functions)),
    own(grant('dynamodb', ['Scan', 'UpdateTable', 'DeleteTable'], ...tables)),
    own(grant('logs', ['DeleteLogGroup'], logGroups)),
  ];
}

function all({ place, stateRegion }: Where) {
  const regions = [...new Set([place.region, stateRegion])];
  return {
    roles: roleArn(place, '*'),
    functions: functionArn(place, '*'),
    logGroups: logGroupArn(place, '*'),
    tables: regions.map((region) => tableArn({ ...place, region }, '*')),
  };
}
