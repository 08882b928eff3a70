import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  type IAMClient,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import { grant } from '../../src/aws/actions.ts';
import { partitionOf, roleArn } from '../../src/aws/arns.ts';
import { ALREADY_EXISTS, NO_SUCH_ENTITY, orAbsent } from '../../src/aws/error-names.ts';
import { type Resource, resource } from '../../src/engine/resource.ts';
import type { Spec } from '../../src/engine/types.ts';
import type { Context } from '../../src/resources/context.ts';
import { fromTagList, ownershipOf, type Tags, toTagList } from '../../src/resources/tags.ts';
import { untilVisible } from '../../src/resources/visibility.ts';

export interface InstanceProfileInput {
  readonly name: string;
  /** Name of the role for instances with this profile. */
  readonly role: string;
}

/** The properties that crc manages. Each fact is set with one API call. */
type InstanceProfileFacts = {
  readonly tags: Tags;
  /** Null if it has no role yet. */
  readonly role: string | null;
};

/** An instance profile, which gives a role to EC2 instances, for example to your own runners. */
export function instanceProfile(
  { name, role }: InstanceProfileInput,
  { clients, place, tags, signal }: Context,
): Resource {
  const { iam } = clients;
  const InstanceProfileName = name;
  const arn = `arn:${partitionOf(place.region)}:iam::${place.accountId}:instance-profile/${name}`;
  const profileCommand = { InstanceProfileName, RoleName: role };

  const spec: Spec<InstanceProfileFacts> = {
    id: 'instance-profile',
    type: 'AWS::IAM::InstanceProfile',
    name,
    needs: [`role/${role}`],

    // crc plan, crc bootstrap, crc verify
    want: { tags, role },
    brief: { role: () => `with the role ${role}` },
    async read() {
      const call = iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
      const profile = (await orAbsent(call, NO_SUCH_ENTITY, undefined))?.InstanceProfile;
      if (profile === undefined) return undefined;
      const { own, foreign } = ownershipOf(fromTagList(profile.Tags), tags);
      return { facts: { tags: own, role: profile.Roles?.[0]?.RoleName ?? null }, foreign, details: null };
    },
    async create() {
      const call = iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags: toTagList(tags) }));
      await orAbsent(call, ALREADY_EXISTS, undefined);
      return undefined;
    },
    set: {
      tags: async (want) => {
        const call = new TagInstanceProfileCommand({ InstanceProfileName, Tags: toTagList(want) });
        await untilVisible(NO_SUCH_ENTITY, signal, () => iam.send(call));
      },
      role: {
        refuse: (live) =>
          live === null
            ? undefined
            : `instances use it with the role ${live}; if none does any more, remove that role: \`aws iam remove-role-from-instance-profile --instance-profile-name ${name} --role-name ${live}\``,
        set: async () => {
          await untilVisible(NO_SUCH_ENTITY, signal, () =>
            iam.send(new AddRoleToInstanceProfileCommand(profileCommand)),
          );
        },
      },
    },

    // crc destroy
    removal: async ({ facts }) => ({ remove: () => deleteInstanceProfile(iam, name, facts.role) }),

    // crc permissions
    actions: {
      read: [grant('iam', ['GetInstanceProfile'], arn)],
      write: [
        grant('iam', ['CreateInstanceProfile', 'TagInstanceProfile', 'AddRoleToInstanceProfile'], arn),
        {
          actions: ['iam:PassRole'],
          resources: [roleArn(place, role)],
          condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
        },
      ],
      remove: [grant('iam', ['RemoveRoleFromInstanceProfile', 'DeleteInstanceProfile'], arn)],
    },

    // crc outputs, and the end of the run that created it
    address: {
      label: 'instance profile',
      path: ['instanceProfile'],
      variable: ['INSTANCE_PROFILE'],
      value: name,
      announced: 'when created',
    },

    // crc export
    terraform: {
      name: 'runner',
      resources: (label) => [
        { type: 'aws_iam_instance_profile', label, importId: name, arguments: { name, role, tags } },
      ],
    },
  };
  return resource(spec);
}

/** Deletes an instance profile, after removing its role. */
export async function deleteInstanceProfile(iam: IAMClient, name: string, role: string | null): Promise<void> {
  const InstanceProfileName = name;
  if (role !== null) {
    const call = iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName: role }));
    await orAbsent(call, NO_SUCH_ENTITY, undefined);
  }
  const call = iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
  await orAbsent(call, NO_SUCH_ENTITY, undefined);
}
