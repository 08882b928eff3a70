import { roleDocuments } from '../config/role-documents.ts';
import type { Config, RoleConfig, StateBucketConfig } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import type { Context } from './context.ts';
import { functionResources } from './functions.ts';
import { oidcProvider } from './oidc-provider.ts';
import { role } from './role.ts';
import { stateBucket } from './state-bucket.ts';
import { table } from './table.ts';

/** Everything the config asks for, in the order in which it is shown. */
export function resourcesOf(config: Config, context: Context): readonly Resource[] {
  const { lockTable } = config;
  return [
    bucketResource(config.stateBucket, context),
    ...(lockTable === undefined ? [] : [table({ id: 'lock-table', hashKey: 'LockID', ...lockTable }, context)]),
    oidcProvider(config.oidcProvider, context),
    ...config.roles.map((one) => roleResource(config, one, context)),
    ...functionResources(config.functions, context),
  ];
}

function bucketResource({ name, objectLock, encryption, noncurrentVersions }: StateBucketConfig, context: Context) {
  const kms = encryption.algorithm === 'aws:kms';
  return stateBucket(
    {
      name,
      objectLock: objectLock === false ? null : objectLock,
      encryption: {
        algorithm: encryption.algorithm,
        keyArn: (kms ? encryption.keyArn : undefined) ?? null,
        bucketKey: kms,
      },
      noncurrentVersions:
        noncurrentVersions === undefined
          ? null
          : { expireAfterDays: noncurrentVersions.expireAfterDays, keep: noncurrentVersions.keep ?? null },
    },
    context,
  );
}

function roleResource(config: Config, one: RoleConfig, context: Context): Resource {
  return role(
    {
      id: `role/${one.name}`,
      name: one.name,
      needs: ['oidc-provider'],
      ...roleDocuments(config, one, context.place),
      policyName: one.policyName,
      maxSessionSeconds: one.maxSessionSeconds,
      permissionsBoundary: one.permissionsBoundary,
      managedPolicyArns: one.managedPolicyArns,
    },
    context,
  );
}
