import type { Config } from '../../config/schema.ts';
import { GITHUB, issuerOfHost } from '../../github/host.ts';
import { DEFAULT_AUDIENCE, type RepositoryTrust } from '../../policies/trust.ts';
import { type ReadPolicies, USUAL_POLICY } from './policies.ts';

/** The existing state bucket, in the config's terms. */
export interface FoundBucket {
  readonly name: string;
  /** Its region, which the lock table shares; undefined for the project's region. */
  readonly region: string | undefined;
  readonly objectLock: Config['stateBucket']['objectLock'];
  readonly encryption: Config['stateBucket']['encryption'];
  readonly noncurrentVersions: Config['stateBucket']['noncurrentVersions'];
  /** The project that crc created it for, and its other tags, if crc did. */
  readonly project: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface FoundTable {
  readonly name: string;
  readonly capacity: NonNullable<Config['lockTable']>['capacity'];
  readonly lockFile: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** A role that trusts the repository. */
export interface FoundRole extends ReadPolicies {
  readonly name: string;
  /** `/ci/` */
  readonly path: string;
  readonly description: string;
  readonly trust: readonly RepositoryTrust[];
  readonly audiences: readonly string[];
  readonly managedPolicyArns: readonly string[];
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Its environment is kept and not copied: the values may be secrets, and the config is in git. */
export interface FoundFunction {
  readonly name: string;
  readonly source: string;
  readonly runtime: string;
  readonly handler: string;
  readonly architecture: string | undefined;
  readonly memoryMb: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly role: string;
  readonly table:
    | {
        readonly name: string;
        readonly hashKey: string;
        readonly hashKeyType: 'S' | 'N';
        readonly capacity: object | string;
      }
    | undefined;
}

/** The resources in an account that a project can use, in the config's terms. */
export interface FoundAccount {
  readonly bucket: FoundBucket;
  readonly lockTable: FoundTable | undefined;
  /** URL of the identity provider; undefined if the account has none. */
  readonly provider: string | undefined;
  readonly roles: readonly FoundRole[];
  readonly functions: readonly FoundFunction[];
}

/** The default description of a role. */
const DESCRIPTION = 'Managed by crc';
const SESSION = 3_600;
const ISSUER = issuerOfHost(GITHUB);

/** The config of a new project, with the account's resources instead of new ones. */
export function accountConfig(fresh: object, content: FoundAccount): object {
  const { bucket, lockTable, provider = ISSUER, roles, functions } = content;
  const audiences = audiencesOf(roles);
  const isUsual = audiences.length === 1 && audiences[0] === DEFAULT_AUDIENCE;
  return {
    ...fresh,
    ...(bucket.project === undefined ? {} : { project: bucket.project }),
    tags: sharedTags(content),
    stateBucket: {
      name: bucket.name,
      region: bucket.region,
      objectLock: bucket.objectLock,
      encryption: bucket.encryption,
      noncurrentVersions: bucket.noncurrentVersions,
    },
    lockTable:
      lockTable === undefined
        ? undefined
        : { name: lockTable.name, capacity: lockTable.capacity, lockFile: lockTable.lockFile || undefined },
    oidcProvider:
      provider === ISSUER && isUsual
        ? undefined
        : { url: provider === ISSUER ? undefined : provider, audiences: isUsual ? undefined : audiences },
    ...(roles.length === 0 ? {} : { roles: roles.map(roleConfig) }),
    ...(functions.length === 0 ? {} : { functions }),
  };
}

/** Tags on everything that crc created for the project: those in its config. */
function sharedTags({ bucket, lockTable, roles }: FoundAccount): object | undefined {
  if (bucket.project === undefined) return undefined;
  const all = [bucket, ...(lockTable === undefined ? [] : [lockTable]), ...roles].map(({ tags }) => tags);
  const shared = Object.entries(bucket.tags).filter(
    ([key, value]) => !/^(ManagedBy|crc:project|aws:.*)$/.test(key) && all.every((tags) => tags[key] === value),
  );
  return shared.length === 0 ? undefined : Object.fromEntries(shared);
}

/** The audiences that most of the roles have; the config has one list for all roles. */
function audiencesOf(roles: readonly FoundRole[]): readonly string[] {
  const lists = roles.map(({ audiences }) => audiences).filter((list) => list.length > 0);
  const count = (list: readonly string[]) => lists.filter((other) => same(other, list)).length;
  const [most] = [...lists].sort((a, b) => count(b) - count(a));
  return most ?? [DEFAULT_AUDIENCE];
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

/** Keys with their default value are omitted. */
function roleConfig(role: FoundRole): object {
  const { name, path, description, policyName, trust, state, crc, statements, inlinePolicies } = role;
  const [only] = trust;
  return {
    name,
    path: path === '/' ? undefined : path,
    description: description === DESCRIPTION ? undefined : description,
    policyName: policyName === USUAL_POLICY ? undefined : policyName,
    trust: trust.length === 1 ? only : trust,
    state: state.length === 0 ? undefined : state,
    crc: crc.length === 0 ? undefined : crc,
    statements,
    inlinePolicies: Object.keys(inlinePolicies).length === 0 ? undefined : inlinePolicies,
    managedPolicyArns: role.managedPolicyArns.length === 0 ? undefined : role.managedPolicyArns,
    maxSessionSeconds: role.maxSessionSeconds === SESSION ? undefined : role.maxSessionSeconds,
    permissionsBoundary: role.permissionsBoundary,
  };
}
