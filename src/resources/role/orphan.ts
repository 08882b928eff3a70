import type { Role } from '@aws-sdk/client-iam';
import { deniedAction } from '../../aws/access-causes.ts';
import { providerArn, roleArn } from '../../aws/arns.ts';
import { EXECUTION_POLICY } from '../../policies/execution.ts';
import { userInOtherRegion } from '../function/other-region.ts';
import type { CreateOrphan } from '../orphans/kind.ts';
import { orphan, warningText } from '../orphans/orphan.ts';
import { fromTagList } from '../tags.ts';
import {
  attachedPolicies,
  deleteInlinePolicy,
  deleteRole,
  detachPolicy,
  getRole,
  inlinePolicy,
  inlinePolicyNames,
  type RoleTarget,
} from './calls.ts';
import { isOpenToCi, whoCanAssume } from './ci-trust.ts';
import { canonicalPolicy, parsedTrust } from './document.ts';

/** A role, deleted with its inline policies unless a remaining function uses it. */
export const orphanRole: CreateOrphan = ({ id, name }, { config, users }, context) => {
  const target: RoleTarget = { iam: context.clients.iam, name, signal: context.signal };
  const arnOf = ({ Arn = roleArn(context.place, name) }: Role) => Arn;
  const provider = providerArn(context.place, config.oidcProvider.url);
  /** Another config of the project may deploy the function in another region. */
  async function sameFunctionElsewhere(): Promise<string | undefined> {
    const functionName = /^execution-role\/(.+)$/.exec(id)?.[1];
    if (functionName === undefined) return undefined;
    const policy = await inlinePolicy(target, EXECUTION_POLICY);
    return policy === undefined ? undefined : await userInOtherRegion(functionName, canonicalPolicy(policy), context);
  }

  /** Any function may run with it in the region where it was last used, which is the only one that IAM knows. */
  async function otherFunctionElsewhere(live: Role): Promise<string | undefined> {
    const region = live.RoleLastUsed?.Region;
    if (region === undefined || region === context.place.region || !admitsLambda(live)) return undefined;
    try {
      const usedBy = await users.ofRole(arnOf(live), region);
      return usedBy.length === 0 ? undefined : `the role of the function ${usedBy.join(', ')} in ${region}`;
    } catch (error) {
      const action = deniedAction(error);
      if (action === undefined) throw error;
      return `possibly the role of a function in ${region}, where it was last used and ${action} is denied`;
    }
  }

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
      async removal(live) {
        const [inline, attached, usedBy, ...elsewhere] = await Promise.all([
          inlinePolicyNames(target),
          attachedPolicies(target),
          users.ofRole(arnOf(live)),
          sameFunctionElsewhere(),
          otherFunctionElsewhere(live),
        ]);
        const inRegion = usedBy.length === 0 ? undefined : `the role of the function ${usedBy.join(', ')}`;
        const user = inRegion ?? elsewhere.find((use) => use !== undefined);
        return {
          blocked: user === undefined ? undefined : `still ${user}`,
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

/** Whether a function may run with it. A trust policy that cannot be parsed does not rule it out. */
function admitsLambda({ AssumeRolePolicyDocument = '{}' }: Role): boolean {
  const trust = parsedTrust(AssumeRolePolicyDocument);
  return trust === undefined || JSON.stringify(trust).includes('lambda.');
}

/** That CI can still assume it is the greatest risk of a forgotten role. */
function roleWarning(document: string, provider: string): string {
  const trust = parsedTrust(document);
  return trust !== undefined && !isOpenToCi(trust, provider) ? warningText() : warningText(whoCanAssume(trust));
}
