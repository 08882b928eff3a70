import type { Config } from '../config/schema.ts';
import { repositoriesOf, rolesOfRepository } from '../policies/trust.ts';
import { shellWord } from '../shell.ts';
import { type DefaultBranch, GUESSED_BRANCH } from './clone.ts';
import { GITHUB, hostOfIssuer } from './host.ts';
import { namedEnvironments } from './workflow/access.ts';

/** A GitHub environment whose jobs can assume roles, so it must be limited to certain branches. */
interface Environment {
  readonly repository: string;
  readonly name: string;
  /** The roles that trust it. */
  readonly roles: readonly string[];
}

/** How to limit an environment to one branch, as shell commands. */
export interface Protection extends Environment {
  readonly branch: DefaultBranch;
  /** Create the branch rule, allow the branch, require a review. */
  readonly lines: readonly [create: string, allow: string, review: string];
}

/**
 * How to protect the environments that the config's roles trust; empty if there are none. GitHub creates an environment
 * that a workflow names without any protection, and the subject of its job contains no branch, so a workflow on any
 * branch could assume the role.
 */
export function protections(config: Config): readonly Protection[] {
  const host = hostOfIssuer(config.oidcProvider.url);
  if (host === undefined) return [];
  return environmentsOf(config).map((environment) => {
    const branch = branchOf(config, environment.repository);
    return { ...environment, branch, lines: commands(host, environment, branch.name) };
  });
}

/** The commands of `protections` with comments, as a block to paste. */
export function protectionLines(config: Config): readonly string[] {
  return protections(config).flatMap(({ repository, name, roles, branch, lines: [create, allow, review] }) => [
    `# Until the environment ${JSON.stringify(name)} of ${repository} is protected, workflows on any branch can assume ${roles.join(', ')}.`,
    `# Restrict it to ${JSON.stringify(branch.name)}${branch.isGuess ? ', or the branch that you deploy' : ''} (replaces its existing rules):`,
    create,
    allow,
    '# Require your approval (private repositories need GitHub Enterprise):',
    review,
  ]);
}

function environmentsOf({ roles }: Config): readonly Environment[] {
  const byName = new Map<string, Environment>();
  for (const role of roles) {
    for (const trust of repositoriesOf(role.trust)) {
      const { repository } = trust;
      for (const { environment: name = '' } of namedEnvironments({ trust })) {
        const key = JSON.stringify([repository, name]);
        byName.set(key, { repository, name, roles: [...(byName.get(key)?.roles ?? []), role.name] });
      }
    }
  }
  return [...byName.values()];
}

/** The branch that a role of the repository names, which its workflow applies; otherwise a guess. */
export function branchOf({ roles }: Config, repository: string): DefaultBranch {
  const subjects = rolesOfRepository(roles, repository).flatMap(({ trust }) => trust.subjects);
  const named = subjects.flatMap((subject) => /^ref:refs\/heads\/([^*?]+)$/.exec(subject)?.[1] ?? []).at(0);
  return named === undefined ? GUESSED_BRANCH : { name: named, isGuess: false };
}

/**
 * https://docs.github.com/en/rest/deployments/environments#create-or-update-an-environment and
 * https://docs.github.com/en/rest/deployments/branch-policies#create-a-deployment-branch-policy. A PUT removes what it
 * omits, so the last one repeats the branch rule.
 */
function commands(host: string, { repository, name }: Environment, branch: string): readonly [string, string, string] {
  const server = host === GITHUB ? [] : ['--hostname', host];
  const path = `repos/${repository}/environments/${encodeURIComponent(name)}`;
  const rule = [
    ...['-F', 'deployment_branch_policy[protected_branches]=false'],
    ...['-F', 'deployment_branch_policy[custom_branch_policies]=true'],
  ];
  const api = (...words: readonly string[]) => ['gh', 'api', ...server, ...words].map(shellWord).join(' ');
  return [
    api('--method', 'PUT', path, ...rule),
    api('--method', 'POST', `${path}/deployment-branch-policies`, '-f', `name=${branch}`, '-f', 'type=branch'),
    `${api('--method', 'PUT', path, ...rule, '-F', 'reviewers[][type]=User')} -F "reviewers[][id]=$(${api('user', '--jq', '.id')})"`,
  ];
}
