import { grant } from '../aws/actions.ts';
import { roleArn } from '../aws/arns.ts';
import { readTogether } from '../aws/read-together.ts';
import { extrasText } from '../engine/extras.ts';
import { type Resource, resource } from '../engine/resource.ts';
import type { LeftOut } from '../engine/terraform.ts';
import type { Actions, Address, Extra, Grant, Spec } from '../engine/types.ts';
import type { Json } from '../json.ts';
import { asJson, canonical } from '../policies/canonical.ts';
import { minified, type PolicyDocument } from '../policies/document.ts';
import { allowedText, lostRights } from '../policies/rights.ts';
import type { Context } from './context.ts';
import {
  attachedPolicies,
  attachPolicy,
  createRole,
  deleteInlinePolicy,
  deleteRole,
  detachPolicy,
  getRole,
  inlinePolicy,
  inlinePolicyNames,
  putInlinePolicy,
  type RoleTarget,
  setBoundary,
  setSettings,
  setTrust,
  tagRole,
  untilRoleVisible,
} from './role/calls.ts';
import { roleInTerraform } from './role/terraform.ts';
import { fromTagList, ownershipOf, type Tags, toTagList } from './tags.ts';

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
  /** The keys of the config that allow more: `"statements"` by default. */
  readonly allowedBy?: string;
  /** Undefined: not managed, never removed. */
  readonly permissionsBoundary: string | undefined;
  readonly managedPolicyArns: readonly string[];
  readonly address: Address | 'none';
  /** Why it is not exported. Omitted: it is. */
  readonly leftOut?: LeftOut;
  /** The rights on it of `crc deploy-function`. */
  readonly deploy?: Actions['deploy'];
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
  const { name, policyName } = input;
  const target: RoleTarget = { iam: clients.iam, name, signal };
  const want = wantedFacts(input, tags);

  const spec: Spec<RoleFacts, null> = {
    id: input.id,
    type: 'AWS::IAM::Role',
    name,
    needs: input.needs,
    removedAfter: input.removedAfter,
    want,
    whole: ['trust', 'policy'],
    meaning: {
      trust: input.trustMeaning,
      policy: (live) => lostText(live, want.policy, input.allowedBy ?? '"statements"'),
    },
    brief: {
      settings: ({ maxSessionSeconds }) =>
        maxSessionSeconds === null || maxSessionSeconds === DEFAULT_SESSION
          ? undefined
          : `sessions of up to ${maxSessionSeconds} s`,
    },
    // If GetRole finds it and a sibling does not, it is being created or deleted right now.
    read: () => untilRoleVisible(target, () => read(target, input, tags)),
    async create() {
      const created = await createRole(target, {
        AssumeRolePolicyDocument: minified(input.trust),
        Description: DESCRIPTION,
        MaxSessionDuration: input.maxSessionSeconds,
        PermissionsBoundary: input.permissionsBoundary,
        Tags: toTagList(tags),
      });
      // The call sets all but the policies, which a new role has none of.
      return created ? { facts: { ...want, policy: null, managedPolicies: [] }, others: null } : undefined;
    },
    set: {
      tags: (want) => tagRole(target, want),
      trust: () => setTrust(target, input.trust),
      policy: () =>
        input.policy === undefined
          ? deleteInlinePolicy(target, policyName)
          : putInlinePolicy(target, policyName, input.policy),
      // One call for both.
      settings: () => setSettings(target, { description: DESCRIPTION, maxSessionSeconds: input.maxSessionSeconds }),
      permissionsBoundary: async (want) => {
        if (want !== null) await setBoundary(target, want);
      },
      managedPolicies: async (want, { facts }) => {
        for (const arn of want.filter((one) => !facts.managedPolicies.includes(one))) await attachPolicy(target, arn);
      },
    },
    removal: async ({ foreign, facts, extras = [] }) => ({
      held: foreign === undefined && extras.length > 0 ? extrasHeld(extras) : undefined,
      async remove() {
        for (const arn of facts.managedPolicies) await detachPolicy(target, arn);
        await deleteInlinePolicy(target, policyName);
        await deleteRole(target);
      },
    }),
    actions: actionsOf(input, roleArn(place, name)),
    address: input.address,
    terraform: input.leftOut ?? roleInTerraform(input, DESCRIPTION, tags),
  };
  return resource(spec);
}

