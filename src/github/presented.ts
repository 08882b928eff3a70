import { fits, hasWildcard } from '../policies/glob.ts';
import { DEFAULT_AUDIENCE } from '../policies/trust.ts';
import { causeOf, type FoundCause } from '../trust/causes/index.ts';
import type { Claim, Pattern } from '../trust/condition-keys.ts';
import type { Presentation } from '../trust/login.ts';
import { claimsOfSubject, formOf } from '../trust/subject.ts';
import type { LoginRequest } from '../trust/verdict.ts';
import { formsOf, type RepositoryFacts, type SubjectFormOf } from './forms.ts';
import type { Refs } from './reader/events.ts';
import type { ClaimText } from './reader/frame.ts';
import type { LoginContext } from './reader/login-contexts.ts';
import type { Login } from './reader/logins.ts';
import type { TokenClaims } from './token.ts';

/** What is known about jobs of which neither a workflow nor a token is given. */
export interface JobFacts extends RepositoryFacts {
  readonly audience: string;
}

/** The part of a subject after the repository, given by the user. */
export function presentedSubject(text: string, facts: JobFacts): readonly LoginRequest[] {
  return formsOf(facts).map((form) => ofForm(form, text, facts, { expected: form.expected }));
}

/** Whether it is a whole subject, rather than only the part after the repository. */
export function isWholeSubject(text: string): boolean {
  return !/^(ref:refs\/|environment:|pull_request$)/.test(text);
}

/** A whole subject requires no information about a repository. */
export function presentedWholeSubject(text: string, audience: string): LoginRequest {
  return {
    parts: [{ presentation: { audience, claims: claimsOfSubject(text) } }],
    subject: text,
    form: formOf(text),
    formDoubt: false,
    expected: true,
  };
}

function ofForm(
  form: SubjectFormOf,
  context: string,
  facts: JobFacts,
  { expected, doubt }: { readonly expected: boolean; readonly doubt?: string | undefined },
): LoginRequest {
  const subject = subjectText(form, { text: context, isPattern: false });
  const claims = new Map([...claimsOfSubject(claimOf(subject)), ...idClaims(facts)]);
  return {
    parts: [{ presentation: { audience: facts.audience, claims } }],
    ...ofFormOnly(form, subject),
    subject: form.shownOf(context),
    expected,
    doubt: doubt ?? form.doubt,
  };
}

/** What the form of the subject implies for a login. */
function ofFormOnly({ form, doubt, uncertain }: SubjectFormOf, { isPattern }: ClaimText) {
  const unknown = isPattern ? ('template' as const) : undefined;
  return { form, formDoubt: doubt !== undefined && uncertain !== true, uncertain, templateUnread: uncertain, unknown };
}

/** Only templates contain claims that are unknown before the run; a wildcard in a context was requested by the user. */
function subjectText(form: SubjectFormOf, context: ClaimText, claims?: ReadonlyMap<string, string>): ClaimText {
  const text = form.subjectOf(context.text, claims);
  // A template may leave the context out; then every context has the same subject.
  const except = form.form === 'custom' ? [] : context.except?.map((text) => form.subjectOf(text, claims));
  return { text, isPattern: context.isPattern || (form.form === 'custom' && hasWildcard(text)), except };
}

/** Ids known from GitHub or the config are claims of every token, whatever its subject contains. */
function idClaims({ trusted, github }: RepositoryFacts): readonly (readonly [string, string])[] {
  const ids = {
    repository_owner_id: github?.ownerId ?? trusted.ownerId,
    repository_id: github?.repositoryId ?? trusted.repositoryId,
  };
  return Object.entries(ids).flatMap(([name, id]) => (id === undefined ? [] : [[name, String(id)] as const]));
}

/** What a token presents. */
export function presentedToken({ subject, audience, claims, expires }: TokenClaims, now: number): LoginRequest {
  // A claim that the token lacks is absent, not unknown.
  const known = new Map<string, Claim>([...claims]);
  for (const claim of ['environment', 'job_workflow_ref', 'ref', 'actor', 'enterprise_id']) {
    if (!known.has(claim)) known.set(claim, null);
  }
  const expired = expires !== undefined && expires * 1_000 < now;
  const blocked = expired ? [causeOf('token-expired', { expiry: timeText(expires) })] : undefined;
  return {
    ...presentedWholeSubject(subject, audience),
    parts: [{ presentation: { audience, claims: known, blocked } }],
  };
}

