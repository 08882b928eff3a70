import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json } from '../../json.ts';
import { asJson, canonical } from '../../policies/canonical.ts';
import { overlap } from '../../policies/glob.ts';
import { type RepositoryTrust, subjectsOf, trustPolicy } from '../../policies/trust.ts';

/** An identity provider of the account: its ARN, and its URL without `https://`. */
export interface FoundProvider {
  readonly arn: string;
  readonly issuer: string;
}

/** Whom a role trusts, as the config has it. */
export interface ReadTrust {
  readonly trust: readonly RepositoryTrust[];
  /** Those that the policy names; none where it takes tokens for any audience that the provider has. */
  readonly audiences: readonly string[];
}

/** Whether a trust policy may let jobs of a repository in, whatever else it asks for. IAM is case-sensitive, and people are not. */
export function mayTrust(document: Json, issuer: string, repository: string): boolean {
  const [owner, name] = repository.toLowerCase().split('/');
  const subjects = [`repo:${owner}/${name}:*`, `repo:${owner}@*/${name}@*:*`];
  return valuesOf(document, `${issuer}:sub`).some((pattern) =>
    subjects.some((subject) => overlap(pattern.toLowerCase(), subject)),
  );
}

/**
 * What the config has to say so that the trust policy of a role stays as it is; undefined for a policy that says something which no
 * config means: patterns of repositories, other principals, more conditions. A policy that names no audience counts as one that
 * names the right one, which the config adds.
 */
export function trustOf(document: Json, { arn, issuer }: FoundProvider): ReadTrust | undefined {
  const trust = blocksOf(valuesOf(document, `${issuer}:sub`));
  if (trust === undefined) return undefined;
  const audiences = valuesOf(document, `${issuer}:aud`);
  const written = trustPolicy({ providerArn: arn, issuer, audiences, subjects: subjectsOf(trust) });
  const same = isDeepStrictEqual(canonical(document), canonical(withoutEmpty(asJson(written))));
  return same ? { trust, audiences } : undefined;
}

/** The values of a condition key, whatever operator asks for it, each once. */
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

/** A name of a repository without wildcards, with GitHub's ids where they are in it, and what follows it. */
const SUBJECT = /^repo:([\w.-]+)(?:@(\d+))?\/([\w.-]+)(?:@(\d+))?:(.+)$/;

interface Block {
  readonly repository: string;
  ids?: { readonly ownerId: number; readonly repositoryId: number };
  readonly subjects: Set<string>;
}

/** The repositories in some subjects; undefined where one of them is of no single repository. */
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

/** Without the list of audiences where there is none: no condition, where a list of nothing would let nobody in. */
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
