import { isDeepStrictEqual } from 'node:util';
import { grant } from '../aws/actions.ts';
import { managedPolicies, roleArn } from '../aws/arns.ts';
import type { RoleDocuments } from '../config/role-documents.ts';
import { type Resource, resource } from '../engine/resource.ts';
import type { LeftOut } from '../engine/terraform.ts';
import type { Actions, Address, Grant, Live, Meaning, Removal, Spec, UnlistedPart } from '../engine/types.ts';
import { unlistedText } from '../engine/unlisted.ts';
import { isJsonObject, type Json } from '../json.ts';
import { asJson, canonical } from '../policies/canonical.ts';
import { minified, type PolicyDocument, totalSize } from '../policies/document.ts';
import { lostRights } from '../policies/rights.ts';
import type { Context, FunctionUse } from './context.ts';
import { rightsMeaning } from './rights-meaning.ts';
import {
  attachPolicy,
  createRole,
  deleteInlinePolicy,
  deleteRole,
  detachPolicy,
  putInlinePolicy,
  type RoleTarget,
  setBoundary,
  setSettings,
  setTrust,
  tagRole,
  untilRoleVisible,
} from './role/calls.ts';
import { DEFAULT_PATH, type RoleDetails, type RoleFacts, readRole } from './role/read.ts';
import { roleInTerraform } from './role/terraform.ts';
import { type Tags, toTagList } from './tags.ts';

export interface RoleInput {
  /** `role/NAME`, `execution-role/FUNCTION` */
  readonly id: string;
  readonly name: string;
  /** `/` by default. Undefined if the config has no key for it. */
  readonly path?: string;
  /** `Managed by crc` by default; empty for none. */
  readonly description?: string | undefined;
  readonly needs?: readonly string[];
  /** Ids of resources that are removed before the role. */
  readonly removedAfter?: readonly string[];
  readonly trust: PolicyDocument;
  /** What a different live trust policy means in effect; undefined if it is equivalent. */
  readonly trustMeaning?: (live: Json) => Meaning | undefined;
  readonly policyName: string;
  /** Undefined if the role has no inline policy with this name. */
  readonly policy: PolicyDocument | undefined;
  /** The other inline policies by name; undefined for one that the role must not have. */
  readonly inlinePolicies?: RoleDocuments['inlinePolicies'];
  readonly maxSessionSeconds: number;
  /** The config keys that grant more permissions; by default `"statements"`. */
  readonly allowedBy?: string;
  /** Undefined: not managed and never removed. */
  readonly permissionsBoundary: string | undefined;
  readonly managedPolicyArns: readonly string[];
  /** Why the live policy must be kept, and the role with it; undefined if both may change. */
  readonly policyKept?: (live: Json) => Promise<string | undefined>;
  /** Finds functions outside the config that run with it, for which it is kept. */
  readonly functionUse?: FunctionUse | undefined;
  readonly address: Address | 'none';
  /** Why it is not exported; omitted if it is. */
  readonly leftOut?: LeftOut;
  /** The permissions on it for `crc deploy-function`. */
  readonly deploy?: Actions['deploy'];
}

/** The default maximum session duration, in seconds. */
const DEFAULT_SESSION = 3_600;

/** The description of every role that crc creates. */
export const ROLE_DESCRIPTION = 'Managed by crc';

function descriptionOf({ description = ROLE_DESCRIPTION }: Pick<RoleInput, 'description'>): string | null {
  return description === '' ? null : description;
}

export const READS = ['GetRole', 'GetRolePolicy', 'ListRolePolicies', 'ListAttachedRolePolicies'];
const WRITES = [
  'CreateRole',
  'TagRole',
  'UpdateAssumeRolePolicy',
  'UpdateRole',
  'PutRolePolicy',
  'DeleteRolePolicy',
  'DetachRolePolicy',
];

/**
 * An IAM role. crc owns its trust policy and the inline policies that it names; any other policies on it are unlisted.
 */
