import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../../json.ts';
import { asJson, canonical } from '../../policies/canonical.ts';
import { overlap } from '../../policies/glob.ts';
import { type RepositoryTrust, subjectsOf, trustPolicy } from '../../policies/trust.ts';

/** An identity provider in the account: its ARN, and its URL without `https://`. */
export interface FoundProvider {
  readonly arn: string;
  readonly issuer: string;
}

/** Who a role trusts, in the config's terms. */
export interface ReadTrust {
  readonly trust: readonly RepositoryTrust[];
  /** The audiences in the policy; empty if it accepts any audience of the provider. */
  readonly audiences: readonly string[];
}

/**
 * Whether a trust policy may accept jobs of a repository, whatever its other conditions. IAM is case-sensitive, but
 * users may not be.
 */
export function mayTrust(document: Json, issuer: string, repository: string): boolean {
  const [owner, name] = repository.toLowerCase().split('/');
  const subjects = [`repo:${owner}/${name}:*`, `repo:${owner}@*/${name}@*:*`];
  return valuesOf(document, `${issuer}:sub`).some((pattern) =>
    subjects.some((subject) => overlap(pattern.toLowerCase(), subject)),
  );
}

/**
 * The config that keeps a role's trust policy as it is; undefined for a policy that the config cannot express: patterns
 * of repositories, other principals, more conditions. A policy without an audience is treated as having the right one,
 * which the config adds.
 */
export function trustOf(document: Json, { arn, issuer }: FoundProvider): ReadTrust | undefined {
  const trust = blocksOf(valuesOf(document, `${issuer}:sub`));
  if (trust === undefined) return undefined;
  const audiences = valuesOf(document, `${issuer}:aud`);
  const written = trustPolicy({ providerArn: arn, issuer, audiences, subjects: subjectsOf(trust) });
  const same = isDeepStrictEqual(canonical(document), canonical(withoutEmpty(asJson(written))));
  return same ? { trust, audiences } : undefined;
}

/** The distinct values of a condition key, under any operator. */
function valuesOf(document: Json, key: string): readonly string[] {
  const live = canonical(document);
  const statements = isJsonObject(live) && Array.isArray(live.Statement) ? live.Statement : [];
  const values = statements.flatMap((statement) => {
    if (!isJsonObject(statement) || statement.Effect !== 'Allow' || !isJsonObject(statement.Condition ?? null))
      return [];
    return Object.values(statement.Condition ?? {}).flatMap((keys) =>
      isJsonObject(keys)
        ? Object.entries(keys).flatMap(([name, value]) =>
            name.toLowerCase() === key.toLowerCase() ? [value].flat().map(String) : [],
          )
        : [],
    );
  });
  return [...new Set(values)];
}

/** The name of a single repository, possibly with GitHub's ids, followed by the context. */
const SUBJECT = /^repo:([\w.-]+)(?:@(\d+))?\/([\w.-]+)(?:@(\d+))?:(.+)$/;

interface Block {
  readonly repository: string;
  ids?: { readonly ownerId: number; readonly repositoryId: number };
  readonly subjects: Set<string>;
}

/** The repositories in the subjects; undefined if a subject is not for a single repository. */
function blocksOf(subjects: readonly string[]): readonly RepositoryTrust[] | undefined {
  const blocks = new Map<string, Block>();
  for (const subject of subjects) {
    const [, owner, ownerId, name, repositoryId, rest] = SUBJECT.exec(subject) ?? [];
    if (rest === undefined) return undefined;
    const repository = `${owner}/${name}`;
    const block: Block = blocks.get(repository) ?? { repository, subjects: new Set() };
    blocks.set(repository, block);
    block.subjects.add(rest);
    if (ownerId === undefined || repositoryId === undefined) continue;
    block.ids = { ownerId: Number(ownerId), repositoryId: Number(repositoryId) };
  }
  if (blocks.size === 0) return undefined;
  return [...blocks.values()].map(({ repository, ids, subjects: some }) => ({
    repository,
    ...ids,
    subjects: [...some],
  }));
}

/** Removes an empty list of audiences, which would match nothing; no condition was meant. */
function withoutEmpty(policy: Json): Json {
  return JSON.parse(JSON.stringify(policy), (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([, inner]) => !isEmpty(inner));
    return Object.fromEntries(entries);
  }) as Json;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
