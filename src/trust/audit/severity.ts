import type { Scope } from './scope.ts';

/** Most severe first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'none'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** The most that a role can do; `unknown` if a policy could not be read. */
export type Power = 'administrator' | 'write' | 'read' | 'unknown';

type ByPower = Readonly<Record<Power, Severity>>;

/** Severity by who is accepted and what the role can do. Unknown power is treated as write access. */
const BY_SCOPE: Readonly<Record<Exclude<Scope, 'nobody'>, ByPower>> = {
  anyone: { administrator: 'critical', write: 'critical', unknown: 'critical', read: 'high' },
  named: { administrator: 'critical', write: 'critical', unknown: 'critical', read: 'high' },
  workflow: { administrator: 'high', write: 'medium', unknown: 'medium', read: 'low' },
  owner: { administrator: 'high', write: 'medium', unknown: 'medium', read: 'low' },
  project: { administrator: 'none', write: 'none', unknown: 'none', read: 'none' },
};

/** The jobs of one project whose code needs no review. */
const BY_JOBS: Readonly<Record<'pullRequests' | 'anyBranch', ByPower>> = {
  pullRequests: { administrator: 'high', write: 'medium', unknown: 'medium', read: 'none' },
  anyBranch: { administrator: 'medium', write: 'low', unknown: 'low', read: 'none' },
};

export function severityOfScope(scope: Scope, power: Power): Severity {
  return scope === 'nobody' ? 'none' : BY_SCOPE[scope][power];
}

export function severityOfJobs(jobs: keyof typeof BY_JOBS, power: Power): Severity {
  return BY_JOBS[jobs][power];
}

export function worst(severities: readonly Severity[]): Severity {
  return SEVERITIES.find((severity) => severities.includes(severity)) ?? 'none';
}

/** Whether a severity reaches the threshold. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(threshold);
}
