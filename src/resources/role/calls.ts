import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  type Role,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { ALREADY_EXISTS, DELETE_CONFLICT, isNamed, NO_SUCH_ENTITY, orAbsent, says } from '../../aws/error-names.ts';
import { ifTruncated, itemsOf, pagesOf } from '../../aws/pages.ts';
import { minified, type PolicyDocument } from '../../policies/document.ts';
import { type Tags, toTagList } from '../tags.ts';
import { untilVisible } from '../visibility.ts';

/** A role and the means to call IAM about it. */
export interface RoleTarget {
  readonly iam: IAMClient;
  readonly name: string;
  readonly signal: AbortSignal;
}

/** IAM is eventually consistent: some of its servers may not know a new role or change yet. */
export async function untilRoleVisible<T>({ signal }: RoleTarget, call: () => Promise<T>): Promise<T> {
  return await untilVisible(NO_SUCH_ENTITY, signal, call);
}

/** Undefined if it does not exist. */
export async function getRole({ iam, name }: RoleTarget): Promise<Role | undefined> {
  const call = iam.send(new GetRoleCommand({ RoleName: name }));
  return (await orAbsent(call, NO_SUCH_ENTITY, undefined))?.Role;
}

/** An inline policy as returned by IAM, URL-encoded; undefined if the role has none with this name. */
export async function inlinePolicy({ iam, name }: RoleTarget, PolicyName: string): Promise<string | undefined> {
  const call = iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }));
  return (await orAbsent(call, NO_SUCH_ENTITY, undefined))?.PolicyDocument;
}

export async function inlinePolicyNames({ iam, name: RoleName }: RoleTarget): Promise<readonly string[]> {
  const pages = pagesOf(
    (Marker?: string) => iam.send(new ListRolePoliciesCommand({ RoleName, Marker })),
    ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
  );
  return await itemsOf(pages, ({ PolicyNames }) => PolicyNames);
}

/** ARNs of the attached managed policies. */
export async function attachedPolicies({ iam, name: RoleName }: RoleTarget): Promise<readonly string[]> {
  const pages = pagesOf(
    (Marker?: string) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker })),
    ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
  );
  const attached = await itemsOf(pages, ({ AttachedPolicies }) => AttachedPolicies);
  return attached.flatMap(({ PolicyArn }) => PolicyArn ?? []);
}

/** Returns false if it already existed. */
export async function createRole(
  { iam, name: RoleName }: RoleTarget,
  input: Omit<CreateRoleCommandInput, 'RoleName'>,
): Promise<boolean> {
  try {
    await iam.send(new CreateRoleCommand({ RoleName, ...input }));
    return true;
  } catch (error) {
    if (isNamed(error, ALREADY_EXISTS)) return false;
    throw error;
  }
}

export async function tagRole(target: RoleTarget, tags: Tags): Promise<void> {
  const call = new TagRoleCommand({ RoleName: target.name, Tags: toTagList(tags) });
  await untilRoleVisible(target, () => target.iam.send(call));
}

export async function setTrust(target: RoleTarget, trust: PolicyDocument): Promise<void> {
  const call = new UpdateAssumeRolePolicyCommand({ RoleName: target.name, PolicyDocument: minified(trust) });
  await untilRoleVisible(target, () => target.iam.send(call));
}

/** UpdateRole resets omitted settings. */
export async function setSettings(
  target: RoleTarget,
  { description, maxSessionSeconds }: { readonly description: string; readonly maxSessionSeconds: number },
): Promise<void> {
  const call = new UpdateRoleCommand({
    RoleName: target.name,
    Description: description,
    MaxSessionDuration: maxSessionSeconds,
  });
  await untilRoleVisible(target, () => target.iam.send(call));
}

export async function setBoundary(target: RoleTarget, PermissionsBoundary: string): Promise<void> {
  const call = new PutRolePermissionsBoundaryCommand({ RoleName: target.name, PermissionsBoundary });
  await untilRoleVisible(target, () => target.iam.send(call));
}

export async function putInlinePolicy(target: RoleTarget, PolicyName: string, policy: PolicyDocument): Promise<void> {
  const PolicyDocument = minified(policy);
  const call = new PutRolePolicyCommand({ RoleName: target.name, PolicyName, PolicyDocument });
  await untilRoleVisible(target, () => target.iam.send(call));
}

/** Not an error if it is already gone: another run was faster. */
export async function deleteInlinePolicy({ iam, name }: RoleTarget, PolicyName: string): Promise<void> {
  const call = iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
  await orAbsent(call, NO_SUCH_ENTITY, undefined);
}

/** Not an error if it is already detached. */
export async function detachPolicy({ iam, name }: RoleTarget, PolicyArn: string): Promise<void> {
  await orAbsent(iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn })), NO_SUCH_ENTITY, undefined);
}

export async function attachPolicy({ iam, name, signal }: RoleTarget, PolicyArn: string): Promise<void> {
  // The same error can mean that the policy does not exist. Waiting does not help then.
  const isRoleUnknown = (error: unknown) => isNamed(error, NO_SUCH_ENTITY) && says(error, /role with name /);
  const call = new AttachRolePolicyCommand({ RoleName: name, PolicyArn });
  await untilVisible(isRoleUnknown, signal, () => iam.send(call));
}

/** IAM only deletes a role without policies, and may not see their removal yet. */
export async function deleteRole({ iam, name, signal }: RoleTarget): Promise<void> {
  const call = new DeleteRoleCommand({ RoleName: name });
  await orAbsent(
    untilVisible(hasPoliciesStill, signal, () => iam.send(call)),
    NO_SUCH_ENTITY,
    undefined,
  );
}

/**
 * "Cannot delete entity, must delete policies first." A role in an instance profile gets the same error with a
 * different message.
 */
function hasPoliciesStill(error: unknown): boolean {
  return isNamed(error, DELETE_CONFLICT) && says(error, /must (delete|detach all) policies/);
}
