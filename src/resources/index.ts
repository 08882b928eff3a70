import type { Place } from '../aws/names.ts';
import { type RoleDocuments, roleDocuments } from '../config/role-documents.ts';
import type { Config, RoleConfig, StateBucketConfig } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import { CrcError } from '../errors.ts';
import { MOST_POLICY, minified, type PolicyDocument } from '../policies/document.ts';
import { permissionStatements } from '../policies/permissions.ts';
import type { Context } from './context.ts';
import { functionResources } from './functions.ts';
import { oidcProvider } from './oidc-provider.ts';
import { permissionsFor } from './permissions.ts';
import { role } from './role.ts';
import { stateBucket } from './state-bucket.ts';
import { table } from './table.ts';

/**
 * Everything the config asks for, in the order in which it is shown. Throws a CrcError when a policy that follows from all
 * of it is longer than IAM takes.
 */
export function resourcesOf(config: Config, context: Context): readonly Resource[] {
  const { lockTable } = config;
  const roles = config.roles.map((one) => roleResource(one, roleDocuments(config, one, context.place), context));
  const withRoles = (some: readonly Resource[]) => [
    bucketResource(config.stateBucket, context),
    ...(lockTable === undefined ? [] : [table({ id: 'lock-table', hashKey: 'LockID', ...lockTable }, context)]),
    oidcProvider({ ...config.oidcProvider, ownRoles: config.roles.map(({ name }) => name) }, context),
    ...some,
    ...functionResources(config.functions, context),
  ];
  const all = withRoles(roles);
  if (config.roles.every(({ crc }) => crc.length === 0)) return all;
  // What a role needs to run crc follows from all resources, itself included; its actions do not depend on its policy.
  return withRoles(
    config.roles.map((one, index) => {
      const documents = documentsOf(config, one, all, context.place);
      checkSize(documents.policy, index);
      return roleResource(one, documents, context);
    }),
  );
}

/** The documents of a role with the statements for the commands of crc that it may run, which follow from all resources. */
export function documentsOf(config: Config, one: RoleConfig, all: readonly Resource[], place: Place): RoleDocuments {
  const grants = one.crc.flatMap((command) => permissionsFor(command, config, all, place));
  return roleDocuments(config, one, place, permissionStatements(grants, 'CrcCommand'));
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
      deleteState: context.deleteState,
    },
    context,
  );
}

function roleResource(one: RoleConfig, documents: RoleDocuments, context: Context): Resource {
  return role(
    {
      id: `role/${one.name}`,
      name: one.name,
      needs: ['oidc-provider'],
      ...documents,
      policyName: one.policyName,
      maxSessionSeconds: one.maxSessionSeconds,
      permissionsBoundary: one.permissionsBoundary,
      managedPolicyArns: one.managedPolicyArns,
    },
    context,
  );
}

function checkSize(policy: PolicyDocument | undefined, index: number): void {
  const size = policy === undefined ? 0 : minified(policy).length;
  if (size <= MOST_POLICY) return;
  throw new CrcError('The config has 1 problem:', {
    issues: [
      {
        path: `roles[${index}].crc`,
        message: `makes, with all that this config has, an inline policy of ${size} characters, and IAM takes ${MOST_POLICY}; attach a managed policy to the role instead (managedPolicyArns), made of what \`crc permissions\` prints`,
      },
    ],
    hint: 'Nothing was sent to AWS.',
  });
}