export function role(input: RoleInput, { clients, place, tags, signal }: Context): Resource {
  const { name } = input;
  const target: RoleTarget = { iam: clients.iam, name, signal };
  const want = wantedFacts(input, tags);
  const setPolicies = async (_: Json, { facts }: Live<RoleFacts>) => {
    for (const [own, document] of policiesToWrite(input, want, facts)) {
      await (document === undefined ? deleteInlinePolicy(target, own) : putInlinePolicy(target, own, document));
    }
  };

  const spec: Spec<RoleFacts, RoleDetails> = {
    id: input.id,
    type: 'AWS::IAM::Role',
    name,
    needs: input.needs,
    removedAfter: input.removedAfter,
    want,
    opaque: ['trust', 'policy'],
    opaqueEntries: ['inlinePolicies'],
    meaning: meaningOf(input, want),
    brief: BRIEF,
    // If GetRole finds it and another call does not, it is being created or deleted right now.
    read: () => untilRoleVisible(target, () => readRole(target, input, tags)),
    async create() {
      const created = await createRole(target, {
        Path: want.path === DEFAULT_PATH ? undefined : want.path,
        AssumeRolePolicyDocument: minified(input.trust),
        Description: descriptionOf(input) ?? undefined,
        MaxSessionDuration: input.maxSessionSeconds,
        PermissionsBoundary: input.permissionsBoundary,
        Tags: toTagList(tags),
      });
      // The call sets everything except the policies, and a new role has none.
      return created
        ? { facts: { ...want, policy: null, inlinePolicies: {}, managedPolicies: [] }, details: {} }
        : undefined;
    },
    set: {
      path: { fixed: fixedPath(input) },
      tags: (want) => tagRole(target, want),
      trust: () => setTrust(target, input.trust),
      policy: { set: setPolicies, refuse: (_, __, { details }) => details.policyKept },
      inlinePolicies: setPolicies,
      // A single call sets both.
      settings: () =>
        setSettings(target, { description: descriptionOf(input) ?? '', maxSessionSeconds: input.maxSessionSeconds }),
      permissionsBoundary: async (want) => {
        if (want !== null) await setBoundary(target, want);
      },
      managedPolicies: async (want, { facts }) => {
        for (const arn of want.filter((arn) => !facts.managedPolicies.includes(arn))) await attachPolicy(target, arn);
      },
    },
    removal: (live) => removalOf(target, input, live, arnOf(input, place)),
    actions: actionsOf(input, place),
    address: input.address,
    terraform: input.leftOut ?? roleInTerraform(input, descriptionOf(input), tags),
  };
  return resource(spec);
}

/**
 * The inline policies that differ from the config. Those that become shorter come first: IAM limits the length of all of
 * a role's inline policies together, so statements can move from one to another in any direction.
 */
function policiesToWrite(
  input: RoleInput,
  want: RoleFacts,
  live: RoleFacts,
): readonly (readonly [name: string, document: PolicyDocument | undefined])[] {
  const policies = [
    { name: input.policyName, document: input.policy, want: want.policy, live: live.policy },
    ...namedPolicies(input).map(([name, document]) => ({
      name,
      document,
      want: want.inlinePolicies[name] ?? null,
      live: live.inlinePolicies[name] ?? null,
    })),
  ];
  const size = (document: Json) => (isJsonObject(document) ? totalSize([document]) : 0);
  const growth = (policy: (typeof policies)[number]) => size(policy.want) - size(policy.live);
  return policies
    .filter((policy) => !isDeepStrictEqual(policy.live, policy.want))
    .sort((a, b) => growth(a) - growth(b))
    .map(({ name, document }) => [name, document]);
}

const BRIEF: Spec<RoleFacts>['brief'] = {
  path: (path) => (path === DEFAULT_PATH ? undefined : `path ${path}`),
  settings: ({ maxSessionSeconds }) =>
    maxSessionSeconds === null || maxSessionSeconds === DEFAULT_SESSION
      ? undefined
      : `sessions of up to ${maxSessionSeconds} s`,
};

/** The permissions that the role would lose, and how to keep them. */
function meaningOf({ trustMeaning, allowedBy, leftOut }: RoleInput, want: RoleFacts): Spec<RoleFacts>['meaning'] {
  return {
    trust: trustMeaning,
    policy: (live) => surplusMeaning(live, want.policy, allowedBy ?? '"statements"'),
    inlinePolicies: (live, path) => {
      const own = path.slice('inlinePolicies.'.length);
      return surplusMeaning(live[own] ?? null, want.inlinePolicies[own] ?? null, '"inlinePolicies"');
    },
    settings: ({ description }, path) =>
      path === 'settings.description' && description !== null && leftOut === undefined
        ? { why: `to keep it, write "description": ${JSON.stringify(description)} for the role in the config` }
        : undefined,
  };
}

