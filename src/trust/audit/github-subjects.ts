import { fits } from '../../policies/glob.ts';
import { beginsWithClaim } from '../subject.ts';
import { isExact, type Jobs, literalStart, narrower, type Reading, type SubjectReader } from './scope.ts';

/** GitHub Actions. A colon inside a value is sent as %3A, so an unescaped colon is always a separator. */
export const gitHub: SubjectReader = { subject, claim, jobs };

function subject(pattern: string): Reading {
  if (pattern.startsWith('repo:')) return ofRepository(pattern.slice('repo:'.length), true);
  const start = literalStart(pattern);
  if ((isExact(pattern) || start.includes(':')) && !beginsWithClaim(start)) {
    return { scope: 'nobody' };
  }
  // A custom subject template: a claim only limits the subject if it is complete and precedes any wildcard.
  const parts = start.split(':');
  const complete = start === pattern ? parts : parts.slice(0, -1);
  const bound = complete.flatMap((name, at) => templated(name, complete[at + 1] ?? '') ?? []);
  return bound.reduce(
    (reading, other) => (narrower(reading.scope, other.scope) === reading.scope ? reading : other),
    ANYONE,
  );
}

const ANYONE: Reading = { scope: 'anyone' };

function templated(name: string, value: string): Reading | undefined {
  if (value === '') return undefined;
  if (name === 'repo' || name === 'repository') return ofRepository(value, false);
  if (name === 'repository_owner' || name === 'enterprise') return { scope: 'owner' };
  return claim(name, value);
}

/** `owner/name`, with or without ids; in a subject, followed by its context. */
function ofRepository(pattern: string, inSubject: boolean): Reading {
  const start = literalStart(pattern);
  const slash = start.indexOf('/');
  if (slash < 0) {
    if (isExact(pattern)) return { scope: 'nobody' };
    // Names contain no @, so the owner ends there. After a wildcard, another repository's template can produce any
    // text.
    const [name = '', id] = start.split('@');
    if (id !== undefined && name !== '') return { scope: 'owner' };
    // A question mark matches one character of the name; a star can also match everything after it.
    const isName = start !== '' || /^[^/*]+\//.test(pattern);
    return { scope: isName ? 'named' : 'anyone' };
  }
  const [owner = '', ownerId] = pattern.slice(0, slash).split('@');
  const rest = pattern.slice(slash + 1);
  const colon = rest.indexOf(':');
  const repository = inSubject ? (colon < 0 ? rest : rest.slice(0, colon)) : rest;
  if (owner === '' || repository === '') return { scope: 'nobody' };
  const ids = { ownerId: ownerId !== undefined };
  if (!isExact(repository)) {
    const anyId = /^([^@*?]+)@\*$/.exec(repository)?.[1];
    if (anyId === undefined || (inSubject && colon < 0)) return { scope: 'owner', ...ids };
    return {
      scope: 'project',
      ...ids,
      project: `${owner}/${anyId}`,
      ...(inSubject ? { context: rest.slice(colon + 1) } : {}),
    };
  }
  // GitHub never sends a subject that ends with the repository.
  if (inSubject && (colon < 0 || rest.slice(colon + 1) === '')) return { scope: 'nobody' };
  const [name = '', projectId] = repository.split('@');
  return {
    scope: 'project',
    ...ids,
    projectId: projectId !== undefined,
    project: `${owner}/${name}`,
    ...(inSubject ? { context: rest.slice(colon + 1) } : {}),
  };
}

/** The actor, the branch and the environment limit nothing by themselves: any repository can have the same ones. */
function claim(name: string, pattern: string): Reading | undefined {
  if (name === 'repository') return ofRepository(pattern, false);
  if (name === 'repository_id') return isExact(pattern) ? { scope: 'project', projectId: true } : ANYONE;
  if (name === 'repository_owner_id') return isExact(pattern) ? { scope: 'owner', ownerId: true } : ANYONE;
  if (name === 'enterprise_id') return isExact(pattern) ? { scope: 'owner', ownerId: true } : ANYONE;
  if (name === 'job_workflow_ref') {
    return /^[^/*?]+\/[^/*?]+\/[^*?]*/.test(literalStart(pattern)) ? { scope: 'workflow' } : ANYONE;
  }
  return undefined;
}

/** Any branch and any tag: anyone with push access can tag a commit on their own branch. */
const ANY_BRANCH = ['ref:refs/heads/any-branch', 'ref:refs/tags/any-tag'];

/**
 * A workflow that names an environment which does not exist creates it without protection rules, so a pattern of
 * environment names excludes no branch.
 */
function jobs(contextAndMore: string): Jobs {
  // A template may add claims after the context.
  const context = contextAndMore.replace(/^(ref:[^:]*|environment:[^:]*|pull_request):[\s\S]*$/, '$1');
  const environment = /^environment:(.*)$/.exec(context)?.[1];
  const isNamed = environment !== undefined && isExact(environment);
  return {
    pullRequests: fits(context, 'pull_request'),
    anyBranch: (environment !== undefined && !isNamed) || ANY_BRANCH.some((any) => fits(context, any)),
    environments: isNamed ? [environment] : [],
  };
}
