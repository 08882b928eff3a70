import { fits } from '../../policies/glob.ts';
import { isExact, type Jobs, literalStart, type Reading, type SubjectReader } from './scope.ts';

const ANYONE: Reading = { scope: 'anyone' };

/** An exact id limits access; a pattern of ids does not. */
function byId(pattern: string, reading: Reading): Reading {
  return isExact(pattern) ? reading : ANYONE;
}

/** For platforms whose subjects do not contain the branch. */
const unnamed = (): Jobs => ({ pullRequests: false, anyBranch: false, environments: [] });

function onBranches(pattern: string): (context: string) => Jobs {
  return (context) => ({ pullRequests: false, anyBranch: fits(context, pattern), environments: [] });
}

/**
 * `project_path:group/project:ref_type:branch:ref:main`. Groups can be nested. A merge request runs on its source
 * branch.
 */
export const gitLab: SubjectReader = {
  subject(pattern) {
    const start = literalStart(pattern);
    const id = /^project_id:(\d+)(:|$)/.exec(isExact(pattern) ? pattern : `${start}\0`)?.[1];
    if (id !== undefined) return { scope: 'project', projectId: true };
    if (!start.startsWith('project_path:')) return { scope: isExact(pattern) ? 'nobody' : 'anyone' };
    const path = start.slice('project_path:'.length);
    const colon = path.indexOf(':');
    const slash = path.indexOf('/');
    if (colon > 0 || isExact(pattern)) {
      const project = colon > 0 ? path.slice(0, colon) : path;
      if (slash <= 0 || slash > project.length) return { scope: 'nobody' };
      const context = pattern.slice('project_path:'.length + project.length + 1);
      return { scope: 'project', project, ...(colon > 0 ? { context } : {}) };
    }
    if (slash > 0) return { scope: 'owner' };
    return { scope: path === '' ? 'anyone' : 'named' };
  },
  claim(name, pattern) {
    if (name === 'project_id') return byId(pattern, { scope: 'project', projectId: true });
    if (name === 'namespace_id') return byId(pattern, { scope: 'owner', ownerId: true });
    return undefined;
  },
  jobs: onBranches('ref_type:branch:ref:any-branch'),
};

/** `{repository}:{step}`, with the deployment environment between them if there is one. */
export const bitbucket: SubjectReader = {
  subject(pattern) {
    const project = /^(\{[^{}:*?]+\}):/.exec(pattern)?.[1];
    if (project !== undefined) return { scope: 'project', ownerId: true, projectId: true, project: project };
    return { scope: isExact(pattern) ? 'nobody' : 'owner', ownerId: true };
  },
  claim: () => undefined,
  jobs: unnamed,
};

/** `org/ID/project/ID/user/ID`, possibly followed by more. The issuer contains the organization's id. */
export const circleCi: SubjectReader = {
  subject(pattern) {
    const project = /^org\/[^/*?]+\/project\/([^/*?]+)(?:\/|$)/.exec(pattern)?.[1];
    if (project !== undefined) return { scope: 'project', ownerId: true, projectId: true, project: project };
    return { scope: isExact(pattern) ? 'nobody' : 'owner', ownerId: true };
  },
  claim(name, pattern) {
    if (name !== 'oidc.circleci.com/project-id') return undefined;
    return isExact(pattern) ? { scope: 'project', ownerId: true, projectId: true, project: pattern } : undefined;
  },
  jobs: unnamed,
};

/** The customer, if the name and the colon after it precede the first wildcard. */
function organization(pattern: string): Reading {
  const start = literalStart(pattern);
  if (!start.startsWith('organization:')) return { scope: isExact(pattern) ? 'nobody' : 'anyone' };
  const name = start.slice('organization:'.length);
  if (name.includes(':')) return { scope: 'owner' };
  if (isExact(pattern)) return { scope: 'nobody' };
  return { scope: name === '' ? 'anyone' : 'named' };
}

/** `organization:NAME:project:NAME:workspace:NAME:run_phase:apply`. Names contain no colons. */
export const terraformCloud: SubjectReader = {
  subject(pattern) {
    const customer = organization(pattern);
    if (customer.scope !== 'owner') return customer;
    const project = /:(?:project:([^:*?]+):workspace|workspace:([^:*?]+):run_phase):/.exec(pattern);
    if (project === null) return customer;
    return { scope: 'project', project: project[1] ?? project[2] ?? '' };
  },
  claim: () => undefined,
  jobs: unnamed,
};

/** `organization:SLUG:pipeline:SLUG:ref:REF:commit:SHA:step:KEY` */
export const buildkite: SubjectReader = {
  subject(pattern) {
    const customer = organization(pattern);
    if (customer.scope !== 'owner') return customer;
    const match = /^organization:[^:]+:pipeline:([^:*?]+):([\s\S]*)$/.exec(pattern);
    if (match === null) return customer;
    return { scope: 'project', project: match[1] ?? '', context: match[2] ?? '' };
  },
  claim(name, pattern) {
    if (!isExact(pattern)) return undefined;
    if (name === 'organization_id') return { scope: 'owner', ownerId: true };
    if (name === 'organization_slug') return { scope: 'owner' };
    if (name === 'pipeline_id') return { scope: 'project', ownerId: true, projectId: true };
    // Another organization can have a pipeline with the same name.
    return undefined;
  },
  jobs: onBranches('ref:refs/heads/any-branch:commit:any:step:any'),
};
