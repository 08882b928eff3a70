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
  /**
   * `repo:OWNER/NAME:` with the context behind it; what a template of claims makes of it, with wildcards of IAM for those that are
   * not known before the run. `claims`: what is known of the job, such patterns among it.
   */
  readonly subjectOf: (context: string, claims?: ReadonlyMap<string, string>) => string;
  /** With placeholders for unknown ids. */
  readonly shownOf: SubjectFormOf['subjectOf'];
  /** Undefined: the repository uses this form, as far as is known. */
  readonly doubt: string | undefined;
  /** The doubt is about the form itself: whatever is said of it may be wrong. */
  readonly uncertain?: boolean | undefined;
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
  if (github?.customTemplate && github.template !== undefined && !isDefaultTemplate(github.template)) {
    const { template } = github;
    const known = (context: string, claims: ReadonlyMap<string, string> = new Map()) =>
      new Map([...asInSubject(claims), ...claimsOfContext(github, trusted, context)]);
    return [
      {
        form: 'custom',
        subjectOf: (context, claims) => byTemplate(template, known(context, claims), '*'),
        shownOf: (context, claims) => byTemplate(template, known(context, claims), undefined),
        doubt: undefined,
        expected: true,
      },
    ];
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
  const forms =
    github?.immutableSubject === true
      ? [immutable]
      : github?.immutableSubject === false
        ? [legacy]
        : [legacy, immutable];
  const isOpen = github?.customTemplate === true && github.template === undefined;
  return isOpen ? forms.map((form) => ({ ...form, doubt: form.doubt ?? UNKNOWN_TEMPLATE, uncertain: true })) : forms;
}

const UNKNOWN_TEMPLATE = 'unless the organization has a subject template, which crc may not read';

function isDefaultTemplate(template: readonly string[]): boolean {
  return template.length === 0 || template.join() === 'repo,context';
}

/**
 * What is known of the claims that a template can name. `repo` and `context` are in it as they are in the default form.
 * https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
 */
function claimsOfContext(
  { ownerId, repositoryId, immutableSubject }: GitHubRepository,
  { repository }: TrustedRepository,
  context: string,
): ReadonlyMap<string, string> {
  const [owner = '', name = ''] = repository.split('/');
  const [kind = ''] = /^(environment|ref)(?=:)/.exec(context) ?? [];
  return new Map([
    // A template of its own does not take the ids away.
    ['repo', immutableSubject === true ? `repo:${owner}@${ownerId}/${name}@${repositoryId}` : `repo:${repository}`],
    ['context', context],
    ['repository', `repository:${repository}`],
    ['repository_owner', `repository_owner:${owner}`],
    ['repository_id', `repository_id:${repositoryId}`],
    ['repository_owner_id', `repository_owner_id:${ownerId}`],
    ...(kind === '' ? [] : [[kind, context] as const]),
  ]);
}

/** Claims of a job as a subject has them: a colon in a value is %3A there. */
function asInSubject(claims: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...claims].map(([name, value]) => [name, `${name}:${value.replaceAll(':', '%3A')}`]);
}

/** `other`: in place of a claim that is not known; undefined: its name in uppercase. */
function byTemplate(
  template: readonly string[],
  known: ReadonlyMap<string, string>,
  other: string | undefined,
): string {
  return template.map((claim) => known.get(claim) ?? `${claim}:${other ?? claim.toUpperCase()}`).join(':');
}