function namedPolicies({ inlinePolicies = {} }: RoleInput): readonly (readonly [string, PolicyDocument | undefined])[] {
  return Object.entries(inlinePolicies);
}

function fixedPath({ name, path }: RoleInput): string {
  const remedy =
    path === undefined
      ? `delete the role ${name} yourself if nothing uses it`
      : 'set "path" of the role in the config to the one it has';
  return `IAM cannot change the path of a role; ${remedy}`;
}

function wantedFacts(input: RoleInput, tags: Tags): RoleFacts {
  return {
    tags,
    path: input.path ?? DEFAULT_PATH,
    trust: canonical(asJson(input.trust)),
    policy: documentFact(input.policy),
    inlinePolicies: Object.fromEntries(namedPolicies(input).map(([name, policy]) => [name, documentFact(policy)])),
    settings: { description: descriptionOf(input), maxSessionSeconds: input.maxSessionSeconds },
    permissionsBoundary: input.permissionsBoundary ?? null,
    managedPolicies: [...input.managedPolicyArns].sort(),
  };
}

function documentFact(policy: PolicyDocument | undefined): Json {
  return policy === undefined ? null : canonical(asJson(policy));
}

/** Permissions that the role currently has, but not according to the config. */
function surplusMeaning(live: Json, want: Json, allowedBy: string): Meaning | undefined {
  return rightsMeaning(
    lostRights(live, want),
    (rights) => `the role allows more than the config: ${rights}; to keep a right, allow it with ${allowedBy}`,
  );
}

async function removalOf(
  target: RoleTarget,
  input: RoleInput,
  { foreign, facts, unlisted = [], details: { policyKept } }: Live<RoleFacts, RoleDetails>,
  arn: string,
): Promise<Removal> {
  const used = foreign === undefined ? await input.functionUse?.({ role: arn }) : undefined;
  return {
    // Who needs its policy needs the role.
    kept: policyKept ?? used,
    blocked: foreign === undefined && unlisted.length > 0 ? unlistedBlocks(unlisted) : undefined,
    async remove() {
      for (const policy of facts.managedPolicies) await detachPolicy(target, policy);
      for (const own of [input.policyName, ...namedPolicies(input).map(([name]) => name)])
        await deleteInlinePolicy(target, own);
      await deleteRole(target);
    },
  };
}

/** Why a role with additional policies is not deleted: the user must remove them or add them to the config first. */
function unlistedBlocks(unlisted: readonly UnlistedPart[]): string {
  return `it has ${unlistedText(unlisted)}; add it to the config, or remove it with \`crc bootstrap --prune\``;
}

function arnOf({ name, path = DEFAULT_PATH }: RoleInput, place: Context['place']): string {
  return roleArn(place, name, path);
}

function actionsOf(input: RoleInput, place: Context['place']): Actions {
  const { permissionsBoundary, managedPolicyArns, deploy } = input;
  const arn = arnOf(input, place);
  return {
    deploy,
    read: [grant('iam', READS, arn)],
    // An attached policy outside the config can be any policy.
    readUnlisted: [grant('iam', ['GetPolicy', 'GetPolicyVersion'], ...managedPolicies(place))],
    remove: [grant('iam', ['DetachRolePolicy', 'DeleteRolePolicy', 'DeleteRole'], arn)],
    write: [
      grant('iam', WRITES, arn),
      ...(permissionsBoundary === undefined ? [] : [grant('iam', ['PutRolePermissionsBoundary'], arn)]),
      // Permission to attach arbitrary policies amounts to full access.
      ...(managedPolicyArns.length === 0 ? [] : [attaching(arn, [...managedPolicyArns].sort())]),
    ],
  };
}

function attaching(arn: string, policies: readonly string[]): Grant {
  return { ...grant('iam', ['AttachRolePolicy'], arn), condition: { ArnEquals: { 'iam:PolicyARN': policies } } };
}