function timeText(seconds: number): string {
  return new Date(Math.max(seconds, 0) * 1_000).toISOString();
}

/** Every subject that the repository's jobs can have. Those that the role's subjects match should be accepted. */
export function presentedByRepository(
  facts: JobFacts,
  subjects: readonly string[],
  { branches, tags, environments }: Refs,
): readonly LoginRequest[] {
  const minted = [
    ...branches.slice(0, MAX_REFS).map((name) => `ref:refs/heads/${name}`),
    ...tags.slice(0, MAX_REFS).map((name) => `ref:refs/tags/${name}`),
    ...environments.map((name) => `environment:${name.replaceAll(':', '%3A')}`),
    'pull_request',
  ];
  const exact = subjects.filter((subject) => !hasWildcard(subject));
  const contexts = [...new Set([...exact, ...minted])];
  const examples = subjects
    .filter((subject) => !contexts.some((context) => fits(subject, context)))
    .map((subject) => ({ context: subject.replace(/[*?]/g, 'x'), doubt: `example for "${subject}"` }));
  const all = [...contexts.map((context) => ({ context, doubt: undefined })), ...examples];
  return formsOf(facts).flatMap((form) =>
    all.map(({ context, doubt }) => {
      const expected = form.expected && subjects.some((subject) => fits(subject, context));
      return ofForm(form, context, facts, { expected, doubt });
    }),
  );
}

/** The maximum number of branches and of tags; a repository may have thousands that differ only in name. */
const MAX_REFS = 10;

/** What a workflow's job presents: one entry per subject form and possible value. `file`: the workflow's. */
export function presentedLogin(
  login: Login,
  facts: RepositoryFacts,
  file: string,
  blocked: readonly FoundCause[],
): readonly LoginRequest[] {
  const roleArn = /^arn:[^$]*$/.test(login.role.filled) ? login.role.filled : undefined;
  const claims = new Map([...login.claims].map(([name, { text }]) => [name, text]));
  return formsOf(facts).flatMap((form) => {
    // Mutually exclusive values are one login, with one verdict.
    const key = login.contexts.length > 1 ? JSON.stringify([file, login.job, login.event, form.form]) : undefined;
    return login.contexts.map((context): LoginRequest => {
      const doubt = login.doubt ?? context.doubt ?? asideDoubt(login, context) ?? form.doubt;
      const undocumentedEvent = context.undocumented ? login.event : undefined;
      const withClaims = (subject: Presentation['claims'], environment: string | null | undefined): Presentation => ({
        audience: login.audienceDoubt === undefined ? (login.audience ?? DEFAULT_AUDIENCE) : undefined,
        claims: new Map<string, Claim>([
          ...subject,
          ...idClaims(facts),
          ['repository', facts.trusted.repository],
          ...[...login.claims].map(([name, claim]) => [name, claimOf(claim)] as const),
          ...(environment === undefined ? [] : [['environment', environment] as const]),
        ]),
        undocumentedEvent,
        job: login.job,
        blocked,
        roleArn,
        sessionSeconds: login.sessionSeconds,
      });
      const ofOne = subjectText(form, { text: context.parts[0]?.example ?? '', isPattern: false }, claims);
      const ofForms = ofFormOnly(form, ofOne);
      return {
        parts: context.parts.map(({ text, isPattern, except, example, environment }) => {
          const presented = (of: ClaimText) =>
            withClaims(claimsOfSubject(claimOf(subjectText(form, of, claims))), environment);
          return {
            presentation: presented({ text, isPattern, except }),
            example: isPattern ? presented({ text: example, isPattern: false }) : undefined,
          };
        }),
        ...ofForms,
        subject: form.shownOf(context.shown, claims),
        job: login.job,
        event: login.event,
        file,
        expected: form.expected && !login.aside,
        aside: login.aside,
        unknown: context.unknown ?? ofForms.unknown,
        oneOf: key,
        doubt,
        uncertain: ofForms.uncertain === true || login.doubt !== undefined,
      };
    });
  });
}

function asideDoubt({ aside }: Login, { parts }: LoginContext): string | undefined {
  return aside && parts.some(({ isPattern }) => isPattern) ? 'any other' : undefined;
}

function claimOf({ text, isPattern, except }: ClaimText): string | Pattern {
  return isPattern ? { pattern: text, except } : text;
}
