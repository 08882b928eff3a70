import type { Login } from '../github/reader/logins.ts';
import { groupBy } from '../group-by.ts';
import { causeOf } from '../trust/causes/index.ts';
import type { OpenLogin } from '../trust/role-verdict.ts';

/** Why a job that pull requests from forks start cannot log in. */
export function forkNote(): string {
  const { cause, fix } = causeOf('fork');
  return `${cause} ${fix}`;
}

/**
 * https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target
 */
export function targetNotes(logins: readonly Login[]): readonly string[] {
  const onTarget = logins.filter(({ event }) => event === 'pull_request_target');
  const jobs = [...new Set(onTarget.map(({ job }) => job))];
  if (jobs.length === 0) return [];
  return [
    `${jobs.join(', ')} on pull_request_target: pull requests from forks start it too, and it may have a token. Run no code of a pull request in it.`,
  ];
}

/** One note per action, listing all of its jobs. */
export function unreadNotes(unread: readonly { readonly job: string; readonly uses: string }[]): readonly string[] {
  return [...groupBy(unread, ({ uses }) => uses)].map(([uses, group]) => {
    const jobs = group.map(({ job }) => job);
    const who = jobs.length === 1 ? `The job ${jobs[0]} has` : `The jobs ${jobs.join(', ')} have`;
    return `${who} a token from GitHub and use${jobs.length === 1 ? 's' : ''} ${uses}, which crc does not read: it may log in to AWS.`;
  });
}

/** Roles that are only known during the run. */
export function openNotes(open: readonly OpenLogin[]): readonly string[] {
  const written = [...new Set(open.map((question) => question.written))];
  if (written.length === 0) return [];
  return [
    `crc does not know the value of ${written.join(', ')}: each job is taken to ask for a role of the repository that lets it in.`,
  ];
}

/** The default branch decides what GitHub presents, and nothing shows which one it is. */
export function guessedBranchNote(repository: string, branch: string): string {
  return `crc does not know the default branch of ${repository}, and assumes ${branch}: gh is missing or not logged in, and no clone shows it.`;
}

/** Roles of the config that were not asked about. */
export function notTriedNotes(roles: readonly string[]): readonly string[] {
  if (roles.length === 0) return [];
  return [
    `Not checked: ${roles.join(', ')}, whose subjects in the config do not include this one. --role NAME checks one role.`,
  ];
}

/** https://docs.github.com/en/actions/concepts/workflows-and-actions/workflows */
export function neverRunNotes(files: readonly string[]): readonly string[] {
  if (files.length === 0) return [];
  return [
    `GitHub does not run ${files.join(', ')} from there: it only reads .github/workflows at the top of the repository.`,
  ];
}

export function linkNotes(links: readonly string[]): readonly string[] {
  if (links.length === 0) return [];
  return [
    `GitHub does not follow symbolic links: ${links.join(', ')}. Replace ${links.length === 1 ? 'it' : 'them'} with a copy.`,
  ];
}
