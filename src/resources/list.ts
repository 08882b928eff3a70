import type { ServiceName } from '../aws/services.ts';
import type { Config } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import type { Context, Run } from './context.ts';
import { functionResourceIds } from './function/ids.ts';

/** Resources of one kind, or of kinds that share calls, as the config asks for them. */
export interface Entry {
  /** Their ids follow from the config alone. None: the config asks for nothing of it, and nothing of it is loaded. */
  ids(config: Config): readonly string[];
  /** The services that they call. Their clients are loaded together with the code, before anything is created. */
  readonly services: readonly ServiceName[];
  /** The region that they are in; by default that of the project. */
  readonly region?: (config: Config) => string;
  /** Loads their code. */
  load(): Promise<Create>;
  /** What was created, completed by what follows from all resources. */
  complete?(own: readonly Resource[], input: Completion): Promise<readonly Resource[]>;
}

/** Creates the resources of an entry, in the order in which they are shown. Sends nothing. */
type Create = (config: Config, context: Context, run: Run) => readonly Resource[];

export interface Completion {
  readonly config: Config;
  readonly context: Context;
  readonly run: Run;
  /** All resources as they were loaded. */
  all(): Promise<readonly Resource[]>;
}

/** Everything that a config can ask for, in the order in which it is shown. A new resource is one more entry. */
export const RESOURCES: readonly Entry[] = [
  {
    ids: () => ['state-bucket'],
    services: ['s3'],
    region: ({ stateBucket }) => stateBucket.region,
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
    // One region is all that Terraform's backend has for both.
    region: ({ stateBucket }) => stateBucket.region,
    async load() {
      const [{ table }, { lockTableInput }] = await Promise.all([import('./table.ts'), import('./inputs.ts')]);
      return ({ lockTable, ...config }, context) =>
        lockTable === undefined ? [] : [table(lockTableInput({ ...config, lockTable }, context), context)];
    },
  },
  {
    ids: () => ['oidc-provider'],
    services: ['iam'],
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
      // What a role needs to run crc follows from all resources, itself included; its actions do not depend on its policy.
      const [everything, { role }, { completeDocuments, roleInput, rolesOnWrite }] = await Promise.all([
        all(),
        import('./role.ts'),
        import('./inputs.ts'),
      ]);
      const onWrite = rolesOnWrite(config, context, run);
      return config.roles.map((roleConfig) => {
        const documents = completeDocuments(config, roleConfig, everything, context.place);
        return role({ ...roleInput(config, roleConfig, context.place, documents), ...onWrite(roleConfig) }, context);
      });
    },
  },
  {
    ids: ({ functions }) => [
      ...new Set(functions.flatMap((functionConfig) => functionResourceIds(functionConfig, functions))),
    ],
    services: ['iam', 'dynamodb', 'logs', 'lambda'],
    async load() {
      const { functionResources } = await import('./function/index.ts');
      return ({ functions }, context, run) => functionResources(functions, context, run);
    },
  },
];

/** The ids of everything that the config asks for. */
export function resourceIds(config: Config): readonly string[] {
  return RESOURCES.flatMap(({ ids }) => ids(config));
}

/** The services that a run over everything calls, and the one that says whose credentials these are. */
export function servicesOf(config: Config): readonly ServiceName[] {
  const asked = RESOURCES.filter(({ ids }) => ids(config).length > 0);
  return [...new Set<ServiceName>(['sts', ...asked.flatMap(({ services }) => services)])];
}
