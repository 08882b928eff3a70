import { grant } from '../aws/actions.ts';
import { type Place, providerArn, roleArn, tableArn } from '../aws/arns.ts';
import { inlineSize, type RoleDocuments, roleDocuments } from '../config/role-documents.ts';
import type { Config, RoleConfig } from '../config/schema.ts';
import type { Resource } from '../engine/resource.ts';
import { CrcError } from '../errors.ts';
import { asJson } from '../policies/canonical.ts';
import { MAX_POLICY } from '../policies/document.ts';
import { permissionStatements } from '../policies/permissions.ts';
import { subjectsOf } from '../policies/trust.ts';
import { lockedText, type StateLock } from '../terraform/state/locks.ts';
import { workspacePrefixes } from '../terraform/state/place.ts';
import { otherBucketsText, type TableItems, tableItems } from '../terraform/state/table-items.ts';
import { reachOf, reachText } from '../trust/reach.ts';
import type { Context, Run } from './context.ts';
import { droppedLockTable, type PolicyKept } from './dropped-lock-table.ts';
import type { OidcProviderInput } from './oidc-provider.ts';
import { type Owned, permissionsFor } from './permissions.ts';
import { refusedKey } from './refused-key.ts';
import type { RoleInput } from './role.ts';
import type { Encryption } from './state-bucket/facts.ts';
import type { StateBucketInput } from './state-bucket/index.ts';
import type { TableUse } from './table/calls.ts';
import type { TableInput } from './table.ts';

/**
 * Resources that are removed before the roles and the identity provider, which users of the states need too. While one
 * of them is blocked, the roles and the provider are kept.
 */
const BACKEND = ['state-bucket', 'lock-table'];

export function bucketInput(config: Config, context: Context, { deleteState = false }: Run): StateBucketInput {
  const { name, objectLock, encryption, noncurrentVersions } = config.stateBucket;
  return {
    name,
    objectLock: objectLock === false ? null : objectLock,
    encryption: wantedEncryption(encryption),
    noncurrentVersions:
      noncurrentVersions === undefined
        ? null
        : { expireAfterDays: noncurrentVersions.expireAfterDays, keep: noncurrentVersions.keep ?? null },
    deleteState,
    tableLocks: () => locksOf(config, context),
    keys: config.roles.flatMap(({ state }) => state.map(({ key }) => key)),
    prefixes: workspacePrefixes(config),
  };
}

function wantedEncryption({ algorithm, keyArn, bucketKey }: Config['stateBucket']['encryption']): Encryption {
  return { algorithm, keyArn: keyArn ?? null, bucketKey: algorithm === 'aws:kms' && (bucketKey ?? true) };
}

export function lockTableInput(config: Config & Pick<Required<Config>, 'lockTable'>, context: Context): TableInput {
  const { name, capacity } = config.lockTable;
  const arn = tableArn(context.place, name);
  return {
    id: 'lock-table',
    name,
    hashKey: 'LockID',
    capacity,
    removedAfter: ['state-bucket'],
    inUse: () => lockTableUse(config, context),
    actions: {
      states: {
        read: [grant('dynamodb', ['Scan'], arn)],
        write: [grant('dynamodb', ['GetItem', 'PutItem', 'DeleteItem'], arn)],
      },
    },
    address: { label: 'table', path: ['table'], variable: ['TF_LOCK_TABLE'], value: name },
    terraform: { name: 'lock' },
  };
}

/** The locks that Terraform currently holds in the lock table. */
async function locksOf(config: Config, context: Context): Promise<readonly StateLock[]> {
  return config.lockTable === undefined ? [] : (await itemsOf(config.lockTable, context)).locks;
}

async function itemsOf({ name }: { readonly name: string }, { clients }: Context): Promise<TableItems> {
  await clients.load('dynamodb');
  return await tableItems(clients.dynamodb, name);
}

