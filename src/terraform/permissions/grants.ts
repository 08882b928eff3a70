import type { PermissionsPlace, RecordedCall } from './call.ts';
import { changeGrants } from './changes.ts';
import { companionGrants } from './companions.ts';
import { keyGrants } from './keys.ts';
import { launchTemplateGrants } from './launch-templates.ts';
import type { Names } from './names.ts';
import { actionNames } from './operations.ts';
import type { Reference } from './reference.ts';
import { targetsOf } from './resources.ts';
import { passRoleGrants, serviceLinkedRoleGrants } from './roles.ts';
import { s3ActionNames } from './s3-actions.ts';
import { prefixOf } from './services.ts';
import type { Grant, Subject } from './subject.ts';
import { type CommonTag, onTagged } from './tag-condition.ts';
import { tagGrants } from './tags.ts';
import type { Values } from './values.ts';

/** What all calls of a run share. */
export interface Run {
  readonly place: PermissionsPlace;
  readonly names: Names;
  readonly reference: Reference;
  readonly tag: CommonTag | undefined;
}

/** The permissions for a call; empty if none is needed, undefined if crc does not know them. */
export function grantsOf(call: RecordedCall, values: Values, run: Run): readonly Grant[] | undefined {
  const { reference } = run;
  const prefix = prefixOf(call, reference);
  if (prefix === undefined) return undefined;
  if (isLookup(prefix, call, values)) return [];
  const ofS3 = prefix === 's3' ? s3ActionNames(call, values) : undefined;
  const names = ofS3 ?? actionNames(prefix, call.operation, call.request.method);
  const actions = names.map((name) => reference.action(prefix, name));
  if (actions.includes(undefined)) return undefined;
  return actions
    .flatMap((action) => (action === undefined ? [] : ofAction(action, call, values, run)))
    .map((grant) => onTagged(grant, values, run.tag));
}

/**
 * The provider looks up its account in several ways, and one that needs no permission is enough.
 * https://github.com/hashicorp/aws-sdk-go-base/blob/main/awsauth.go
 */
function isLookup(prefix: string, { operation, resourceType }: RecordedCall, values: Values): boolean {
  if (prefix !== 'iam' || resourceType !== undefined) return false;
  return operation === 'ListRoles' || (operation === 'GetUser' && values.named('UserName').length === 0);
}

function ofAction(action: Subject['action'], call: RecordedCall, values: Values, run: Run): readonly Grant[] {
  const { place, names, reference } = run;
  const where = { partition: place.partition, region: call.region, accountId: place.accountId };
  const subject = { call, action, values, where, names, reference };
  const targets = targetsOf(subject);
  return [
    ...targets.map(({ arn, tagged }) => ({ action: action.name, resource: arn, tagged })),
    ...companionGrants(subject, targets[0]?.arn ?? '*', place.state),
    ...launchTemplateGrants(subject, place.state),
    ...tagGrants(subject, targets),
    ...passRoleGrants(subject, place.state),
    ...serviceLinkedRoleGrants(subject),
    ...keyGrants(subject, place.state),
    // Calls in a phase that only reads or deletes create nothing.
    ...(call.phase === 'apply' && call.ofProgram !== true ? changeGrants(subject) : []),
  ];
}
