import { ListRolesCommand, type Role } from '@aws-sdk/client-iam';
import { roleArn } from '../../aws/arns.ts';
import { ifTruncated, pagesOf } from '../../aws/pages.ts';
import type { Resource } from '../../engine/resource.ts';
import type { Json } from '../../json.ts';
import { doorsOfRole } from '../../trust/audit/audit.ts';
import { admitsProvider } from '../../trust/evaluate.ts';
import type { Context } from '../context.ts';
import {
  attachedPolicies,
  deleteInlinePolicy,
  deleteRole,
  detachPolicy,
  getRole,
  inlinePolicyNames,
  type RoleTarget,
} from '../role/calls.ts';
import { ROLE_DESCRIPTION } from '../role.ts';
import { fromTagList } from '../tags.ts';
import { orphan, warningText } from './orphan.ts';
import type { FunctionUsers } from './users.ts';

/** A role that may have left the config. */
export interface RoleCandidate {
  readonly name: string;
  /** CI can assume it. */
  readonly isOpen: boolean;
}

/**
 * The roles that may have left the config, those that CI can still assume first; `named` are those that it asks for. ListRoles
 * shows no tags, so the description that crc writes and the trust in an identity provider of CI choose those whose tags are worth a
 * call. `provider` is the ARN of the identity provider in the config.
 */
export async function roleCandidates(
  { named, provider }: { readonly named: ReadonlySet<string>; readonly provider: string },
  { clients }: Context,
): Promise<readonly RoleCandidate[]> {
  const candidates: RoleCandidate[] = [];
  const pages = pagesOf(
    (Marker?: string) => clients.iam.send(new ListRolesCommand({ Marker })),
    ({ IsTruncated, Marker }) => ifTruncated(IsTruncated, Marker),
  );
  for await (const { Roles = [] } of pages) {
    for (const role of Roles) {
      const { RoleName: name = '', Description, Path = '/' } = role;
      // Services and AWS's single sign-on own these, and nobody else can tag them.
      if (named.has(name) || /^\/aws-(service-role|reserved)\//.test(Path)) continue;
      const isOpen = isOpenToCi(trustOf(role), provider);
      if (isOpen || Description === ROLE_DESCRIPTION) candidates.push({ name, isOpen });
    }
  }
  return candidates.sort((a, b) => Number(b.isOpen) - Number(a.isOpen));
}

export function orphanRole(
  { name, isOpen }: RoleCandidate,
  { provider, users }: { readonly provider: string; readonly users: FunctionUsers },
  context: Context,
): Resource {
  const target: RoleTarget = { iam: context.clients.iam, name, signal: context.signal };
  const ofFunction = isOpen ? undefined : /^(.+)-execution$/.exec(name)?.[1];
  return orphan<Role>(
    {
      id: ofFunction === undefined ? `role/${name}` : `execution-role/${ofFunction}`,
      type: 'AWS::IAM::Role',
      name,
      async read() {
        const live = await getRole(target);
        if (live === undefined) return undefined;
        const tags = fromTagList(live.Tags);
        return { tags, warning: roleWarning(trustOf(live), provider), details: live };
      },
      async removal({ Arn = roleArn(context.place, name) }) {
        const [inline, attached, usedBy] = await Promise.all([
          inlinePolicyNames(target),
          attachedPolicies(target),
          users.ofRole(Arn),
        ]);
        return {
          blocked: usedBy.length === 0 ? undefined : `still the role of the function ${usedBy.join(', ')}`,
          notes: [
            ...(inline.length === 0 ? [] : [`its inline policies will be deleted with it: ${inline.join(', ')}`]),
            ...(attached.length === 0 ? [] : [`these policies will be detached from it: ${attached.join(', ')}`]),
          ],
          async remove() {
            for (const arn of attached) await detachPolicy(target, arn);
            for (const policy of inline) await deleteInlinePolicy(target, policy);
            await deleteRole(target);
          },
        };
      },
    },
    context,
  );
}

/** Who of CI can still assume it, which is the worst that a forgotten role can have. */
function roleWarning(trust: Json, provider: string): string {
  if (!isOpenToCi(trust, provider)) return warningText();
  const doors = doorsOfRole(trust, []);
  const platforms = [...new Set(doors.map(({ issuer }) => issuer.platform.name))];
  const subjects = [...new Set(doors.map(({ subject }) => subject ?? 'any subject'))];
  const who = platforms.length === 0 ? 'CI' : platforms.join(' and ');
  return warningText(`${who} can still assume it${subjects.length === 0 ? '' : ` (${subjects.join(', ')})`}`);
}

function isOpenToCi(trust: Json, provider: string): boolean {
  if (!JSON.stringify(trust).includes('oidc-provider/')) return false;
  return admitsProvider(trust, provider) || doorsOfRole(trust, []).length > 0;
}

/** IAM gives documents back URL-encoded. */
function trustOf({ AssumeRolePolicyDocument = '%7B%7D' }: Role): Json {
  return JSON.parse(decodeURIComponent(AssumeRolePolicyDocument)) as Json;
}
