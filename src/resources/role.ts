import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { grant } from '../aws/actions.ts';
import { asAwsError, isNamed, orAbsent } from '../aws/error-names.ts';
import { ALREADY_EXISTS, DELETE_CONFLICT, NO_SUCH_ENTITY } from '../aws/iam-errors.ts';
import { roleArn } from '../aws/names.ts';
import { ifTruncated, pagesOf } from '../aws/pages.ts';
import { readTogether } from '../aws/read-together.ts';
import { extrasText } from '../engine/apply.ts';
import { type Resource, resource } from '../engine/resource.ts';
import type { Extra, Grant, Json, Spec } from '../engine/types.ts';
import { asJson, canonical } from '../policies/canonical.ts';
import { minified, type PolicyDocument } from '../policies/document.ts';
import type { Context } from './context.ts';
import { fromTagList, ownershipOf, type Tags, toTagList } from './tags.ts';
import { untilVisible } from './visibility.ts';

export interface RoleInput {
  /** `role/NAME`, `execution-role/FUNCTION` */
  readonly id: string;
  readonly name: string;
  readonly needs?: readonly string[];
  /** Ids whose removal comes before that of the role. */
  readonly removedAfter?: readonly string[];
  readonly trust: PolicyDocument;
  /** What a live trust document means beside being another one; undefined when it means the same. */
  readonly trustMeaning?: (live: Json) => string | undefined;
  readonly policyName: string;
  /** Undefined: the role has no inline policy of this name. */
  readonly policy: PolicyDocument | undefined;
  readonly maxSessionSeconds: number;
  /** Undefined: not managed, never removed. */
  readonly permissionsBoundary: string | undefined;
  readonly managedPolicyArns: readonly string[];
}

/** Seconds that a session lasts at most, where nothing else is said. */
const DEFAULT_SESSION = 3_600;

type RoleFacts = {
  readonly tags: Tags;
  readonly trust: Json;
  readonly policy: Json;
  readonly settings: { readonly description: string | null; readonly maxSessionSeconds: number | null };
  readonly permissionsBoundary: string | null;
  readonly managedPolicies: readonly string[];
};

const DESCRIPTION = 'Managed by crc';

const READS = ['GetRole', 'GetRolePolicy', 'ListRolePolicies', 'ListAttachedRolePolicies'];
const WRITES = [
  'CreateRole',
  'TagRole',
  'UpdateAssumeRolePolicy',
  'UpdateRole',
  'PutRolePolicy',
  'DeleteRolePolicy',
  'DetachRolePolicy',
];

