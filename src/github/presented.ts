import { fits, hasWildcard } from '../policies/glob.ts';
import { type FoundCause, found } from '../trust/causes/index.ts';
import type { Presentation } from '../trust/login.ts';
import { claimsOfSubject, formOf, type SubjectForm } from '../trust/subject.ts';
import type { Refs } from './events.ts';
import type { GitHubRepository } from './repository.ts';
import type { TokenClaims } from './token.ts';
import type { Login } from './workflow-file.ts';

/** What a job may present, and what is known of it beside. */
export interface Presented {
  readonly presentation: Presentation;
  /** As it is shown: with words in place of what nobody knows. */
  readonly subject: string;
  readonly form: SubjectForm;
  readonly job: string | undefined;
  readonly event: string | undefined;
  /** It is meant to get in; what is not is shown, and fails nothing. */
  readonly expected: boolean;
  /** What of it cannot be known before the run. */
  readonly doubt: string | undefined;
}

/** A repository as a role of the config trusts it. */
export interface TrustedRepository {
  readonly repository: string;
  readonly ownerId?: number;
  readonly repositoryId?: number;
}

/** One form in which a repository's subjects may come. */
interface Form {
  readonly form: SubjectForm;
  /** `repo:OWNER/NAME:`; the whole subject when a template makes it. */
  readonly subjectOf: (context: string) => string;
  /** With words for ids that nobody knows. */
  readonly shownOf: (context: string) => string;
  /** Undefined: the repository uses this form, as far as is known. */
  readonly doubt: string | undefined;
  readonly expected: boolean;
}

/**
 * The forms that a repository's subjects come in: the one that GitHub names, else both
 * (https://docs.github.com/en/actions/reference/security/oidc).
 */
