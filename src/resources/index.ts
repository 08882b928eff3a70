import { grant } from '../aws/actions.ts';
import { type Place, providerArn, roleArn, tableArn } from '../aws/names.ts';
import { type RoleDocuments, roleDocuments } from '../config/role-documents.ts';
import type { Config, RoleConfig } from '../config/schema.ts';
import { type ConfigWarning, configWarnings } from '../config/warnings.ts';
import { type Resource, withWarnings } from '../engine/resource.ts';
import { CrcError } from '../errors.ts';
import { asJson } from '../policies/canonical.ts';
import { MOST_POLICY, minified, type PolicyDocument } from '../policies/document.ts';
import { permissionStatements } from '../policies/permissions.ts';
import { subjectsOf } from '../policies/trust.ts';
import { lockedText, type StateLock } from '../terraform/state/locks.ts';
import { tableItems } from '../terraform/state/table-items.ts';
import { reachOf, reachText } from '../trust/reach.ts';
import type { Context, Run } from './context.ts';
import { functionResourceIds } from './function/ids.ts';
import { permissionsFor } from './permissions.ts';
import type { RoleInput } from './role.ts';
import type { StateBucketInput } from './state-bucket/index.ts';
import type { TableInput } from './table.ts';

/** Resources that are made of the same services, so that they are loaded together. What they need is in the group too. */
export interface ResourceGroup {
  readonly ids: readonly string[];
  /** Loads the code and the clients that they are made of, and makes them. Sends nothing. */
  load(): Promise<readonly Resource[]>;
}

/**
 * Everything the config asks for, in the order in which it is shown. Loading throws a CrcError when a policy that follows
 * from all of it is longer than IAM takes.
 */
export function resourceGroups(config: Config, context: Context, run: Run): readonly ResourceGroup[] {
  const { lockTable, functions } = config;
  const { clients } = context;
  const tableLocks = () => locksOf(config, context);
  const warnings = configWarnings(config);
  const group = (ids: readonly string[], make: () => Promise<readonly Resource[]>) =>
    resourceGroup(ids, async () => (await make()).map((one) => withConfigWarnings(one, warnings.get(one.id) ?? [])));
  const bucket = group(['state-bucket'], async () => {
    const [{ stateBucket }] = await Promise.all([import('./state-bucket/index.ts'), clients.load('s3')]);
    return [stateBucket({ ...bucketInput(config, run), tableLocks }, context)];
  });
  const locks = group(lockTable === undefined ? [] : ['lock-table'], async () => {
    if (lockTable === undefined) return [];
    const [{ table }] = await Promise.all([import('./table.ts'), clients.load('dynamodb')]);
    const heldBy = async () => lockedText(await tableLocks());
    return [table({ ...lockTableInput(lockTable, context.place), heldBy }, context)];
  });
  const functionIds = functions.flatMap((one) => functionResourceIds(one, functions));
  const ofFunctions = group([...new Set(functionIds)], async () => {
    if (functions.length === 0) return [];
    const [{ functionResources }] = await Promise.all([
      import('./function/index.ts'),
      clients.load('iam', 'dynamodb', 'logs', 'lambda'),
    ]);
    return functionResources(functions, context, run);
  });
  const access = group(['oidc-provider', ...config.roles.map(({ name }) => `role/${name}`)], async () => {
    const [{ oidcProvider }, { role }] = await Promise.all([
      import('./oidc-provider.ts'),
      import('./role.ts'),
      clients.load('iam'),
    ]);
    const ownRoles = config.roles.map(({ name }) => name);
    const provider = oidcProvider({ ...config.oidcProvider, ownRoles, removedAfter: BACKEND }, context);
    const roles = config.roles.map((one) =>
      role(roleInput(config, one, roleDocuments(config, one, context.place), context.place), context),
    );
    if (config.roles.every(({ crc }) => crc.length === 0)) return [provider, ...roles];
    // What a role needs to run crc follows from all resources, itself included; its actions do not depend on its policy.
    const [before, after] = await Promise.all([loadAll([bucket, locks]), ofFunctions.load()]);
    const all = [...before, provider, ...roles, ...after];
    const full = config.roles.map((one, index) => {
      const documents = documentsOf(config, one, all, context.place);
      checkSize(documents.policy, index);
      return role(roleInput(config, one, documents, context.place), context);
    });
    return [provider, ...full];
  });
  return [bucket, locks, access, ofFunctions];
}

