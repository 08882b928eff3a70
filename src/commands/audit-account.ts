import {
  type AccountRole,
  listProviders,
  readAccountProvider,
  readAccountRoles,
  readManagedPolicy,
} from '../aws/account-roles.ts';
import { explain } from '../aws/explain.ts';
import { roleDocuments } from '../config/role-documents.ts';
import type { Config } from '../config/schema.ts';
import { isInterruption } from '../engine/interrupted.ts';
import { pooled } from '../engine/pooled.ts';
import type { CrcError } from '../errors.ts';
import type { Json } from '../json.ts';
import { asJson, canonical } from '../policies/canonical.ts';
import { projectOf } from '../resources/tags.ts';
import { accessPathsOfRole } from '../trust/audit/audit.ts';
import { issuerOfArn } from '../trust/audit/issuers.ts';
import { isReadOnlyOfAws, type PolicyOfRole } from '../trust/audit/power.ts';
import type { AuditedProviderInput, AuditedRoleInput } from '../trust/audit/types.ts';
import type { OptionalConnection } from './connection.ts';

/** Concurrent calls: IAM throttles accounts at about ten per second, and the client then slows down by itself. */
const AT_ONCE = 8;

/** The data of an account that an audit needs. */
export interface ReadAccount {
  /** Those that CI can assume. */
  readonly roles: readonly AuditedRoleInput[];
  /** The identity providers of CI. */
  readonly providers: readonly AuditedProviderInput[];
  readonly unread: readonly Unread[];
  readonly otherRoles: number;
}

export interface Unread {
  readonly name: string;
  readonly error: CrcError;
}

/**
 * Reads the roles of an account that CI can assume, with their policies. @throws AWS's errors if roles or providers
 * cannot be listed, and an error if the credentials belong to another account. A single resource that cannot be read is
 * added to `unread`.
 */
export async function readAccount(connection: OptionalConnection): Promise<ReadAccount> {
  const { clients, progress, loaded } = connection;
  // It is awaited below; until then nothing handles its failure.
  const identity = connection.identity();
  identity.catch(() => undefined);
  await clients.load('iam');
  let listed = 0;
  const roles = readAccountRoles(clients, mayBeOfCi, (count) => {
    listed = count;
    progress.count(count, undefined, 'roles');
  });
  const [kept, providers, accountId] = await Promise.all([roles, readProviders(connection), identity]);
  const ofCi = kept.filter(({ trust }) => accessPathsOfRole(JSON.parse(trust), providers.read).length > 0);
  const policies = await readPolicies(connection, ofCi);
  const managed = managedBy(loaded?.config, accountId);
  return {
    roles: ofCi.map((role) => ({
      name: role.name,
      arn: role.arn,
      trust: JSON.parse(role.trust),
      policies: [
        ...role.inlinePolicies.map(({ document }) => ({ document: JSON.parse(document) })),
        ...role.attachedPolicies.map((arn) => policyOf(arn, policies.read)),
      ],
      boundary: role.permissionsBoundary === undefined ? undefined : policyOf(role.permissionsBoundary, policies.read),
      ...managed(role),
    })),
    providers: providers.read,
    unread: [...providers.unread, ...policies.unread],
    otherRoles: listed - ofCi.length,
  };
}

/**
 * A quick check: most roles belong to services, and need no closer look. IAM keeps a policy as it was written, so a
 * backslash may escape any of these characters.
 */
function mayBeOfCi(trust: string): boolean {
  return (
    trust.includes('\\') || trust.includes('oidc-provider/') || trust.includes('"*"') || trust.includes('NotPrincipal')
  );
}

async function readProviders(connection: OptionalConnection) {
  const { clients } = connection;
  const arns = (await listProviders(clients)).filter((arn) => issuerOfArn(arn) !== undefined);
  const { read, unread } = await readEach(connection, arns, (arn) => readAccountProvider(clients, arn));
  // A provider without known audiences is still one that roles trust.
  const known = arns.flatMap((arn): readonly AuditedProviderInput[] => {
    if (!read.has(arn)) return [{ arn, audiences: undefined, thumbprints: [] }];
    const provider = read.get(arn);
    return provider === undefined ? [] : [provider];
  });
  return { read: known, unread };
}

/** The documents of managed policies, each read once. Undefined: the policy no longer exists. */
async function readPolicies(connection: OptionalConnection, roles: readonly AccountRole[]) {
  const attached = roles.flatMap((role) => [...role.attachedPolicies, role.permissionsBoundary ?? []].flat());
  const arns = [...new Set(attached)].filter((arn) => !isReadOnlyOfAws(arn));
  return await readEach(connection, arns, (arn) => readManagedPolicy(connection.clients, arn));
}

function policyOf(arn: string, read: ReadonlyMap<string, string | undefined>): PolicyOfRole {
  if (isReadOnlyOfAws(arn)) return { document: undefined, onlyReads: true };
  if (!read.has(arn)) return { document: undefined };
  const document = read.get(arn);
  return { document: document === undefined ? { Statement: [] } : JSON.parse(document) };
}

/** Reads each by its ARN, several at once. Failures are reported as unread and are missing from the map. */
async function readEach<T>(
  { signal }: OptionalConnection,
  arns: readonly string[],
  read: (arn: string) => Promise<T>,
): Promise<{ readonly read: ReadonlyMap<string, T>; readonly unread: readonly Unread[] }> {
  const byArn = new Map<string, T>();
  const unread: Unread[] = [];
  const run = async (arn: string) => {
    try {
      byArn.set(arn, await read(arn));
    } catch (error) {
      if (isInterruption(error)) throw error;
      unread.push({ name: arn, error: explain(error, arn) });
    }
  };
  await pooled(arns, run, { atOnce: AT_ONCE, signal });
  return { read: byArn, unread };
}

/** Who manages a role, and whether it matches the config. */
function managedBy(config: Config | undefined, accountId: string) {
  return ({
    name,
    tags,
    trust,
  }: AccountRole): Pick<AuditedRoleInput, 'managed' | 'drifted' | 'foreign' | 'orphanOf'> => {
    const role = config?.roles.find((candidate) => candidate.name === name);
    if (config !== undefined && role !== undefined) {
      const wanted = roleDocuments(config, role, { accountId, region: config.region }).trust;
      const isSame = (live: Json, want: Json) => JSON.stringify(canonical(live)) === JSON.stringify(canonical(want));
      const drifted = !isSame(JSON.parse(trust), asJson(wanted));
      return { managed: 'config', drifted, foreign: projectOf(tags) !== config.project, orphanOf: undefined };
    }
    const project = projectOf(tags);
    const orphanOf = config !== undefined && project === config.project ? project : undefined;
    return { managed: project === undefined ? 'other' : 'crc', drifted: false, orphanOf };
  };
}
