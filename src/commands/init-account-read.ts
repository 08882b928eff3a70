import { listProviders, readAccountRoles } from '../aws/account-roles.ts';
import { type LiveFunction, listFunctions, roleSettings } from '../aws/account-survey.ts';
import { runtime } from '../config/functions.ts';
import { functionName, tableName } from '../config/names.ts';
import type { Config } from '../config/schema.ts';
import { pooled } from '../engine/pooled.ts';
import { GITHUB, issuerOfHost } from '../github/host.ts';
import type { FoundBucket, FoundFunction, FoundRole, FoundTable } from '../init/account/config.ts';
import { type InlinePolicy, policiesOf } from '../init/account/policies.ts';
import { type FoundProvider, mayTrust, trustOf } from '../init/account/trust.ts';
import type { Answers } from '../init/config.ts';
import type { Survey } from '../init/survey/survey.ts';
import type { Json } from '../json.ts';
import { isPython } from '../package/handler.ts';
import { issuerOf } from '../policies/trust.ts';
import { bucketAsFound, type Looking, loneKeyOf, tableAsFound } from '../resources/survey.ts';

/** Concurrent calls: IAM throttles accounts at about ten per second, and the client then slows down by itself. */
const AT_ONCE = 8;

/** The state bucket as config. */
export async function readBucketOf(at: Looking, name: string): Promise<Omit<FoundBucket, 'region'>> {
  const { objectLock, encryption, noncurrentVersions, tags, project } = await bucketAsFound(at, name);
  const { algorithm, keyArn, bucketKey } = encryption;
  return {
    name,
    objectLock: objectLock ?? false,
    // A bucket always has encryption, but emulators may not report it. parseConfig rejects a kind that configs cannot
    // have.
    encryption: {
      algorithm: (algorithm ?? 'AES256') as Config['stateBucket']['encryption']['algorithm'],
      ...(keyArn === null ? {} : { keyArn }),
      ...(algorithm === 'aws:kms' && !bucketKey ? { bucketKey: false } : {}),
    },
    noncurrentVersions:
      noncurrentVersions === null
        ? undefined
        : { expireAfterDays: noncurrentVersions.expireAfterDays, keep: noncurrentVersions.keep ?? undefined },
    project,
    tags,
  };
}

/** The lock table as config. */
export async function readTableOf(
  at: Looking,
  { name, lockFile }: { readonly name: string; readonly lockFile: boolean },
): Promise<FoundTable> {
  return { name, lockFile, ...(await tableAsFound(at, name)) };
}

/** Usual names of lock tables; a flag can name any other. */
const LIKE_LOCKS = /lock|tf-?state|terraform|opentofu/i;

/** Tables that Terraform can lock in (https://developer.hashicorp.com/terraform/language/backend/s3#dynamodb-state-locking). */
export async function tablesForLocks(at: Looking, names: readonly string[]): Promise<readonly string[]> {
  const tables: string[] = [];
  const look = async (name: string) => {
    const key = await loneKeyOf(at, name);
    if (key?.hashKey === 'LockID' && key.hashKeyType === 'S') tables.push(name);
  };
  await pooled(
    names.filter((name) => LIKE_LOCKS.test(name)),
    look,
    { atOnce: AT_ONCE, signal: at.signal },
  );
  return tables.sort();
}

/** A role that trusts the repository in a way that the config cannot express. */
export interface LeftOutRole {
  readonly name: string;
}

export interface FoundRoles {
  /** URL of the provider that they trust; undefined if the account has none for GitHub. */
  readonly provider: string | undefined;
  readonly roles: readonly FoundRole[];
  readonly leftOut: readonly LeftOutRole[];
}

