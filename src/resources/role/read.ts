import { readTogether } from '../../aws/read-together.ts';
import type { Live, Meaning, UnlistedPart } from '../../engine/types.ts';
import type { Json, JsonObject } from '../../json.ts';
import { asJson, canonical } from '../../policies/canonical.ts';
import { MAX_ATTACHED, MAX_POLICY, type PolicyDocument, totalSize } from '../../policies/document.ts';
import { surplusRights } from '../../policies/rights.ts';
import { rightsMeaning } from '../rights-meaning.ts';
import { fromTagList, ownershipOf, type Tags } from '../tags.ts';
import {
  attachedPolicies,
  deleteInlinePolicy,
  detachPolicy,
  getRole,
  inlinePolicy,
  inlinePolicyNames,
  type RoleTarget,
} from './calls.ts';
import { canonicalPolicy, parsedDocument } from './document.ts';

/** The parts of a role that crc sets. */
export type RoleFacts = {
  readonly tags: Tags;
  readonly path: string;
  readonly trust: Json;
  readonly policy: Json;
  readonly inlinePolicies: JsonObject;
  readonly settings: { readonly description: string | null; readonly maxSessionSeconds: number | null };
  readonly permissionsBoundary: string | null;
  readonly managedPolicies: readonly string[];
};

export interface RoleDetails {
  /** Why its policy must be kept. */
  readonly policyKept?: string | undefined;
}

interface RoleToRead {
  readonly policyName: string;
  readonly policy: PolicyDocument | undefined;
  /** The other inline policies in the config; undefined for one that the role must not have. */
  readonly inlinePolicies?: Readonly<Record<string, PolicyDocument | undefined>>;
  readonly permissionsBoundary: string | undefined;
  readonly managedPolicyArns: readonly string[];
  readonly policyKept?: (live: Json) => Promise<string | undefined>;
}

/**
 * The role with its policies, in one round trip, plus a second one for policies outside the config. Undefined if it
 * does not exist.
 */
export async function readRole(
  target: RoleTarget,
  { policyName, policy: wanted, inlinePolicies = {}, permissionsBoundary, managedPolicyArns, policyKept }: RoleToRead,
  tags: Tags,
): Promise<Live<RoleFacts, RoleDetails> | undefined> {
  const names = Object.keys(inlinePolicies);
  const live = await readTogether(getRole(target), [
    inlinePolicy(target, policyName),
    Promise.all(names.map(async (name) => [name, await inlinePolicy(target, name)] as const)),
    inlinePolicyNames(target),
    attachedPolicies(target),
  ]);
  if (live === undefined) return undefined;
  const [role, policy, named, inline, attached] = live;
  const documents = [wanted, ...Object.values(inlinePolicies)].filter((document) => document !== undefined);
  const configured = documents.map(asJson);
  const { own, foreign } = ownershipOf(fromTagList(role.Tags), tags);
  return {
    facts: {
      tags: own,
      path: role.Path ?? DEFAULT_PATH,
      trust: role.AssumeRolePolicyDocument === undefined ? null : canonicalPolicy(role.AssumeRolePolicyDocument),
      policy: policy === undefined ? null : canonicalPolicy(policy),
      inlinePolicies: Object.fromEntries(
        named.map(([name, document]) => [name, document === undefined ? null : canonicalPolicy(document)]),
      ),
      settings: {
        // An empty description means none.
        description: role.Description || null,
        maxSessionSeconds: role.MaxSessionDuration ?? null,
      },
      // Not managed if omitted in the config: any live value is accepted.
      permissionsBoundary:
        permissionsBoundary === undefined ? null : (role.PermissionsBoundary?.PermissionsBoundaryArn ?? null),
      managedPolicies: [...managedPolicyArns].sort().filter((arn) => attached.includes(arn)),
    },
    foreign,
    unlisted: (
      await Promise.all([
        unlistedInline(
          target,
          inline.filter((name) => name !== policyName && !names.includes(name)),
          { configured, room: MAX_POLICY - totalSize(documents) },
        ),
        unlistedAttached(
          target,
          attached.filter((arn) => !managedPolicyArns.includes(arn)),
          { configured, room: MAX_ATTACHED - managedPolicyArns.length },
        ),
      ])
    ).flat(),
    details: { policyKept: policy === undefined ? undefined : await policyKept?.(canonicalPolicy(policy)) },
  };
}

interface Configured {
  /** The documents of the inline policies in the config. */
  readonly configured: readonly Json[];
  /** How much IAM allows next to what is in the config: characters, or policies. */
  readonly room: number;
}

/** Reads their documents so that the user can decide whether to remove them. */
async function unlistedInline(
  target: RoleTarget,
  names: readonly string[],
  { configured, room }: Configured,
): Promise<readonly UnlistedPart[]> {
  const read = await Promise.all(names.map(async (name) => ({ name, text: await inlinePolicy(target, name) })));
  const isInTheWay = totalSize(read.map(({ text }) => (text === undefined ? undefined : parsedDocument(text)))) > room;
  return read.map(({ name, text }) => ({
    path: 'inlinePolicies',
    kind: { singular: 'an inline policy', plural: 'inline policies' },
    live: name,
    meaning: text === undefined ? undefined : surplusMeaning(canonicalPolicy(text), configured),
    isInTheWay,
    remove: () => deleteInlinePolicy(target, name),
  }));
}

async function unlistedAttached(
  target: RoleTarget,
  arns: readonly string[],
  { configured, room }: Configured,
): Promise<readonly UnlistedPart[]> {
  return await Promise.all(
    arns.map(async (arn) => ({
      path: 'managedPolicies',
      kind: { singular: 'an attached policy', plural: 'attached policies' },
      live: arn,
      meaning: await attachedMeaning(target, arn, configured),
      isInTheWay: arns.length > room,
      remove: () => detachPolicy(target, arn),
    })),
  );
}

async function attachedMeaning(
  target: RoleTarget,
  arn: string,
  configured: readonly Json[],
): Promise<Meaning | undefined> {
  // Rarely needed, so loaded lazily.
  const { readManagedPolicy } = await import('../../aws/account-roles.ts');
  const { deniedAction } = await import('../../aws/access-causes.ts');
  try {
    const document = await readManagedPolicy(target, arn);
    return document === undefined ? undefined : surplusMeaning(canonical(JSON.parse(document) as Json), configured);
  } catch (error) {
    const action = deniedAction(error);
    if (action === undefined) throw error;
    // That it is attached is drift even if its content is unknown.
    return { why: `what it allows could not be read: ${action} on it is denied` };
  }
}

/** What a policy outside the config allows beyond the config's own documents. */
function surplusMeaning(document: Json, configured: readonly Json[]): Meaning {
  return (
    rightsMeaning(
      surplusRights(document, configured),
      (rights) => `it allows more than the statements in the config: ${rights}`,
    ) ?? { why: 'it allows nothing beyond the statements in the config' }
  );
}

/**
 * The path of a role that is created without one:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 */
export const DEFAULT_PATH = '/';