/** A lock blocks the deletion of the lock table; states in other buckets that are locked in it keep the table. */
async function lockTableUse(config: Config & Pick<Required<Config>, 'lockTable'>, context: Context): Promise<TableUse> {
  const { locks, digests } = await itemsOf(config.lockTable, context);
  const { name: bucket } = config.stateBucket;
  return {
    blocked: lockedText(locks, { bucket, prefixes: workspacePrefixes(config) }),
    kept: otherBucketsText(digests, bucket),
  };
}

export function providerInput({ oidcProvider, roles }: Config): OidcProviderInput {
  return { ...oidcProvider, ownRoles: roles.map(({ name }) => name), removedAfter: BACKEND };
}

export function roleInput(
  config: Config,
  roleConfig: RoleConfig,
  place: Place,
  documents: RoleDocuments = roleDocuments(config, roleConfig, place),
): RoleInput {
  const arn = roleArn(place, roleConfig.name, roleConfig.path);
  return {
    id: `role/${roleConfig.name}`,
    name: roleConfig.name,
    path: roleConfig.path,
    description: roleConfig.description,
    needs: ['oidc-provider'],
    removedAfter: BACKEND,
    ...documents,
    trustMeaning(live) {
      const why = reachText(
        reachOf({
          accountId: place.accountId,
          roleName: roleConfig.name,
          roleArn: arn,
          provider: { arn: providerArn(place, config.oidcProvider.url), url: config.oidcProvider.url },
          audiences: config.oidcProvider.audiences,
          subjects: subjectsOf(roleConfig.trust),
          live,
          wanted: asJson(documents.trust),
        }),
      );
      return why === undefined ? undefined : { why };
    },
    policyName: roleConfig.policyName,
    maxSessionSeconds: roleConfig.maxSessionSeconds,
    permissionsBoundary: roleConfig.permissionsBoundary,
    managedPolicyArns: roleConfig.managedPolicyArns,
    address: {
      label: `role ${roleConfig.name}`,
      path: ['roles', roleConfig.name],
      variable: ['AWS_ROLE_ARN', ...(config.roles.length === 1 ? [] : [roleConfig.name])],
      value: arn,
      announced: 'when created',
    },
  };
}

/**
 * Checks that only run if the role may be written: whether it could lose its permissions on a lock table or on the
 * bucket's key.
 */
export function rolesOnWrite(config: Config, context: Context, run: Run): (role: RoleConfig) => Partial<RoleInput> {
  const tableKept = droppedLockTable(config, context, run);
  const keyKept = refusedKey(config, wantedEncryption(config.stateBucket.encryption), context);
  const policyKept: PolicyKept = async (live) => (await tableKept(live)) ?? (await keyKept(live));
  return ({ name }) => (run.willWrite?.(`role/${name}`) ? { policyKept } : {});
}

/**
 * The documents of a role, including statements for the crc commands that it may run, which depend on all resources.
 * @throws CrcError if a policy exceeds IAM's limit.
 */
export function completeDocuments(
  config: Config,
  roleConfig: RoleConfig,
  all: readonly Resource[],
  owned: Owned,
): RoleDocuments {
  const grants = roleConfig.crc.flatMap((command) => permissionsFor(command, all, owned));
  const documents = roleDocuments(config, roleConfig, owned.place, permissionStatements(grants, 'CrcCommand'));
  checkSize(documents, config.roles.indexOf(roleConfig), roleConfig.crc);
  return documents;
}

function checkSize(documents: RoleDocuments, index: number, commands: RoleConfig['crc']): void {
  const size = inlineSize(documents);
  if (size <= MAX_POLICY) return;
  throw new CrcError('The config has 1 problem:', {
    issues: [
      {
        path: `roles[${index}].crc`,
        message: `needs inline policies of ${size} characters, but IAM allows ${MAX_POLICY}; leave "crc" out, create a managed policy from the output of ${commands.map((command) => `\`crc permissions ${command}\``).join(' and ')}, and name it in managedPolicyArns`,
      },
    ],
    hint: 'Nothing was sent to AWS.',
  });
}