function formsOf(trusted: TrustedRepository, github: GitHubRepository | undefined): readonly Form[] {
  const { repository } = trusted;
  const [owner = '', name = ''] = repository.split('/');
  const ownerId = github?.ownerId ?? trusted.ownerId;
  const repositoryId = github?.repositoryId ?? trusted.repositoryId;
  if (github?.customTemplate && !isDefaultTemplate(github.template)) {
    const subjectOf = (context: string) => byTemplate(github, trusted, context);
    return [{ form: 'custom', subjectOf, shownOf: subjectOf, doubt: undefined, expected: true }];
  }
  const legacy: Form = {
    form: 'legacy',
    subjectOf: (context) => `repo:${repository}:${context}`,
    shownOf: (context) => `repo:${repository}:${context}`,
    doubt: undefined,
    expected: true,
  };
  const idsKnown = ownerId !== undefined && repositoryId !== undefined;
  const immutable: Form = {
    form: 'immutable',
    subjectOf: (context) => `repo:${owner}@${ownerId ?? 1}/${name}@${repositoryId ?? 1}:${context}`,
    shownOf: (context) =>
      `repo:${owner}@${ownerId ?? 'OWNER_ID'}/${name}@${repositoryId ?? 'REPOSITORY_ID'}:${context}`,
    doubt: github?.immutableSubject === true ? undefined : 'if the repository has immutable subjects',
    // A config without ids says that the repository is not of this form; whether it is right nobody here can tell.
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
  { template, ownerId, repositoryId }: GitHubRepository,
  { repository }: TrustedRepository,
  context: string,
): string {
  const [owner = ''] = repository.split('/');
  const known: Readonly<Record<string, string>> = {
    repo: `repo:${repository}`,
    context,
    repository: `repository:${repository}`,
    repository_owner: `repository_owner:${owner}`,
    repository_id: `repository_id:${repositoryId}`,
    repository_owner_id: `repository_owner_id:${ownerId}`,
  };
  return template.map((claim) => known[claim] ?? `${claim}:${claim.toUpperCase()}`).join(':');
}

const AUDIENCE = 'sts.amazonaws.com';

export interface RepositoryFacts {
  readonly trusted: TrustedRepository;
  /** What GitHub says; undefined without `gh`. */
  readonly github: GitHubRepository | undefined;
}

/** One subject that the user gave: whole, or what follows the repository. */
export function presentedSubject(text: string, facts: RepositoryFacts): readonly Presented[] {
  if (isWholeSubject(text)) return [ofSubject(text)];
  return formsOf(facts.trusted, facts.github).map((form) => ofForm(form, text, { expected: form.expected }));
}

/** Whether it is a whole subject, and not only what follows the repository in one. */
export function isWholeSubject(text: string): boolean {
  return !/^(ref:refs\/|environment:|pull_request$)/.test(text);
}

function ofSubject(text: string): Presented {
  return {
    presentation: { audience: AUDIENCE, claims: claimsOfSubject(text) },
    subject: text,
    form: formOf(text),
    job: undefined,
    event: undefined,
    expected: true,
    doubt: undefined,
  };
}

function ofForm(
  form: Form,
  context: string,
  { expected, doubt }: { expected: boolean; doubt?: string | undefined },
): Presented {
  return {
    ...ofSubject(form.subjectOf(context)),
    subject: form.shownOf(context),
    form: form.form,
    expected,
    doubt: doubt ?? form.doubt,
  };
}

/** What a token presents. */
export function presentedToken({ subject, audience, claims, expires }: TokenClaims, now: number): Presented {
  const expired = expires !== undefined && expires * 1_000 < now;
  const expiry = new Date((expires ?? 0) * 1_000).toISOString();
  // A claim that the token does not have is not there, and nothing of it is unknown.
  const known = new Map<string, string | null>([...claims]);
  for (const claim of ['environment', 'job_workflow_ref', 'ref', 'actor', 'enterprise_id']) {
    if (!known.has(claim)) known.set(claim, null);
  }
  return {
    ...ofSubject(subject),
    presentation: {
      audience,
      claims: known,
      blocked: expired ? [found('token-expired', { expiry })] : undefined,
    },
  };
}

/** Every subject that a repository can mint; those that the role's subjects take in are meant to get in. */
export function presentedByRepository(
  facts: RepositoryFacts,
  subjects: readonly string[],
  { branches, tags, environments }: Refs,
): readonly Presented[] {
  const minted = [
    ...branches.slice(0, MOST_SHOWN).map((name) => `ref:refs/heads/${name}`),
    ...tags.slice(0, MOST_SHOWN).map((name) => `ref:refs/tags/${name}`),
    ...environments.map((name) => `environment:${name.replaceAll(':', '%3A')}`),
    'pull_request',
  ];
  const exact = subjects.filter((subject) => !hasWildcard(subject));
  const contexts = [...new Set([...exact, ...minted])];
  const examples = subjects
    .filter((subject) => !contexts.some((context) => fits(subject, context)))
    .map((subject) => ({ context: subject.replace(/[*?]/g, 'x'), doubt: `example for "${subject}"` }));
  const all = [...contexts.map((context) => ({ context, doubt: undefined })), ...examples];
  return formsOf(facts.trusted, facts.github).flatMap((form) =>
    all.map(({ context, doubt }) =>
      ofForm(form, context, { expected: form.expected && subjects.some((subject) => fits(subject, context)), doubt }),
    ),
  );
}

/** Of branches and of tags; a repository may have thousands, and they differ in name only. */
const MOST_SHOWN = 10;

/** What a job of a workflow presents. `file` is its path in the repository, where it is known. */
export function presentedLogin(
  login: Login,
  facts: RepositoryFacts,
  file: string | undefined,
  blocked: readonly FoundCause[],
): readonly Presented[] {
  return formsOf(facts.trusted, facts.github).map((form) => {
    const one = ofForm(form, login.context, { expected: form.expected, doubt: login.doubt });
    const own =
      file === undefined ? undefined : `${facts.trusted.repository}/${file}@${login.ref ?? 'refs/pull/1/merge'}`;
    const workflow = login.jobWorkflowRef ?? own;
    const claims = new Map<string, string | null>([
      ...one.presentation.claims,
      ['ref', login.ref ?? 'refs/pull/1/merge'],
      ['repository', facts.trusted.repository],
      ...(workflow === undefined ? [] : [['job_workflow_ref', workflow] as const]),
    ]);
    const roleArn = typeof login.role === 'string' && login.role.startsWith('arn:') ? login.role : undefined;
    return {
      ...one,
      presentation: {
        audience: login.audience ?? AUDIENCE,
        claims,
        job: login.job,
        blocked,
        roleArn,
        sessionSeconds: login.sessionSeconds,
      },
      job: login.job,
      event: login.event,
    };
  });
}