/** The roles of the account that trust the repository, with their policies. */
export async function readRolesOf(
  { clients, signal }: Looking,
  { repository, issuer = issuerOfHost(GITHUB) }: Pick<Answers, 'repository' | 'issuer'>,
  bucketArn: string,
): Promise<FoundRoles> {
  const prefix = issuerOf(issuer);
  const providers = (await listProviders(clients)).flatMap((arn): readonly FoundProvider[] => {
    const own = arn.slice(arn.indexOf('/') + 1);
    // An enterprise has its own issuer, below GitHub's.
    return own === prefix || own.startsWith(`${prefix}/`) ? [{ arn, issuer: own }] : [];
  });
  const trusting = await readAccountRoles(
    clients,
    (trust) => providers.some(({ issuer: own }) => mayTrust(JSON.parse(trust) as Json, own, repository)),
    () => undefined,
  );
  const users = ({ arn }: FoundProvider) => trusting.filter(({ trust }) => trust.includes(`"${arn}"`)).length;
  const [provider] = [...providers].sort((a, b) => users(b) - users(a) || a.issuer.length - b.issuer.length);
  if (provider === undefined) return { provider: undefined, roles: [], leftOut: [] };
  const roles: FoundRole[] = [];
  const leftOut: LeftOutRole[] = [];
  const read = async (role: (typeof trusting)[number]) => {
    const trusted = trustOf(JSON.parse(role.trust) as Json, provider);
    if (trusted === undefined) {
      leftOut.push({ name: role.name });
      return;
    }
    const settings = await roleSettings(clients, role.name);
    if (settings === undefined) return;
    const policies = role.inlinePolicies.map(
      ({ name, document }): InlinePolicy => ({ name, document: JSON.parse(document) as Json }),
    );
    roles.push({
      name: role.name,
      path: pathOf(role.arn),
      ...settings,
      ...trusted,
      ...policiesOf(policies, bucketArn),
      managedPolicyArns: role.attachedPolicies,
      permissionsBoundary: role.permissionsBoundary,
      tags: role.tags,
    });
  };
  await pooled(trusting, read, { atOnce: AT_ONCE, signal });
  const byName = (a: LeftOutRole, b: LeftOutRole) => (a.name < b.name ? -1 : 1);
  return { provider: `https://${provider.issuer}`, roles: roles.sort(byName), leftOut: leftOut.sort(byName) };
}

/** `/ci/` of `arn:aws:iam::123456789012:role/ci/deploy`. */
function pathOf(arn: string): string {
  const path = arn.slice(arn.indexOf(':role/') + ':role'.length);
  return path.slice(0, path.lastIndexOf('/') + 1);
}

export interface FoundFunctions {
  readonly functions: readonly FoundFunction[];
  readonly notes: readonly string[];
}

/** The functions whose code is in the repository: those with a unique handler and language. */
export async function readFunctionsOf(at: Looking, { functions }: Survey): Promise<FoundFunctions> {
  await at.clients.load('lambda');
  const live = await listFunctions(at.clients);
  const notes: string[] = [];
  const inRepository: FoundFunction[] = [];
  for (const { directory, handler, language } of functions) {
    const same = live.filter(
      (candidate) => candidate.handler === handler && isPython(candidate.runtime) === (language === 'python'),
    );
    const [only, another] = same;
    if (only === undefined) continue;
    if (another !== undefined) {
      const names = same.map(({ name }) => name).join(', ');
      notes.push(
        `${directory} may be the code of several functions (${names}); add the right one to "functions" in crc.config.json`,
      );
      continue;
    }
    const problem = runtime(only.runtime) ?? functionName(only.name);
    if (problem === undefined) inRepository.push(await functionOf(at, only, directory));
    else
      notes.push(`the function ${only.name} (${only.runtime}) is left out, since its runtime or its name ${problem}`);
  }
  return { functions: inRepository, notes };
}

/** Usual names of environment variables that hold a table name. */
const NAME_OF_TABLE = /table/i;

async function functionOf(at: Looking, live: LiveFunction, source: string): Promise<FoundFunction> {
  const { name, runtime, handler, role, architecture, memoryMb, timeoutSeconds, environment } = live;
  const named = Object.entries(environment).filter(
    ([variable, value]) => NAME_OF_TABLE.test(variable) && tableName(value) === undefined,
  );
  const keys = await Promise.all(
    named.map(async ([, table]) => {
      const key = await loneKeyOf(at, table);
      return key === undefined ? [] : [{ name: table, ...key }];
    }),
  );
  const [table] = keys.flat();
  return { name, source, runtime, handler, architecture, memoryMb, timeoutSeconds, role, table };
}
