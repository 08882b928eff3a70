import { grant } from '../../src/aws/actions.ts';
import { type Place, partitionOf } from '../../src/aws/arns.ts';
import type { Entry } from '../../src/resources/list.ts';
import type { OrphanKind } from '../../src/resources/orphans/kind.ts';
import type { ConfigWithRunner } from './runner-config.ts';

const all = ({ accountId, region }: Place) => `arn:${partitionOf(region)}:iam::${accountId}:instance-profile/*`;

const INSTANCE_PROFILES: OrphanKind = {
  prefix: 'instance-profile',
  type: 'AWS::IAM::InstanceProfile',
  plural: 'instance profiles',
  // IAM is global, so the tagging API does not list instance profiles in the project's region.
  listing: async (...args) => (await import('./instance-profile-orphans.ts')).listInstanceProfiles(...args),
  services: ['iam'],
  finding: (place) => [grant('iam', ['ListInstanceProfiles'], '*'), grant('iam', ['GetInstanceProfile'], all(place))],
  removing: (place, own) => [own(grant('iam', ['RemoveRoleFromInstanceProfile', 'DeleteInstanceProfile'], all(place)))],
  load: async () => (await import('./instance-profile-orphans.ts')).orphanInstanceProfile,
};

export const runnerEntry: Entry = {
  ids: ({ runner }: ConfigWithRunner) => (runner === undefined ? [] : ['instance-profile']),
  services: ['iam'],
  async load() {
    const { instanceProfile } = await import('./instance-profile.ts');
    return ({ runner }: ConfigWithRunner, context) =>
      runner === undefined ? [] : [instanceProfile({ name: runner.instanceProfile, role: runner.role }, context)];
  },
  // crc verify, crc destroy --orphans
  orphans: [{ kind: INSTANCE_PROFILES, named: ({ runner }: ConfigWithRunner) => [runner?.instanceProfile] }],
};
