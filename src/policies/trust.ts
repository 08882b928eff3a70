import { oneOrMany, type PolicyDocument } from './document.ts';

/**
 * The default audience that aws-actions/configure-aws-credentials requests:
 * https://github.com/aws-actions/configure-aws-credentials#oidc
 */
export const DEFAULT_AUDIENCE = 'sts.amazonaws.com';

/** The audience that jobs request according to a config: the generated workflow requests the first one. */
export function audienceRequested({ audiences }: { readonly audiences: readonly string[] }): string {
  return audiences[0] ?? DEFAULT_AUDIENCE;
}

export interface TrustInput {
  readonly providerArn: string;
  /** The provider's URL without `https://`, which prefixes its condition keys. */
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Whole `sub` values, with `*` and `?` as wildcards. */
  readonly subjects: readonly string[];
}

/**
 * Who may assume the role: a GitHub job whose token has one of the audiences and one of the subjects. Uses plain
 * operators only: `aud` and `sub` are single-valued, and `ForAllValues` would be true for a token without the claim.
 * Subjects without wildcards use StringEquals. If any has a wildcard, all are in one StringLike list, since
 * StringEquals takes `*` literally and two operators on one key must both hold
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

/** The trust of a role in one repository or in several. */
export type Trust = RepositoryTrust | readonly RepositoryTrust[];

/** The repositories that a role trusts. */
export function repositoriesOf(trust: Trust): readonly RepositoryTrust[] {
  return [trust].flat();
}

interface Trusting {
  readonly trust: Trust;
}

/** The names of all repositories that the roles trust, in order. */
export function repositoriesTrusted(roles: readonly Trusting[]): readonly string[] {
  return [...new Set(roles.flatMap(({ trust }) => repositoriesOf(trust)).map(({ repository }) => repository))];
}

/** A role, reduced to its trust in one repository. */
export type RoleOfRepository<R extends Trusting> = Omit<R, 'trust'> & { readonly trust: RepositoryTrust };

/** The roles that trust a repository, each reduced to that part of its trust. */
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
 * The whole subjects that a repository's jobs present. If both ids are known, each subject is listed in GitHub's old
 * form and in the immutable one (`repo:owner@1/repo@2:…`), which repositories created, renamed or transferred after 15
 * July 2026 use (https://docs.github.com/en/actions/reference/security/oidc).
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

/** `token.actions.githubusercontent.com`: the provider's name in its ARN and in condition keys. */
export function issuerOf(url: string): string {
  return url.replace(/^https:\/\//, '');
}
