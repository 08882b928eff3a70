import type { Role } from '@aws-sdk/client-iam';
import { providerArn } from '../../aws/arns.ts';
import { rolesInAccount } from '../../aws/roles.ts';
import type { Candidate, ListCandidates } from '../orphans/kind.ts';
import { ROLE_DESCRIPTION } from '../role.ts';
import { parsedTrust } from './document.ts';

/**
 * Roles that may have been removed from the config; those that CI can assume first. ListRoles returns no tags, so only
 * roles with a description written by crc, or that trust a CI identity provider, are worth a call for their tags.
 */
export const listOrphanRoles: ListCandidates = async (named, { oidcProvider }, { clients, place }) => {
  await clients.load('iam');
  const provider = providerArn(place, oidcProvider.url);
  const open: Candidate[] = [];
  const closed: Candidate[] = [];
  for await (const role of rolesInAccount(clients)) {
    const { RoleName: name = '', Description, Path = '/' } = role;
    // Owned by AWS services and IAM Identity Center; nobody else can tag them.
    if (named.has(name) || /^\/aws-(service-role|reserved)\//.test(Path)) continue;
    if (await mayBeOpenToCi(role, provider)) open.push({ id: `role/${name}`, name });
    else if (Description === ROLE_DESCRIPTION) closed.push({ id: idOf(name), name });
  }
  return [...open, ...closed];
};

/** CI cannot assume it, so it is a function's role, whose id follows from its name. */
function idOf(name: string): string {
  const ofFunction = /^(.+)-execution$/.exec(name)?.[1];
  return ofFunction === undefined ? `role/${name}` : `execution-role/${ofFunction}`;
}

/**
 * Evaluating trust policies takes extra code, which is only loaded for a role that names an identity provider. Most
 * accounts have no other such role.
 */
async function mayBeOpenToCi({ AssumeRolePolicyDocument: document = '' }: Role, provider: string): Promise<boolean> {
  if (!/oidc-provider(?:\/|%2F)/i.test(document)) return false;
  const trust = parsedTrust(document);
  // If a policy cannot be parsed, CI cannot be ruled out.
  return trust === undefined || (await import('./ci-trust.ts')).isOpenToCi(trust, provider);
}
