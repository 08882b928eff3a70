import type { SubjectForm } from '../trust/subject.ts';
import type { GitHubRepository } from './repository.ts';

/** A repository that a role in the config trusts. */
export interface TrustedRepository {
  readonly repository: string;
  readonly ownerId?: number | undefined;
  readonly repositoryId?: number | undefined;
}

export interface RepositoryFacts {
  readonly trusted: TrustedRepository;
  /** What GitHub reports; undefined without `gh`. */
  readonly github: GitHubRepository | undefined;
  /** It is on a GitHub Enterprise Server, which has no immutable subjects. */
  readonly isServer: boolean;
}

/** One form that a repository's subjects may have. */
export interface SubjectFormOf {
  readonly form: SubjectForm;
  /**
   * `repo:OWNER/NAME:` followed by the context, or the text from a template of claims, with IAM wildcards for claims
   * that are unknown before the run, and placeholders for unknown ids. `claims`: the job's known claims, possibly patterns.
   */
  readonly subjectOf: (context: string, claims?: ReadonlyMap<string, string>) => string;
  /** With names in uppercase for claims that are unknown before the run. */
  readonly shownOf: SubjectFormOf['subjectOf'];
  /** Undefined if the repository uses this form, as far as is known. */
  readonly doubt: string | undefined;
  /** The doubt is about the form itself, so any statement about it may be wrong. */
  readonly uncertain?: boolean | undefined;
  readonly expected: boolean;
}

/**
 * The forms that a repository's subjects may have: the one that GitHub reports, else both
 * (https://docs.github.com/en/actions/reference/security/oidc).
 */
export function formsOf({ trusted, github, isServer }: RepositoryFacts): readonly SubjectFormOf[] {
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
  const immutableSubject = isServer ? false : github?.immutableSubject;
  // A made-up number would look like an id, in advice too.
  const withIds = (context: string) =>
    `repo:${owner}@${ownerId ?? 'OWNER_ID'}/${name}@${repositoryId ?? 'REPOSITORY_ID'}:${context}`;
  const idsKnown = ownerId !== undefined && repositoryId !== undefined;
  const immutable: SubjectFormOf = {
    form: 'immutable',
    subjectOf: withIds,
    shownOf: withIds,
    doubt: immutableSubject === true ? undefined : 'if the repository has immutable subjects',
    // A config without ids implies that the repository does not use this form; crc cannot verify that.
    expected: immutableSubject === true || (idsKnown && trusted.ownerId !== undefined),
  };
  const forms = immutableSubject === true ? [immutable] : immutableSubject === false ? [legacy] : [legacy, immutable];
  const isOpen = github?.customTemplate === true && github.template === undefined;
  return isOpen ? forms.map((form) => ({ ...form, doubt: form.doubt ?? UNKNOWN_TEMPLATE, uncertain: true })) : forms;
}

const UNKNOWN_TEMPLATE = 'unless the organization has a subject template, which crc may not read';

function isDefaultTemplate(template: readonly string[]): boolean {
  return template.length === 0 || template.join() === 'repo,context';
}

/**
 * The known claims that a template can contain. `repo` and `context` have the same value as in the default form.
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
    // A custom template does not remove the ids.
    ['repo', immutableSubject === true ? `repo:${owner}@${ownerId}/${name}@${repositoryId}` : `repo:${repository}`],
    ['context', context],
    ['repository', `repository:${repository}`],
    ['repository_owner', `repository_owner:${owner}`],
    ['repository_id', `repository_id:${repositoryId}`],
    ['repository_owner_id', `repository_owner_id:${ownerId}`],
    ...(kind === '' ? [] : [[kind, context] as const]),
  ]);
}

/** A job's claims as written in a subject, where a colon in a value is %3A. */
function asInSubject(claims: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...claims].map(([name, value]) => [name, `${name}:${value.replaceAll(':', '%3A')}`]);
}

/** `other`: replaces an unknown claim; by default its name in uppercase. */
function byTemplate(
  template: readonly string[],
  known: ReadonlyMap<string, string>,
  other: string | undefined,
): string {
  return template.map((claim) => known.get(claim) ?? `${claim}:${other ?? claim.toUpperCase()}`).join(':');
}
