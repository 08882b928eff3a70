import type { RoleConfig } from '../../config/schema.ts';
import { CrcError } from '../../errors.ts';
import { fits } from '../../policies/glob.ts';
import type { RoleOfRepository } from '../../policies/trust.ts';

/** A role in the config, reduced to its trust in the workflow's repository. */
export type AccessRole = RoleOfRepository<RoleConfig>;

/** How a job logs in: the role, and the environment that gives it a subject that the role trusts. */
export interface Access {
  readonly role: AccessRole;
  /** Undefined if the job has no `environment:`. */
  readonly environment: string | undefined;
}

/** A subject that a job can present. */
interface Presentation {
  /** The part after `repo:OWNER/NAME:`. */
  readonly subject: string;
  readonly environment?: string;
}

export interface JobInput {
  /** `plan` */
  readonly job: string;
  /** The roles that could do the job, best first. */
  readonly roles: readonly AccessRole[];
  /** The presentations that the job allows, best first; `exact environments` are those that a role names. */
  readonly ways: (role: AccessRole) => readonly Presentation[];
}

/**
 * The first role that trusts one of the job's possible presentations. @throws CrcError that names both if none does.
 */
export function accessFor({ job, roles, ways }: JobInput): Access {
  for (const role of roles) {
    const way = ways(role).find(({ subject }) => trusts(role, subject));
    if (way !== undefined) return { role, environment: way.environment };
  }
  const [first] = roles;
  if (first === undefined) throw new Error(`no role for the job ${job}`);
  const [wanted] = ways(first);
  const { repository, subjects } = first.trust;
  const hint =
    wanted === PULL_REQUEST
      ? 'Add a role for pull requests to the config, with "pull_request" as its subject and "access": "read" to the state: the code of any pull request in the repository runs with it.'
      : `Add "${wanted?.subject}" to the subjects of that role, or add another role to the config.`;
  throw new CrcError(
    `The job "${job}" would present the subject repo:${repository}:${wanted?.subject}, which the role ${first.name} does not trust: it trusts ${subjects.join(', ')}.`,
    { hint },
  );
}

/** Whether one of the role's subjects matches it. */
export function trusts({ trust }: Pick<AccessRole, 'trust'>, subject: string): boolean {
  return trust.subjects.some((pattern) => fits(pattern, subject));
}

export const PULL_REQUEST: Presentation = { subject: 'pull_request' };

export function onBranch(branch: string): Presentation {
  return { subject: `ref:refs/heads/${branch}` };
}

/** The environments that a role trusts without wildcards. */
export function namedEnvironments({ trust }: Pick<AccessRole, 'trust'>): readonly Presentation[] {
  return trust.subjects.flatMap((subject) => {
    const name = /^environment:([^*?]+)$/.exec(subject)?.[1];
    return name === undefined ? [] : [inEnvironment(name)];
  });
}

/** The environments that a role trusts without wildcards, then `production` if a wildcard of the role matches it. */
export function environmentsOf(role: Pick<AccessRole, 'trust'>): readonly Presentation[] {
  return [...namedEnvironments(role), inEnvironment('production')];
}

function inEnvironment(name: string): Presentation {
  // GitHub encodes a colon in the name as %3A.
  return { subject: `environment:${name}`, environment: name.replaceAll('%3A', ':') };
}

/** How the job that runs a command logs in; undefined if no role has the command. */
export function commandAccess(
  branch: string,
  all: readonly AccessRole[],
  command: RoleConfig['crc'][number],
): Access | undefined {
  const roles = all.filter(({ crc }) => crc.includes(command));
  if (roles.length === 0) return undefined;
  return accessFor({
    job: command,
    roles,
    // A deployment waits for the environment's reviewers, as apply does; the nightly check must not.
    ways: (role) => [
      ...(command === 'deploy-function' ? namedEnvironments(role) : []),
      onBranch(branch),
      ...environmentsOf(role),
    ],
  });
}
