import type { SubjectForm } from '../trust/subject.ts';
import type { GitHubRepository } from './repository.ts';

/** A repository as a role of the config trusts it. */
export interface TrustedRepository {
  readonly repository: string;
  readonly ownerId?: number | undefined;
  readonly repositoryId?: number | undefined;
}

/** One form in which a repository's subjects may come. */
export interface SubjectFormOf {
  readonly form: SubjectForm;
  /** `repo:OWNER/NAME:`; the whole subject when a template makes it. */
  readonly subjectOf: (context: string) => string;
  /** With placeholders for unknown ids. */
  readonly shownOf: (context: string) => string;
  /** Undefined: the repository uses this form, as far as is known. */
  readonly doubt: string | undefined;
  readonly expected: boolean;
}

/**
 * The forms that a repository's subjects come in: the one that GitHub names, else both
 * (https://docs.github.com/en/actions/reference/security/oidc).
 */
export function formsOf(trusted: TrustedRepository, github: GitHubRepository | undefined): readonly SubjectFormOf[] {
  const { repository } = trusted;
  const [owner = '', name = ''] = repository.split('/');
  const ownerId = github?.ownerId ?? trusted.ownerId;
  const repositoryId = github?.repositoryId ?? trusted.repositoryId;
  if (github?.customTemplate && !isDefaultTemplate(github.template)) {
    const subjectOf = (context: string) => byTemplate(github, trusted, context);
    return [{ form: 'custom', subjectOf, shownOf: subjectOf, doubt: undefined, expected: true }];
  }
  const legacy: SubjectFormOf = {
    form: 'legacy',
    subjectOf: (context) => `repo:${repository}:${context}`,
    shownOf: (context) => `repo:${repository}:${context}`,
    doubt: undefined,
    expected: true,
  };
  const idsKnown = ownerId !== undefined && repositoryId !== undefined;
  const immutable: SubjectFormOf = {
    form: 'immutable',
    subjectOf: (context) => `repo:${owner}@${ownerId ?? 1}/${name}@${repositoryId ?? 1}:${context}`,
    shownOf: (context) =>
      `repo:${owner}@${ownerId ?? 'OWNER_ID'}/${name}@${repositoryId ?? 'REPOSITORY_ID'}:${context}`,
    doubt: github?.immutableSubject === true ? undefined : 'if the repository has immutable subjects',
    // A config without ids says that the repository is not of this form; crc cannot check whether that is right.
    expected: github?.immutableSubject === true || (idsKnown && trusted.ownerId !== undefined),
  };
  if (github?.immutableSubject === true) return [immutable];
  return github?.immutableSubject === false ? [legacy] : [legacy, immutable];
}

function isDefaultTemplate(template: readonly string[]): boolean {
  return template.length === 0 || template.join() === 'repo,context';
}

/** https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository */
function byTemplate(
  { template, ownerId, repositoryId, immutableSubject }: GitHubRepository,
  { repository }: TrustedRepository,
  context: string,
): string {
  const [owner = '', name = ''] = repository.split('/');
  const known: Readonly<Record<string, string>> = {
    // A template of its own does not take the ids away.
    repo: immutableSubject === true ? `repo:${owner}@${ownerId}/${name}@${repositoryId}` : `repo:${repository}`,
    context,
    repository: `repository:${repository}`,
    repository_owner: `repository_owner:${owner}`,
    repository_id: `repository_id:${repositoryId}`,
    repository_owner_id: `repository_owner_id:${ownerId}`,
  };
  return template.map((claim) => known[claim] ?? `${claim}:${claim.toUpperCase()}`).join(':');
}