function wantedFacts(input: RoleInput, tags: Tags): RoleFacts {
  return {
    tags,
    trust: canonical(asJson(input.trust)),
    policy: input.policy === undefined ? null : canonical(asJson(input.policy)),
    settings: { description: DESCRIPTION, maxSessionSeconds: input.maxSessionSeconds },
    permissionsBoundary: input.permissionsBoundary ?? null,
    managedPolicies: [...input.managedPolicyArns].sort(),
  };
}

async function read(target: RoleTarget, { policyName, permissionsBoundary, managedPolicyArns }: RoleInput, tags: Tags) {
  const live = await readTogether(getRole(target), [
    inlinePolicy(target, policyName),
    inlinePolicyNames(target),
    attachedPolicies(target),
  ]);
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
        permissionsBoundary === undefined ? null : (found.PermissionsBoundary?.PermissionsBoundaryArn ?? null),
      managedPolicies: [...managedPolicyArns].sort().filter((one) => attached.includes(one)),
    },
    foreign,
    extras: [
      ...(await Promise.all(inline.filter((one) => one !== policyName).map((one) => inlineExtra(target, one)))),
      ...attached.filter((one) => !managedPolicyArns.includes(one)).map((one) => attachedExtra(target, one)),
    ],
    others: null,
  };
}

/** It is read, for whoever has to decide whether it may be removed. */
async function inlineExtra(target: RoleTarget, policyName: string): Promise<Extra> {
  const document = await inlinePolicy(target, policyName);
  const allowed = document === undefined ? undefined : allowedText(decoded(document));
  return {
    path: 'inlinePolicies',
    kind: { one: 'an inline policy', many: 'inline policies' },
    live: policyName,
    why: allowed === undefined ? undefined : `it allows ${allowed}`,
    remove: () => deleteInlinePolicy(target, policyName),
  };
}

function attachedExtra(target: RoleTarget, arn: string): Extra {
  return {
    path: 'managedPolicies',
    kind: { one: 'an attached policy', many: 'attached policies' },
    live: arn,
    remove: () => detachPolicy(target, arn),
  };
}

/** The rights that the role has today, and not after the change. */
function lostText(live: Json, want: Json, allowedBy: string): string | undefined {
  const lost = lostRights(live, want);
  return lost === undefined ? undefined : `the role loses ${lost}; to keep a right, allow it with ${allowedBy}`;
}

/** Another user gave the role more permissions, which must be resolved first. */
function extrasHeld(extras: readonly Extra[]): string {
  return `it has ${extrasText(extras)}; add it to the config, or remove it with \`crc bootstrap --prune\``;
}

function actionsOf({ permissionsBoundary, managedPolicyArns, deploy }: RoleInput, arn: string): Actions {
  return {
    deploy,
    read: [grant('iam', READS, arn)],
    remove: [grant('iam', ['DetachRolePolicy', 'DeleteRolePolicy', 'DeleteRole'], arn)],
    write: [
      grant('iam', WRITES, arn),
      ...(permissionsBoundary === undefined ? [] : [grant('iam', ['PutRolePermissionsBoundary'], arn)]),
      // To be allowed to attach any policy is to be allowed everything.
      ...(managedPolicyArns.length === 0 ? [] : [attaching(arn, [...managedPolicyArns].sort())]),
    ],
  };
}

function attaching(arn: string, policies: readonly string[]): Grant {
  return { ...grant('iam', ['AttachRolePolicy'], arn), condition: { ArnEquals: { 'iam:PolicyARN': policies } } };
}

/** IAM gives documents back URL-encoded. */
function decoded(document: string): Json {
  return canonical(JSON.parse(decodeURIComponent(document)) as Json);
}
