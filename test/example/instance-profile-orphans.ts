import { GetInstanceProfileCommand, type InstanceProfile, ListInstanceProfilesCommand } from '@aws-sdk/client-iam';
import { NO_SUCH_ENTITY, orAbsent } from '../../src/aws/error-names.ts';
import { ifTruncated, itemsOf, pagesOf } from '../../src/aws/pages.ts';
import type { CreateOrphan, ListCandidates } from '../../src/resources/orphans/kind.ts';
import { orphan, warningText } from '../../src/resources/orphans/orphan.ts';
import { fromTagList } from '../../src/resources/tags.ts';
import { deleteInstanceProfile } from './instance-profile.ts';

/** The list contains no tags, so each profile is read. */
export const listInstanceProfiles: ListCandidates = async (named, _, { clients }) => {
  await clients.load('iam');
  const pages = pagesOf(
    (Marker?: string) => clients.iam.send(new ListInstanceProfilesCommand({ Marker })),
    ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
  );
  const profiles = await itemsOf(pages, ({ InstanceProfiles }) => InstanceProfiles);
  return profiles
    .flatMap(({ InstanceProfileName }) => InstanceProfileName ?? [])
    .filter((name) => !named.has(name))
    .map((name) => ({ id: `instance-profile/${name}`, name }));
};

/** An instance profile that is no longer in the config. */
export const orphanInstanceProfile: CreateOrphan = ({ id, name }, _, context) => {
  const { iam } = context.clients;
  return orphan<InstanceProfile>(
    {
      id,
      type: 'AWS::IAM::InstanceProfile',
      name,
      async read() {
        const call = iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
        const profile = (await orAbsent(call, NO_SUCH_ENTITY, undefined))?.InstanceProfile;
        return profile && { tags: fromTagList(profile.Tags), warning: warningText(), details: profile };
      },
      removal: async ({ Roles: [role] = [] }) => ({
        remove: () => deleteInstanceProfile(iam, name, role?.RoleName ?? null),
      }),
    },
    context,
  );
};