/** An IAM role with one inline policy. Its trust and that policy are wholly crc's; other policies on it are extras. */
export function role(input: RoleInput, { clients, place, tags, signal }: Context): Resource {
  const { iam } = clients;
  const { name, policyName } = input;
  const RoleName = name;
  const arn = roleArn(place, name);
  const managedPolicies = [...input.managedPolicyArns].sort();
  /** IAM is eventually consistent: a role just made, or just changed, is known to some of its servers only. */
  const whenVisible = <T>(call: () => Promise<T>) => untilVisible(NO_SUCH_ENTITY, signal, call);

  const want: RoleFacts = {
    tags,
    trust: canonical(asJson(input.trust)),
    policy: input.policy === undefined ? null : canonical(asJson(input.policy)),
    settings: { description: DESCRIPTION, maxSessionSeconds: input.maxSessionSeconds },
    permissionsBoundary: input.permissionsBoundary ?? null,
    managedPolicies,
  };

  const spec: Spec<RoleFacts, null> = {
    id: input.id,
    type: 'AWS::IAM::Role',
    name,
    needs: input.needs ?? [],
    removedAfter: input.removedAfter ?? [],
    want,
    whole: ['trust', 'policy'],
    meaning: input.trustMeaning === undefined ? undefined : { trust: input.trustMeaning },
    brief: {
      settings: ({ maxSessionSeconds }) =>
        maxSessionSeconds === null || maxSessionSeconds === DEFAULT_SESSION
          ? undefined
          : `sessions of up to ${maxSessionSeconds} s`,
    },
    // If GetRole finds it and a sibling does not, it is being made or deleted right now.
    read: () => whenVisible(read),
    async create() {
      const call = new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: minified(input.trust),
        Description: DESCRIPTION,
        MaxSessionDuration: input.maxSessionSeconds,
        PermissionsBoundary: input.permissionsBoundary,
        Tags: toTagList(tags),
      });
      try {
        await iam.send(call);
      } catch (error) {
        if (isNamed(error, ALREADY_EXISTS)) return undefined;
        throw error;
      }
      // The call sets all but the policies, which a new role has none of.
      return { facts: { ...want, policy: null, managedPolicies: [] }, others: null };
    },
    set: {
      tags: async (want) => {
        await whenVisible(() => iam.send(new TagRoleCommand({ RoleName, Tags: toTagList(want) })));
      },
      trust: async () => {
        const PolicyDocument = minified(input.trust);
        await whenVisible(() => iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument })));
      },
      policy: async () => {
        const { policy } = input;
        await whenVisible(async () =>
          policy === undefined
            ? await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: policyName }))
            : await iam.send(
                new PutRolePolicyCommand({ RoleName, PolicyName: policyName, PolicyDocument: minified(policy) }),
              ),
        );
      },
      // One call for both: UpdateRole resets what it is not given.
      settings: async () => {
        await whenVisible(() =>
          iam.send(
            new UpdateRoleCommand({ RoleName, Description: DESCRIPTION, MaxSessionDuration: input.maxSessionSeconds }),
          ),
        );
      },
      permissionsBoundary: async (want) => {
        if (want === null) return;
        await whenVisible(() =>
          iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: want })),
        );
      },
      managedPolicies: async (want, { facts }) => {
        for (const PolicyArn of want.filter((one) => !facts.managedPolicies.includes(one))) {
          // The same error also means that the policy does not exist, and then waiting does not help.
          const roleUnknown = (error: unknown) =>
            isNamed(error, NO_SUCH_ENTITY) && asAwsError(error).message?.includes(`role with name ${name}`) === true;
          await untilVisible(roleUnknown, signal, () => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn })));
        }
      },
    },
    removal: async ({ foreign, facts, extras = [] }) => ({
      held: foreign === undefined && extras.length > 0 ? extrasHeld(extras) : undefined,
      remove: () => remove(facts.managedPolicies),
    }),
    actions: {
      read: [grant('iam', READS, arn)],
      remove: [grant('iam', ['DetachRolePolicy', 'DeleteRolePolicy', 'DeleteRole'], arn)],
      write: [
        grant('iam', WRITES, arn),
        ...(input.permissionsBoundary === undefined ? [] : [grant('iam', ['PutRolePermissionsBoundary'], arn)]),
        // To be allowed to attach any policy is to be allowed everything.
        ...(managedPolicies.length === 0 ? [] : [attaching(arn, managedPolicies)]),
      ],
    },
  };

  /** IAM deletes a role that has no policies any more. */
  async function remove(attached: readonly string[]): Promise<void> {
    for (const PolicyArn of attached) {
      await orAbsent(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })), NO_SUCH_ENTITY, undefined);
    }
    const inline = iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: policyName }));
    await orAbsent(inline, NO_SUCH_ENTITY, undefined);
    // IAM may not see yet that its policies are gone.
    const call = untilVisible(hasPoliciesStill, signal, () => iam.send(new DeleteRoleCommand({ RoleName })));
    await orAbsent(call, NO_SUCH_ENTITY, undefined);
  }

  async function read() {
    const live = await readTogether(getRole(), [getPolicy(), listInline(), listAttached()]);
    if (live === undefined) return undefined;
    const [found, policy, inline, attached] = live;
    const { own, foreign } = ownershipOf(fromTagList(found.Tags as { Key: string; Value: string }[] | undefined), tags);
    return {
      facts: {
        tags: own,
        trust: found.AssumeRolePolicyDocument === undefined ? null : decoded(found.AssumeRolePolicyDocument),
        policy: policy === undefined ? null : decoded(policy),
        settings: {
          description: found.Description ?? null,
          maxSessionSeconds: found.MaxSessionDuration ?? null,
        },
        // Omitted in the config = not managed: whatever is there is right.
        permissionsBoundary:
          input.permissionsBoundary === undefined ? null : (found.PermissionsBoundary?.PermissionsBoundaryArn ?? null),
        managedPolicies: managedPolicies.filter((one) => attached.includes(one)),
      },
      foreign,
      extras: [
        ...inline.filter((one) => one !== policyName).map(inlineExtra),
        ...attached.filter((one) => !managedPolicies.includes(one)).map(attachedExtra),
      ],
      others: null,
    };
  }

  async function getRole() {
    const answer = await orAbsent(iam.send(new GetRoleCommand({ RoleName })), NO_SUCH_ENTITY, undefined);
    return answer?.Role;
  }

  async function getPolicy(): Promise<string | undefined> {
    const call = iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: policyName }));
    return (await orAbsent(call, NO_SUCH_ENTITY, undefined))?.PolicyDocument;
  }

  async function listInline(): Promise<readonly string[]> {
    const names: string[] = [];
    const pages = pagesOf(
      (Marker?: string) => iam.send(new ListRolePoliciesCommand({ RoleName, Marker })),
      ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
    );
    for await (const page of pages) {
      names.push(...(page.PolicyNames ?? []));
    }
    return names;
  }

  async function listAttached(): Promise<readonly string[]> {
    const arns: string[] = [];
    const pages = pagesOf(
      (Marker?: string) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker })),
      ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
    );
    for await (const page of pages) {
      arns.push(...(page.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []));
    }
    return arns;
  }

  function inlineExtra(PolicyName: string): Extra {
    return {
      path: 'inlinePolicies',
      kind: { one: 'an inline policy', many: 'inline policies' },
      live: PolicyName,
      remove: async () => {
        // Gone already: another run was faster.
        await orAbsent(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })), NO_SUCH_ENTITY, undefined);
      },
    };
  }

  function attachedExtra(PolicyArn: string): Extra {
    return {
      path: 'managedPolicies',
      kind: { one: 'an attached policy', many: 'attached policies' },
      live: PolicyArn,
      remove: async () => {
        await orAbsent(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })), NO_SUCH_ENTITY, undefined);
      },
    };
  }

  return resource(spec);
}

/** Another user gave the role more permissions, which must be resolved first. */
function extrasHeld(extras: readonly Extra[]): string {
  return `it has ${extrasText(extras)}; add it to the config, or remove it with \`crc bootstrap --prune\``;
}

/** "Cannot delete entity, must delete policies first." A role in an instance profile gets the same error in other words. */
function hasPoliciesStill(error: unknown): boolean {
  return isNamed(error, DELETE_CONFLICT) && /must (delete|detach all) policies/.test(asAwsError(error).message ?? '');
}

function attaching(arn: string, policies: readonly string[]): Grant {
  return { ...grant('iam', ['AttachRolePolicy'], arn), condition: { ArnEquals: { 'iam:PolicyARN': policies } } };
}

/** IAM gives documents back URL-encoded. */
function decoded(document: string): Json {
  return canonical(JSON.parse(decodeURIComponent(document)) as Json);
}
