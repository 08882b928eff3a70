import { grant } from '../aws/actions.ts';
import { managedPolicies, type Place, providerArn } from '../aws/arns.ts';
import type { Resource } from '../engine/resource.ts';
import type { Actions, Grant } from '../engine/types.ts';
import type { OrphanKinds } from './orphans/kind.ts';
import { findingOrphans, removingOrphans } from './orphans/permissions.ts';

/** Whose resources, and where. */
export interface Owned {
  readonly place: Place;
  readonly project: string;
  readonly orphans: OrphanKinds;
}

/**
 * What each command needs of all resources: what their `actions` name for it, and what finds orphans. An audit is
 * about those of others, too.
 */
const NEEDED = {
  bootstrap: (all) => all.flatMap(({ actions }) => [...readsOf(actions), ...actions.write]),
  verify: (all, owned) => [...all.flatMap(({ actions }) => readsOf(actions)), ...findingOrphans(owned)],
  // What a role of CI gets: it ships code and settings; with the rights of `bootstrap` it creates the rest too.
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

/** The commands that a policy can be printed for. */
export const PERMITTED = Object.keys(NEEDED) as readonly PermittedCommand[];

function readsOf({ read, readUnlisted = [] }: Actions): readonly Grant[] {
  return [...read, ...readUnlisted];
}

/** What a command needs. Asking whose credentials these are (sts:GetCallerIdentity) needs no permission. */
export function permissionsFor(command: PermittedCommand, all: readonly Resource[], owned: Owned): readonly Grant[] {
  return NEEDED[command](all, owned);
}

/**
 * What looks at the roles of an account. One call lists roles with their policies, and takes no ARN; managed policies are the
 * account's and AWS's own.
 */
export function auditGrants(place: Place): readonly Grant[] {
  return [
    grant('iam', ['GetAccountAuthorizationDetails', 'ListOpenIDConnectProviders'], '*'),
    grant('iam', ['GetOpenIDConnectProvider'], providerArn(place, '*')),
    grant('iam', ['GetPolicy', 'GetPolicyVersion'], ...managedPolicies(place)),
  ];
}
