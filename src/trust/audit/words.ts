import type { AccessPath } from './access-paths.ts';
import { plainValue } from './constraints.ts';
import type { Power } from './severity.ts';

/** Who is accepted through an access path, as the start of a sentence: `Any repository on GitHub`. */
export function whoBegins({ issuer: { platform, tenant } }: Pick<AccessPath, 'issuer'>): string {
  return `Any ${platform.project} ${tenant === undefined ? `on ${platform.name}` : `of ${tenant}`}`;
}

/** Who is accepted, as a pattern: `repo:octo-org/*`, or `any repository`. */
export function patternOf(path: AccessPath): string {
  const { scope, issuer, constraints } = path;
  if (scope === 'anyone' || (scope === 'owner' && path.subject === undefined && issuer.tenant !== undefined)) {
    return `any ${issuer.platform.project}${issuer.tenant === undefined ? '' : ` of ${issuer.tenant}`}`;
  }
  const bound = [...constraints.claims].filter(([claim]) => claim !== 'sub' && claim !== 'aud');
  const claims = bound.map(([claim, values]) => `${claim} ${values.map(plainValue).join(' or ')}`).join(', ');
  if (path.subject === undefined) return claims;
  // Only the part that decides is shown; the rest is in the policy.
  const decides = issuer.platform.read.subject(path.subject).scope === scope;
  return claims === '' || decides ? plainValue(path.subject) : `${plainValue(path.subject)} with ${claims}`;
}

/** Who is accepted, in words. */
export function wordsOf({ scope, issuer, jobs, project }: AccessPath): string {
  const { platform, tenant } = issuer;
  const projectText = project === undefined ? `one ${platform.project}` : `the ${platform.project} ${project}`;
  switch (scope) {
    case 'anyone':
      return `any ${platform.project} on ${platform.name}`;
    case 'named':
      return `any ${platform.owner} on ${platform.name} with a name that fits`;
    case 'workflow':
      return 'any repository that calls the workflow';
    case 'owner':
      return `any ${platform.project} of ${tenant ?? `one ${platform.owner}`}`;
    case 'nobody':
      return 'nobody';
    case 'project':
      if (jobs.pullRequests) return `pull requests and other jobs of ${projectText}`;
      if (jobs.anyBranch) return `any branch of ${projectText}`;
      if (jobs.environments.length > 0)
        return `jobs of ${projectText} with the environment ${jobs.environments.join(', ')}`;
      return `jobs of ${projectText}`;
  }
}

export const POWER_WORDS: Readonly<Record<Power, string>> = {
  administrator: 'is an administrator',
  write: 'can write',
  read: 'can only read',
  unknown: 'may do more than crc could read',
};