function withConfigWarnings(resource: Resource, warnings: readonly ConfigWarning[]): Resource {
  const messages = (some: readonly ConfigWarning[]) => some.map(({ message }) => message);
  const exposures = messages(warnings.filter(({ isExposure }) => isExposure));
  return withWarnings(resource, { warnings: messages(warnings), exposures });
}

/** What a user of a state needs besides its role: while one of them is blocked, its users must be kept. */
const BACKEND = ['state-bucket', 'lock-table'];

/** The locks that Terraform holds in the lock table, as they are now. */
async function locksOf({ lockTable }: Config, { clients }: Context): Promise<readonly StateLock[]> {
  if (lockTable === undefined) return [];
  await clients.load('dynamodb');
  return (await tableItems(clients.dynamodb, lockTable.name)).locks;
}

/** All groups, loaded. */
export async function resourcesOf(config: Config, context: Context, run: Run): Promise<readonly Resource[]> {
  return await loadAll(resourceGroups(config, context, run));
}

async function loadAll(groups: readonly ResourceGroup[]): Promise<readonly Resource[]> {
  return (await Promise.all(groups.map((one) => one.load()))).flat();
}

/** Loaded once, however often it is asked for. */
function resourceGroup(ids: readonly string[], make: () => Promise<readonly Resource[]>): ResourceGroup {
  let loading: Promise<readonly Resource[]> | undefined;
  return {
    ids,
    load() {
      loading ??= make();
      return loading;
    },
  };
}

/** The documents of a role with the statements for the commands of crc that it may run, which follow from all resources. */
export function documentsOf(config: Config, one: RoleConfig, all: readonly Resource[], place: Place): RoleDocuments {
  const grants = one.crc.flatMap((command) => permissionsFor(command, all));
  return roleDocuments(config, one, place, permissionStatements(grants, 'CrcCommand'));
}

function bucketInput(
  { stateBucket, roles }: Config,
  { deleteState = false }: Run,
): Omit<StateBucketInput, 'tableLocks'> {
  const { name, objectLock, encryption, noncurrentVersions } = stateBucket;
  const kms = encryption.algorithm === 'aws:kms';
  return {
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
    deleteState,
    keys: roles.flatMap(({ state }) => state.map(({ key }) => key)),
  };
}

function lockTableInput({ name, capacity }: NonNullable<Config['lockTable']>, place: Place): TableInput {
  const arn = tableArn(place, name);
  return {
    id: 'lock-table',
    name,
    hashKey: 'LockID',
    capacity,
    removedAfter: ['state-bucket'],
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

function roleInput(config: Config, one: RoleConfig, documents: RoleDocuments, place: Place): RoleInput {
  return {
    id: `role/${one.name}`,
    name: one.name,
    needs: ['oidc-provider'],
    removedAfter: BACKEND,
    ...documents,
    trustMeaning: (live) =>
      reachText(
        reachOf({
          accountId: place.accountId,
          roleName: one.name,
          roleArn: roleArn(place, one.name),
          provider: { arn: providerArn(place, config.oidcProvider.url), url: config.oidcProvider.url },
          audiences: config.oidcProvider.audiences,
          subjects: subjectsOf(one.trust),
          live,
          wanted: asJson(documents.trust),
        }),
      ),
    policyName: one.policyName,
    maxSessionSeconds: one.maxSessionSeconds,
    permissionsBoundary: one.permissionsBoundary,
    managedPolicyArns: one.managedPolicyArns,
    address: {
      label: `role ${one.name}`,
      path: ['roles', one.name],
      variable: ['AWS_ROLE_ARN', ...(config.roles.length === 1 ? [] : [one.name])],
      value: roleArn(place, one.name),
      announced: 'when created',
    },
  };
}

function checkSize(policy: PolicyDocument | undefined, index: number): void {
  const size = policy === undefined ? 0 : minified(policy).length;
  if (size <= MOST_POLICY) return;
  throw new CrcError('The config has 1 problem:', {
    issues: [
      {
        path: `roles[${index}].crc`,
        message: `needs an inline policy of ${size} characters, but IAM allows ${MOST_POLICY}; create a managed policy from the output of \`crc permissions\` instead, and attach it with managedPolicyArns`,
      },
    ],
    hint: 'Nothing was sent to AWS.',
  });
}
