import { fits, hasWildcard } from '../policies/glob.ts';
import { hiddenCharacter } from './characters.ts';
import { type Check, withAdvice } from './names.ts';

/** `owner/name` by GitHub's rules; only enterprise-managed users have `_` in their names. */
export const repository: Check = (name) => {
  const cleaned = name
    .trim()
    .replace(/^(repo:|https:\/\/github\.com\/|git@github\.com:)/, '')
    .replace(/\.git$/, '')
    .replace(/\/+$/, '');
  const right = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
  if (/[*?]|\$\{/.test(name)) {
    return 'must name one repository: with *, ? or ${ in it, repositories of strangers could assume the role; write "owner/name"';
  }
  if (PLACEHOLDER.test(name)) return 'has a placeholder in it; write the real "owner/name"';
  if (right.test(name) && cleaned === name) return undefined;
  if (right.test(cleaned)) return withAdvice('is "owner/name" and nothing else', cleaned, repository);
  return hiddenCharacter(name) ?? 'must be a GitHub repository like "owner/name"';
};

/** `<branch>`, `{{ branch }}`, `YOUR_BRANCH`: placeholders from documentation that were never replaced. */
export const PLACEHOLDER = /<[^<>]*>|\{\{|\}\}|\bYOUR[_-][A-Z]|\bREPLACE[_-]?ME\b/;

const ANY = '"ref:refs/heads/main", "environment:NAME", "pull_request" or "*"';

/**
 * Claims that a custom template can put after the repository:
 * https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository
 */
export const TEMPLATE_CLAIMS = [
  'actor',
  'actor_id',
  'base_ref',
  'check_run_id',
  'enterprise',
  'enterprise_id',
  'event_name',
  'head_ref',
  'job_workflow_ref',
  'job_workflow_sha',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'repository_visibility',
  'run_attempt',
  'run_id',
  'run_number',
  'runner_environment',
  'sha',
  'workflow',
  'workflow_ref',
  'workflow_sha',
];

/**
 * The part of the token's `sub` after `repo:OWNER/NAME:`: https://docs.github.com/en/actions/reference/security/oidc. A
 * subject that GitHub never sends trusts nobody, so it is rejected along with what was probably meant.
 */
export const subject: Check = (text) => {
  if (text === '') return `must not be empty; write ${ANY}`;
  if (text.startsWith('repo:')) {
    return 'must not start with "repo:": crc adds the repository itself, so that no other repository can log in; write only what follows it, for example "ref:refs/heads/main"';
  }
  if (/\$\{/.test(text)) return 'must not have "${", which IAM treats as a variable; write the value itself';
  const hidden = hiddenCharacter(text);
  if (hidden !== undefined) return hidden;
  if (text.trim() !== text) {
    const trimmed = text.trim();
    return subject(trimmed) ?? instead('must not start or end with a space', trimmed);
  }
  if (PLACEHOLDER.test(text)) return 'has a placeholder in it; write the real name';
  if (text === '*' || text === 'pull_request') return undefined;
  const [kind = '', ...rest] = text.split(':');
  if (rest.length === 0) return withoutKind(text);
  return ofKind(kind, rest.join(':'));
};

/** What GitHub sends instead, if that is a valid subject. */
function instead(problem: string, advice: string): string {
  return withAdvice(problem, advice, subject);
}

/** The probable intent, if it is a valid subject. */
function eitherOf(problem: string, choices: readonly (readonly [advice: string, what: string])[]): string {
  const right = choices.filter(([advice]) => subject(advice) === undefined);
  const written = right.map(([advice, what]) => `${JSON.stringify(advice)} ${what}`);
  return written.length === 0 ? problem : `${problem}; write ${written.join(', or ')}`;
}

/** Events that are hardly meant as the name of a branch or an environment. */
const EVENTS = /^(push|schedule|workflow_(call|dispatch|run)|repository_dispatch|pull_request_target|issue_comment)$/;

function withoutKind(text: string): string {
  if (text.startsWith('refs/pull/')) return PULL_REQUEST;
  if (text.startsWith('refs/')) return instead(`has no kind`, `ref:${text}`);
  if (/^(environment|env)$/i.test(text)) return 'names no environment; write "environment:NAME"';
  if (/^refs?$/i.test(text)) return 'names no branch or tag; write "ref:refs/heads/NAME" or "ref:refs/tags/NAME"';
  if (/^(pull[-_ ]?requests?|prs?)$/i.test(text)) return 'is not what GitHub sends; write "pull_request"';
  if (text === 'merge_group') return instead('is an event, not a subject', 'ref:refs/heads/gh-readonly-queue/*');
  if (EVENTS.test(text)) {
    return 'is an event, and its runs present their branch or tag; write that, for example "ref:refs/heads/main"';
  }
  return eitherOf('is not a subject', [
    [`ref:refs/heads/${text}`, 'for the branch'],
    [`environment:${text}`, 'for the environment'],
  ]);
}

function ofKind(kind: string, value: string): string | undefined {
  if (hasWildcard(kind)) return undefined;
  if (kind === 'ref') return refProblem(value);
  if (kind === 'environment') return environmentProblem(value);
  const lowercase = kind.toLowerCase();
  if (lowercase !== kind && ['ref', 'environment', 'pull_request', ...TEMPLATE_CLAIMS].includes(lowercase)) {
    return instead(`is case-sensitive, and GitHub sends "${lowercase}"`, `${lowercase}:${value}`);
  }
  if (/^(branch(es)?|heads?)$/i.test(kind)) return instead(`is not what GitHub sends`, `ref:refs/heads/${value}`);
  if (/^tags?$/i.test(kind)) return instead(`is not what GitHub sends`, `ref:refs/tags/${value}`);
  if (lowercase === 'refs') return instead(`is not what GitHub sends`, `ref:${value}`);
  if (/^(env|environments?)$/.test(lowercase)) return instead(`is not what GitHub sends`, `environment:${value}`);
  if (/^(pull[-_]?requests?|prs?|pull)$/.test(lowercase)) return PULL_REQUEST;
  if (TEMPLATE_CLAIMS.includes(kind) || kind.startsWith('repo_property_')) return undefined;
  return `starts with "${kind}:", which GitHub does not send; write ${ANY}`;
}

const PULL_REQUEST =
  'is not what GitHub sends: the subject of a pull request names no number and no branch; write "pull_request"';

/** The refs that a subject can have. Pull requests present `pull_request`, whatever their `ref` claim. */
const SENT_REFS = ['refs/heads/', 'refs/tags/'];

function refProblem(ref: string): string | undefined {
  const [, onlyKind] = /^refs\/(heads|tags)\/?$/.exec(ref) ?? [];
  if (onlyKind !== undefined) {
    return instead(`names no ${onlyKind === 'tags' ? 'tag' : 'branch'}`, `ref:refs/${onlyKind}/NAME`);
  }
  if (ref.includes(' ')) return 'has a space, which no branch or tag has; write its name as `git branch` shows it';
  const literal = ref.split(/[*?]/)[0] ?? '';
  const sent = SENT_REFS.some(
    (prefix) =>
      literal.startsWith(prefix) || (literal !== ref && fits(`${ref}*`, prefix)) || matchesWithin(ref, prefix),
  );
  if (sent) return undefined;
  const [, meant, name] = /^(?:\/?refs?\/)?(heads?|branch(?:es)?|tags?)\/(.+)$/i.exec(ref) ?? [];
  if (/^(refs?\/)?pulls?(\/|$)/i.test(ref)) return PULL_REQUEST;
  if (meant !== undefined) {
    return instead(`is not what GitHub sends`, `ref:refs/${/^t/i.test(meant) ? 'tags' : 'heads'}/${name}`);
  }
  const branch = ref.replace(/^\/?(refs?\/)?/i, '') || 'main';
  return eitherOf('is not what GitHub sends', [
    [`ref:refs/heads/${branch}`, 'for the branch'],
    [`ref:refs/tags/${branch}`, 'for the tag'],
  ]);
}

/** Whether a pattern with wildcards before the kind of ref (`refs/*\/main`) can match a ref of that kind. */
function matchesWithin(pattern: string, prefix: string): boolean {
  if (!hasWildcard(pattern)) return false;
  return [...pattern].some((_, index) => fits(pattern.slice(0, index + 1), prefix));
}

const MAX_ENVIRONMENT = 255;

/**
 * Environment names are sent unchanged, including spaces, except for colons, which GitHub encodes as `%3A`
 * (https://docs.github.com/en/actions/reference/security/oidc#filtering-for-metadata-containing-). What follows a colon
 * is a template's next claim.
 */
function environmentProblem(value: string): string | undefined {
  const [name = '', claim] = value.split(':');
  if (name === '') return 'names no environment; write "environment:NAME"';
  if (name.trim() !== name) return instead(`must not have a space around the name`, `environment:${name.trim()}`);
  if (name.length > MAX_ENVIRONMENT)
    return `names an environment of ${name.length} characters; GitHub allows ${MAX_ENVIRONMENT}`;
  if (claim === undefined || hasWildcard(claim) || TEMPLATE_CLAIMS.includes(claim) || claim === 'ref') return undefined;
  return instead(`has a colon in the name, which GitHub sends as %3A`, `environment:${value.replaceAll(':', '%3A')}`);
}
