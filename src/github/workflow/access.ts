import type { RoleConfig } from '../../config/schema.ts';
import { CrcError } from '../../errors.ts';
import { fits } from '../../policies/glob.ts';
import type { RoleOfRepository } from '../../policies/trust.ts';

/** A role of the config with what it trusts of the workflow's repository. */
export type AccessRole = RoleOfRepository<RoleConfig>;

/** A job's way into AWS: the role, and the environment that makes GitHub mint a subject that the role trusts. */
export interface Access {
  readonly role: AccessRole;
  /** Undefined: the job has no `environment:`. */
  readonly environment: string | undefined;
}

/** One way in which a job can present itself. */
interface Presentation {
  /** What follows `repo:OWNER/NAME:` in the subject. */
  readonly subject: string;
  readonly environment?: string;
}

export interface JobInput {
  /** `plan` */
  readonly job: string;
  /** The roles that could do the job, the best first. */
  readonly roles: readonly AccessRole[];
  /** Ways of presenting itself that the job allows, the best first; `exact environments` are those that a role names. */
  readonly ways: (role: AccessRole) => readonly Presentation[];
}

/** The first role that trusts a way in which the job can present itself. Throws a CrcError that names both when none does. */
export function accessFor({ job, roles, ways }: JobInput): Access {
  for (const role of roles) {
    const way = ways(role).find(({ subject }) => trusts(role, subject));
    if (way !== undefined) return { role, environment: way.environment };
  }
  const [first] = roles;
  if (first === undefined) throw new Error(`no role for the job ${job}`);
  const [wanted] = ways(first);
  const { repository, subjects } = first.trust;
  throw new CrcError(
    `The job "${job}" would present the subject repo:${repository}:${wanted?.subject}, which the role ${first.name} does not trust: it trusts ${subjects.join(', ')}.`,
    { hint: `Add "${wanted?.subject}" to the subjects of that role, or add another role to the config.` },
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

/** The environments that a role names by themselves. */
export function namedEnvironments({ trust }: Pick<AccessRole, 'trust'>): readonly Presentation[] {
  return trust.subjects.flatMap((subject) => {
    const name = /^environment:([^*?]+)$/.exec(subject)?.[1];
    return name === undefined ? [] : [inEnvironment(name)];
  });
}

/** The environments that a role names by themselves, then `production` for a role that trusts it by a wildcard. */
export function environmentsOf(role: Pick<AccessRole, 'trust'>): readonly Presentation[] {
  return [...namedEnvironments(role), inEnvironment('production')];
}

function inEnvironment(name: string): Presentation {
  // GitHub writes a colon in the name as %3A.
  return { subject: `environment:${name}`, environment: name.replaceAll('%3A', ':') };
}
