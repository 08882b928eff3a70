import { grant } from '../aws/actions.ts';
import { managedPolicies, type Place, providerArn } from '../aws/arns.ts';
import type { Resource } from '../engine/resource.ts';
import type { Actions, Grant } from '../engine/types.ts';
import type { OrphanKinds } from './orphans/kind.ts';
import { findingOrphans, removingOrphans } from './orphans/permissions.ts';

/** The owner of resources, and where they are. */
export interface Owned {
  readonly place: Place;
  readonly project: string;
  readonly orphans: OrphanKinds;
}

/**
 * The permissions that each command needs, from the `actions` of all resources, and those for finding orphans. An audit
 * also covers the roles of other owners.
 */
const NEEDED = {
  bootstrap: (all) => all.flatMap(({ actions }) => [...readsOf(actions), ...actions.write]),
  verify: (all, owned) => [...all.flatMap(({ actions }) => readsOf(actions)), ...findingOrphans(owned)],
  // For CI roles, which deploy code and settings. Creating anything requires the permissions for `bootstrap`.
  'deploy-function': (all) => [
    ...all.flatMap(({ actions: { deploy, read } }) => (deploy === undefined ? [] : [...read, ...deploy])),
    ...all.flatMap(({ actions: { test = [] } }) => test),
  ],
  destroy: (all, owned) => [
    ...all.flatMap(({ actions }) => [...readsOf(actions), ...actions.remove]),
    ...findingOrphans(owned),
    ...removingOrphans(owned),
  ],
  state: (all) => [
    ...all.flatMap(({ actions: { states } }) => states?.read ?? []),
    ...all.flatMap(({ actions: { states } }) => states?.write ?? []),
  ],
  'state-check': (all) => all.flatMap(({ actions: { states } }) => states?.read ?? []),
  audit: (_, { place }) => auditGrants(place),
} as const satisfies Record<string, (all: readonly Resource[], owned: Owned) => readonly Grant[]>;

export type PermittedCommand = keyof typeof NEEDED;

/** The commands for which a policy can be printed. */
export const PERMITTED = Object.keys(NEEDED) as readonly PermittedCommand[];

function readsOf({ read, readUnlisted = [] }: Actions): readonly Grant[] {
  return [...read, ...readUnlisted];
}

/** The permissions that a command needs. sts:GetCallerIdentity needs none. */
export function permissionsFor(command: PermittedCommand, all: readonly Resource[], owned: Owned): readonly Grant[] {
  return NEEDED[command](all, owned);
}

/**
 * The permissions to inspect the roles of an account. The call that lists roles with their policies has no
 * resource-level permissions. Managed policies include the account's and AWS's own.
 */
export function auditGrants(place: Place): readonly Grant[] {
  return [
    grant('iam', ['GetAccountAuthorizationDetails', 'ListOpenIDConnectProviders'], '*'),
    grant('iam', ['GetOpenIDConnectProvider'], providerArn(place, '*')),
    grant('iam', ['GetPolicy', 'GetPolicyVersion'], ...managedPolicies(place)),
  ];
}
