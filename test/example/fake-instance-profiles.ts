import { awsError, type Handlers } from '../helpers/fake-aws.ts';

export interface FakeInstanceProfile {
  role: string | null;
  tags: { Key: string; Value: string }[];
}

/** A fake of the instance profile operations in IAM. */
export function fakeInstanceProfiles() {
  const profiles = new Map<string, FakeInstanceProfile>();
  const at = (name: string): FakeInstanceProfile => {
    const profile = profiles.get(name);
    if (profile === undefined) throw awsError('NoSuchEntityException', 404, { Code: 'NoSuchEntity' });
    return profile;
  };
  const handlers: Handlers = {
    ListInstanceProfiles: () => ({
      InstanceProfiles: [...profiles.keys()].map((InstanceProfileName) => ({ InstanceProfileName })),
      IsTruncated: false,
    }),
    GetInstanceProfile: ({ InstanceProfileName }) => {
      const { role, tags } = at(InstanceProfileName);
      const Roles = role === null ? [] : [{ RoleName: role }];
      return { InstanceProfile: { InstanceProfileName, Roles, Tags: tags } };
    },
    CreateInstanceProfile: ({ InstanceProfileName, Tags }) => {
      if (profiles.has(InstanceProfileName)) throw awsError('EntityAlreadyExistsException', 409);
      profiles.set(InstanceProfileName, { role: null, tags: Tags });
      return { InstanceProfile: { InstanceProfileName } };
    },
    TagInstanceProfile: ({ InstanceProfileName, Tags }) => {
      const profile = at(InstanceProfileName);
      const keys = Tags.map(({ Key }: { Key: string }) => Key);
      profile.tags = [...profile.tags.filter(({ Key }) => !keys.includes(Key)), ...Tags];
      return {};
    },
    AddRoleToInstanceProfile: ({ InstanceProfileName, RoleName }) => {
      const profile = at(InstanceProfileName);
      if (profile.role !== null) throw awsError('LimitExceededException', 409);
      profile.role = RoleName;
      return {};
    },
    RemoveRoleFromInstanceProfile: ({ InstanceProfileName }) => {
      at(InstanceProfileName).role = null;
      return {};
    },
    DeleteInstanceProfile: ({ InstanceProfileName }) => {
      if (at(InstanceProfileName).role !== null) throw awsError('DeleteConflictException', 409);
      profiles.delete(InstanceProfileName);
      return {};
    },
  };
  return { profiles, handlers };
}
