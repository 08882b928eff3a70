import { oneOrMany, type PolicyDocument } from './document.ts';

/**
 * The audience of tokens that aws-actions/configure-aws-credentials asks for by default:
 * https://github.com/aws-actions/configure-aws-credentials#oidc
 */
export const DEFAULT_AUDIENCE = 'sts.amazonaws.com';

export interface TrustInput {
  readonly providerArn: string;
  /** The provider's URL without `https://`: the prefix of its condition keys. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Whole `sub` values, `*` and `?` as wildcards. */
  readonly subjects: readonly string[];
}

/**
 * Who may assume the role: a GitHub job whose token has one of the audiences and one of the subjects.
 *
 * Plain operators only: `aud` and `sub` have one value, and `ForAllValues` would be true for a token without the claim.
 * Exact subjects alone go under StringEquals; with any wildcard all go in one StringLike list, since StringEquals takes
 * `*` literally and two operators on one key must both hold
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).
 */
export function trustPolicy({ providerArn, issuer, audiences, subjects }: TrustInput): PolicyDocument {
  const audience = { [`${issuer}:aud`]: oneOrMany(audiences) };
  const subject = { [`${issuer}:sub`]: oneOrMany(subjects) };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Federated: providerArn },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: subjects.some((subject) => /[*?]/.test(subject))
          ? { StringEquals: audience, StringLike: subject }
          : { StringEquals: { ...audience, ...subject } },
      },
    ],
  };
}

/** What trusts one repository, or several. */
export type Trust = RepositoryTrust | readonly RepositoryTrust[];

/** The repositories that a role trusts, one by one. */
export function repositoriesOf(trust: Trust): readonly RepositoryTrust[] {
  return [trust].flat();
}

interface Trusting {
  readonly trust: Trust;
}

/** Names of all repositories that some roles trust, in order. */
export function repositoriesTrusted(roles: readonly Trusting[]): readonly string[] {
  return [...new Set(roles.flatMap(({ trust }) => repositoriesOf(trust)).map(({ repository }) => repository))];
}

/** A role with what it trusts of one repository alone. */
export type RoleOfRepository<R extends Trusting> = Omit<R, 'trust'> & { readonly trust: RepositoryTrust };

/** The roles that trust a repository, each with that part of its trust. */
export function rolesOfRepository<R extends Trusting>(
  roles: readonly R[],
  repository: string,
): readonly RoleOfRepository<R>[] {
  return roles.flatMap((role) => {
    const trust = repositoriesOf(role.trust).find((block) => block.repository === repository);
    return trust === undefined ? [] : [{ ...role, trust }];
  });
}

export interface RepositoryTrust {
  readonly repository: string;
  readonly ownerId?: number;
  readonly repositoryId?: number;
  readonly subjects: readonly string[];
}

/**
 * The whole subjects that a repository's jobs present. With both ids each comes in GitHub's old form and in the immutable
 * one (`repo:owner@1/repo@2:…`), which repositories created, renamed or transferred after 15 July 2026 use
 * (https://docs.github.com/en/actions/reference/security/oidc).
 */
export function subjectsOf(trust: Trust): readonly string[] {
  return [...new Set(repositoriesOf(trust).flatMap(subjectsOfRepository))];
}

function subjectsOfRepository({ repository, ownerId, repositoryId, subjects }: RepositoryTrust): readonly string[] {
  const names = [repository];
  const [owner, name] = repository.split('/');
  if (ownerId !== undefined && repositoryId !== undefined) names.push(`${owner}@${ownerId}/${name}@${repositoryId}`);
  return names.flatMap((name) => subjects.map((subject) => `repo:${name}:${subject}`));
}

/** `token.actions.githubusercontent.com`: how IAM names a provider in its ARN and in condition keys. */
export function issuerOf(url: string): string {
  return url.replace(/^https:\/\//, '');
}
