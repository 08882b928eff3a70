import { readManagedPolicy } from '../../aws/account-roles.ts';
import { NO_SUCH_ENTITY, orAbsent } from '../../aws/error-names.ts';
import type { Json } from '../../json.ts';
import { canonical } from '../../policies/canonical.ts';
import { attachedPolicies, inlinePolicy, inlinePolicyNames, type RoleTarget } from './calls.ts';
import { canonicalPolicy } from './document.ts';

/** The documents of a role's policies, inline and attached; undefined if the role does not exist. */
export async function policiesOfRole(target: RoleTarget): Promise<readonly Json[] | undefined> {
  const lists = Promise.all([inlinePolicyNames(target), attachedPolicies(target)]);
  const names = await orAbsent(lists, NO_SUCH_ENTITY, undefined);
  if (names === undefined) return undefined;
  const [inline, attached] = names;
  const documents = await Promise.all([
    ...inline.map(async (name) => {
      const document = await inlinePolicy(target, name);
      return document === undefined ? [] : [canonicalPolicy(document)];
    }),
    ...attached.map(async (arn) => {
      const document = await readManagedPolicy(target, arn);
      return document === undefined ? [] : [canonical(JSON.parse(document) as Json)];
    }),
  ]);
  return documents.flat();
}
