import type { Config } from '../../config/schema.ts';
import { rolesOfRepository } from '../../policies/trust.ts';
import type { DefaultBranch } from '../clone.ts';
import { commandAccess, onBranch, trusts } from './access.ts';

/** The commands that the workflow runs each night. */
const NIGHTLY = ['verify', 'state-check', 'audit'] as const;

interface ScheduleInput {
  readonly config: Pick<Config, 'roles'>;
  readonly repository: string;
  /** The branch that the workflow applies. */
  readonly branch: string;
  readonly defaultBranch: DefaultBranch;
}

/**
 * GitHub runs schedules on the default branch only, with its files and its subject:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#schedule. What to
 * know if the workflow applies another branch; undefined if there is nothing.
 */
export function scheduleNote({ config, repository, branch, defaultBranch }: ScheduleInput): string | undefined {
  const roles = rolesOfRepository(config.roles, repository);
  const jobs = NIGHTLY.flatMap((name) => {
    const access = commandAccess(branch, roles, name);
    return access === undefined ? [] : [{ name, ...access }];
  });
  const { name, isGuess } = defaultBranch;
  if (jobs.length === 0 || branch === name) return undefined;
  const names = jobs.map((job) => job.name).join(', ');
  const { subject } = onBranch(name);
  const untrusting = jobs.filter(({ role, environment }) => environment === undefined && !trusts(role, subject));
  const denied = [...new Set(untrusting.map(({ role }) => role.name))].join(', ');
  if (isGuess) {
    const trust = denied === '' ? '' : `, and ${denied} must trust it`;
    return `GitHub runs the nightly jobs (${names}) on the default branch only. If that is not ${branch}, the workflow must be on it too${trust}.`;
  }
  const trust = denied === '' ? '' : `, and ${denied} must trust it: add "${subject}" to trust.subjects`;
  return `GitHub runs the nightly jobs (${names}) on the default branch only, ${name}, not on ${branch}: the workflow must be on it too${trust}.`;
}
