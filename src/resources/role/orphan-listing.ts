import type { Role } from '@aws-sdk/client-iam';
import { providerArn } from '../../aws/arns.ts';
import { rolesInAccount } from '../../aws/roles.ts';
import type { Candidate, ListCandidates } from '../orphans/kind.ts';
import { ROLE_DESCRIPTION } from '../role.ts';

/**
 * Roles that may have left the config; those that CI can assume first. ListRoles shows no tags, so the description that crc writes and
 * the trust in an identity provider of CI choose those whose tags are worth a call.
 */
export const listOrphanRoles: ListCandidates = async (named, { oidcProvider }, { clients, place }) => {
  await clients.load('iam');
  const provider = providerArn(place, oidcProvider.url);
  const open: Candidate[] = [];
  const closed: Candidate[] = [];
  for await (const role of rolesInAccount(clients)) {
    const { RoleName: name = '', Description, Path = '/' } = role;
    // Services and AWS's single sign-on own these, and nobody else can tag them.
    if (named.has(name) || /^\/aws-(service-role|reserved)\//.test(Path)) continue;
    if (await mayBeOpenToCi(role, provider)) open.push({ id: `role/${name}`, name });
    else if (Description === ROLE_DESCRIPTION) closed.push({ id: idOf(name), name });
  }
  return [...open, ...closed];
};

/** CI cannot assume it: a role of a function has the id that it had in the config. */
function idOf(name: string): string {
  const ofFunction = /^(.+)-execution$/.exec(name)?.[1];
  return ofFunction === undefined ? `role/${name}` : `execution-role/${ofFunction}`;
}

/** What evaluates trust policies is loaded for a role that names an identity provider, and most accounts have no other such role. */
async function mayBeOpenToCi({ AssumeRolePolicyDocument: document = '' }: Role, provider: string): Promise<boolean> {
  if (!/oidc-provider(?:\/|%2F)/i.test(document)) return false;
  const { isOpenToCi, parsedTrust } = await import('./ci-trust.ts');
  const trust = parsedTrust(document);
  // Of a policy that cannot be parsed nobody can say that CI is kept out.
  return trust === undefined || isOpenToCi(trust, provider);
}
