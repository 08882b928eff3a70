import type { Role } from '@aws-sdk/client-iam';
import { providerArn, roleArn } from '../../aws/arns.ts';
import type { CreateOrphan } from '../orphans/kind.ts';
import { orphan, warningText } from '../orphans/orphan.ts';
import { fromTagList } from '../tags.ts';
import {
  attachedPolicies,
  deleteInlinePolicy,
  deleteRole,
  detachPolicy,
  getRole,
  inlinePolicyNames,
  type RoleTarget,
} from './calls.ts';
import { isOpenToCi, parsedTrust, whoCanAssume } from './ci-trust.ts';

/** A role, deleted with its inline policies unless a remaining function uses it. */
export const orphanRole: CreateOrphan = ({ id, name }, { config, users }, context) => {
  const target: RoleTarget = { iam: context.clients.iam, name, signal: context.signal };
  const provider = providerArn(context.place, config.oidcProvider.url);
  return orphan<Role>(
    {
      id,
      type: 'AWS::IAM::Role',
      name,
      async read() {
        const live = await getRole(target);
        if (live === undefined) return undefined;
        const tags = fromTagList(live.Tags);
        return { tags, warning: roleWarning(live.AssumeRolePolicyDocument ?? '{}', provider), details: live };
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
};

/** That CI can still assume it is the greatest risk of a forgotten role. */
function roleWarning(document: string, provider: string): string {
  const trust = parsedTrust(document);
  return trust !== undefined && !isOpenToCi(trust, provider) ? warningText() : warningText(whoCanAssume(trust));
}
