import type { DefaultBranch } from '../github/clone.ts';
import { GITHUB, hostOfIssuer, type RemoteRepository } from '../github/host.ts';
import type { NotKnown, PublicFacts } from '../github/public.ts';
import type { GitHubRepository } from '../github/repository.ts';
import type { FunctionKind } from '../init/config.ts';
import type { InitOptions } from './definitions/init.ts';

/** What is known about a repository on github.com, from `gh` or from GitHub's public API, which shows less. */
export type KnownRepository = GitHubRepository | PublicFacts | NotKnown;

/** What a new project's answers are based on. */
export interface Notable {
  readonly options: InitOptions;
  readonly remote: RemoteRepository | undefined;
  readonly issuer: string | undefined;
  readonly known: KnownRepository | undefined;
  readonly repository: string;
  readonly functionKind: FunctionKind;
  readonly defaultBranch: DefaultBranch;
}

/** What the user should know about the answers, one line each. */
export function answerNotes(notable: Notable): readonly string[] {
  const { known, repository, functionKind } = notable;
  const github = known !== undefined && 'customTemplate' in known ? known : undefined;
  return [
    ...hostNotes(notable),
    ...branchNotes(notable),
    ...(github?.customTemplate
      ? [`note: ${repository} has a custom template for the subjects of its tokens; the roles trust the default form`]
      : []),
    ...(github?.immutableSubject
      ? [`note: tokens of ${repository} have immutable subjects; the roles trust both forms`]
      : []),
    ...(functionKind === 'none'
      ? []
      : ['note: the counter accepts requests from any site; list yours in url.cors.allowOrigins']),
  ];
}

function branchNotes({
  options: { branch },
  repository,
  defaultBranch: { name, isGuess },
}: Notable): readonly string[] {
  if (branch === undefined) {
    if (!isGuess) return [];
    return [
      `note: the default branch of ${repository} is not known; the roles and the workflow use ${name}. Pass --branch NAME for another`,
    ];
  }
  if (isGuess || branch === name) return [];
  return [
    `note: GitHub runs the nightly \`crc verify\` on the default branch only, ${name}, not on ${branch}: the workflow must be on it too, and the role that verifies must trust it ("ref:refs/heads/${name}" in trust.subjects)`,
  ];
}

function hostNotes({ options: { repository }, remote, issuer }: Notable): readonly string[] {
  if (issuer !== undefined) {
    const host = hostOfIssuer(issuer) ?? remote?.host;
    return [
      `note: AWS must be able to read ${issuer}/.well-known/openid-configuration over the internet, with a certificate of a public authority`,
      `note: the workflow is for GitHub Actions on ${host}: its actions must be available there (GitHub Connect), and runs-on must name your runners`,
    ];
  }
  if (repository === undefined || remote === undefined || remote.host === GITHUB) return [];
  return [
    `note: the git remote is on ${remote.host}; the roles trust ${repository} on github.com. For ${remote.host}, set oidcProvider.url to its issuer`,
  ];
}
