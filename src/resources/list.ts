import type { Config } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import type { Context, Run } from './context.ts';
import { functionResourceIds } from './function/ids.ts';

/** Resources of one kind, or of kinds that share calls, as the config asks for them. */
export interface Entry {
  /** Their ids follow from the config alone. None: the config asks for nothing of it. */
  ids(config: Config): readonly string[];
  /** Loads their code and the clients of their services, and creates them, in the order in which they are shown. Sends nothing. */
  load(config: Config, context: Context, run: Run): Promise<readonly Resource[]>;
  /** What `load` answered with, completed by what follows from all resources. */
  complete?(own: readonly Resource[], others: Others): Promise<readonly Resource[]>;
}

export interface Others {
  readonly config: Config;
  readonly context: Context;
  /** All resources as they were loaded. */
  all(): Promise<readonly Resource[]>;
}

/** Everything that a config can ask for, in the order in which it is shown. A new resource is one more entry. */
export const RESOURCES: readonly Entry[] = [
  {
    ids: () => ['state-bucket'],
    async load(config, context, run) {
      const [{ stateBucket }, { bucketInput }] = await Promise.all([
        import('./state-bucket/index.ts'),
        import('./inputs.ts'),
        context.clients.load('s3'),
      ]);
      return [stateBucket(bucketInput(config, context, run), context)];
    },
  },
  {
    ids: ({ lockTable }) => (lockTable === undefined ? [] : ['lock-table']),
    async load(config, context) {
      const { lockTable } = config;
      if (lockTable === undefined) return [];
      const [{ table }, { lockTableInput }] = await Promise.all([
        import('./table.ts'),
        import('./inputs.ts'),
        context.clients.load('dynamodb'),
      ]);
      return [table(lockTableInput({ ...config, lockTable }, context), context)];
    },
  },
  {
    ids: () => ['oidc-provider'],
    async load(config, context) {
      const [{ oidcProvider }, { providerInput }] = await Promise.all([
        import('./oidc-provider.ts'),
        import('./inputs.ts'),
        context.clients.load('iam'),
      ]);
      return [oidcProvider(providerInput(config), context)];
    },
  },
  {
    ids: ({ roles }) => roles.map(({ name }) => `role/${name}`),
    async load(config, context) {
      const [{ role }, { roleInput }] = await Promise.all([
        import('./role.ts'),
        import('./inputs.ts'),
        context.clients.load('iam'),
      ]);
      return config.roles.map((roleConfig) => role(roleInput(config, roleConfig, context.place), context));
    },
    async complete(own, { config, context, all }) {
      if (config.roles.every(({ crc }) => crc.length === 0)) return own;
      // What a role needs to run crc follows from all resources, itself included; its actions do not depend on its policy.
      const [everything, { role }, { completeDocuments, roleInput }] = await Promise.all([
        all(),
        import('./role.ts'),
        import('./inputs.ts'),
      ]);
      return config.roles.map((roleConfig) => {
        const documents = completeDocuments(config, roleConfig, everything, context.place);
        return role(roleInput(config, roleConfig, context.place, documents), context);
      });
    },
  },
  {
    ids: ({ functions }) => [
      ...new Set(functions.flatMap((functionConfig) => functionResourceIds(functionConfig, functions))),
    ],
    async load({ functions }, context, run) {
      if (functions.length === 0) return [];
      const [{ functionResources }] = await Promise.all([
        import('./function/index.ts'),
        context.clients.load('iam', 'dynamodb', 'logs', 'lambda'),
      ]);
      return functionResources(functions, context, run);
    },
  },
];

/** The ids of everything that the config asks for. */
export function resourceIds(config: Config): readonly string[] {
  return RESOURCES.flatMap(({ ids }) => ids(config));
}
