import { TEMPLATE_CLAIMS } from '../config/subjects.ts';
import { hasWildcard } from '../policies/glob.ts';
import { type Claim, type Pattern, shownValue } from './condition-keys.ts';

/** What a GitHub token reveals about its job, in the default form of its `sub`. */
export interface Subject {
  readonly owner: string;
  readonly repository: string;
  /** With both ids the subject is immutable, without them it is a legacy one. */
  readonly ownerId: string | undefined;
  readonly repositoryId: string | undefined;
  /** The part after the repository: `environment:production`, `pull_request`, `ref:refs/heads/main`. */
  readonly context: string;
}

/** `repo:OWNER/NAME:…` or `repo:OWNER@ID/NAME@ID:…`; undefined for a subject from a custom template. */
export function parseSubject(text: string): Subject | undefined {
  const match = /^repo:([^/@:]+)(?:@([^/@:]+))?\/([^/@:]+)(?:@([^/@:]+))?:([\s\S]+)$/.exec(text);
  if (match === null) return undefined;
  const [, owner = '', ownerId, repository = '', repositoryId, context = ''] = match;
  return { owner, repository, ownerId, repositoryId, context };
}

/** Claims that can start a subject, each as `name:value`: https://docs.github.com/en/actions/reference/security/oidc */
const CLAIMS = [
  ...['repo', 'context', 'environment', 'environment_node_id', 'issuer_scope', 'pull_request', 'ref'],
  ...['repo_property_\\w+', ...TEMPLATE_CLAIMS],
];
const BEGINS = new RegExp(`^(?:${CLAIMS.join('|')})(?::|$)`);

/** Whether a text begins like a subject, in its default form or from a template. */
export function beginsWithClaim(text: string): boolean {
  return BEGINS.test(text);
}

export type SubjectForm = 'legacy' | 'immutable' | 'custom';

export function formOf(text: string): SubjectForm {
  const subject = parseSubject(text);
  if (subject === undefined) return 'custom';
  return subject.ownerId === undefined && subject.repositoryId === undefined ? 'legacy' : 'immutable';
}

export type ContextKind = 'environment' | 'pull_request' | 'branch' | 'tag' | 'other';

/** The kind of context in a subject. */
export function contextKind(context: string): ContextKind {
  if (context.startsWith('environment:')) return 'environment';
  if (context === 'pull_request') return 'pull_request';
  if (context.startsWith('ref:refs/heads/')) return 'branch';
  if (context.startsWith('ref:refs/tags/')) return 'tag';
  return 'other';
}

/** The claims implied by a subject; for a pattern, by every subject that matches it. */
export function claimsOfSubject(given: string | Pattern): ReadonlyMap<string, Claim> {
  const claims = new Map<string, Claim>([['sub', given]]);
  const text = shownValue(given);
  const subject = parseSubject(text);
  if (subject === undefined) return claims;
  const value = (part: string): Claim => (typeof given === 'string' || !hasWildcard(part) ? part : { pattern: part });
  const { owner, repository, ownerId, repositoryId, context } = subject;
  claims.set('repository', value(`${owner}/${repository}`));
  // A placeholder is no value.
  const isId = (id: string | undefined): id is string => id !== undefined && /^[\d*?]+$/.test(id);
  if (isId(ownerId)) claims.set('repository_owner_id', value(ownerId));
  if (isId(repositoryId)) claims.set('repository_id', value(repositoryId));
  // What follows the first colon of a value is a template's next claim: a colon in a name is %3A.
  const [isKnown, kind, name = ''] = /^(?:(environment|ref):([^:]*)|pull_request(?=:|$))/.exec(context) ?? [];
  // A claim of a template does not show whether the job has an environment.
  if (isKnown === undefined) return claims;
  const named = value(name.replaceAll('%3A', ':'));
  // A job with an environment has the environment in its subject, whatever triggered it.
  claims.set('environment', kind === 'environment' ? named : null);
  if (kind === 'ref' && /^refs\/(heads|tags)\//.test(name)) claims.set('ref', named);
  return claims;
}
