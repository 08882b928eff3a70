import { executionRoleName, type Place } from '../aws/arns.ts';
import type { ServiceName } from '../aws/services.ts';
import type { Config } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import type { Context, Run } from './context.ts';
import { functionResourceIds } from './function/ids.ts';
import { FUNCTIONS, LOG_GROUPS } from './function/orphan-kinds.ts';
import type { OrphanKind, OrphanKinds, Orphans } from './orphans/kind.ts';
import type { Owned } from './permissions.ts';
import { ROLES } from './role/orphan-kind.ts';
import { TABLES } from './table/orphan-kind.ts';

/** One kind of resource, or several that share calls, for a given config. */
export interface Entry {
  /** Derived from the config alone. Empty: the config has no such resource, and its code is not loaded. */
  ids(config: Config): readonly string[];
  /** The services that they call. Their clients are loaded along with the code, before anything is created. */
  readonly services: readonly ServiceName[];
  /** Their region; by default the project's. */
  readonly region?: (config: Config) => string;
  /** How to recognize ones that are no longer in the config but still in the account. */
  readonly orphans: Orphans;
  /** Loads their code. */
  load(): Promise<Create>;
  /** Completes the created resources with what depends on all resources. */
  complete?(own: readonly Resource[], input: Completion): Promise<readonly Resource[]>;
}

/** Creates the resources of an entry, in display order. Sends nothing. */
type Create = (config: Config, context: Context, run: Run) => readonly Resource[];

export interface Completion {
  readonly config: Config;
  readonly context: Context;
  readonly run: Run;
  /** All resources as they were loaded. */
  all(): Promise<readonly Resource[]>;
}

/** Every kind of resource that a config can contain, in display order. A new resource is a new entry. */
export const RESOURCES: readonly Entry[] = [
  {
    ids: () => ['state-bucket'],
    services: ['s3'],
    region: ({ stateBucket }) => stateBucket.region,
    orphans: 'none: it holds the states, which nothing deletes but `crc destroy --delete-state`',
    async load() {
      const [{ stateBucket }, { bucketInput }] = await Promise.all([
        import('./state-bucket/index.ts'),
        import('./inputs.ts'),
      ]);
      return (config, context, run) => [stateBucket(bucketInput(config, context, run), context)];
    },
  },
  {
    ids: ({ lockTable }) => (lockTable === undefined ? [] : ['lock-table']),
    services: ['dynamodb'],
    // Terraform's backend has one region for both.
    region: ({ stateBucket }) => stateBucket.region,
    orphans: [{ kind: TABLES, named: ({ lockTable }) => [lockTable?.name] }],
    async load() {
      const [{ table }, { lockTableInput }] = await Promise.all([import('./table.ts'), import('./inputs.ts')]);
      return ({ lockTable, ...config }, context) =>
        lockTable === undefined ? [] : [table(lockTableInput({ ...config, lockTable }, context), context)];
    },
  },
  {
    ids: () => ['oidc-provider'],
    services: ['iam'],
    orphans: 'none: the account shares it, and others may log in through it',
    async load() {
      const [{ oidcProvider }, { providerInput }] = await Promise.all([
        import('./oidc-provider.ts'),
        import('./inputs.ts'),
      ]);
      return (config, context) => [oidcProvider(providerInput(config), context)];
    },
  },
  {
    ids: ({ roles }) => roles.map(({ name }) => `role/${name}`),
    services: ['iam'],
    orphans: [{ kind: ROLES, named: ({ roles }) => roles.map(({ name }) => name) }],
    async load() {
      const [{ role }, { roleInput, rolesOnWrite }] = await Promise.all([import('./role.ts'), import('./inputs.ts')]);
      return (config, context, run) => {
        const onWrite = rolesOnWrite(config, context, run);
        return config.roles.map((roleConfig) =>
          role({ ...roleInput(config, roleConfig, context.place), ...onWrite(roleConfig) }, context),
        );
      };
    },
    async complete(own, { config, context, run, all }) {
      if (config.roles.every(({ crc }) => crc.length === 0)) return own;
      // A role's permissions to run crc depend on all resources, including itself; its actions do not depend on its
      // policy.
      const [everything, { role }, { completeDocuments, roleInput, rolesOnWrite }] = await Promise.all([
        all(),
        import('./role.ts'),
        import('./inputs.ts'),
      ]);
      const onWrite = rolesOnWrite(config, context, run);
      const owned = ownedBy(config, context.place);
      return config.roles.map((roleConfig) => {
        const documents = completeDocuments(config, roleConfig, everything, owned);
        return role({ ...roleInput(config, roleConfig, context.place, documents), ...onWrite(roleConfig) }, context);
      });
    },
  },
  {
    ids: ({ functions }) => [
      ...new Set(functions.flatMap((functionConfig) => functionResourceIds(functionConfig, functions))),
    ],
    services: ['iam', 'dynamodb', 'logs', 'lambda'],
    orphans: [
      {
        kind: ROLES,
        named: ({ functions }) =>
          functions.map(({ name, role }) => (role === undefined ? executionRoleName(name) : undefined)),
      },
      { kind: FUNCTIONS, named: ({ functions }) => functions.map(({ name }) => name) },
      { kind: TABLES, named: ({ functions }) => functions.map(({ table }) => table?.name) },
      { kind: LOG_GROUPS, named: ({ functions }) => functions.map(({ name }) => name) },
    ],
    async load() {
      const { functionResources } = await import('./function/index.ts');
      return ({ functions }, context, run) => functionResources(functions, context, run);
    },
  },
];

/** The ids of all resources in the config. */
export function resourceIds(config: Config): readonly string[] {
  return RESOURCES.flatMap(({ ids }) => ids(config));
}

/** The services that a run over all resources calls, including the one that identifies the account. */
export function servicesOf(config: Config): readonly ServiceName[] {
  const used = RESOURCES.filter(({ ids }) => ids(config).length > 0);
  return [...new Set<ServiceName>(['sts', ...used.flatMap(({ services }) => services)])];
}

/** The config's resources in an account, as input for permissions. */
export function ownedBy(config: Config, place: Place): Owned {
  return { place, project: config.project, orphans: orphanKinds(config, place.region) };
}

/**
 * The entries' kinds of orphans, by region: an entry with its own region creates nothing elsewhere. In reverse order,
 * since dependents are shown and deleted first.
 */
export function orphanKinds(config: Config, projectRegion: string): OrphanKinds {
  const regions = new Map<string, Map<OrphanKind, Set<string>>>();
  for (const { orphans, region } of RESOURCES.toReversed()) {
    if (typeof orphans === 'string') continue;
    const at = region?.(config) ?? projectRegion;
    const kinds = regions.get(at) ?? new Map<OrphanKind, Set<string>>();
    regions.set(at, kinds);
    for (const { kind, named } of orphans) {
      const names = named(config).flatMap((name) => name ?? []);
      kinds.set(kind, new Set([...(kinds.get(kind) ?? []), ...names]));
    }
  }
  return regions;
}
